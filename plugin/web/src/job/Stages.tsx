/** The stages of a job: what is done, what runs, what comes, and where parts of it run. */
import { active } from "../app";
import type { Job, JobStage } from "../types";
import { Bar } from "../ui/controls";
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
  translate: "Translate to fit the time",
  voice: "Voice the lines",
  fit: "Fit them to the picture",
  place: "Place the takes",
  mix: "Mix stems and master",
  qc: "Measure the result",
  deliver: "Write timelines, subtitles, film",
  conform: "Follow the edited timeline",
  picture: "Prepare the picture",
  faces: "Look who is on screen",
  lips: "Make lips that follow the dub",
};

export const stageTitle = (name: string) => WORDS[name] ?? name;

export function Stages({ job }: { job: Job }) {
  return (
    <section class="stages" aria-label="Stages" tabIndex={0}>
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
function Places({ job }: { job: Job }) {
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

