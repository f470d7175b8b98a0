/** The timeline: waveforms and a lane for each speaker, on one canvas; the playhead lies above it. */
import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { byId, clock, colours, editLine, lines, loops, mixListeners, project, speakers } from "../project";
import { arrived, forgetPeaks } from "../peaks";
import { now, onFrame, seek } from "../player/transport";
import { selected, shown, worst } from "../selection";
import { ink } from "../theme";
import { held, newLine } from "../script/lineActions";
import { samplesPerFrame } from "../time";
import { IconButton } from "../ui/controls";
import { Grip, ownHeight } from "./Grip";
import { Heads } from "./Heads";
import { ORIGINAL, RULER, draw, headHeight } from "./draw";
import { type Layout, hit } from "./point";
import { clamp, pageFor, view, width, zoomAbout } from "./view";

const height = signal(180);
const head = computed(() => headHeight(loops.value.length));
/** Lanes share the room there is, within what can be read. */
const lane = computed(() => {
  const room = (height.value - head.value) / Math.max(1, speakers.value.length);
  return Math.floor(Math.max(24, Math.min(72, room)));
});
const scroll = signal(0);
/** The longest line in samples: how far before the left edge a line may begin that reaches into it. */
let longest = 0;
effect(() => {
  longest = lines.value.reduce((most, line) => Math.max(most, line.end - line.start), 0);
});

const mostScroll = () => Math.max(0, speakers.value.length * lane.value - (height.value - head.value));

/** Scrolls the lanes; with many speakers not all of them are in sight. */
function scrollLanes(to: number): void {
  scroll.value = Math.max(0, Math.min(mostScroll(), to));
}

/** Brings the lane of a line in sight. */
function showLane(id: string | null): void {
  const speaker = id ? byId.peek().get(id)?.speaker : undefined;
  const row = speakers.peek().findIndex((one) => one.id === speaker);
  if (row < 0) return;
  const top = row * lane.value;
  const room = height.value - head.value;
  if (top < scroll.peek()) scrollLanes(top);
  else if (top + lane.value > scroll.peek() + room) scrollLanes(top + lane.value - room);
}

const length = () => project.value?.programme.length ?? 1;
const layout = (): Layout => ({
  view: view.value,
  laneHeight: lane.value,
  head: head.value,
  scroll: scroll.value,
  loops: loops.value,
  lines: lines.value,
  longest,
  speakers: speakers.value,
});

export function zoom(factor: number, x = (now() - view.value.from) / view.value.scale): void {
  const at = x >= 0 && x <= width.value ? x : width.value / 2;
  view.value = zoomAbout(view.value, factor, at, length(), width.value);
}

export function zoomToFit(): void {
  view.value = clamp({ from: 0, scale: Infinity }, length(), width.value);
}

export function Timeline() {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const needle = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (!entry) return;
      width.value = Math.max(100, Math.floor(entry.contentRect.width));
      height.value = Math.floor(entry.contentRect.height);
      view.value = clamp(view.value, length(), width.value);
    });
    if (box.current) watch.observe(box.current);
    const again = () => forgetPeaks();
    mixListeners.add(again);
    const stopDrawing = effect(() => paint(canvas.current));
    const stopLanes = effect(() => showLane(selected.value));
    const place = () => placeHead(needle.current);
    const stopHead = onFrame(place);
    const stopPlace = effect(place);
    return () => {
      watch.disconnect();
      mixListeners.delete(again);
      stopDrawing();
      stopLanes();
      stopHead();
      stopPlace();
    };
  }, []);

  return (
    <section class="timeline" aria-label="Timeline" style={{ "--people": speakers.value.length, "--own-height": ownHeight.value ? `${ownHeight.value}px` : "" }}>
      <Grip height={height.value} />
      <Heads laneHeight={lane.value} top={head.value} original={head.value - ORIGINAL} ruler={RULER} scroll={scroll} onScroll={(by) => scrollLanes(scroll.value + by)} />
      <div
        class="timeline-canvas"
        ref={box}
        onWheel={wheel}
        onPointerDown={press}
        onPointerMove={hover}
        onDblClick={() => zoom(0.5)}
      >
        <canvas ref={canvas} role="img" aria-label="Waveforms and lines. The list of lines holds the same." />
        <div class="playhead" ref={needle} aria-hidden="true" />
      </div>
      <div class="timeline-zoom">
        <IconButton icon="minus" label="Zoom out (-)" onClick={() => zoom(2)} />
        <IconButton icon="plus" label="Zoom in (+)" onClick={() => zoom(0.5)} />
        <IconButton icon="fit" label="Whole programme (0)" onClick={zoomToFit} />
      </div>
    </section>
  );
}

let painted = 0;

function paint(canvas: HTMLCanvasElement | null): void {
  /* What is read here is what brings a new painting. */
  void [view.value, width.value, height.value, scroll.value, lines.value, speakers.value, colours.value];
  void [selected.value, held.value, ink.value, arrived.value, shown.value, project.value, loops.value];
  cancelAnimationFrame(painted);
  painted = requestAnimationFrame(() => canvas && paintNow(canvas));
}

