/** Plays the programme of a job: the original leads, and when the dub is there it follows in step. */
import { effect, signal } from "@preact/signals";
import { correction } from "../player/follow";
import type { Line } from "../types";
import { dubbed, jobClock } from "./found";

export const running = signal(false);
/** Which of the two is heard. */
export const hears = signal<"original" | "dub">("original");
/** In samples, told about ten times a second. */
export const position = signal(0);
/** The id of the line whose take is heard by itself. */
export const hearing = signal<string | null>(null);

let leader: HTMLMediaElement | null = null;
let follower: HTMLMediaElement | null = null;
let single: HTMLAudioElement | null = null;

const rate = () => jobClock.value?.sampleRate ?? 48000;

/** Takes an element as the one that leads, or lets go of it. */
export function lead(element: HTMLMediaElement | null): void {
  if (leader && leader !== element) stop();
  leader = element;
}

export function follow(element: HTMLMediaElement | null): void {
  follower = element;
}

export function seek(samples: number): void {
  position.value = Math.max(0, samples);
  if (leader) leader.currentTime = position.value / rate();
  keepInStep();
}

export function play(): void {
  if (!leader) return;
  endTake();
  running.value = true;
  leader.play().catch(() => (running.value = false)); // The browser refused, or a newer stop came first.
  keepInStep();
  requestAnimationFrame(tick);
}

export function stop(): void {
  running.value = false;
  leader?.pause();
  follower?.pause();
  endTake();
}

export const toggle = () => (running.value ? stop() : play());

/** Plays the take of a line by itself; a second call stops it. */
export function hearTake(line: Line): void {
  const take = line.takes.find((one) => one.id === line.chosen);
  const again = hearing.value === line.id;
  stop();
  if (!take || again) return;
  seek(line.start);
  single = new Audio(take.url);
  hearing.value = line.id;
  single.onended = endTake;
  single.play().catch(endTake);
}

function endTake(): void {
  single?.pause();
  single = null;
  hearing.value = null;
}

let told = 0;

function tick(time: number): void {
  if (!running.value || !leader) return;
  if (leader.ended) return stop();
  if (time - told > 90) {
    told = time;
    position.value = leader.currentTime * rate();
    keepInStep();
  }
  requestAnimationFrame(tick);
}

function keepInStep(): void {
  if (!leader) return;
  const dub = hears.value === "dub" && follower !== null;
  leader.muted = dub;
  if (!follower) return;
  follower.muted = !dub;
  if (follower.readyState < HTMLMediaElement.HAVE_METADATA) return;
  if (!running.value) {
    if (!follower.paused) follower.pause();
    if (Math.abs(follower.currentTime - leader.currentTime) > 0.02) follower.currentTime = leader.currentTime;
    return;
  }
  if (leader.currentTime > follower.duration) return;
  if (follower.paused) {
    follower.currentTime = leader.currentTime;
    follower.play().catch(() => undefined); // A newer stop ended it.
    return;
  }
  const mend = correction(follower.currentTime - leader.currentTime, 1);
  if (mend.jump) follower.currentTime = leader.currentTime;
  else follower.playbackRate = mend.rate;
}

/* A switch is heard at once; a dub that has come is what one wants to hear. */
effect(() => {
  void hears.value;
  keepInStep();
});
effect(() => {
  hears.value = dubbed.value?.sound || dubbed.value?.film ? "dub" : "original";
});
