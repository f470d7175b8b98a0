/** A job at work: what is done, what comes, and the lines as they are found. */
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { active, complain, jobs, keepJob, say } from "../app";
import { get, post, remove } from "../api";
import { onEvent } from "../events";
import { languageName } from "../facts";
import { go, href } from "../route";
import { plural, remaining, runningTime } from "../time";
import type { Job as JobValue, JobStage, Line, Speaker } from "../types";
import { Bar, Button, Empty } from "../ui/controls";
import { Icon } from "../ui/Icon";

const WORDS: Record<string, string> = {
  ingest: "Read the sound and picture",
  scenes: "Find the cuts",
  separate: "Lift speech out of the background",
  speakers: "Find who speaks",
  diarize: "Find who speaks",
  transcribe: "Write down what they say",
  match: "Know speakers again",
  lines: "Make lines",
  cast: "Give each speaker a voice",
  translate: "Translate to the time there is",
  voice: "Speak the lines",
  fit: "Fit them to the picture",
  place: "Place the takes",
  mix: "Mix stems and master",
  qc: "Measure the result",
  deliver: "Write timelines, subtitles, film",
  conform: "Follow the edited timeline",
  picture: "Prepare the picture",
};

export const stageTitle = (name: string) => WORDS[name] ?? name;

const found = signal<ReadonlyMap<string, Line>>(new Map());
const people = signal<ReadonlyMap<string, Speaker>>(new Map());
let shownJob = "";

/** Lines of the job that is shown, as they come. */
onEvent((event) => {
  const job = jobs.value.get(shownJob);
  if (event.type !== "lines" || !job || (event.data.job ?? event.data.project) !== (event.data.job ? job.id : job.project)) {
    return;
  }
  const data = event.data as unknown as { lines: Line[]; speakers: Speaker[] };
  const lines = new Map(found.value);
  for (const line of data.lines) lines.set(line.id, line);
  found.value = lines;
  if (data.speakers.length) people.value = new Map([...people.value, ...data.speakers.map((one) => [one.id, one] as const)]);
});

async function show(id: string): Promise<void> {
  shownJob = id;
  found.value = new Map();
  people.value = new Map();
  const job = await get<JobValue>(`/jobs/${id}`);
  keepJob(job);
  if (!job.project) return;
  const known = await linesOf(job).catch(() => null);
  if (!known || shownJob !== id) return;
  found.value = new Map([...known.lines.map((line) => [line.id, line] as const), ...found.value]);
  people.value = new Map([...known.speakers.map((one) => [one.id, one] as const), ...people.value]);
}

/** What a dub under way has found so far; of one that is over, the project tells. */
function linesOf(job: JobValue): Promise<{ lines: Line[]; speakers: Speaker[] }> {
  return get(active(job) ? `/jobs/${job.id}/lines` : `/projects/${job.project}`);
}

export function Job({ id }: { id: string }) {
  useEffect(() => {
    show(id).catch(complain);
    return effect(() => {
      const job = jobs.value.get(id);
      document.title = job && active(job) ? `${Math.round(job.fraction * 100)}% · Rythmo` : "Rythmo";
    });
  }, [id]);
  const job = jobs.value.get(id);
  if (!job) return <main class="job" />;
  return (
    <main class="job" data-state={job.state}>
      <Head job={job} />
      <div class="job-body">
        <Stages job={job} />
        <Found job={job} />
      </div>
    </main>
  );
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

function Stages({ job }: { job: JobValue }) {
  return (
    <section class="stages" aria-label="Stages">
      <h2>Stages</h2>
      <ol>
        {job.stages.map((stage) => (
          <Stage key={stage.name} stage={stage} />
        ))}
      </ol>
      {job.places.length > 0 && active(job) && <Places job={job} />}
      {job.notes.length > 0 && (
        <>
          <h2>Notes</h2>
          <ul class="notes">
            {job.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** What runs where, when it is not all in one process. */
function Places({ job }: { job: JobValue }) {
  return (
    <>
      <h2>At work</h2>
      <ul class="places">
        {job.places.map((one) => (
          <li key={`${one.stage} ${one.part}`}>
            <span>{`${stageTitle(one.stage)}: ${one.part}`}</span>
            <span class="muted">{one.place}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Stage({ stage }: { stage: JobStage }) {
  const share = stage.state === "done" ? 1 : stage.total ? stage.done / stage.total : 0;
  return (
    <li class="job-stage" data-state={stage.state}>
      <span class="stage-mark" aria-hidden="true">
        {stage.state === "done" && <Icon name="check" />}
      </span>
      <span class="stage-title">{stageTitle(stage.name)}</span>
      <span class="hidden">{stage.state}</span>
      {stage.state === "running" && (
        <>
          <span class="stage-share number muted">{Math.round(share * 100)}%</span>
          <Bar share={share} label={stageTitle(stage.name)} />
        </>
      )}
    </li>
  );
}

/** The newest lines stay at the foot; a script of two thousand shows its last two hundred here. */
const SHOWN = 200;

function Found({ job }: { job: JobValue }) {
  const lines = [...found.value.values()].sort((a, b) => a.start - b.start);
  const hidden = Math.max(0, lines.length - SHOWN);
  return (
    <section class="found" aria-label="Lines as they are found">
      <h2>{lines.length ? plural(lines.length, "line") : "Lines"}</h2>
      {!lines.length && <Empty title="Lines appear here as they are recognised, translated and voiced." />}
      {hidden > 0 && (
        <p class="muted">
          {plural(hidden, "earlier line")}; <a href={job.project ? href({ view: "project", id: job.project, tab: "script" }) : "#/"}>open the script</a>
        </p>
      )}
      <ol class="found-lines">
        {lines.slice(hidden).map((line) => (
          <FoundLine key={line.id} line={line} />
        ))}
      </ol>
    </section>
  );
}

function FoundLine({ line }: { line: Line }) {
  const who = people.value.get(line.speaker);
  return (
    <li class="found-line" data-status={line.status} data-line={line.id} style={{ borderLeftColor: who?.colour }}>
      <span class="found-who">{who?.name ?? line.speaker}</span>
      <span class="found-text">{line.text}</span>
      <span class="found-translation">{line.translation}</span>
      <span class="found-status">{line.status}</span>
    </li>
  );
}
