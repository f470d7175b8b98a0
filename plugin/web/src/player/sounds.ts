/** What is heard beside the picture: the dub as one mix, or its stems when some are soloed or muted. */
import { computed, effect, signal } from "@preact/signals";
import { project } from "../project";
import { correction } from "./follow";

export type Side = "dub" | "original";
/** Which of the two is heard. */
export const side = signal<Side>("dub");
export const muted = signal<ReadonlySet<string>>(new Set());
export const soloed = signal<ReadonlySet<string>>(new Set());

/** Stems that a listener can tell apart: the speakers' and the M&E. */
export const parts = computed(() =>
  (project.value?.stems ?? []).filter((stem) => stem.name === "ME" || stem.speaker !== null),
);

/** The stems that sound; null where the whole mix does. */
const apart = computed<ReadonlySet<string> | null>(() => {
  if (!muted.value.size && !soloed.value.size) return null;
  const heard = parts.value.filter((stem) =>
    soloed.value.size ? soloed.value.has(stem.name) : !muted.value.has(stem.name),
  );
  return new Set(heard.map((stem) => stem.name));
});

export function flip(set: typeof muted, name: string): void {
  const next = new Set(set.value);
  if (!next.delete(name)) next.add(name);
  set.value = next;
}

export interface State {
  playing: boolean;
  /** Seconds; null while the leader runs where nothing can be heard. */
  at: number | null;
  rate: number;
}

interface Follower {
  audio: HTMLAudioElement;
  url: string;
}

const followers = new Map<string, Follower>();
/** While a take is heard by itself, only these stems sound beside it. */
let only: ReadonlySet<string> | null = null;
/** The largest drift of a sounding follower at the last look, in seconds. */
export let drift = 0;

export function hearOnly(names: ReadonlySet<string> | null): void {
  only = names;
}

/** The stems that should sound now. */
function wanted(): string[] {
  if (only) return [...only];
  if (side.value === "original") return [];
  const stems = project.value?.stems ?? [];
  if (apart.value) return [...apart.value];
  return stems.some((stem) => stem.name === "MIX") ? ["MIX"] : [];
}

function follower(name: string): Follower | null {
  const url = project.value?.stems.find((stem) => stem.name === name)?.url;
  if (!url) return null;
  const known = followers.get(name);
  if (known && known.url === url) return known;
  const audio = new Audio();
  audio.preload = "auto";
  audio.src = url;
  const made = { audio, url };
  if (known) known.audio.pause();
  followers.set(name, made);
  return made;
}

/** Brings every sounding stem in step with the leader. Called several times a second, and at once at each change. */
export function sync(state: State): void {
  const names = new Set(wanted());
  drift = 0;
  for (const [name, { audio }] of followers) if (!names.has(name) && !audio.paused) audio.pause();
  for (const name of names) {
    const found = follower(name);
    if (found) keepUp(found.audio, state);
  }
}

/** One follower; what has no length yet is looked at again by the next call. */
function keepUp(audio: HTMLAudioElement, { playing, at, rate }: State): void {
  if (audio.readyState < HTMLMediaElement.HAVE_METADATA) return;
  if (!playing || at === null) {
    if (!audio.paused) audio.pause();
    if (at !== null && Math.abs(audio.currentTime - at) > 0.02) audio.currentTime = at;
    return;
  }
  if (at > audio.duration) return;
  if (audio.paused) {
    audio.currentTime = at;
    audio.playbackRate = rate;
    audio.play().catch(() => undefined); // A newer pause or seek ended it.
    return;
  }
  const off = audio.currentTime - at;
  const mend = correction(off, rate);
  if (mend.jump) audio.currentTime = at;
  else if (audio.playbackRate !== mend.rate) audio.playbackRate = mend.rate;
  if (!audio.seeking) drift = Math.max(drift, Math.abs(off));
}

/** Lets go of what the last project played. */
effect(() => {
  void project.value?.id;
  for (const { audio } of followers.values()) {
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
  }
  followers.clear();
});
