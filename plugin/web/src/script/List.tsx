/** The list of lines: only the rows in sight are on the page, so that two thousand are as light as twenty. */
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { lines } from "../project";
import { playing, position } from "../player/transport";
import { editing, lineAt, selected, shown } from "../selection";
import { Empty } from "../ui/controls";
import { Row } from "./Row";

/** Of a row, in CSS pixels: two lines of text. */
export const ROW = 48;
const SPARE = 6;

const top = signal(0);
const seen = signal(600);
/** The line that sounds now. */
export const current = signal<string | null>(null);
let scroller: HTMLElement | null = null;
let touched = 0;
/** For so long after the pointer or wheel was used in it the list does not scroll by itself. */
const HANDS_OFF_MS = 2500;

effect(() => {
  const at = position.value;
  void lines.value;
  const line = lineAt(at);
  if (line || !playing.value) current.value = line?.id ?? null;
});

/** Brings a row into sight: not at all if it is, else to the upper third. */
export function reveal(id: string): void {
  if (!scroller) return;
  const at = shown.value.findIndex((line) => line.id === id);
  if (at < 0) return;
  const place = at * ROW;
  if (place >= scroller.scrollTop && place + ROW <= scroller.scrollTop + scroller.clientHeight) return;
  scroller.scrollTop = Math.max(0, place - scroller.clientHeight / 3);
}

const busy = () => editing.value !== null || performance.now() - touched < HANDS_OFF_MS;

export function List() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    scroller = box.current;
    const watch = new ResizeObserver(([entry]) => entry && (seen.value = entry.contentRect.height));
    if (box.current) watch.observe(box.current);
    const stop = effect(() => {
      const id = current.value;
      if (id && playing.value && !busy()) reveal(id);
    });
    return () => {
      stop();
      watch.disconnect();
      scroller = null;
    };
  }, []);
  const list = shown.value;
  const first = Math.max(0, Math.floor(top.value / ROW) - SPARE);
  const last = Math.min(list.length, Math.ceil((top.value + seen.value) / ROW) + SPARE);
  const touch = () => (touched = performance.now());
  return (
    <div class="list" role="grid" aria-label="Lines" aria-rowcount={list.length + 1} aria-colcount={6}>
      <div class="list-head" role="rowgroup">
        <div class="row row-head" role="row" aria-rowindex={1}>
          <span role="columnheader">In</span>
          <span role="columnheader">Speaker</span>
          <span role="columnheader">Original</span>
          <span role="columnheader">Translation</span>
          <span role="columnheader" class="right" title="Characters a second of the translation">
            Ch/s
          </span>
          <span role="columnheader">
            <span class="hidden">Flags</span>
          </span>
        </div>
      </div>
      <div
        class="list-scroll"
        role="rowgroup"
        ref={box}
        tabIndex={0}
        aria-label="Lines; up and down walk through them, enter edits"
        onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
        onWheel={touch}
        onPointerMove={touch}
      >
        <div class="list-room" role="presentation" style={{ height: `${list.length * ROW}px` }}>
          {list.slice(first, last).map((line, at) => (
            <Row key={line.id} line={line} place={first + at} />
          ))}
        </div>
        {!list.length && (
          <Empty title={lines.value.length ? "No line fits the filter." : "No lines yet."} />
        )}
      </div>
    </div>
  );
}

/** A step up or down, from the keyboard. */
export function keepInSight(): void {
  if (selected.value) reveal(selected.value);
}
