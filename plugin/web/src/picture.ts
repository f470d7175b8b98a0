/** What was made of the picture of the open project: faces that were looked for, and clips with new lips. */
import { computed, effect, signal } from "@preact/signals";
import { activeJobs, complain, jobs, keepJob, say } from "./app";
import { get, post } from "./api";
import { mixListeners, project, refresh } from "./project";
import type { FacePlan, Job, LipClip, LipPlan, LipsAsked, PictureFacts } from "./types";

export const pictureFacts = signal<PictureFacts | null>(null);
/** Whether the picture shows new lips where the dub is heard. */
export const lipsShown = signal(true);
/** The dialog of faces and lips is open, for all lines or for one. */
export const picturesOpen = signal<"" | "all" | "line">("");

/** The clips with new lips, in order. */
export const lipClips = computed<LipClip[]>(() => pictureFacts.value?.clips ?? []);

export async function loadPicture(): Promise<void> {
  const at = project.value?.id;
  const found = at && project.value?.picture ? await get<PictureFacts>(`/projects/${at}/picture`) : null;
  if (at === project.value?.id) pictureFacts.value = found;
}

/* Where no lips were made, nothing is asked until the dialog is opened. */
const lipsOf = computed(() => (project.value ? `${project.value.id} ${JSON.stringify(project.value.lips)}` : ""));
effect(() => {
  const made = lipsOf.value.length > (project.peek()?.id.length ?? 0) + 3;
  if (pictureFacts.peek() && !made) pictureFacts.value = null;
  if (made) loadPicture().catch(complain);
});

/* A mix may have made the lips of a line again. */
mixListeners.add(() => {
  if (lipClips.peek().length) loadPicture().catch(complain);
});

export const planFaces = () => get<FacePlan>(`/projects/${project.value?.id}/faces/plan`);
export const planLips = (asked: LipsAsked) => post<LipPlan>(`/projects/${project.value?.id}/lips/plan`, asked);

export const findFaces = () => post<Job>(`/projects/${project.value?.id}/faces`).then(keepJob, complain);
export const makeLips = (asked: LipsAsked) => post<Job>(`/projects/${project.value?.id}/lips`, asked).then(keepJob, complain);

/** The job that looks for faces, or makes lips, in the open project. */
export const pictureJob = computed(() =>
  activeJobs.value.find((job) => job.project === project.value?.id && (job.kind === "faces" || job.kind === "lips")),
);

/* What a job made is fetched when it ends, and its notes are told. */
const told = new Set<string>();
effect(() => {
  for (const job of jobs.value.values()) {
    if ((job.kind !== "faces" && job.kind !== "lips") || job.project !== project.peek()?.id) continue;
    if (job.state === "queued" || job.state === "running") told.delete(job.id);
    else if (!told.has(job.id)) {
      told.add(job.id);
      if (Date.now() / 1000 - (job.finished ?? 0) < 30) ended(job);
    }
  }
});

function ended(job: Job): void {
  if (job.state === "done") {
    say(job.kind === "faces" ? "The faces are found." : "The lips are made.", job.notes.join(" "), job.notes.length > 1);
  } else if (job.error) {
    say(job.error.message, job.error.hint, true);
  }
  Promise.all([refresh(), loadPicture()]).catch(complain);
}
