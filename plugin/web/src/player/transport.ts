/** The transport: one media clock leads (the picture, or the original sound), everything else follows it. */
import { effect, signal } from "@preact/signals";
import { clock, project } from "../project";
import { frameAt, samplesAt } from "../time";
import { SmoothClock, correction } from "./follow";
import { drift, side, sync, muted, soloed } from "./sounds";

export const playing = signal(false);
/** Of the shuttle: 1, 2, 4 ... forwards, negative backwards. */
export const rate = signal(1);
/** The position in samples, told about ten times a second; `now()` is exact. */
export const position = signal(0);
/** The picture's element, while it is on the page. */
export const pictureElement = signal<HTMLVideoElement | null>(null);

const sound = new Audio();
sound.preload = "auto";
const smooth = new SmoothClock();
let beforePreview: (() => void) | null = null;

function leader(): HTMLMediaElement {
  return project.value?.picture?.playable && pictureElement.value ? pictureElement.value : sound;
}

/** The position now, in samples. */
export function now(): number {
  if (master) return Math.max(0, master());
  const lead = leader();
  const running = playing.value && !lead.paused && !lead.seeking;
  const at = smooth.read(lead.currentTime, performance.now(), running ? lead.playbackRate : 0);
  return Math.max(0, at * clock.value.sampleRate);
}

/** A little after a position: a frame may begin half a sample after the nearest one, and browsers cut media times to
    whole microseconds; a time that is too early shows the frame before. */
const secondsWithin = (samples: number) => (samples + 0.75) / clock.value.sampleRate;

export function seek(samples: number): void {
  const length = project.value?.programme.length ?? 0;
  const at = Math.max(0, Math.min(length - 1, samples));
  leader().currentTime = secondsWithin(at);
  position.value = at;
  step();
  showSoon();
}

export function play(speed = 1): void {
  const lead = leader();
  rate.value = speed;
  playing.value = true;
  if (speed > 0) {
    lead.playbackRate = speed;
    lead.play().catch(() => undefined); // A newer pause ended it.
  } else {
    lead.pause();
  }
  wake();
}

export function pause(): void {
  playing.value = false;
  rate.value = 1;
  leader().pause();
  leader().playbackRate = 1;
  endPreview();
  position.value = now();
  step();
  showSoon();
}

export function toggle(): void {
  if (playing.value) pause();
  else play();
}

/** J and L: each press goes faster that way, or slower when it runs the other way. */
export function shuttle(way: 1 | -1): void {
  if (!playing.value) return play(way);
  const faster = Math.min(8, Math.abs(rate.value) * 2);
  play(Math.sign(rate.value) === way ? faster * way : way);
}

export function nudge(frames: number): void {
  if (playing.value) pause();
  seek(samplesAt(clock.value, frameAt(clock.value, now()) + frames));
}

/** While a preview runs, `ended` says how to put things back. */
export function startPreview(from: number, ended: () => void): void {
  endPreview();
  beforePreview = ended;
  seek(from);
  play();
}

/** While it is set, the picture does not lead: it follows this clock, in samples. Below 0 it stands at its start. */
let master: (() => number) | null = null;

/** Plays by another clock, to which sound is recorded, until `pause`. `ended` says how to put things back. */
export function followClock(position: () => number, ended: () => void): void {
  pause();
  beforePreview = ended;
  seek(Math.max(0, position()));
  master = position;
  playing.value = true;
  wake();
}

/** Brings the picture in step with the clock that it follows. */
function chase(): void {
  const lead = leader();
  const at = (master?.() ?? 0) / clock.value.sampleRate;
  if (at < 0) return;
  if (lead.paused) {
    lead.playbackRate = 1;
    lead.play().catch(() => undefined); // A newer pause ended it.
    return;
  }
  if (lead.seeking || at > lead.duration) return;
  const mend = correction(lead.currentTime - at, 1);
  if (mend.jump) lead.currentTime = at;
  else if (lead.playbackRate !== mend.rate) lead.playbackRate = mend.rate;
}

function endPreview(): void {
  const ended = beforePreview;
  beforePreview = null;
  master = null;
  ended?.();
}

/** Above this many times, and backwards, there is nothing to hear but chirps. */
const audible = () => playing.value && rate.value > 0 && rate.value <= 2;

function step(): void {
  const lead = leader();
  lead.muted = beforePreview !== null || side.value === "dub" || !audible();
  if (!lead.seeking || !playing.value) {
    const heard = audible() && !lead.paused;
    sync({ playing: heard, at: playing.value && !heard ? null : lead.currentTime, rate: lead.playbackRate });
  }
  document.documentElement.dataset.driftMs = (drift * 1000).toFixed(0);
}

const frames = new Set<() => void>();

/** Calls `draw` for each frame while something plays, and once after each seek or stop. */
export function onFrame(draw: () => void): () => void {
  frames.add(draw);
  return () => frames.delete(draw);
}

const show = () => frames.forEach((draw) => draw());

function showSoon(): void {
  requestAnimationFrame(show);
}

let awake = false;
let stepped = 0;
let told = 0;

/** Runs with the display while something plays. */
function wake(): void {
  if (awake) return;
  awake = true;
  let before = performance.now();
  const tick = (time: number) => {
    if (!playing.value) {
      awake = false;
      return;
    }
    if (rate.value < 0) rewind((time - before) / 1000);
    before = time;
    if (master) chase();
    show();
    if (time - stepped > 200) {
      stepped = time;
      step();
    }
    if (time - told > 90) {
      told = time;
      position.value = now();
      if (leader().ended && !master) pause();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

/** Media elements cannot run backwards: the leader is set back again and again. */
function rewind(passed: number): void {
  const lead = leader();
  if (lead.seeking) return;
  const at = lead.currentTime + rate.value * Math.max(passed, 0.04);
  lead.currentTime = Math.max(0, at);
  if (at <= 0) pause();
}

effect(() => {
  const open = project.value;
  const url = open && !open.picture?.playable ? (open.original?.url ?? "") : "";
  if (url && sound.getAttribute("src") !== url) sound.src = url;
  if (!url) sound.removeAttribute("src");
});

/* A switch of sounds is heard at once. */
effect(() => {
  void [side.value, muted.value, soloed.value];
  if (project.peek()) step();
});

export function stopAll(): void {
  pause();
  position.value = 0;
}
