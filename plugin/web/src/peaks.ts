/** Waveforms: the service's peaks, fetched in tiles and kept while they are of use. */
import { signal } from "@preact/signals";
import { bytes } from "./api";

/** Samples a pixel that the service keeps peaks for. */
export const LEVELS = [256, 4096, 65536] as const;
const TILE = 8192;
/** 16 kB a tile: 400 of them are 6.4 MB. */
const KEPT = 400;

/** After so long a sound that is still being measured is asked for again. */
const AGAIN_MS = 700;

/** Goes up when a tile has come, or may have: what draws waveforms draws again, and asks for what it lacks. */
export const arrived = signal(0);

const tiles = new Map<string, Int8Array | null>();
const waiting = new Map<string, AbortController>();

/** The coarsest level that still has a pair for each pixel. */
export function levelFor(samplesPerPixel: number): number {
  let found: number = LEVELS[0];
  for (const level of LEVELS) if (level <= samplesPerPixel) found = level;
  return found;
}

function tile(base: string, level: number, number: number): Int8Array | null {
  const url = `${base}/${level}`;
  const key = `${url} ${number}`;
  const known = tiles.get(key);
  if (known !== undefined) {
    tiles.delete(key);
    tiles.set(key, known);
    return known;
  }
  if (!waiting.has(key)) fetchTile(key, url, number);
  return null;
}

function fetchTile(key: string, url: string, number: number): void {
  const stop = new AbortController();
  waiting.set(key, stop);
  bytes(url, number * TILE * 2, (number + 1) * TILE * 2, stop.signal)
    .then((data) => (data ? keep(key, data) : again(key, stop)))
    .catch(() => {
      if (!stop.signal.aborted) tiles.set(key, null);
      waiting.delete(key);
    });
}

function keep(key: string, data: ArrayBuffer): void {
  waiting.delete(key);
  tiles.set(key, new Int8Array(data));
  for (const old of tiles.keys()) {
    if (tiles.size <= KEPT) break;
    tiles.delete(old);
  }
  arrived.value += 1;
}

/** Until then the tile counts as asked for, so that drawing does not ask for it with every frame. */
function again(key: string, stop: AbortController): void {
  setTimeout(() => {
    if (stop.signal.aborted) return;
    waiting.delete(key);
    arrived.value += 1;
  }, AGAIN_MS);
}

/** Reads one sound at one level, from left to right: lowest and highest sample in [from, to), each -128 to 127, or
    null where nothing has come yet. The last tile is at hand: a drawing asks a thousand times for the same few. */
export function reader(base: string, level: number): (from: number, to: number) => [number, number] | null {
  let held = -1;
  let data: Int8Array | null = null;
  return (from, to) => {
    const first = Math.floor(from / level);
    const last = Math.max(first + 1, Math.ceil(to / level));
    let low = 127;
    let high = -128;
    for (let at = first; at < last; at++) {
      const number = Math.floor(at / TILE);
      if (number !== held) data = tile(base, level, (held = number));
      const place = (at % TILE) * 2;
      if (!data || place + 1 >= data.length) continue;
      low = Math.min(low, data[place] as number);
      high = Math.max(high, data[place + 1] as number);
    }
    return high < low ? null : [low, high];
  };
}

/** Forgets every waveform: stems were made anew, or another project is open. */
export function forgetPeaks(): void {
  for (const stop of waiting.values()) stop.abort();
  waiting.clear();
  tiles.clear();
  arrived.value += 1;
}
