/** A job at work: what is done, what comes, and the programme as it fills with lines. */
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { active, complain, jobs, keepJob, say } from "../app";
import { post, remove } from "../api";
import { languageName } from "../facts";
import { Player } from "../job/Player";
import { Stages } from "../job/Stages";
import { Strip } from "../job/Strip";
import { Transcript } from "../job/Transcript";
import { loadFinished, loadProgramme, show } from "../job/found";
import { stop, toggle } from "../job/transport";
import { go } from "../route";
import { remaining, runningTime } from "../time";
import type { Job as JobValue } from "../types";
import { Bar, Button } from "../ui/controls";

export function Job({ id }: { id: string }) {
  useEffect(() => {
    show(id).catch(complain);
    return effect(() => {
      const job = jobs.value.get(id);
      document.title = job && active(job) ? `${Math.round(job.fraction * 100)}% · Rythmo` : "Rythmo";
    });
  }, [id]);
  const job = jobs.value.get(id);
  useSound(job);
  useEffect(() => {
    addEventListener("keydown", key);
    return () => {
      removeEventListener("keydown", key);
      stop();
    };
  }, []);
  if (!job) return <main class="job" />;
  return (
    <main class="job" data-state={job.state}>
      <Head job={job} />
      <Stages job={job} />
      <Transcript job={job} />
      <Player />
      <Strip />
    </main>
  );
}

/** The waveform can be had when the sound was read, and the dub when the job is done. */
function useSound(job: JobValue | undefined): void {
  const read = job?.stages.some((stage) => stage.name === "ingest" && stage.state === "done") ?? false;
  const over = job !== undefined && !active(job);
  useEffect(() => {
    if (job && (read || over)) void (over ? loadFinished(job) : loadProgramme(job));
  }, [job?.id, read, over]);
}

/** Space plays, where it does not press a button. */
function key(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key !== " " || target.matches("button, a, input, select, textarea, summary")) return;
  event.preventDefault();
  toggle();
}

const STATE: Record<string, string> = {
  queued: "Waiting for its turn",
  running: "Dubbing",
  done: "Done",
  failed: "Stopped",
  cancelled: "Cancelled",
  paused: "Paused",
};

function titleOf(job: JobValue): string {
  if (job.kind === "language") return languageName(String(job.spec.target_language));
  const source = String(job.spec.source ?? "");
  if (source.startsWith("example:")) return "The example scene";
  return source.split(/[\\/]/).pop() || job.kind;
}

function Head({ job }: { job: JobValue }) {
  const percent = job.state === "done" ? 1 : job.fraction;
  const project = job.result?.project ?? job.project;
  return (
    <header class="job-head">
      <div class="job-title">
        <div>
          <p class="eyebrow">{STATE[job.state]}</p>
          <h1>{titleOf(job)}</h1>
        </div>
        <div class="actions">
          {active(job) && (
            <Button onClick={() => remove(`/jobs/${job.id}`).then(() => say("The job is being cancelled."), complain)}>
              Cancel
            </Button>
          )}
          {(job.state === "failed" || job.state === "cancelled") && (
            <Button kind="first" onClick={() => post<JobValue>(`/jobs/${job.id}/retry`).then(again, complain)}>
              Take it up again
            </Button>
          )}
          {job.state === "done" && project && (
            <Button kind="first" onClick={() => go({ view: "project", id: project, tab: "script" })}>
              Open the script
            </Button>
          )}
        </div>
      </div>
      <Bar share={percent} label="Whole job" />
      <Figures job={job} percent={percent} />
      {job.error && (
        <div class="problem" role="alert">
          <p>{job.error.message}</p>
          <p class="muted">{job.error.hint}</p>
        </div>
      )}
    </header>
  );
}

function again(job: JobValue): void {
  keepJob(job);
  go({ view: "job", id: job.id });
}

function Figures({ job, percent }: { job: JobValue; percent: number }) {
  const left = job.state === "running" && job.seconds_left !== null ? remaining(job.seconds_left) : null;
  const took = job.started && job.finished ? runningTime(job.finished - job.started) : null;
  const figures: [string, string][] = [
    ["Done", `${Math.round(percent * 100)}%`],
    took ? ["Took", took] : ["Time left", left ?? "not known yet"],
    ["Chunks", job.chunks.total ? `${job.chunks.done} of ${job.chunks.total}` : "–"],
    ["Speakers", job.speakers ? String(job.speakers) : "–"],
    ["Lines found", String(job.lines.found)],
    ["Translated", String(job.lines.translated)],
    ["Voiced", String(job.lines.voiced)],
    ["Money spent", spent(job)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** By the public prices; engines without one are named. */
function spent({ cost }: JobValue): string {
  if (!cost) return "nothing";
  const known = `${cost.amount.toFixed(cost.amount && cost.amount < 0.01 ? 4 : 2)} ${cost.currency}`;
  if (!cost.unknown.length) return known;
  const names = cost.unknown.join(" and ");
  return cost.amount ? `${known}, and what ${names} asks` : `what ${names} asks`;
}

