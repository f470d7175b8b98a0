/** The keyboard of the script view, as editors know it. */
import { chooseTake, clock, editLine, setStates, undo } from "../project";
import { hearOriginal, hearTake } from "../player/audition";
import { leaveRecorder, recordKey } from "../record/Recorder";
import { side } from "../player/sounds";
import { nudge, now, pause, seek, shuttle, toggle } from "../player/transport";
import { type Field, STATES, editing, neighbour, selected, selectedLine, shown } from "../selection";
import { frameAt, samplesAt } from "../time";
import { zoom, zoomToFit } from "../timeline/Timeline";
import { addHere, give, joinNext, nudgeEdge, refuseLocked, removeLine, splitHere, toggleLock } from "./lineActions";
import { keepInSight } from "./scroll";

export const KEYS: [string, [string, string][]][] = [
  [
    "Play",
    [
      ["Space", "play or stop"],
      ["J  K  L", "backwards, stop, forwards; again for faster"],
      ["←  →", "one frame; with shift one second"],
      ["Home  End", "the beginning, the end"],
      ["D", "hear the dub or the original"],
    ],
  ],
  [
    "Page",
    [
      ["Ctrl Z", "undo; with shift redo"],
      ["/", "search"],
      ["+  −  0", "zoom the timeline, show all of it"],
      ["?", "this list"],
    ],
  ],
  [
    "Lines",
    [
      ["↑  ↓", "the line before, the line after"],
      ["Enter", "write the translation; enter keeps it and goes on"],
      ["Shift Enter", "write the original; while writing, back one line"],
      ["Tab", "while writing: between original and translation"],
      ["Esc", "cancel the edit"],
      ["I  O", "begin or end the line here"],
      [",  .", "move its beginning by a frame; with shift its end"],
      ["S", "split it at the playhead; Ctrl Enter at the caret, while writing the original"],
      ["M", "join it with the next line of the speaker; with shift of anybody"],
      ["N", "add a line at the playhead; or draw it in a lane"],
      ["Del", "delete it"],
      ["G", "give it to the next speaker; with shift to the one before"],
      ["U", "lock or unlock it"],
      ["R", "record it: opens the recorder, then records and stops"],
      ["A", "on to translated, reviewed, approved; with shift back"],
      ["C", "comment on it"],
      ["P", "play the line as it is chosen"],
      ["1 … 9", "hear that take; with shift choose it"],
      ["`", "hear the original of the line"],
    ],
  ],
];

function walk(step: number): void {
  const next = neighbour(step);
  if (!next) return;
  selected.value = next.id;
  keepInSight();
  seek(next.start);
}

function edit(field: Field): void {
  const line = selectedLine.value ?? shown.value[0];
  if (!line || refuseLocked(line)) return;
  selected.value = line.id;
  keepInSight();
  editing.value = { id: line.id, field };
}

function setEdge(edge: "start" | "end"): void {
  const line = selectedLine.value;
  if (line && !refuseLocked(line)) void editLine(line.id, { [edge]: samplesAt(clock.value, frameAt(clock.value, now())) });
}

function take(number: number, choose: boolean): void {
  const line = selectedLine.value;
  const found = line?.takes[number - 1];
  if (!line || !found) return;
  if (choose) void chooseTake(line.id, found.id);
  else void hearTake(line.id, found);
}

function hearChosen(): void {
  const line = selectedLine.value;
  const found = line?.takes.find((one) => one.id === line.chosen);
  if (line && found) void hearTake(line.id, found);
}

/** One review state on, or back. */
function stepState(step: 1 | -1): void {
  const line = selectedLine.value;
  const next = line && STATES[STATES.indexOf(line.review) + step];
  if (line && next) void setStates([line.id], next);
}

const second = () => Math.round(clock.value.rate[0] / clock.value.rate[1]);

const PLAIN: Record<string, () => void> = {
  " ": toggle,
  k: pause,
  j: () => shuttle(-1),
  l: () => shuttle(1),
  ArrowLeft: () => nudge(-1),
  ArrowRight: () => nudge(1),
  ArrowUp: () => walk(-1),
  ArrowDown: () => walk(1),
  PageUp: () => walk(-10),
  PageDown: () => walk(10),
  Home: () => seek(0),
  End: () => seek(Number.MAX_SAFE_INTEGER),
  Enter: () => edit("translation"),
  s: () => void splitHere(),
  m: () => void joinNext(),
  n: addHere,
  g: () => void give(1),
  u: () => void toggleLock(),
  r: recordKey,
  Delete: () => void removeLine(),
  Backspace: () => void removeLine(),
  i: () => setEdge("start"),
  o: () => setEdge("end"),
  a: () => stepState(1),
  c: () => document.getElementById("comment")?.focus(),
  d: () => (side.value = side.value === "dub" ? "original" : "dub"),
  p: hearChosen,
  "`": () => selected.value && hearOriginal(selected.value),
  "/": () => document.getElementById("search")?.focus(),
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  "0": zoomToFit,
  Escape: () => leaveRecorder() || pause(),
};

const SHIFTED: Record<string, () => void> = {
  a: () => stepState(-1),
  ArrowLeft: () => nudge(-second()),
  ArrowRight: () => nudge(second()),
  Enter: () => edit("text"),
  m: () => void joinNext(true),
  g: () => void give(-1),
};

/** Where keys belong to what has the focus. */
function taken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || document.querySelector("dialog[open]")) return true;
  if (target.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])")) return true;
  if (target.matches("input")) return key === " " || key.startsWith("Arrow");
  return target.matches("button, a") && (key === " " || key === "Enter");
}

/** Handles a key of the script view; true when it was one. */
export function scriptKey(event: KeyboardEvent): boolean {
  if (event.isComposing || taken(event.target, event.key)) return false;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    void undo(event.shiftKey ? "redo" : "undo");
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    take(Number(digit), event.shiftKey);
    return true;
  }
  if (event.code === "Comma" || event.code === "Period") {
    nudgeEdge(event.shiftKey ? "end" : "start", event.code === "Comma" ? -1 : 1);
    return true;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = (event.shiftKey && SHIFTED[key]) || PLAIN[key];
  action?.();
  return action !== undefined;
}
