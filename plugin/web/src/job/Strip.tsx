/** The whole programme as it fills: the waveform, then a lane for each speaker with the lines as they come. */
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { arrived } from "../peaks";
import { RULER, draw, headHeight } from "../timeline/draw";
import { ink } from "../theme";
import type { Line } from "../types";
import { found, foundColours, foundLines, foundSpeakers, jobClock, programme } from "./found";
import { hearing, position, seek } from "./transport";

const width = signal(800);
const HEAD = headHeight(0);
const LANE = 38;
/** With more speakers the lanes are lower, without words. */
const LOW_LANE = 24;
const MANY = 5;
const lane = () => (people() > MANY ? LOW_LANE : LANE);
const people = () => foundSpeakers.value.length;

export function Strip() {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const known = programme.value?.programme;
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) width.value = Math.max(100, Math.floor(entry.contentRect.width));
    });
    if (box.current) watch.observe(box.current);
    let asked = 0;
    const stop = effect(() => {
      void [width.value, found.value, foundSpeakers.value, ink.value, arrived.value, programme.value, hearing.value];
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => canvas.current && paint(canvas.current));
    });
    return () => {
      watch.disconnect();
      stop();
    };
  }, [known === undefined]);
  if (!known) return null;
  const scale = known.length / width.value;
  const x = position.value / scale;
  return (
    <section class="job-strip" aria-label="The programme so far" tabIndex={0}>
      <div class="job-lanes">
        <div class="job-heads" style={{ paddingTop: `${RULER}px` }}>
          <span class="job-lane-name muted" style={{ height: `${HEAD - RULER}px` }}>
            Original
          </span>
          {foundSpeakers.value.map((one) => (
            <span class="job-lane-name" key={one.id} style={{ height: `${lane()}px` }}>
              <span class="dot" style={{ background: foundColours.value.get(one.id) }} />
              <span class="cut">{one.name}</span>
            </span>
          ))}
          {!people() && (
            <span class="job-lane-name muted" style={{ height: `${LANE}px` }}>
              Speakers
            </span>
          )}
        </div>
        <div class="timeline-canvas" ref={box} style={{ height: `${stripHeight()}px` }} onPointerDown={(event) => seek(event.offsetX * scale)}>
          <canvas ref={canvas} role="img" aria-label="Waveform of the programme, and its lines as they come. The list of lines holds the same." />
          <div class="playhead" aria-hidden="true" style={{ transform: `translateX(${x.toFixed(1)}px)` }} />
        </div>
      </div>
    </section>
  );
}

const stripHeight = () => HEAD + Math.max(1, people()) * lane();

const isVoiced = (line: Line) => line.takes.length > 0;

function paint(canvas: HTMLCanvasElement): void {
  const clock = jobClock.value;
  const known = programme.value;
  if (!clock || !known?.programme) return;
  const ratio = devicePixelRatio;
  const height = stripHeight();
  canvas.width = Math.round(width.value * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width.value}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const lines = foundLines.value;
  draw({
    context,
    width: width.value,
    height,
    view: { from: 0, scale: known.programme.length / width.value },
    laneHeight: lane(),
    head: HEAD,
    scroll: 0,
    loops: [],
    clock,
    ink: ink.value,
    lines,
    longest: known.programme.length,
    speakers: foundSpeakers.value,
    colours: foundColours.value,
    stems: [],
    originalPeaks: known.original.peaks,
    sketch: true,
    selected: hearing.value,
    quiet: (line) => !isVoiced(line),
    worst: () => null,
    draft: null,
  });
}
