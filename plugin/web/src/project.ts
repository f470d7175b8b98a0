/** The open project: what the service holds, and every change that is asked of it. */
import { batch, computed, signal } from "@preact/signals";
import { complain, keepJob, say } from "./app";
import { ApiError, get, patch, post, put, remove } from "./api";
import { onEvent } from "./events";
import { clockOf } from "./time";
import type {
  Changed,
  Edited,
  Job,
  Line,
  LineWithWords,
  Project,
  ReviewState,
  Speaker,
  Take,
  TakeLayout,
  VoiceAsked,
  Word,
} from "./types";

export const project = signal<Project | null>(null);
export const lines = signal<Line[]>([]);
export const speakers = signal<Speaker[]>([]);
export const revision = signal(0);
export const canUndo = signal(false);
export const canRedo = signal(false);
export const changedSinceMix = signal<ReadonlySet<string>>(new Set());
/** Lines whose new take is being made. */
export const voicing = signal<ReadonlySet<string>>(new Set());

export type Saved = "saved" | "saving" | "failed";
export const saved = signal<Saved>("saved");

export const clock = computed(() => {
  const programme = project.value?.programme;
  return programme
    ? clockOf(programme)
    : { sampleRate: 48000, rate: [25, 1] as [number, number], startFrame: 0, drop: false };
});
export const byId = computed(() => new Map(lines.value.map((line) => [line.id, line])));
export const placeOf = computed(() => new Map(lines.value.map((line, place) => [line.id, place])));

export const PALETTE = ["#4f9dff", "#ff8a4f", "#6fcf6f", "#c084fc", "#f2c14e", "#f472b6", "#2dd4bf", "#a3a3ff"];

export const colours = computed(
  () => new Map(speakers.value.map((one, at) => [one.id, one.colour || (PALETTE[at % PALETTE.length] as string)])),
);
export const loops = computed(() => project.value?.loops ?? []);
/** The number of each line's recording loop. */
export const loopOf = computed(
  () => new Map(loops.value.flatMap((loop) => loop.lines.map((id): [string, string] => [id, loop.number]))),
);
export const names = computed(() => new Map(speakers.value.map((one) => [one.id, one.name])));

const words = new Map<string, Promise<Word[]>>();
/** Words that have come, by line. */
export const knownWords = new Map<string, Word[]>();

let wanted = "";

/** Opens a project; the same one again is only brought up to date. */
export async function open(id: string): Promise<void> {
  if (wanted !== id) {
    wanted = id;
    forget();
  }
  const got = await get<Project>(`/projects/${id}`);
  if (wanted === id) adopt(got);
}

/** What the user allows a project that came from elsewhere. */
export async function decide(allow: "all" | "media" | "nothing"): Promise<void> {
  const at = project.value?.id;
  if (!at) return;
  const got = await post<Project>(`/projects/${at}/trust`, { allow });
  if (project.value?.id === at) adopt(got);
}

function forget(): void {
  words.clear();
  knownWords.clear();
  batch(() => {
    project.value = null;
    lines.value = [];
    speakers.value = [];
    changedSinceMix.value = new Set();
    voicing.value = new Set();
  });
}

function adopt(got: Project): void {
  batch(() => {
    project.value = got;
    lines.value = [...got.lines].sort(byStart);
    speakers.value = got.speakers;
    revision.value = got.revision;
    canUndo.value = got.can_undo;
    canRedo.value = got.can_redo;
  });
}

const byStart = (a: Line, b: Line) => a.start - b.start || (a.id < b.id ? -1 : 1);

/** Puts changed lines in place; those that did not change stay the same objects. */
function merge(changed: Line[], gone: ReadonlySet<string> = new Set()): void {
  if (!changed.length && !gone.size) return;
  const fresh = new Map(changed.map((line) => [line.id, line]));
  const next = lines.value.filter((line) => !gone.has(line.id)).map((line) => fresh.get(line.id) ?? line);
  const known = new Set(next.map((line) => line.id));
  for (const line of changed) {
    if (!known.has(line.id)) next.push(line);
    const old = byId.value.get(line.id);
    /* The words belong to the original: a new translation or take asks for none of them again. */
    if (old && old.text === line.text && old.start === line.start && old.end === line.end) continue;
    words.delete(line.id);
    knownWords.delete(line.id);
  }
  lines.value = next.sort(byStart);
}

