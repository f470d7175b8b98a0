/** Draws the timeline: a ruler, the original's waveform, and a lane for each speaker. */
import { levelFor, reader } from "../peaks";
import type { Ink } from "../theme";
import { type Clock, nominalRate, numberAt, samplesOf, timecode } from "../time";
import type { Line, Loop, Severity, Speaker, Stem } from "../types";
import { type View, firstVisible, rulerStep } from "./view";

export const RULER = 22;
export const ORIGINAL = 34;
/** The row of the recording loops, where there are any. */
export const LOOPS = 16;
/** What a lane keeps free at its top for the words. */
const TEXT = 17;
/** In a lane below this height the words lie over a pale waveform. */
const LOW = 34;

export interface Scene {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  view: View;
  laneHeight: number;
  /** Pixels above the lanes: the ruler, the loops, the original. */
  head: number;
  scroll: number;
  loops: Loop[];
  clock: Clock;
  ink: Ink;
  lines: Line[];
  longest: number;
  speakers: Speaker[];
  colours: ReadonlyMap<string, string>;
  stems: Stem[];
  originalPeaks: string | null;
  /** The lanes hold the original's waveform within the lines: no stem is mixed yet. */
  sketch?: boolean;
  selected: string | null;
  quiet: (line: Line) => boolean;
  worst: (line: Line) => Severity | null;
  /** Where the edges of a line are dragged to; without an id, a new line that is being drawn for a speaker. */
  draft: { id: string; start: number; end: number; speaker?: string } | null;
}

export const FONT = '"Inter Variable", system-ui, sans-serif';

const xOf = (scene: Scene, samples: number) => (samples - scene.view.from) / scene.view.scale;

/** The height of what stands above the lanes. */
export const headHeight = (loops: number) => RULER + (loops ? LOOPS : 0) + ORIGINAL;

export function laneTop(scene: Pick<Scene, "laneHeight" | "scroll" | "head">, row: number): number {
  return scene.head + row * scene.laneHeight - scene.scroll;
}

export function draw(scene: Scene): void {
  const { context, width, height, ink } = scene;
  context.fillStyle = ink.panel;
  context.fillRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(0, scene.head, width, height - scene.head);
  context.clip();
  drawLanes(scene);
  drawLines(scene);
  context.restore();
  drawOriginal(scene);
  drawLoops(scene);
  drawRuler(scene);
}

/** Draws each recording loop as a bracket with its number over the time that it takes. */
function drawLoops(scene: Scene): void {
  const { context, width, ink, loops, selected, view } = scene;
  if (!loops.length) return;
  context.fillStyle = ink.panel;
  context.fillRect(0, RULER, width, LOOPS);
  context.font = `11px ${FONT}`;
  context.textBaseline = "middle";
  for (const loop of loops) {
    if (loop.end < view.from || xOf(scene, loop.start) > width) continue;
    const chosen = selected !== null && loop.lines.includes(selected);
    const x = xOf(scene, loop.start);
    const right = Math.max(x + 2, xOf(scene, loop.end) - 2);
    context.fillStyle = chosen ? ink.text : ink.edge;
    context.fillRect(x, RULER + LOOPS - 4, right - x, 1);
    context.fillRect(x, RULER + LOOPS - 4, 1, 4);
    context.fillRect(right - 1, RULER + LOOPS - 4, 1, 4);
    context.fillStyle = chosen ? ink.text : ink.muted;
    const left = Math.max(x, 0) + 3;
    const text = [`Loop ${loop.number}`, loop.number].find((one) => context.measureText(one).width < right - left - 4);
    if (text) context.fillText(text, left, RULER + (LOOPS - 4) / 2 + 1);
  }
}

function drawRuler(scene: Scene): void {
  const { context, width, view, clock, ink } = scene;
  context.fillStyle = ink.panel;
  context.fillRect(0, 0, width, RULER);
  /* Marks stand at whole seconds of the timecode, not of the clock on the wall: 23.976 counts slower. */
  const step = Math.max(1, Math.round(rulerStep(view.scale / clock.sampleRate, 104) * nominalRate(clock)));
  context.font = `11px ${FONT}`;
  context.textBaseline = "middle";
  const end = view.from + width * view.scale;
  for (let number = Math.floor(numberAt(clock, view.from) / step) * step; ; number += step) {
    const at = samplesOf(clock, number);
    if (at >= end) break;
    const x = Math.round(xOf(scene, at)) + 0.5;
    context.fillStyle = ink.line;
    context.fillRect(x - 0.5, RULER - 6, 1, 6);
    for (let part = 1; part < 5; part++) {
      context.fillRect(Math.round(xOf(scene, samplesOf(clock, number + (step * part) / 5))), RULER - 3, 1, 3);
    }
    context.fillStyle = ink.muted;
    context.fillText(timecode(clock, at), x + 4, RULER / 2);
  }
  context.fillStyle = ink.line;
  context.fillRect(0, RULER - 1, width, 1);
}

