/** What every view knows: whether the service is there, its jobs, and what went wrong. */
import { computed, signal } from "@preact/signals";
import { ApiError, get } from "./api";
import { onEvent } from "./events";
import type { Job } from "./types";

export const connected = signal(true);
export const tokenRefused = signal(false);
export const jobs = signal<ReadonlyMap<string, Job>>(new Map());

export interface Message {
  id: number;
  kind: "said" | "wrong";
  text: string;
  hint: string;
}
export const messages = signal<Message[]>([]);
let counted = 0;

/** Says something for a few seconds, or with `stay` until it is closed. */
export function say(text: string, hint = "", stay = false): void {
  add("said", text, hint, stay ? 0 : 6000);
}

/** Shows an error in the service's own words, until it is closed. */
export function complain(problem: unknown): void {
  if (problem instanceof ApiError) {
    if (problem.status === 401) {
      tokenRefused.value = true;
      return;
    }
    add("wrong", problem.message, problem.hint, 0);
  } else if (!(problem instanceof DOMException && problem.name === "AbortError")) {
    add("wrong", "The page ran into an error.", String(problem), 0);
    throw problem;
  }
}

function add(kind: Message["kind"], text: string, hint: string, milliseconds: number): void {
  if (messages.value.some((message) => message.text === text && message.hint === hint)) return;
  const id = ++counted;
  messages.value = [...messages.value, { id, kind, text, hint }];
  if (milliseconds) setTimeout(() => dismiss(id), milliseconds);
}

export function dismiss(id: number): void {
  messages.value = messages.value.filter((message) => message.id !== id);
}

export function keepJob(job: Job): void {
  jobs.value = new Map(jobs.value).set(job.id, job);
}

export async function loadJobs(): Promise<void> {
  const list = await get<Job[]>("/jobs");
  jobs.value = new Map(list.map((job) => [job.id, job]));
}

onEvent((event) => {
  if (event.type === "job") keepJob(event.data as unknown as Job);
  if (event.type === "reset") loadJobs().catch(complain);
});

export const active = (job: Job) => job.state === "running" || job.state === "queued" || job.state === "paused";

/** Jobs under way, the oldest first. */
export const activeJobs = computed(() =>
  [...jobs.value.values()].filter(active).sort((a, b) => a.created - b.created),
);
