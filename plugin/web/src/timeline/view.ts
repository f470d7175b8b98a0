/** What part of the programme the timeline shows: pure arithmetic, and the one signal that holds it. */
import { signal } from "@preact/signals";

export interface View {
  /** First sample at the left edge. */
  from: number;
  /** Samples a pixel. */
  scale: number;
}

export const view = signal<View>({ from: 0, scale: 600 });
/** Of the canvas, in CSS pixels. */
export const width = signal(800);

/** Samples a pixel when zoomed in as far as one can: a syllable fills a third of the screen. */
export const FINEST = 24;

export function clamp(next: View, length: number, pixels: number): View {
  const scale = Math.max(FINEST, Math.min(next.scale, Math.max(FINEST, length / pixels)));
  const last = Math.max(0, length - pixels * scale);
  return { from: Math.max(0, Math.min(next.from, last)), scale };
}

/** Zooms by a factor while the sample under `x` stays there. */
export function zoomAbout(old: View, factor: number, x: number, length: number, pixels: number): View {
  const scale = clamp({ from: 0, scale: old.scale * factor }, length, pixels).scale;
  return clamp({ from: old.from + x * (old.scale - scale), scale }, length, pixels);
}

/** The view that holds a position: the old one while it is inside, else a page that begins a tenth before it. */
export function pageFor(old: View, at: number, length: number, pixels: number): View {
  const x = (at - old.from) / old.scale;
  if (x >= 0 && x < pixels * 0.94) return old;
  return clamp({ from: at - pixels * old.scale * 0.1, scale: old.scale }, length, pixels);
}

const STEPS = [0.04, 0.2, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** Seconds between two numbers on the ruler, so that they stand at least `gap` pixels apart. */
export function rulerStep(secondsPerPixel: number, gap: number): number {
  return STEPS.find((step) => step / secondsPerPixel >= gap) ?? 7200;
}

/** Index of the first line that may reach into the view; lines are in order of start. */
export function firstVisible(starts: ArrayLike<{ start: number }>, from: number, longest: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as { start: number }).start < from - longest) low = middle + 1;
    else high = middle;
  }
  return low;
}