function drawOriginal(scene: Scene): void {
  const { context, width, ink, originalPeaks, head } = scene;
  context.fillStyle = ink.panel;
  context.fillRect(0, head - ORIGINAL, width, ORIGINAL);
  if (originalPeaks) wave(scene, originalPeaks, { top: head - ORIGINAL + 3, bottom: head - 3 }, ink.faint);
  context.fillStyle = ink.line;
  context.fillRect(0, head - 1, width, 1);
}

function drawLanes(scene: Scene): void {
  const { context, width, ink, speakers, laneHeight } = scene;
  context.fillStyle = ink.line;
  speakers.forEach((_, row) => context.fillRect(0, laneTop(scene, row + 1) - 1, width, 1));
  for (const stem of scene.stems) {
    const row = speakers.findIndex((one) => one.id === stem.speaker);
    const top = laneTop(scene, row);
    if (row < 0 || top > scene.height || top + laneHeight < RULER) continue;
    const colour = scene.colours.get(stem.speaker ?? "") ?? ink.muted;
    const low = laneHeight < LOW;
    context.globalAlpha = low ? 0.4 : 0.75;
    wave(scene, stem.peaks, { top: top + (low ? 3 : TEXT), bottom: top + laneHeight - 4 }, colour);
    context.globalAlpha = 1;
  }
}

interface Place {
  top: number;
  bottom: number;
  /** Pixels; without them it goes from edge to edge. */
  left?: number;
  right?: number;
}

/** A waveform, one column a pixel. */
function wave(scene: Scene, base: string, { top, bottom, left = 0, right = scene.width }: Place, colour: string): void {
  const { context, view } = scene;
  const extremes = reader(base, levelFor(view.scale));
  const half = (bottom - top) / 2;
  const middle = top + half;
  context.fillStyle = colour;
  context.beginPath();
  for (let x = Math.max(0, Math.floor(left)); x < Math.min(scene.width, right); x++) {
    const at = view.from + x * view.scale;
    const found = extremes(at, at + view.scale);
    if (!found || (found[0] === 0 && found[1] === 0)) continue;
    const high = middle - (found[1] / 128) * half;
    context.rect(x, high, 1, Math.max(1, middle - (found[0] / 128) * half - high));
  }
  context.fill();
}

function drawLines(scene: Scene): void {
  const { lines, view, width, longest, selected } = scene;
  const end = view.from + width * view.scale;
  const rows = new Map(scene.speakers.map((one, row) => [one.id, row]));
  scene.context.font = `11.5px ${FONT}`;
  scene.context.textBaseline = "middle";
  for (let at = firstVisible(lines, view.from, longest); at < lines.length; at++) {
    const line = lines[at] as Line;
    if (line.start > end) break;
    const row = rows.get(line.speaker);
    if (row !== undefined && line.id !== selected) drawLine(scene, line, row);
  }
  if (scene.draft && !scene.draft.id) drawNew(scene, scene.draft, rows.get(scene.draft.speaker ?? "") ?? 0);
  const chosen = lines.find((line) => line.id === selected);
  const row = chosen && rows.get(chosen.speaker);
  if (chosen && row !== undefined) drawLine(scene, chosen, row);
}

/** The stretch that is being drawn for a new line. */
function drawNew(scene: Scene, { start, end, speaker }: NonNullable<Scene["draft"]>, row: number): void {
  const { context, ink, laneHeight } = scene;
  const x = xOf(scene, start);
  context.fillStyle = scene.colours.get(speaker ?? "") ?? ink.muted;
  context.globalAlpha = 0.35;
  context.beginPath();
  context.roundRect(x, laneTop(scene, row) + 2, Math.max(1.5, xOf(scene, end) - x), laneHeight - 5, 3);
  context.fill();
  context.globalAlpha = 1;
}

