/** The rythmo band under the picture: what dubbing actors read from. */
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock, colours, knownWords, lines, loops, names, speakers, wordsOf } from "../project";
import { now, onFrame, position, seek } from "../player/transport";
import { lineAt, selected } from "../selection";
import { ink } from "../theme";
import { firstVisible } from "../timeline/view";
import { BAR, PIXELS_PER_SECOND, type Strip, drawBand, samplesAt } from "./draw";

const ROWS = 3;
/** No line that reaches into the band began more than this before it. */
const LONGEST_SECONDS = 40;
const size = signal({ width: 400, height: 96 });
/** Goes up when words have come. */
const came = signal(0);

export function Band() {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    });
    if (box.current) watch.observe(box.current);
    const paint = () => canvas.current && paintBand(canvas.current);
    const stopFrames = onFrame(paint);
    const stopEffect = effect(() => {
      void [size.value, came.value, lines.value, loops.value, colours.value, ink.value, clock.value];
      paint();
    });
    const stopWords = effect(() => {
      void position.value;
      void lines.value;
      for (const line of inSight(now())) {
        if (!knownWords.has(line.id)) wordsOf(line.id).then(() => (came.value += 1), () => undefined);
      }
    });
    return () => {
      watch.disconnect();
      stopFrames();
      stopEffect();
      stopWords();
    };
  }, []);
  const click = (event: MouseEvent) => {
    const at = samplesAt({ now: now(), sampleRate: clock.value.sampleRate, width: size.value.width }, event.offsetX);
    seek(at);
    const line = lineAt(at);
    if (line) selected.value = line.id;
  };
  return (
    <div class="band" ref={box} onClick={click}>
      <canvas ref={canvas} role="img" aria-label="Rythmo band: the words run under the picture and are spoken at the bar." />
    </div>
  );
}

function inSight(at: number) {
  const rate = clock.value.sampleRate;
  const { width } = size.value;
  const from = at - ((width * BAR) / PIXELS_PER_SECOND) * rate;
  const to = at + ((width * (1 - BAR)) / PIXELS_PER_SECOND) * rate;
  const found = [];
  for (let place = firstVisible(lines.value, from, LONGEST_SECONDS * rate); place < lines.value.length; place++) {
    const line = lines.value[place];
    if (!line || line.start > to) break;
    if (Math.max(line.end, line.placement?.end ?? 0) > from) found.push(line);
  }
  return found;
}

/** Every speaker keeps a row; with more speakers than rows some share one. */
function rows(): Map<string, number> {
  return new Map(speakers.value.map((one, at) => [one.id, at % ROWS]));
}

function paintBand(canvas: HTMLCanvasElement): void {
  const { width, height } = size.peek();
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const at = now();
  const strip: Strip = {
    context,
    width,
    height,
    now: at,
    sampleRate: clock.value.sampleRate,
    ink: ink.value,
    lines: inSight(at),
    loops: loops.value,
    rows: rows(),
    rowCount: Math.max(1, Math.min(ROWS, speakers.value.length)),
    colours: colours.value,
    names: names.value,
    words: knownWords,
  };
  drawBand(strip);
}
