/** Where the list of lines is scrolled to, which line sounds now, and how a row is brought into sight. */
import { effect, signal } from "@preact/signals";
import { playing, position } from "../player/transport";
import { lines } from "../project";
import { editing, lineAt, selected, shown } from "../selection";

const ROW = 40;
const CARD = 96;
/** Below this width, as in list.css, a line is a card of its own. */
const narrow = matchMedia("(max-width: 600px)");
/** The height of a row in CSS pixels: two lines of text; on a narrow window a head and two lines of each language. */
export const rowHeight = signal(narrow.matches ? CARD : ROW);
narrow.addEventListener("change", () => (rowHeight.value = narrow.matches ? CARD : ROW));
/** For so long after the pointer or wheel was used in it the list does not scroll by itself. */
const HANDS_OFF_MS = 2500;

/** How far the list is scrolled, and how much of it is in sight, in CSS pixels. */
export const scrollTop = signal(0);
export const viewHeight = signal(600);
/** The line that sounds now. */
export const current = signal<string | null>(null);

let scroller: HTMLElement | null = null;
let touched = 0;

effect(() => {
  const at = position.value;
  void lines.value;
  const line = lineAt(at);
  if (line || !playing.value) current.value = line?.id ?? null;
});

/** Notes that the user has just moved in the list. */
export function touchList(): void {
  touched = performance.now();
}

const busy = () => editing.value !== null || performance.now() - touched < HANDS_OFF_MS;

/** Brings a row into sight: leaves the list alone if it is in sight already, else puts it in the upper third. */
export function reveal(id: string): void {
  if (!scroller) return;
  const at = shown.value.findIndex((line) => line.id === id);
  if (at < 0) return;
  const row = rowHeight.value;
  const place = at * row;
  if (place >= scroller.scrollTop && place + row <= scroller.scrollTop + scroller.clientHeight) return;
  scroller.scrollTop = Math.max(0, place - scroller.clientHeight / 3);
}

/** Brings the selected line into sight, after a step with the keyboard. */
export function keepInSight(): void {
  if (selected.value) reveal(selected.value);
}

/** Keeps the selected row in sight when the list gets lower, as where the inspector opens below it. */
function holdInSight(before: number): void {
  const id = selected.peek();
  const at = id ? shown.peek().findIndex((line) => line.id === id) : -1;
  if (!scroller || at < 0) return;
  const place = at * rowHeight.peek();
  const below = place + rowHeight.peek() - (scroller.scrollTop + viewHeight.peek());
  const wasInSight = place >= scroller.scrollTop && place < scroller.scrollTop + before;
  if (wasInSight && below > 0) scroller.scrollTop += below;
}

/** Makes an element the list's scroller, which follows the line that sounds. Returns what ends this. */
export function followIn(element: HTMLElement): () => void {
  scroller = element;
  const watch = new ResizeObserver(([entry]) => {
    if (!entry) return;
    const before = viewHeight.peek();
    viewHeight.value = entry.contentRect.height;
    if (viewHeight.peek() < before) holdInSight(before);
  });
  watch.observe(element);
  const stop = effect(() => {
    const id = current.value;
    if (id && playing.value && !busy()) reveal(id);
  });
  return () => {
    stop();
    watch.disconnect();
    scroller = null;
  };
}