/** The recognised words of a line, fetched once. */
export function wordsOf(id: string): Promise<Word[]> {
  let found = words.get(id);
  const at = project.value?.id;
  if (!found && at) {
    found = get<LineWithWords>(`/projects/${at}/lines/${id}`).then((line) => {
      knownWords.set(id, line.words);
      return line.words;
    });
    found.catch(() => words.delete(id));
    words.set(id, found);
  }
  return found ?? Promise.resolve([]);
}

let under_way = 0;
/** How many changes were begun here, or told by the service. */
let changes = 0;

/** Runs one change; the page says "Saving" until the service has it on disk. Returns null when it failed. */
async function change<T>(work: (path: string) => Promise<T>): Promise<T | null> {
  const id = project.value?.id;
  if (!id) return null;
  under_way += 1;
  changes += 1;
  saved.value = "saving";
  try {
    const result = await work(`/projects/${id}`);
    under_way -= 1;
    if (!under_way) saved.value = "saved";
    return result;
  } catch (problem) {
    under_way -= 1;
    saved.value = "failed";
    complain(problem);
    if (!(problem instanceof ApiError && problem.status === 0)) saved.value = under_way ? "saving" : "saved";
    return null;
  }
}

function accept(result: Edited): void {
  batch(() => {
    merge([result.line]);
    revision.value = Math.max(revision.value, result.revision);
    canUndo.value = true;
    canRedo.value = false;
    changedSinceMix.value = new Set(changedSinceMix.value).add(result.line.id);
    if (result.job) {
      keepJob(result.job);
      voicing.value = new Set(voicing.value).add(result.line.id);
    }
  });
}

export type Fields = Partial<Pick<Line, "text" | "translation" | "direction" | "speaker" | "start" | "end">>;

/** Saves fields of a line; true when the service has them. `seen` is what the fields were when their editing began:
    where somebody else changed them meanwhile, nothing is overwritten, and what was written stays on the page. */
export async function editLine(id: string, fields: Fields, seen?: Fields): Promise<boolean> {
  const line = byId.value.get(id);
  const before = seen ?? (line && Object.fromEntries(Object.keys(fields).map((name) => [name, line[name as keyof Fields]])));
  const result = await change((path) =>
    patch<Edited>(`${path}/lines/${id}`, { ...fields, seen: before ?? {} }, { keepalive: true }),
  );
  if (result) {
    accept(result);
    /* Which loop a line is in follows from when it is said, and by whom. */
    if (fields.start !== undefined || fields.end !== undefined || fields.speaker !== undefined) refreshSoon();
  } else {
    const written = fields.translation ?? fields.text;
    if (written) say(`What you wrote: “${written}”`, "", true);
    await refresh();
  }
  return result !== null;
}

/** Takes in what an edit changed, made and removed. */
async function acceptChanged(result: Changed | null): Promise<boolean> {
  if (!result) {
    await refresh();
    return false;
  }
  batch(() => {
    merge(result.lines, new Set(result.removed));
    speakers.value = result.speakers;
    revision.value = Math.max(revision.value, result.revision);
    canUndo.value = result.can_undo;
    canRedo.value = result.can_redo;
    const changed = new Set(changedSinceMix.value);
    const made = new Set(voicing.value);
    for (const line of result.lines) changed.add(line.id);
    for (const job of result.jobs) {
      keepJob(job);
      if (typeof job.spec.line === "string") made.add(job.spec.line);
    }
    changedSinceMix.value = changed;
    voicing.value = made;
  });
  await refresh();
  return true;
}

/** Splits a line at a time, a character of its text or a recognised word. Returns the id of the second part. */
export async function splitLine(
  id: string,
  where: { at: number } | { character: number } | { word: number },
): Promise<string | null> {
  const line = byId.value.get(id);
  const before = new Set(byId.value.keys());
  const result = await change((path) =>
    post<Changed>(`${path}/lines/${id}/split`, { ...where, seen_text: line?.text ?? "" }),
  );
  await acceptChanged(result);
  return result?.lines.find((one) => !before.has(one.id))?.id ?? null;
}

export async function joinLines(ids: string[], acrossSpeakers = false): Promise<boolean> {
  const asked = { lines: ids, across_speakers: acrossSpeakers };
  return acceptChanged(await change((path) => post<Changed>(`${path}/lines/join`, asked)));
}

export async function deleteLine(id: string): Promise<boolean> {
  return acceptChanged(await change((path) => remove<Changed>(`${path}/lines/${id}`)));
}

export async function restoreLine(id: string): Promise<boolean> {
  return acceptChanged(await change((path) => post<Changed>(`${path}/lines/${id}/restore`)));
}

