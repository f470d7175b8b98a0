/** Voices as they are put together on the page. Pure. */
import type { ListedVoice, Voice } from "./types";

/** The candidates that stand side by side. */
export const LETTERS = ["A", "B", "C"];
export const nameOf = (at: number) => `candidate ${LETTERS[at]}`;

/** A voice as it is put together on the page: with a `second` one it is a mixture, of which `share` is the first. */
export interface Draft {
  id: string;
  second: string;
  share: number;
  pace: number;
  pitch: number;
}

const MIXTURE = /^(\d*\.?\d+)\*([^*+]+)\+(\d*\.?\d+)\*([^*+]+)$/;

/** The parts of a voice, so that it can be changed: Kokoro writes a mixture as "0.7*a+0.3*b". */
export function draftOf(voice: Pick<Voice, "id" | "pace" | "pitch">): Draft {
  const found = MIXTURE.exec(voice.id);
  const parts = found
    ? { id: found[2] as string, second: found[4] as string, share: Number(found[1]) }
    : { id: voice.id, second: "", share: 0.5 };
  return { ...parts, pace: voice.pace, pitch: voice.pitch };
}

/** Whether two drafts sound the same. The share counts only in a mixture. */
export function sameDraft(a: Draft, b: Draft): boolean {
  const share = !a.second || Math.abs(a.share - b.share) < 0.005;
  return a.id === b.id && a.second === b.second && share && a.pace === b.pace && a.pitch === b.pitch;
}

export const describe = (draft: Draft): string =>
  [
    draft.second ? `${Math.round(draft.share * 100)} % ${draft.id}, ${Math.round(100 - draft.share * 100)} % ${draft.second}` : draft.id,
    draft.pace === 1 ? "" : `pace ${draft.pace}`,
    draft.pitch === 0 ? "" : `pitch ${draft.pitch > 0 ? "+" : ""}${draft.pitch}`,
  ]
    .filter(Boolean)
    .join(", ");

/** Voices by the name of their language, in the order of the list. */
export function groupByLanguage(voices: ListedVoice[]): [string, ListedVoice[]][] {
  const found = new Map<string, ListedVoice[]>();
  for (const one of voices) found.set(one.language_name, [...(found.get(one.language_name) ?? []), one]);
  return [...found];
}