function drawLine(scene: Scene, line: Line, row: number): void {
  const { context, ink, laneHeight, draft } = scene;
  const held = draft?.id === line.id ? draft : line;
  const x = xOf(scene, held.start);
  const w = Math.max(1.5, (held.end - held.start) / scene.view.scale);
  const top = laneTop(scene, row) + 2;
  const h = laneHeight - 5;
  const chosen = line.id === scene.selected;
  const colour = scene.colours.get(line.speaker) ?? ink.muted;
  context.globalAlpha = scene.quiet(line) ? 0.07 : chosen ? 0.3 : 0.16;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x, top, w, h, Math.min(3, w / 2));
  context.fill();
  drawTail(scene, line, { x, w, top, h });
  context.globalAlpha = 1;
  context.fillRect(x, top, Math.min(2, w), h);
  if (scene.sketch && scene.originalPeaks && h > 12) sketchWave(scene, colour, { x, w, top, h });
  if (chosen) drawChosen(scene, line, { x, w, top, h });
  if (w > 34) drawText(scene, line, { x, w, top, h });
  if (w > 4) drawMark(scene, line, x + w, top);
  if (line.locked && w > 14) drawLock(scene, x + w - 11, top + h - 11);
}

/** The original's waveform within a line, while there is no stem. */
function sketchWave(scene: Scene, colour: string, { x, w, top, h }: Box): void {
  const above = h >= 30 && w > 34 ? TEXT - 2 : 2;
  const place = { top: top + above, bottom: top + h - 2, left: x, right: x + w };
  scene.context.globalAlpha = 0.6;
  wave(scene, scene.originalPeaks ?? "", place, colour);
  scene.context.globalAlpha = 1;
}

/** A small padlock. */
function drawLock(scene: Scene, x: number, y: number): void {
  const { context, ink } = scene;
  context.fillStyle = context.strokeStyle = ink.text;
  context.lineWidth = 1.2;
  context.fillRect(x, y + 3.5, 7, 5);
  context.beginPath();
  context.arc(x + 3.5, y + 3.5, 2.2, Math.PI, 0);
  context.stroke();
}

/** What of its take sounds beyond the original: a paler piece, so that no waveform lies outside its clip. */
function drawTail(scene: Scene, line: Line, { x, w, top, h }: Box): void {
  const end = line.placement ? xOf(scene, line.placement.end) : x;
  if (end <= x + w || scene.draft?.id === line.id) return;
  scene.context.globalAlpha *= 0.5;
  scene.context.beginPath();
  scene.context.roundRect(x + w, top, end - x - w, h, [0, 3, 3, 0]);
  scene.context.fill();
}

interface Box {
  x: number;
  w: number;
  top: number;
  h: number;
}

/** The selected line has an outline, and a thread to the end of its slot. */
function drawChosen(scene: Scene, line: Line, { x, w, top, h }: Box): void {
  const { context, ink } = scene;
  context.strokeStyle = ink.text;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x + 0.75, top + 0.75, Math.max(1, w - 1.5), h - 1.5, 2.5);
  context.stroke();
  const slot = xOf(scene, line.slot_end);
  if (slot > x + w + 1) {
    context.fillStyle = ink.text;
    context.fillRect(x + w, top + h - 2, slot - x - w, 1);
    context.fillRect(slot - 1, top + h - 6, 1, 5);
  }
}

function drawText(scene: Scene, line: Line, { x, w, top, h }: Box): void {
  const { context, ink } = scene;
  const left = Math.max(x, 0) + 7;
  const room = x + w - 6 - left;
  if (room < 20) return;
  context.fillStyle = scene.quiet(line) ? ink.muted : ink.text;
  context.fillText(fitted(context, line.translation || line.text, room), left, top + (h < LOW - 5 ? h / 2 : 9));
}

/** As much of a text as there is room for, with an ellipsis where it was cut. */
function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  const whole = context.measureText(text).width;
  if (whole <= room) return text;
  let count = Math.ceil((text.length * room) / whole);
  const cut = () => `${text.slice(0, count).trimEnd()}…`;
  while (count > 1 && context.measureText(cut()).width > room) count -= 1;
  return cut();
}

function drawMark(scene: Scene, line: Line, right: number, top: number): void {
  const worst = scene.worst(line);
  if (!worst || worst === "info") return;
  const { context, ink } = scene;
  context.fillStyle = worst === "error" ? ink.red : ink.amber;
  context.beginPath();
  context.moveTo(right - 8, top);
  context.lineTo(right, top);
  context.lineTo(right, top + 8);
  context.fill();
}