export async function lockLine(id: string, locked: boolean): Promise<boolean> {
  return acceptChanged(await change((path) => put<Changed>(`${path}/lines/${id}/lock`, { locked })));
}

/** Says whether a line's speaker is on screen; null takes that back. */
export async function setPresence(id: string, presence: "on" | "partly" | "off" | null): Promise<boolean> {
  return acceptChanged(await change((path) => put<Changed>(`${path}/lines/${id}/screen`, { presence })));
}

/** Makes a line of speech that has none. Returns its id, or null when that failed. */
export async function addLine(
  start: number,
  end: number,
  text: string,
  more: { speaker?: string; translation?: string } = {},
): Promise<string | null> {
  const result = await change((path) => post<Edited>(`${path}/lines`, { start, end, text, ...more }));
  if (!result) return null;
  accept(result);
  await refresh();
  return result.line.id;
}

/** Leaves speech without a line in the original voice. */
export async function leaveSpeech(start: number, end: number): Promise<void> {
  if (await change((path) => post(`${path}/speech/leave`, { start, end }))) await refresh();
}

/** Takes in what was said about lines: nothing sounds otherwise. */
function acceptRemarks(result: Changed | null): boolean {
  if (!result) return false;
  batch(() => {
    merge(result.lines);
    revision.value = Math.max(revision.value, result.revision);
    canUndo.value = result.can_undo;
    canRedo.value = result.can_redo;
  });
  return true;
}

export async function setStates(ids: string[], state: ReviewState): Promise<boolean> {
  return acceptRemarks(await change((path) => post<Changed>(`${path}/states`, { lines: ids, state })));
}

export async function addComment(id: string, text: string, author: string): Promise<boolean> {
  return acceptRemarks(await change((path) => post<Changed>(`${path}/lines/${id}/comments`, { text, author })));
}

export async function changeComment(id: string, comment: string, resolved: boolean): Promise<boolean> {
  return acceptRemarks(
    await change((path) => patch<Changed>(`${path}/lines/${id}/comments/${comment}`, { resolved })),
  );
}

export async function deleteComment(id: string, comment: string): Promise<boolean> {
  return acceptRemarks(await change((path) => remove<Changed>(`${path}/lines/${id}/comments/${comment}`)));
}

interface Taken {
  words: string[];
  corrections: string[];
  extras: string[];
  author: string;
}

/** Takes the chosen rows of a translator's file as one edit. */
export async function takeTranslation(plan: string, asked: Taken): Promise<boolean> {
  const before = byId.value;
  const result = await change((path) => post<Changed>(`${path}/translation/imports/${plan}/take`, asked));
  if (!acceptRemarks(result) || !result) return false;
  const sounds = (line: Line) =>
    line.text !== before.get(line.id)?.text || line.translation !== before.get(line.id)?.translation;
  const changed = new Set(changedSinceMix.value);
  for (const line of result.lines) if (sounds(line)) changed.add(line.id);
  changedSinceMix.value = changed;
  return true;
}

/** Takes the chosen files of an import of human takes as one edit. */
export async function takeFiles(
  plan: string,
  asked: { rows: string[]; choose: boolean; layout: TakeLayout },
): Promise<boolean> {
  return acceptChanged(await change((path) => post<Changed>(`${path}/takes/imports/${plan}/take`, asked)));
}

/** Takes in a line whose recording the service has made a take of; its project may not be the open one. */
export function acceptRecording(at: string, edited: Edited): void {
  if (project.value?.id === at) accept(edited);
}

/** Lays the line's human take in another way. */
export async function layTake(id: string, layout: TakeLayout): Promise<void> {
  const result = await change((path) => put<Edited>(`${path}/lines/${id}/layout`, { layout }));
  if (result) accept(result);
}

/** Makes again what was corrected in another language. */
export async function bringUpToDate(): Promise<void> {
  const job = await change((path) => post<Job>(`${path}/remake`));
  if (job) keepJob(job);
}

export async function chooseTake(id: string, take: string): Promise<void> {
  const before = byId.value.get(id);
  if (before) merge([{ ...before, chosen: take }]); // Shown at once; the service's answer confirms it.
  const result = await change((path) => put<Edited>(`${path}/lines/${id}/choice`, { take }));
  if (result) accept(result);
  else if (before) merge([before]);
}

