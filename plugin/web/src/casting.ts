/** Casting by hand: the voices to choose from, what is heard in them, and which one a speaker gets. */
import { effect, signal } from "@preact/signals";
import { ApiError, get, post } from "./api";
import { complain, jobs, keepJob } from "./app";
import { pause } from "./player/transport";
import { changeSpeaker, project } from "./project";
import type { Audition, Job, Speaker, Voice, VoiceShelf } from "./types";
import type { Draft } from "./voiceDraft";

export const shelf = signal<VoiceShelf | null>(null);
/** What is heard now: a name that whoever asked for it gave. */
export const heard = signal<string | null>(null);
/** What is being spoken, by the same names. */
export const making = signal<ReadonlySet<string>>(new Set());

export async function loadShelf(): Promise<void> {
  const id = project.value?.id;
  if (!id) return;
  shelf.value = null;
  try {
    shelf.value = await get<VoiceShelf>(`/projects/${id}/voices`);
  } catch (problem) {
    complain(problem);
  }
}

/** The job once it is over; a failure is thrown in the job's own words. */
function ended(job: Job): Promise<Job> {
  if (!jobs.value.has(job.id)) keepJob(job);
  return new Promise((resolve, reject) => {
    const stop = effect(() => {
      const now = jobs.value.get(job.id);
      if (!now || now.state === "queued" || now.state === "running") return;
      queueMicrotask(() => stop());
      if (now.state === "done") resolve(now);
      else reject(new ApiError(now.error?.message ?? "It was cancelled.", now.error?.hint ?? "", "job", 500));
    });
  });
}

/** The voices that suit a speaker best, the present one first, and the line to hear them by. */
export async function propose(speaker: string): Promise<{ voices: Voice[]; line: string }> {
  const job = await ended(await post<Job>(`/projects/${project.value?.id}/speakers/${speaker}/proposals`));
  return { voices: job.result?.voices ?? [], line: job.result?.line ?? "" };
}

const known = new Map<string, Audition>();

/** Speaks a line, or a sample without one. Throws an ApiError with the code "price" before a service is asked. */
export async function audition(draft: Draft, line: string, send: boolean): Promise<Audition> {
  const at = project.value?.id ?? "";
  const { id, second, share, pace, pitch } = draft;
  const voice = { engine: shelf.value?.engine ?? "", id, second, share, pace, pitch };
  const key = JSON.stringify([at, voice, line, line ? textOf(line) : ""]);
  const before = known.get(key);
  if (before) return before;
  const job = await ended(await post<Job>(`/projects/${at}/auditions`, { voice, line: line || null, send }));
  const made = job.result?.audition;
  if (!made) throw new ApiError("Nothing was spoken.", "Try again.", "job", 500);
  known.set(key, made);
  return made;
}

const textOf = (line: string) => project.value?.lines.find((one) => one.id === line)?.translation ?? "";

let player: HTMLAudioElement | null = null;

/** Plays a recording until its end, or until something else is heard. */
export async function play(name: string, url: string): Promise<void> {
  stop();
  pause();
  const mine = new Audio(url);
  player = mine;
  heard.value = name;
  await new Promise<void>((resolve) => {
    mine.onended = mine.onpause = mine.onerror = () => resolve();
    mine.play().catch(() => resolve());
  });
  if (player === mine) stop();
}

export function stop(): void {
  const before = player;
  player = null;
  heard.value = null;
  before?.pause();
}

/** What came of an audition: its length in seconds, or the price that has to be agreed first. `played` is settled when
    it was heard. */
export interface Heard {
  seconds?: number;
  price?: string;
  played?: Promise<void>;
}

/** Speaks a draft and begins to play it under a name. */
export async function hear(name: string, draft: Draft, line: string, send = false): Promise<Heard> {
  making.value = new Set(making.value).add(name);
  try {
    const made = await audition(draft, line, send);
    return { seconds: made.seconds, played: play(name, made.url) };
  } catch (problem) {
    if (problem instanceof ApiError && problem.code === "price") return { price: problem.message };
    complain(problem);
    return {};
  } finally {
    const rest = new Set(making.value);
    rest.delete(name);
    making.value = rest;
  }
}

export async function choose(speaker: Speaker, draft: Draft | null): Promise<void> {
  const engine = shelf.value?.engine ?? speaker.voice?.engine ?? "";
  const { id, second, share, pace, pitch } = draft ?? { id: "", second: "", share: 0.5, pace: 1, pitch: 0 };
  await changeSpeaker(speaker.id, { voice: draft && { engine, id, second, share, pace, pitch } });
}

export async function lock(speaker: Speaker, locked: boolean): Promise<void> {
  await changeSpeaker(speaker.id, { voice_locked: locked });
}

/** Saves the named speakers to a cast file. What the user should know of it, or null when it failed. */
export async function saveCast(path: string): Promise<string[] | null> {
  try {
    const job = await ended(await post<Job>(`/projects/${project.value?.id}/cast`, { path }));
    await loadShelf();
    return job.notes;
  } catch (problem) {
    complain(problem);
    return null;
  }
}
