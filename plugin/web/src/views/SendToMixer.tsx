/** Sends the dub to Pro Tools, in the open session or a new one, and shows what stands there then. */
import { useEffect, useState } from "preact/hooks";
import { activeJobs, complain, jobs, keepJob } from "../app";
import { get, post, remove } from "../api";
import { project } from "../project";
import type { Job, SendState } from "../types";
import { Bar, Button } from "../ui/controls";
import { Check } from "./DeliverySettings";

interface Asked {
  /** A session of its own is made, under this name. */
  fresh: boolean;
  name: string;
  takes: boolean;
  mute: boolean;
}

export function SendToMixer() {
  const id = project.value?.id;
  const [state, setState] = useState<SendState | null>(null);
  const [asked, setAsked] = useState<Asked>({ fresh: false, name: "", takes: false, mute: true });
  const change = (part: Partial<Asked>) => setAsked({ ...asked, ...part });
  const running = activeJobs.value.find((job) => job.project === id && job.kind === "send");
  const ended = last(id);
  const look = () => id && get<SendState[]>(`/projects/${id}/send`).then(([one]) => setState(one ?? null), complain);
  useEffect(() => {
    look();
  }, [id, running?.id]);

  const name = asked.name || (state?.session ?? "");
  const send = () =>
    post<Job>(`/projects/${id}/send`, { new: asked.fresh ? name : null, takes: asked.takes, mute: asked.mute }).then(keepJob, complain);
  return (
    <section class="send" aria-label="Send to Pro Tools">
      <h2>Pro Tools</h2>
      {state && (
        <p class="muted" data-ready={state.ready}>
          {state.found}. {state.todo}
        </p>
      )}
      <div class="send-choices">
        <Check title="Into a new session" on={asked.fresh} onFlip={(fresh) => change({ fresh })} />
        {asked.fresh && (
          <label class="field">
            <span>Name of the session</span>
            <input value={name} maxLength={120} spellcheck={false} onInput={(event) => change({ name: event.currentTarget.value })} />
          </label>
        )}
        <Check title="With other takes, on muted tracks" on={asked.takes} onFlip={(takes) => change({ takes })} />
        {!asked.fresh && <Check title="Mute the tracks that sound there" on={asked.mute} onFlip={(mute) => change({ mute })} />}
      </div>
      <div class="actions">
        <Button onClick={send} disabled={!state?.ready || running !== undefined}>
          {running ? "Sending" : "Send to Pro Tools"}
        </Button>
        {running ? (
          <Button kind="plain" onClick={() => remove(`/jobs/${running.id}`).then(() => undefined, complain)}>
            Cancel
          </Button>
        ) : (
          !state?.ready && (
            <Button kind="plain" onClick={look}>
              Look again
            </Button>
          )
        )}
        {running && <Bar share={running.fraction} label="Sending" />}
      </div>
      {running && <p role="status">{detail(running)}</p>}
      {!running && ended && <Ended job={ended} />}
    </section>
  );
}

/** The project's last sending that is over. */
function last(id: string | undefined): Job | undefined {
  const over = [...jobs.value.values()].filter((job) => job.project === id && job.kind === "send" && job.finished);
  return over.sort((a, b) => (b.finished ?? 0) - (a.finished ?? 0))[0];
}

/** What is under way: which line, or that Pro Tools waits for the user. */
function detail(job: Job): string {
  return job.stages.find((stage) => stage.state === "running")?.detail ?? "";
}

function Ended({ job }: { job: Job }) {
  const sent = job.result?.sent;
  return (
    <div class="send-result" data-state={job.state} role="status">
      {sent && <p>{sent.sentence}</p>}
      {job.error && (
        <p class="flag-error">
          {job.error.message} {job.error.hint}
        </p>
      )}
      {sent && sent.rows.length > 0 && (
        <ul class="notes">
          {sent.rows.map((row) => (
            <li key={`${row.where} ${row.line} ${row.what}`}>
              <span class="number">{row.where}</span> {row.line} {row.what} {row.note}
            </li>
          ))}
        </ul>
      )}
      {job.notes.length > 0 && (
        <ul class="notes">
          {job.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
