/** The time from a sound in the headphones to the same sound in the recording: measured once for a microphone, and
    kept; estimated until then. */

const KEY = "rythmo.latency";
export const CLICK_EVERY_SECONDS = 0.5;
export const CLICKS = 6;
/** A click must stand out so much from what else comes in. */
const OVER_NOISE = 4;
/** Measurements that differ by more are not of our clicks. */
const SPREAD_SECONDS = 0.002;

/** What was measured for an input, in seconds; null before that. */
export function keptLatency(input: string): number | null {
  const found = read()[input];
  return typeof found === "number" && Number.isFinite(found) ? found : null;
}

export function keepLatency(input: string, seconds: number | null): void {
  const all = read();
  if (seconds === null) delete all[input];
  else all[input] = seconds;
  localStorage.setItem(KEY, JSON.stringify(all));
}

function read(): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return found && typeof found === "object" ? { ...found } : {};
  } catch {
    return {};
  }
}

/** What the browser itself says of the ways out and in. Bluetooth and some drivers say too little. */
export function estimatedLatency(context: AudioContext, track: MediaStreamTrack): number {
  const settings: MediaTrackSettings & { latency?: number } = track.getSettings();
  return (context.baseLatency || 0) + (context.outputLatency || 0) + (settings.latency ?? 0);
}

/** A click that is heard through small loudspeakers, with its first sample at full strength. */
export function makeClick(context: BaseAudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, Math.round(context.sampleRate * 0.004), context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let at = 0; at < samples.length; at++) {
    samples[at] = 0.8 * Math.cos((2 * Math.PI * 2500 * at) / context.sampleRate) * (1 - at / samples.length);
  }
  return buffer;
}

/** How much later than they were played the clicks came in, in frames: the middle of what was found; null when they
    were not heard. `recorded` begins at frame `first`, `played` are the frames of the clicks. */
export function findLatency(
  recorded: Float32Array,
  first: number,
  played: readonly number[],
  sampleRate: number,
): number | null {
  const window = Math.round(CLICK_EVERY_SECONDS * sampleRate);
  const found: number[] = [];
  for (const click of played) {
    const part = recorded.subarray(Math.max(0, click - first), Math.max(0, click - first + window));
    const at = part.length === window ? findOnset(part) : null;
    if (at !== null) found.push(at);
  }
  if (found.length < Math.ceil((played.length * 2) / 3)) return null;
  found.sort((a, b) => a - b);
  const middle = found[Math.floor(found.length / 2)] as number;
  const near = found.filter((one) => Math.abs(one - middle) <= SPREAD_SECONDS * sampleRate);
  return near.length * 2 > played.length ? middle : null;
}

/** The first sample that reaches half of the loudest; null where nothing stands out. */
function findOnset(part: Float32Array): number | null {
  let peak = 0;
  let sum = 0;
  for (const each of part) {
    const size = Math.abs(each);
    peak = Math.max(peak, size);
    sum += size;
  }
  if (peak < 0.003 || peak < (OVER_NOISE * sum) / part.length) return null;
  return part.findIndex((each) => Math.abs(each) >= peak / 2);
}
