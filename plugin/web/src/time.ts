/** Time as editors write it: timecode with frames, durations in seconds with one decimal. */
import type { Programme } from "./types";

export interface Clock {
  sampleRate: number;
  /** Frames a second as an exact fraction. */
  rate: [number, number];
  startFrame: number;
  drop: boolean;
}

export function clockOf(programme: Programme): Clock {
  const [top = 25, bottom = 1] = (programme.frame_rate ?? "25/1").split("/").map(Number);
  return {
    sampleRate: programme.sample_rate,
    rate: [top, bottom],
    startFrame: programme.start_frame,
    drop: programme.drop,
  };
}

export function samplesPerFrame(clock: Clock): number {
  return (clock.sampleRate * clock.rate[1]) / clock.rate[0];
}

/** The frame that shows at a sample position, counted from the programme's first: the last one that began by then. */
export function frameAt(clock: Clock, samples: number): number {
  const frame = Math.floor((samples * clock.rate[0]) / (clock.rate[1] * clock.sampleRate) + 1e-9);
  return samplesAt(clock, frame + 1) <= samples ? frame + 1 : frame;
}

/** Where a frame begins: at the nearest sample, as everywhere in Rythmo (`timebase.frames_to_samples`). */
export function samplesAt(clock: Clock, frame: number): number {
  return Math.floor(frame * samplesPerFrame(clock) + 0.5 + 1e-7);
}

const pad = (value: number) => String(value).padStart(2, "0");

/** Frames that timecode counts in a second: 24 at 23.976. */
export const nominalRate = (clock: Clock) => Math.round(clock.rate[0] / clock.rate[1]);

/** What timecode calls the frame at a position: it counts on from the programme's start, and leaves out what drops. */
export function numberAt(clock: Clock, samples: number): number {
  const frame = frameAt(clock, samples) + clock.startFrame;
  return clock.drop ? frame + droppedBefore(frame, nominalRate(clock)) : frame;
}

/** The position of the frame that timecode calls so. */
export function samplesOf(clock: Clock, number: number): number {
  const nominal = nominalRate(clock);
  const minutes = Math.floor(number / (nominal * 60));
  const left_out = clock.drop ? (nominal / 15) * (minutes - Math.floor(minutes / 10)) : 0;
  return samplesAt(clock, number - left_out - clock.startFrame);
}

/** Timecode of a sample position; a semicolon before the frames says that it drops. */
export function timecode(clock: Clock, samples: number): string {
  const nominal = nominalRate(clock);
  const frame = numberAt(clock, samples);
  const seconds = Math.floor(frame / nominal);
  const clockwork = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(":");
  return `${clockwork}${clock.drop ? ";" : ":"}${pad(frame % nominal)}`;
}

/** Numbers that drop-frame counting has left out before this frame: SMPTE ST 12-1, two (or four) a minute but the tenth. */
function droppedBefore(frame: number, nominal: number): number {
  const skip = nominal / 15;
  const minute = nominal * 60 - skip;
  const tens = minute * 10 + skip;
  const rest = frame % tens;
  const minutes = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / minute);
  return skip * (9 * Math.floor(frame / tens) + minutes);
}

/** The sample position of a timecode as people type it ("1:02:03:04", "62:10", "+12" frames are not known here); null when it is none. */
export function parseTimecode(clock: Clock, text: string): number | null {
  const parts = text.trim().split(/[:;.]/);
  if (!parts.length || parts.length > 4 || parts.some((part) => !/^\d{1,3}$/.test(part))) return null;
  const [frames = 0, seconds = 0, minutes = 0, hours = 0] = parts.reverse().map(Number);
  const nominal = nominalRate(clock);
  if (frames >= nominal || seconds > 59 || minutes > 59) return null;
  return samplesOf(clock, (hours * 3600 + minutes * 60 + seconds) * nominal + frames);
}

/** "1.4 s" */
export function seconds(clock: Clock, samples: number): string {
  return `${(samples / clock.sampleRate).toFixed(1)} s`;
}

/** "1:05:09" or "2:03": how long a programme is. */
export function runningTime(total: number): string {
  const whole = Math.round(total);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** "about 2 minutes": how long something will still take. */
export function remaining(left: number): string {
  if (left < 10) return "a few seconds";
  if (left < 90) return `${Math.round(left / 5) * 5} seconds`;
  if (left < 5400) return `${Math.round(left / 60)} minutes`;
  return `${(left / 3600).toFixed(1)} hours`;
}

/** "just now", "12 minutes ago", or the day. */
export function ago(unix: number, now = Date.now() / 1000): string {
  const past = now - unix;
  if (past < 60) return "just now";
  if (past < 3600) return plural(Math.floor(past / 60), "minute") + " ago";
  if (past < 86400) return plural(Math.floor(past / 3600), "hour") + " ago";
  return new Date(unix * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

export function plural(count: number, word: string, many = `${word}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? word : many}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
