/** One microphone, open as long as the recorder is: its level, and passes that record a line against the picture. */
import { signal } from "@preact/signals";
import { complain } from "../app";
import { project } from "../project";
import { followClock, pause } from "../player/transport";
import { hearOnly } from "../player/sounds";
import type { Line } from "../types";
import { loadGuide } from "./guide";
import {
  CLICKS,
  CLICK_EVERY_SECONDS,
  estimatedLatency,
  findLatency,
  keepLatency,
  keptLatency,
  makeClick,
} from "./latency";
import { type Pass, countAt, cutBlock, frameOf, planPass } from "./plan";
import { sendWaiting, underWay } from "./send";
import { type Kept, dropRecording, keepPiece, keepRecording } from "./shelf";

export type Stage = "closed" | "opening" | "ready" | "starting" | "counting" | "recording" | "measuring";
export const stage = signal<Stage>("closed");
/** The count before the punch-in: 3, 2, 1; 0 while it records; null otherwise. */
export const count = signal<number | null>(null);
/** Why the microphone cannot be used; "" while it can. */
export const trouble = signal("");
export const inputs = signal<MediaDeviceInfo[]>([]);
export const input = signal("");
/** In seconds, and whether it was measured or is the browser's own figure. */
export const latency = signal<{ seconds: number; measured: boolean } | null>(null);

export type Guide = "ME" | "original" | "MIX" | "";
export const guide = signal<Guide>("ME");
export const beeps = signal(true);

/** Seconds before a pass begins: the guide and the picture must be there. */
const LEAD_SECONDS = 0.4;
const BEEP_SECONDS = 0.08;
const PIECE_SECONDS = 0.5;

interface Microphone {
  context: AudioContext;
  stream: MediaStream;
  track: MediaStreamTrack;
  node: AudioWorkletNode;
}

interface Block {
  first: number;
  samples: Float32Array;
}

let microphone: Microphone | null = null;
/** Counts what was opened and closed: what comes late belongs to nobody. */
let opened = 0;
let listener: ((block: Block) => void) | null = null;
/** The loudest sample since the meter looked last. */
let peak = 0;

export function takePeak(): number {
  const found = peak;
  peak = 0;
  return found;
}

/** Opens the microphone, or another one. The browser asks the user the first time. */
export async function openMicrophone(device = input.value): Promise<void> {
  closeMicrophone();
  const mine = ++opened;
  stage.value = "opening";
  trouble.value = "";
  try {
    /* What makes calls clear makes takes unusable. */
    const wanted: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    if (device) wanted.deviceId = { exact: device };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    if (mine !== opened) {
      /* The recorder was closed while the browser asked. */
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    const context = new AudioContext({
      sampleRate: project.value?.programme.sample_rate ?? 48000,
      latencyHint: "interactive",
    });
    await context.audioWorklet.addModule("recorder.js");
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Block>) => {
      for (const sample of data.samples) peak = Math.max(peak, Math.abs(sample));
      listener?.(data);
    };
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
    if (mine !== opened) {
      stream.getTracks().forEach((one) => one.stop());
      return void context.close();
    }
    const track = stream.getAudioTracks()[0] as MediaStreamTrack;
    microphone = { context, stream, track, node };
    track.onended = () => {
      stop();
      trouble.value = "The microphone was taken away. Connect it, or choose another one.";
    };
    input.value = track.getSettings().deviceId ?? device;
    inputs.value = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "audioinput");
    showLatency();
    stage.value = "ready";
  } catch (problem) {
    if (mine !== opened) return;
    closeMicrophone();
    trouble.value = explain(problem);
  }
}

function explain(problem: unknown): string {
  const name = problem instanceof DOMException ? problem.name : "";
  if (name === "NotAllowedError") return "The browser does not let this page use a microphone. Allow it in the address bar.";
  if (name === "NotFoundError") return "There is no microphone. Connect one, and open the recorder again.";
  if (name === "NotReadableError") return "Another program uses the microphone, or the system refuses it.";
  return navigator.mediaDevices ? String(problem) : "Microphones work only on http://127.0.0.1 and localhost.";
}

