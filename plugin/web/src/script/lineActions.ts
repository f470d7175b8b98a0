/** What is done to the selected line by a key or a button: split, join, add, delete, lock, give away, nudge. */
import { signal } from "@preact/signals";
import { say } from "../app";
import { now } from "../player/transport";
import { byId, clock, deleteLine, editLine, joinLines, lines, lockLine, project, speakers, splitLine } from "../project";
import { editing, neighbour, selected, selectedLine } from "../selection";
import { samplesPerFrame } from "../time";
import type { Line } from "../types";
import { keepInSight } from "./scroll";

/** The stretch that was drawn for a new line, until its words are given. */
export const newLine = signal<{ start: number; end: number; speaker: string } | null>(null);
/** Edges that are being moved, by hand or by key; the timeline shows them before they are saved. */
export const held = signal<{ id: string; start: number; end: number; speaker?: string } | null>(null);

/** True when the line is locked; then that is said. */
export function refuseLocked(line: Line): boolean {
  if (line.locked) say(`${line.id} is locked.`, "U unlocks it.");
  return line.locked;
}

function choose(id: string): void {
  selected.value = id;
  keepInSight();
}

/** True when none but one of these lines, or none at all, was selected while the service worked. */
function stillAt(...those: Line[]): boolean {
  return selected.value === null || those.some((line) => line.id === selected.value);
}

/** Splits the selected line at the playhead, or at a character of its text; the second part is selected. */
export async function splitHere(character?: number): Promise<void> {
  const line = selectedLine.value;
  if (!line || refuseLocked(line)) return;
  const at = Math.round(now());
  if (character === undefined && (at <= line.start || at >= line.end)) {
    return say("The playhead is not inside the selected line.", "Click on a word of it, then press S.");
  }
  editing.value = null;
  const second = await splitLine(line.id, character === undefined ? { at } : { character });
  if (second && stillAt(line)) choose(second);
}

/** The next line of the same speaker. */
export function nextOf(line: Line): Line | null {
  const place = lines.value.findIndex((one) => one.id === line.id);
  return lines.value.slice(place + 1).find((one) => one.speaker === line.speaker) ?? null;
}

/** Joins the selected line with the next one of its speaker; `across` with the next one, whoever says it. */
export async function joinNext(across = false): Promise<void> {
  const line = selectedLine.value;
  if (!line || refuseLocked(line)) return;
  const place = lines.value.findIndex((one) => one.id === line.id);
  const next = across ? lines.value[place + 1] : nextOf(line);
  if (!next) return say("No line follows that it could be joined with.");
  if (!refuseLocked(next) && (await joinLines([line.id, next.id], across)) && stillAt(line, next)) choose(line.id);
}

export async function removeLine(): Promise<void> {
  const line = selectedLine.value;
  if (!line || refuseLocked(line)) return;
  const next = neighbour(1);
  const other = next && next.id !== line.id ? next : neighbour(-1);
  if (!(await deleteLine(line.id))) return;
  if (stillAt(line)) selected.value = other && other.id !== line.id ? other.id : null;
  say(`${line.id} is deleted.`, "Ctrl Z brings it back.");
}

export async function toggleLock(): Promise<void> {
  const line = selectedLine.value;
  if (line) await lockLine(line.id, !line.locked);
}

/** Asks for the words of a new line at the playhead, two seconds long or up to the next line of that speaker. */
export function addHere(): void {
  const speaker = selectedLine.value?.speaker ?? speakers.value[0]?.id;
  const programme = project.value?.programme;
  if (!speaker || !programme) return;
  const start = Math.min(Math.round(now()), programme.length - 1);
  const next = lines.value.find((one) => one.speaker === speaker && one.start > start)?.start ?? programme.length;
  newLine.value = { start, end: Math.min(start + 2 * programme.sample_rate, next, programme.length), speaker };
}

/** Gives the selected line to the next speaker, or the one before. */
export async function give(step: 1 | -1): Promise<void> {
  const line = selectedLine.value;
  const people = speakers.value;
  if (!line || people.length < 2 || refuseLocked(line)) return;
  const place = people.findIndex((one) => one.id === line.speaker);
  const other = people[(place + step + people.length) % people.length];
  if (other) await editLine(line.id, { speaker: other.id });
}

const PAUSE = 450;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Moves an edge of the selected line by frames. Several presses in a row are saved as one edit. */
export function nudgeEdge(edge: "start" | "end", frames: number): void {
  const line = selectedLine.value;
  if (!line || refuseLocked(line)) return;
  const now = held.value?.id === line.id ? held.value : { id: line.id, start: line.start, end: line.end };
  const step = samplesPerFrame(clock.value);
  const most = project.value?.programme.length ?? line.end;
  const start = edge === "start" ? Math.max(0, Math.min(now.start + frames * step, now.end - step)) : now.start;
  const end = edge === "end" ? Math.min(most, Math.max(now.end + frames * step, now.start + step)) : now.end;
  held.value = { id: line.id, start: Math.round(start), end: Math.round(end) };
  clearTimeout(waiting);
  waiting = setTimeout(() => void keepNudged(line.id), PAUSE);
}

async function keepNudged(id: string): Promise<void> {
  const line = byId.value.get(id);
  const wanted = held.value;
  if (line && wanted?.id === id) {
    const fields: { start?: number; end?: number } = {};
    if (wanted.start !== line.start) fields.start = wanted.start;
    if (wanted.end !== line.end) fields.end = wanted.end;
    if (Object.keys(fields).length) await editLine(id, fields);
  }
  if (held.value === wanted) held.value = null;
}
