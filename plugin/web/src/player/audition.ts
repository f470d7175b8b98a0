/** Hearing one take at its place: over the picture and the M&E, with the other voices left out. */
import { signal } from "@preact/signals";
import { complain } from "../app";
import { byId, clock, project } from "../project";
import type { Take } from "../types";
import { hearOnly, parts } from "./sounds";
import { pause, startPreview } from "./transport";

/** What is heard by itself now: "LINE TAKE", or "LINE original". */
export const auditioned = signal<string | null>(null);

let context: AudioContext | null = null;
let source: AudioBufferSourceNode | null = null;
let asked = 0;
const TAIL_SECONDS = 0.15;
const PAUSE_BEFORE_SECONDS = 0.05;

async function decoded(url: string): Promise<AudioBuffer> {
  context ??= new AudioContext();
  const reply = await fetch(url);
  return context.decodeAudioData(await reply.arrayBuffer());
}

/** Plays a take where its line is; a newer call ends an older one. */
export async function hearTake(id: string, take: Take): Promise<void> {
  const mine = ++asked;
  let buffer: AudioBuffer;
  try {
    buffer = await decoded(take.url);
  } catch (problem) {
    complain(problem);
    return;
  }
  const line = byId.value.get(id);
  if (mine !== asked || !line || !context) return;
  await context.resume();
  pause();
  const bed = parts.value.some((stem) => stem.name === "ME") ? ["ME"] : [];
  hearOnly(new Set(bed));
  source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  /* A person's take has silence before its words: it plays from where it lies. */
  const first = take.human && take.id === line.chosen ? line.placement?.pieces[0] : undefined;
  const skipped = (first?.source_start ?? 0) / clock.value.sampleRate;
  startPreview(first?.start ?? line.start, settle);
  auditioned.value = `${id} ${take.id}`;
  source.start(context.currentTime + PAUSE_BEFORE_SECONDS, skipped);
  endAfter(mine, buffer.duration - skipped + PAUSE_BEFORE_SECONDS);
}

/** Plays the original over its line, whatever is switched on. */
export function hearOriginal(id: string): void {
  const line = byId.value.get(id);
  const url = project.value?.original?.url;
  if (!line || !url) return;
  const mine = ++asked;
  pause();
  hearOnly(new Set());
  const original = new Audio(`${url}#t=${line.start / clock.value.sampleRate}`);
  startPreview(line.start, () => {
    original.pause();
    settle();
  });
  auditioned.value = `${id} original`;
  original.play().catch(() => undefined); // A newer audition ended it.
  endAfter(mine, (line.end - line.start) / clock.value.sampleRate);
}

function endAfter(mine: number, length: number): void {
  setTimeout(
    () => {
      if (mine === asked && auditioned.value) pause();
    },
    (length + TAIL_SECONDS) * 1000,
  );
}

function settle(): void {
  hearOnly(null);
  auditioned.value = null;
  source?.stop();
  source = null;
}