export function closeMicrophone(): void {
  opened += 1;
  stop();
  microphone?.stream.getTracks().forEach((track) => track.stop());
  void microphone?.context.close();
  microphone = null;
  listener = null;
  stage.value = "closed";
  latency.value = null;
}

function showLatency(): void {
  if (!microphone) return;
  const kept = keptLatency(input.value);
  latency.value =
    kept === null
      ? { seconds: estimatedLatency(microphone.context, microphone.track), measured: false }
      : { seconds: kept, measured: true };
}

/** Plays clicks and listens for them: the microphone must hear the headphones or the loudspeaker. */
export async function measureLatency(): Promise<void> {
  if (!microphone || stage.value !== "ready") return;
  const { context } = microphone;
  stage.value = "measuring";
  const rate = context.sampleRate;
  const click = makeClick(context);
  const begin = Math.ceil((context.currentTime + LEAD_SECONDS) * rate);
  const played = Array.from({ length: CLICKS }, (_, at) => begin + Math.round(at * CLICK_EVERY_SECONDS * rate));
  for (const at of played) {
    const source = context.createBufferSource();
    source.buffer = click;
    source.connect(context.destination);
    source.start(at / rate);
  }
  const { samples, first } = await gather(played[0] as number, (played.at(-1) as number) + rate);
  const found = findLatency(samples, first, played, rate);
  document.documentElement.dataset.latencyClick = String(played[0]);
  if (found === null) trouble.value = "The clicks were not heard. Hold the microphone to the headphones, and turn them up.";
  else {
    trouble.value = "";
    keepLatency(input.value, found / rate);
  }
  showLatency();
  if (stage.value === "measuring") stage.value = "ready";
}

export function forgetLatency(): void {
  keepLatency(input.value, null);
  showLatency();
}

/** What comes in over frames [from, to). */
function gather(from: number, to: number): Promise<{ samples: Float32Array; first: number }> {
  const samples = new Float32Array(to - from);
  return new Promise((done) => {
    listener = ({ first, samples: block }) => {
      const part = cutBlock(first, block, from, to);
      samples.set(part, Math.max(0, first - from));
      if (first + block.length < to) return;
      listener = null;
      done({ samples, first: from });
    };
  });
}

let endPass: (() => void) | null = null;

/** Stops the pass that runs, if one does; what was recorded so far is kept. */
export function stop(): void {
  endPass?.();
}

/** Records a pass of a line. The guide and the beeps are played by the same clock that counts the microphone's
    samples, so that a sample lies where it was heard, less the latency. */
