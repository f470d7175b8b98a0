/** The models that engines need: what a set would bring, and a button that gets it. */
import { useEffect, useState } from "preact/hooks";
import { post, remove } from "../api";
import { active, complain, jobs, keepJob } from "../app";
import { loadSetup, models } from "../facts";
import type { Job, Model, ModelSet } from "../types";
import { Bar, Button } from "../ui/controls";
import { Icon } from "../ui/Icon";

const TITLES: Record<string, string> = {
  embedded: "Embedded",
  faces: "Faces",
  recommended: "Recommended for this machine",
};

/** "267 MB", "4.5 GB". */
export const sizeOf = (bytes: number) =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;

/** The newest job that fetches these. */
function jobFor(names: string[]): Job | undefined {
  return [...jobs.value.values()]
    .filter((job) => job.kind === "models" && String(job.spec.models) === String(names))
    .sort((a, b) => b.created - a.created)[0];
}

export function ModelSets() {
  const found = models.value;
  if (!found) return null;
  return (
    <section class="engines" aria-label="Models">
      <h2>Models</h2>
      <p class="muted">
        Kept in <code>{found.folder}</code>. All models: <code>rythmo models</code>
      </p>
      <ul>
        {found.sets.map((set) => (
          <OneSet key={set.name} set={set} all={found.models} />
        ))}
      </ul>
    </section>
  );
}

function OneSet({ set, all }: { set: ModelSet; all: Model[] }) {
  const lacking = all.filter((model) => set.lacking.includes(model.name));
  return (
    <li class="engine" data-available={!lacking.length}>
      <div class="engine-head">
        <span class={lacking.length ? "muted" : "ready"}>
          <Icon name={lacking.length ? "minus" : "check"} />
          <span class="hidden">{lacking.length ? "not installed" : "installed"}</span>
        </span>
        <h3>{TITLES[set.name] ?? set.name}</h3>
      </div>
      <p>{set.summary}</p>
      <p class="muted">{set.models.join(", ")}</p>
      {lacking.length > 0 && <Fetch names={[set.name]} lacking={lacking} bytes={set.download_bytes} />}
    </li>
  );
}

/** A button that gets a whole set, where something of it is missing. */
export function FetchSet({ name }: { name: string }) {
  const set = models.value?.sets.find((one) => one.name === name);
  const lacking = (models.value?.models ?? []).filter((model) => set?.lacking.includes(model.name));
  if (!set || !lacking.length) return null;
  return <Fetch names={[set.name]} lacking={lacking} bytes={set.download_bytes} />;
}

/** The models that a command such as "rythmo models get kokoro" names; empty for any other command. */
export function namedIn(command: string): string[] {
  const found = /^rythmo models get (.+)$/.exec(command);
  return found?.[1]?.split(" ").filter((word) => !word.startsWith("-")) ?? [];
}

/** A button that fetches one model, where the page knows it. */
export function FetchModel({ name }: { name: string }) {
  const model = models.value?.models.find((one) => one.name === name);
  if (!model || model.installed) return null;
  return <Fetch names={[name]} lacking={[model]} bytes={model.download_bytes} />;
}

function Fetch({ names, lacking, bytes }: { names: string[]; lacking: Model[]; bytes: number }) {
  const [accepted, accept] = useState(false);
  const conditions = lacking.filter((model) => model.accept);
  const job = jobFor(names);
  const state = job?.state;
  useEffect(() => {
    if (state === "done") loadSetup().catch(complain);
  }, [state]);
  if (job && active(job)) {
    return (
      <div class="fetch" aria-live="polite">
        <Bar share={job.fraction} label={`Getting ${names.join(", ")}`} />
        <span class="muted">{job.stages[0]?.detail || "begins"}</span>
        <Button onClick={() => remove(`/jobs/${job.id}`).catch(complain)}>Stop</Button>
      </div>
    );
  }
  const begin = () => post<Job>("/models", { names, accept: accepted }).then(keepJob).catch(complain);
  return (
    <div class="fetch">
      {conditions.map((model) => (
        <label key={model.name}>
          <input type="checkbox" checked={accepted} onChange={(event) => accept(event.currentTarget.checked)} />
          <span>
            I accept the{" "}
            <a href={model.accept} target="_blank" rel="noreferrer">
              conditions of {model.name}
            </a>{" "}
            ({model.licence}){model.token && "; it also needs your token in HF_TOKEN"}
          </span>
        </label>
      ))}
      <Button disabled={conditions.length > 0 && !accepted} onClick={begin}>
        {job && job.state !== "done" ? "Go on getting" : "Get"} {names.join(", ")} ({sizeOf(bytes)})
      </Button>
      {job?.error && (
        <p class="flag-error" role="alert">
          {job.error.message} {job.error.hint}
        </p>
      )}
    </div>
  );
}
