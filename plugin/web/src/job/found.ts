/** What a job has found so far, as the service tells it: words, then lines and speakers, and the programme itself. */
import { computed, signal } from "@preact/signals";
import { active, jobs, keepJob } from "../app";
import { get } from "../api";
import { onEvent } from "../events";
import { PALETTE } from "../project";
import { clockOf } from "../time";
import type { Delivery, Job, JobProgramme, Line, Pending, Project, Speaker, Word } from "../types";

export const found = signal<ReadonlyMap<string, Line>>(new Map());
export const people = signal<ReadonlyMap<string, Speaker>>(new Map());
/** Words that were recognised and are in no line yet. */
export const heard = signal<Word[]>([]);
export const programme = signal<JobProgramme | null>(null);
/** Of a finished job: what the dub sounds like, and the dubbed film where one was delivered. */
export const dubbed = signal<{ sound: string | null; film: string | null } | null>(null);

export const foundLines = computed(() => [...found.value.values()].sort((a, b) => a.start - b.start));
export const foundSpeakers = computed(() => [...people.value.values()]);
export const foundColours = computed(
  () => new Map(foundSpeakers.value.map((one, at) => [one.id, one.colour || (PALETTE[at % PALETTE.length] as string)])),
);
export const jobClock = computed(() => {
  const known = programme.value?.programme;
  return known ? clockOf(known) : null;
});

let shownJob = "";

/** Lines of the job that is shown, as they come. */
onEvent((event) => {
  const job = jobs.value.get(shownJob);
  if (event.type !== "lines" || !job || (event.data.job ?? event.data.project) !== (event.data.job ? job.id : job.project)) {
    return;
  }
  const data = event.data as unknown as Pending;
  if (data.lines.length) {
    const lines = new Map(found.value);
    for (const line of data.lines) lines.set(line.id, line);
    found.value = lines;
    heard.value = [];
  } else if (data.words?.length) {
    heard.value = joinWords(heard.value, data.words);
  }
  if (data.speakers.length) people.value = new Map([...people.value, ...data.speakers.map((one) => [one.id, one] as const)]);
});

/** Words of another part of the programme among those that are known: parts overlap a little at their seams. */
export function joinWords(known: Word[], more: Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of [...known, ...more].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (!last || word.start >= (last.start + last.end) / 2) joined.push(word);
  }
  return joined;
}

export interface Phrase {
  start: number;
  end: number;
  text: string;
}

/** Words as phrases, parted where nobody speaks for `pause` samples. */
export function phrasesOf(words: Word[], pause: number): Phrase[] {
  const phrases: Phrase[] = [];
  for (const word of words) {
    const last = phrases.at(-1);
    if (last && word.start - last.end < pause) {
      last.end = Math.max(last.end, word.end);
      last.text = `${last.text} ${word.text}`;
    } else phrases.push({ start: word.start, end: word.end, text: word.text });
  }
  return phrases;
}

/** Shows a job from what the service knows of it, in place of the one that was shown before. */
export async function show(id: string): Promise<void> {
  shownJob = id;
  found.value = new Map();
  people.value = new Map();
  heard.value = [];
  programme.value = null;
  dubbed.value = null;
  const job = await get<Job>(`/jobs/${id}`);
  keepJob(job);
  if (!job.project) return;
  await Promise.all([loadProgramme(job), loadFound(job)]);
}

async function loadFound(job: Job): Promise<void> {
  const known = active(job) ? await get<Pending>(`/jobs/${job.id}/lines`).catch(() => null) : await finished(job);
  if (!known || shownJob !== job.id) return;
  found.value = new Map([...known.lines.map((line) => [line.id, line] as const), ...found.value]);
  people.value = new Map([...known.speakers.map((one) => [one.id, one] as const), ...people.value]);
  if (!found.value.size && "words" in known) heard.value = joinWords(known.words, heard.value);
}

/** The project of a job that is over tells its lines, and what there is to listen to. */
async function finished(job: Job): Promise<Project | null> {
  const at = job.result?.project ?? job.project;
  const project = await get<Project>(`/projects/${at}`).catch(() => null);
  if (project && job.state === "done" && shownJob === job.id) {
    const files = await get<Delivery[]>(`/projects/${at}/deliveries`).catch(() => []);
    const fresh = (format: string) => files.find((file) => file.format === format && !file.stale)?.url;
    const film = fresh("mp4-lips") ?? fresh("mp4") ?? null;
    dubbed.value = { sound: project.stems.find((stem) => stem.name === "MIX")?.url ?? null, film };
  }
  return project;
}

/** Asks for the programme: its picture at once, its waveform when its sound was read. */
export async function loadProgramme(job: Job): Promise<void> {
  const known = await get<JobProgramme>(`/jobs/${job.id}/programme`).catch(() => null);
  if (known && shownJob === job.id) programme.value = known;
}

/** After its end a job is shown from its project. */
export async function loadFinished(job: Job): Promise<void> {
  if (shownJob === job.id) await Promise.all([loadProgramme(job), loadFound(job)]);
}