function paintNow(canvas: HTMLCanvasElement): void {
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width.value * ratio), Math.round(height.value * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width.value}px`;
    canvas.style.height = `${height.value}px`;
  }
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const filtered = shown.value === lines.value ? null : new Set(shown.value);
  draw({
    ...layout(),
    context,
    width: width.value,
    height: height.value,
    clock: clock.value,
    ink: ink.value,
    colours: colours.value,
    stems: project.value?.stems ?? [],
    originalPeaks: project.value?.original?.peaks ?? null,
    selected: selected.value,
    quiet: (line) => filtered !== null && !filtered.has(line),
    worst,
    draft: held.value,
  });
}

let before = 0;

/** The view follows the playhead page by page: lines that are being read do not slide away.
    While it stands the view can be moved anywhere. */
function placeHead(head: HTMLElement | null): void {
  if (!head) return;
  const at = now();
  const moved = at !== before;
  before = at;
  if (moved && !held.value) {
    const next = pageFor(view.value, at, length(), width.value);
    if (next !== view.value) view.value = next;
  }
  const x = (at - view.value.from) / view.value.scale;
  head.style.transform = `translateX(${x.toFixed(2)}px)`;
  head.hidden = x < 0 || x > width.value;
}

function wheel(event: WheelEvent): void {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
  if (event.ctrlKey || event.metaKey) {
    zoom(Math.exp(event.deltaY * unit * 0.004), event.offsetX);
  } else if (event.altKey) {
    scrollLanes(scroll.value + event.deltaY * unit);
  } else {
    const by = (Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY) * unit;
    view.value = clamp({ ...view.value, from: view.value.from + by * view.value.scale }, length(), width.value);
  }
}

function hover(event: PointerEvent): void {
  if (event.buttons || !(event.currentTarget instanceof HTMLElement)) return;
  const found = hit(layout(), event.offsetX, event.offsetY);
  event.currentTarget.dataset.over = found.on === "line" && found.edge ? "edge" : found.on;
}

function press(event: PointerEvent): void {
  const target = event.currentTarget;
  if (event.button !== 0 || !(target instanceof HTMLElement)) return;
  const found = hit(layout(), event.offsetX, event.offsetY);
  const at = (x: number) => view.value.from + x * view.value.scale;
  if (found.on === "loop") {
    selected.value = found.loop.lines[0] ?? selected.value;
    return seek(found.loop.start);
  }
  if (found.on === "line") {
    selected.value = found.line.id;
    if (found.edge) return dragEdge(event, target, found.line.id, found.edge);
  }
  seek(at(event.offsetX));
  const left = target.getBoundingClientRect().left;
  if (found.on === "lane" && found.speaker) return drawLine(event, target, found.speaker, (x) => at(x - left));
  drag(event, target, (x) => seek(at(x - left)));
}

const LEAST_PIXELS = 5;

/** A new line is drawn in an empty stretch of a lane, in whole frames; its words are asked for then. */
function drawLine(event: PointerEvent, target: HTMLElement, speaker: string, at: (x: number) => number): void {
  const began = event.clientX;
  const step = samplesPerFrame(clock.value);
  const round = (samples: number) => Math.round(Math.round(samples / step) * step);
  const move = (x: number) => {
    if (Math.abs(x - began) < LEAST_PIXELS && !held.value) return;
    const [from, to] = [at(Math.min(began, x)), at(Math.max(began, x))];
    const start = Math.max(0, round(from));
    held.value = { id: "", speaker, start, end: Math.min(length(), Math.max(round(to), start + Math.round(step))) };
  };
  drag(event, target, move, () => {
    const drawn = held.value;
    held.value = null;
    if (drawn) newLine.value = { start: drawn.start, end: drawn.end, speaker };
  });
}

/** Moves the in or out point of a line by whole frames; it is saved when the button is let go. */
function dragEdge(event: PointerEvent, target: HTMLElement, id: string, edge: "start" | "end"): void {
  const line = lines.value.find((one) => one.id === id);
  if (!line) return;
  const began = event.clientX;
  const step = samplesPerFrame(clock.value);
  const move = (x: number) => {
    const by = Math.round(((x - began) * view.value.scale) / step) * step;
    const start = edge === "start" ? Math.max(0, Math.min(line.start + by, line.end - step)) : line.start;
    const end = edge === "end" ? Math.min(length(), Math.max(line.end + by, line.start + step)) : line.end;
    held.value = { id, start: Math.round(start), end: Math.round(end) };
  };
  drag(event, target, move, async () => {
    const moved = held.value;
    if (moved && (moved.start !== line.start || moved.end !== line.end)) {
      await editLine(id, edge === "start" ? { start: moved.start } : { end: moved.end });
    }
    held.value = null;
  });
}

function drag(event: PointerEvent, target: HTMLElement, move: (x: number) => void, done?: () => void): void {
  target.setPointerCapture(event.pointerId);
  const moved = (next: PointerEvent) => move(next.clientX);
  const ended = () => {
    target.removeEventListener("pointermove", moved);
    target.removeEventListener("pointerup", ended);
    target.removeEventListener("pointercancel", ended);
    done?.();
  };
  target.addEventListener("pointermove", moved);
  target.addEventListener("pointerup", ended);
  target.addEventListener("pointercancel", ended);
}
