/** Draws the rythmo band: words run from right to left at constant speed, and each is spoken where it meets the bar. */
import { FONT } from "../timeline/draw";
import type { Ink } from "../theme";
import type { Line, Loop, Word } from "../types";
import { type Mark, phrases, spread } from "./layout";

/** CSS pixels that a second takes. */
export const PIXELS_PER_SECOND = 150;
/** Where the bar stands, as a share of the width: most of the band shows what comes. */
export const BAR = 0.28;

export interface Strip {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** The position in samples, and samples a second. */
  now: number;
  sampleRate: number;
  ink: Ink;
  lines: Line[];
  loops: Loop[];
  rows: ReadonlyMap<string, number>;
  rowCount: number;
  colours: ReadonlyMap<string, string>;
  names: ReadonlyMap<string, string>;
  words: ReadonlyMap<string, Word[]>;
}

export function xAt(strip: Pick<Strip, "now" | "sampleRate" | "width">, samples: number): number {
  return strip.width * BAR + ((samples - strip.now) / strip.sampleRate) * PIXELS_PER_SECOND;
}

export function samplesAt(strip: Pick<Strip, "now" | "sampleRate" | "width">, x: number): number {
  return strip.now + ((x - strip.width * BAR) / PIXELS_PER_SECOND) * strip.sampleRate;
}

export function drawBand(strip: Strip): void {
  const { context, width, height, ink } = strip;
  context.fillStyle = ink.panel;
  context.fillRect(0, 0, width, height);
  seconds(strip);
  for (const loop of strip.loops) drawLoop(strip, loop);
  for (const line of strip.lines) drawLine(strip, line);
  labels(strip);
  const bar = Math.round(width * BAR);
  context.fillStyle = ink.text;
  context.fillRect(bar - 1, 0, 2, height);
}

/** The height of the strip for the numbers of the loops, where there are any: they would lie over the words of a low band. */
const headOf = (strip: Strip) => (strip.loops.length ? 14 : 0);
const heightOfRow = (strip: Strip) => (strip.height - 4 - headOf(strip)) / strip.rowCount;

/** Whether each speaker has a row of their own, which bears their name. */
const labelled = (strip: Strip) => strip.rows.size <= strip.rowCount;

/** Draws who speaks in each row. */
function labels(strip: Strip): void {
  const { context, ink } = strip;
  if (!labelled(strip)) return;
  context.font = `11px ${FONT}`;
  context.textBaseline = "middle";
  const rowHeight = heightOfRow(strip);
  for (const [speaker, row] of strip.rows) {
    const name = strip.names.get(speaker) ?? speaker;
    const top = headOf(strip) + row * rowHeight;
    const middle = top + rowHeight / 2;
    context.fillStyle = ink.panel;
    context.fillRect(0, top, context.measureText(name).width + 26, rowHeight);
    context.fillStyle = strip.colours.get(speaker) ?? ink.muted;
    context.fillRect(8, middle - 4, 8, 8);
    context.fillStyle = ink.muted;
    context.fillText(name, 20, middle);
  }
}

/** Marks where a recording loop begins and ends, as bands of dubbing studios do: a line over all rows, and its number. */
function drawLoop(strip: Strip, loop: Loop): void {
  const { context, width, height, ink } = strip;
  const start = Math.round(xAt(strip, loop.start));
  const end = Math.round(xAt(strip, loop.end));
  if (start > width || end < 0) return;
  context.fillStyle = ink.edge;
  context.fillRect(start, 0, 1, height);
  context.fillRect(end, 0, 1, height);
  const text = `Loop ${loop.number}`;
  context.font = `600 11px ${FONT}`;
  context.textBaseline = "middle";
  const wide = context.measureText(text).width + 8;
  /* While the loop runs its number stands at the left edge, and goes out with it. */
  const left = Math.min(Math.max(start, 0), end - wide);
  context.fillStyle = ink.text;
  context.fillRect(left, 0, wide, 14);
  context.fillStyle = ink.panel;
  context.fillText(text, left + 4, 7.5);
}

function seconds(strip: Strip): void {
  const { context, width, height, ink, sampleRate } = strip;
  context.fillStyle = ink.line;
  const first = Math.floor(samplesAt(strip, 0) / sampleRate);
  for (let at = Math.max(0, first); xAt(strip, at * sampleRate) < width; at++) {
    context.fillRect(Math.round(xAt(strip, at * sampleRate)), height - 4, 1, 4);
  }
}

function drawLine(strip: Strip, line: Line): void {
  const row = strip.rows.get(line.speaker) ?? 0;
  const rowHeight = heightOfRow(strip);
  const top = headOf(strip) + row * rowHeight;
  const said = strip.words.get(line.id);
  const spans = phrases(line, said);
  const { context, ink } = strip;
  context.fillStyle = strip.colours.get(line.speaker) ?? ink.muted;
  for (const [start, end] of spans) {
    const x = xAt(strip, start);
    context.fillRect(x, top + rowHeight - 4, xAt(strip, end) - x, 3);
  }
  const first = spans[0]?.[0] ?? line.start;
  if (said && rowHeight >= 34) original(strip, said, top + 9);
  else if (!labelled(strip)) tag(strip, line, first, top + Math.max(4, rowHeight / 2 - 11));
  context.fillStyle = ink.text;
  context.textBaseline = "alphabetic";
  const marks = spread(line.translation || line.text, spans);
  context.font = `560 ${sizeFor(strip, marks, rowHeight)}px ${FONT}`;
  for (const mark of marks) stretched(strip, mark, top + rowHeight - (labelled(strip) ? 9 : 7));
}

/** The size at which the line's words need the least stretching, within what can be read and what the row holds. */
function sizeFor(strip: Strip, marks: Mark[], rowHeight: number): number {
  const { context } = strip;
  const most = Math.max(13, Math.min(24, rowHeight - 26));
  context.font = `560 ${most}px ${FONT}`;
  const natural = marks.reduce((sum, mark) => sum + context.measureText(mark.text).width + 5, 0);
  const room = marks.reduce((sum, mark) => sum + xAt(strip, mark.end) - xAt(strip, mark.start), 0);
  return Math.round(Math.max(13, Math.min(most, (most * room) / Math.max(1, natural))));
}

/** A word over exactly the time it has. */
function stretched(strip: Strip, mark: Mark, baseline: number): void {
  const { context } = strip;
  const x = xAt(strip, mark.start);
  const room = xAt(strip, mark.end) - x;
  if (x > strip.width || x + room < 0) return;
  const natural = context.measureText(mark.text).width;
  const across = Math.max(0.35, Math.min(1.7, (room - 4) / natural));
  context.save();
  context.translate(x + 1, baseline);
  context.scale(across, 1);
  context.fillText(mark.text, 0, 0);
  context.restore();
}

function original(strip: Strip, words: Word[], middle: number): void {
  const { context, ink } = strip;
  context.font = `11px ${FONT}`;
  context.textBaseline = "middle";
  context.fillStyle = ink.muted;
  for (const word of words) {
    const x = xAt(strip, word.start);
    if (x < strip.width && xAt(strip, word.end) > 0) {
      context.fillText(word.text, x + 1, middle, Math.max(8, xAt(strip, word.end) - x - 4));
    }
  }
}

function tag(strip: Strip, line: Line, start: number, middle: number): void {
  const { context, ink } = strip;
  context.font = `10px ${FONT}`;
  context.textBaseline = "middle";
  context.fillStyle = ink.muted;
  context.fillText(strip.names.get(line.speaker) ?? "", xAt(strip, start) + 1, middle);
}