export async function recordLine(line: Line): Promise<void> {
  const here = project.value;
  const mic = microphone;
  if (!here || !mic || stage.value !== "ready") return;
  const { context } = mic;
  const rate = context.sampleRate;
  const pass = planPass(line.start, line.end, rate);
  const leave = new AbortController();
  stage.value = "starting";
  endPass = () => leave.abort();
  const buffer = await loadedGuide(context, pass, leave.signal);
  if (leave.signal.aborted || microphone !== mic) return settle();
  const begin = Math.ceil((context.currentTime + LEAD_SECONDS) * rate);
  const zero = begin - pass.from;
  const sources = play(context, pass, zero, buffer);
  const late = Math.round((latency.value?.seconds ?? 0) * rate);
  document.documentElement.dataset.recordZero = String(zero);

  const kept: Kept = {
    id: [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    project: here.id,
    projectName: here.name,
    line: line.id,
    position: pass.keepFrom,
    sampleRate: rate,
    created: Date.now(),
    length: 0,
    refused: "",
  };
  underWay.value = kept.id;
  const release = await holdLock(kept.id);
  const writer = new Writer(kept);
  const from = frameOf(pass.keepFrom, zero, late);
  const to = frameOf(pass.to, zero, late);
  listener = ({ first, samples }) => {
    writer.add(cutBlock(first, samples, from, to));
    if (first + samples.length >= to) endPass?.();
  };
  const tick = setInterval(() => {
    const at = context.currentTime * rate - zero;
    count.value = countAt(pass, at, rate);
    stage.value = at < pass.punchIn ? "counting" : "recording";
  }, 30);
  /* The picture shows what is heard now: the way out to the headphones is taken off. */
  const seen = () => context.currentTime * rate - zero - (context.outputLatency || 0) * rate;
  await new Promise<void>((done) => {
    endPass = done;
    hearOnly(new Set());
    followClock(seen, done);
  });
  clearInterval(tick);
  listener = null;
  for (const source of sources) source.stop();
  hearOnly(null);
  settle();
  pause();
  await writer.finish().catch(complain);
  release();
  underWay.value = null;
  void sendWaiting();
}

/** Keeps other windows from sending a recording while it is made. Returns what lets them. */
function holdLock(id: string): Promise<() => void> {
  return new Promise((held) => {
    void navigator.locks.request(id, () => new Promise<void>((release) => held(release)));
  });
}

function settle(): void {
  endPass = null;
  count.value = null;
  if (stage.value !== "closed") stage.value = microphone ? "ready" : "closed";
}

async function loadedGuide(context: AudioContext, pass: Pass, signal: AbortSignal): Promise<AudioBuffer | null> {
  const here = project.value;
  const url =
    guide.value === "original" ? here?.original.url : here?.stems.find((stem) => stem.name === guide.value)?.url;
  if (!url) return null;
  try {
    return await loadGuide(context, url, pass.from, pass.to, signal);
  } catch (problem) {
    /* A take without a guide is better than none. */
    if (!signal.aborted) trouble.value = `Nothing is heard beside the picture: ${String(problem)}`;
    return null;
  }
}

/** Schedules the guide and the beeps of a pass; returns what has to be stopped. */
function play(context: AudioContext, pass: Pass, zero: number, buffer: AudioBuffer | null): AudioScheduledSourceNode[] {
  const rate = context.sampleRate;
  const sources: AudioScheduledSourceNode[] = [];
  if (buffer) {
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start((pass.from + zero) / rate);
    sources.push(source);
  }
  for (const at of beeps.value ? pass.beeps : []) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = 1000;
    level.gain.value = 0.2;
    tone.connect(level).connect(context.destination);
    tone.start((at + zero) / rate);
    tone.stop((at + zero) / rate + BEEP_SECONDS);
    sources.push(tone);
  }
  return sources;
}

/** Puts what is recorded on the shelf, half a second at a time and in order. */
class Writer {
  #kept: Kept;
  #pieces: Float32Array[] = [];
  #held = 0;
  #number = 0;
  #written: Promise<void>;

  constructor(kept: Kept) {
    this.#kept = kept;
    this.#written = keepRecording(kept);
  }

  add(samples: Float32Array): void {
    if (!samples.length) return;
    this.#pieces.push(samples.slice());
    this.#held += samples.length;
    if (this.#held >= PIECE_SECONDS * this.#kept.sampleRate) this.#write();
  }

  #write(): void {
    const piece = new Float32Array(this.#held);
    let at = 0;
    for (const samples of this.#pieces) {
      piece.set(samples, at);
      at += samples.length;
    }
    this.#pieces = [];
    this.#held = 0;
    this.#kept = { ...this.#kept, length: this.#kept.length + piece.length };
    const kept = this.#kept;
    const number = this.#number++;
    this.#written = this.#written.then(() => keepPiece(kept, number, piece));
  }

  /** Kept when everything is safe on the shelf; a pass that was broken off before the line leaves nothing. */
  async finish(): Promise<void> {
    if (this.#held) this.#write();
    await this.#written;
    if (!this.#kept.length) await dropRecording(this.#kept.id);
  }
}
