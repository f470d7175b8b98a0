/** Where each word of the rythmo band stands: pure arithmetic. */
import type { Line, Word } from "../types";

export interface Mark {
  text: string;
  start: number;
  end: number;
}

/** How long a word takes to say, roughly: its letters, plus a little for its edges. */
const weight = (word: string) => word.replace(/[^\p{L}\p{N}]/gu, "").length + 1;

/** The phrases over which a translation is spoken: those of its placement, or the original's between its pauses. */
export function phrases(line: Line, words: Word[] | undefined): [number, number][] {
  const { placement } = line;
  if (placement?.pieces.length) return placement.pieces.map((piece) => [piece.start, piece.end]);
  if (placement) return [[placement.start, placement.end]];
  const spans: [number, number][] = [];
  for (const word of words ?? []) {
    const last = spans.at(-1);
    if (last && word.start - last[1] < PAUSE_SAMPLES) last[1] = word.end;
    else spans.push([word.start, word.end]);
  }
  return spans.length ? spans : [[line.start, line.end]];
}

/** 0.3 s at 48 kHz: a shorter gap between words is not a pause. */
const PAUSE_SAMPLES = 14400;

/** The words of a text over phrases, each as long as its share of the letters. A word never lies across a pause:
    it goes to the phrase in which its middle falls. */
export function spread(text: string, spans: [number, number][]): Mark[] {
  const parts = text.split(/\s+/).filter(Boolean);
  const letters = parts.reduce((sum, part) => sum + weight(part), 0);
  const room = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  if (!letters || !room) return [];
  const groups: string[][] = spans.map(() => []);
  let passed = 0;
  for (const part of parts) {
    const middle = ((passed + weight(part) / 2) / letters) * room;
    passed += weight(part);
    groups[phraseAt(spans, middle)]?.push(part);
  }
  return spans.flatMap(([start, end], at) => fill(groups[at] ?? [], start, end));
}

function phraseAt(spans: [number, number][], spoken: number): number {
  let before = 0;
  for (let at = 0; at < spans.length; at++) {
    const [start, end] = spans[at] as [number, number];
    before += end - start;
    if (spoken <= before) return at;
  }
  return spans.length - 1;
}

function fill(parts: string[], start: number, end: number): Mark[] {
  const letters = parts.reduce((sum, part) => sum + weight(part), 0);
  let at = start;
  return parts.map((text) => {
    const from = at;
    at += ((end - start) * weight(text)) / letters;
    return { text, start: Math.round(from), end: Math.round(at) };
  });
}