export async function anotherTake(id: string): Promise<void> {
  const job = await change((path) => post<Job>(`${path}/lines/${id}/takes`));
  if (!job) return;
  keepJob(job);
  voicing.value = new Set(voicing.value).add(id);
}

export async function undo(which: "undo" | "redo"): Promise<void> {
  const result = await change((path) => post<Changed>(`${path}/${which}`));
  if (result?.what) say(`${which === "undo" ? "Undone" : "Done again"}: ${result.what}.`);
  await acceptChanged(result);
}

/** Says whose face it is: a speaker's, "" for somebody who speaks no line, null to leave it to what is found. */
export async function nameFace(face: string, speaker: string | null): Promise<boolean> {
  return acceptChanged(await change((path) => put<Changed>(`${path}/faces/${face}`, { speaker })));
}

type SpeakerChange = Partial<Pick<Speaker, "name" | "colour" | "voice_locked">> & { voice?: VoiceAsked | null };

export async function changeSpeaker(id: string, fields: SpeakerChange): Promise<void> {
  if (await change((path) => patch(`${path}/speakers/${id}`, fields))) await refresh();
}

export async function mergeSpeaker(id: string, into: string): Promise<void> {
  if (await change((path) => post(`${path}/speakers/${id}/merge`, { into }))) await refresh();
}

export async function splitSpeaker(id: string, ids: string[], name: string): Promise<void> {
  if (await change((path) => post(`${path}/speakers/${id}/split`, { lines: ids, name }))) await refresh();
}

/** Fetches the project again, and keeps every line object that says the same as before. */
export async function refresh(): Promise<void> {
  const id = project.value?.id;
  if (!id) return;
  const began = changes;
  const got = await get<Project>(`/projects/${id}`);
  if (project.value?.id !== id) return;
  if (under_way || changes !== began) {
    /* Something was changed meanwhile, and what came is from before. */
    told = null;
    return refreshSoon();
  }
  const before = byId.value;
  got.lines = got.lines.map((line) => {
    const old = before.get(line.id);
    return old && JSON.stringify(old) === JSON.stringify(line) ? old : line;
  });
  adopt(got);
}

/** Told when a take of this project has come. */
export const takeListeners = new Set<(line: string, take: Take) => void>();
/** Told when stems and deliveries are up to date again. */
export const mixListeners = new Set<() => void>();

let refreshing: ReturnType<typeof setTimeout> | undefined;

/** The revision that was told last; null: everything is to be fetched again. */
let told: number | null = null;

/** Several events in a row make one fetch; none is made for a change of this page's own, whose answer brings it. */
function refreshSoon(): void {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => {
    if (under_way) refreshSoon();
    else if (told === null || told !== revision.value) refresh().catch(complain);
  }, 120);
}

onEvent((event) => {
  const id = project.value?.id;
  if (event.type === "reset") {
    told = null;
    refreshSoon();
  }
  if (!id || event.data.project !== id) return;
  if (event.type === "take") {
    const { line, take } = event.data as unknown as { line: string; take: Take };
    changes += 1;
    takeArrived(line, take);
  } else if (event.type === "lines") {
    const { lines: changed } = event.data as unknown as { lines: Line[] };
    changes += 1;
    merge(changed);
  } else if (event.type === "project") {
    told = event.data.revision as number;
    if (told !== revision.value) refreshSoon();
  } else if (event.type === "mixed") {
    batch(() => {
      changedSinceMix.value = new Set();
      voicing.value = new Set();
    });
    refresh()
      .then(() => mixListeners.forEach((listener) => listener()))
      .catch(complain);
  } else if (event.type === "job") {
    jobEnded(event.data as unknown as Job);
  }
});

function takeArrived(id: string, take: Take): void {
  const line = byId.value.get(id);
  if (!line) return;
  const takes = [...line.takes.filter((one) => one.id !== take.id), take];
  batch(() => {
    merge([{ ...line, takes, chosen: take.id }]);
    const rest = new Set(voicing.value);
    rest.delete(id);
    voicing.value = rest;
  });
  for (const listener of takeListeners) listener(id, take);
}

/** A take job that failed or was cancelled leaves nothing to wait for. */
function jobEnded(job: Job): void {
  if (job.kind !== "take" || (job.state !== "failed" && job.state !== "cancelled")) return;
  const rest = new Set(voicing.value);
  const line = job.spec.line;
  if (typeof line === "string") rest.delete(line);
  else rest.clear();
  voicing.value = rest;
  if (job.error) complain(new ApiError(job.error.message, job.error.hint, "take", 500));
}
