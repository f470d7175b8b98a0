/** An edited timeline comes back: what happened to each line, shown before anything is done. */
import { useEffect, useRef, useState } from "preact/hooks";
import { complain, keepJob, say } from "../app";
import { call, post } from "../api";
import { clock, colours, names, project } from "../project";
import { go } from "../route";
import { plural, timecode } from "../time";
import type { ConformPlan, Job, PlanRow } from "../types";
import { Button, Empty } from "../ui/controls";
import { Drop } from "../ui/Drop";
import { Icon } from "../ui/Icon";

interface Looked {
  plan: ConformPlan;
  file: string;
  uploads: string[];
}

/** What becomes of lines on tracks that the edited timeline does not hold. */
type Missing = "partial" | "accept_missing";

/** Sends the files (an EDL is one track, so a timeline may be several) and asks what they would change. */
async function look(files: File[], id: string): Promise<Looked> {
  const uploads = [];
  for (const file of files) {
    uploads.push((await call<{ id: string }>("POST", `/uploads?name=${encodeURIComponent(file.name)}`, file)).id);
  }
  const { plan } = await post<{ plan: ConformPlan }>(`/projects/${id}/conform`, { uploads });
  return { plan, uploads, file: files.length === 1 ? (files[0]?.name ?? "") : plural(files.length, "file") };
}

/** The same timeline compared again, now that it is known what its missing tracks mean. */
async function lookAgain(looked: Looked, id: string, missing: Missing): Promise<Looked> {
  const asked = { uploads: looked.uploads, [missing]: true };
  return { ...looked, plan: (await post<{ plan: ConformPlan }>(`/projects/${id}/conform`, asked)).plan };
}

export function Conform() {
  const [looked, setLooked] = useState<Looked | null>(null);
  const [busy, setBusy] = useState(false);
  const id = project.value?.id ?? "";

  const take = async (list: FileList | null | undefined) => {
    if (!list?.length) return;
    setBusy(true);
    await look([...list], id).then(setLooked, complain);
    setBusy(false);
  };
  const apply = async (plan: ConformPlan) => {
    try {
      const accept = plan.questions.filter((one) => one.acceptable).map((one) => one.code);
      const job = await post<Job>(`/projects/${id}/conform/${plan.id}/apply`, { accept });
      keepJob(job);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  const undo = () =>
    post(`/projects/${id}/conform/undo`).then(() => say("The project is as it was before the last conform."), complain);
  return (
    <section class="conform" aria-label="Conform" data-plan={looked !== null || undefined}>
      <h2>Follow an edited timeline</h2>
      {looked ? (
        <Plan
          {...looked}
          onApply={() => apply(looked.plan)}
          onLeave={() => setLooked(null)}
          onMissing={(missing) => lookAgain(looked, id, missing).then(setLooked, complain)}
        />
      ) : (
        <>
          <Drop busy={busy} multiple onFiles={take}>
            <span class="drop-title">{busy ? "Comparing" : "Drop the timeline that you edited, or choose it"}</span>
            <span class="muted">
              You see what would change before anything does. Lines that did not move keep their samples.
            </span>
          </Drop>
          {project.value?.can_undo_conform && <Button onClick={undo}>Undo the last conform</Button>}
        </>
      )}
    </section>
  );
}

interface PlanProps extends Looked {
  onApply: () => void;
  onLeave: () => void;
  onMissing: (missing: Missing) => void;
}

function Plan({ plan, file, onApply, onLeave, onMissing }: PlanProps) {
  const [sure, setSure] = useState(false);
  const missing = plan.questions.find((one) => one.code === "missing");
  const asked = plan.questions.filter((one) => one !== missing);
  const open = missing !== undefined || asked.some((one) => !one.acceptable) || (asked.length > 0 && !sure);
  const rows = plan.rows.filter((row) => row.conflict || row.fates.some((fate) => fate !== "same"));
  const counts = Object.entries(plan.counts).map(([what, count]) => `${count} ${what}`).join(", ");
  const top = useRef<HTMLParagraphElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: "center" }), []);
  return (
    <>
      <p class="plan-sum" ref={top}>
        <strong>{file}</strong> <span class="muted">{counts || "nothing changed"}</span>
      </p>
      {plan.notes.map((note) => (
        <p class="muted" key={note}>
          {note}
        </p>
      ))}
      {missing && (
        <div class="plan-question" role="group" aria-label="Tracks that are missing">
          <p>{missing.message}</p>
          <Button onClick={() => onMissing("partial")}>Leave those lines as they are</Button>
          <Button onClick={() => onMissing("accept_missing")}>Take them out</Button>
        </div>
      )}
      {asked.map((one) => (
        <p class="plan-question" key={one.code}>
          {one.message} {!one.acceptable && one.hint}
        </p>
      ))}
      {asked.length > 0 && asked.every((one) => one.acceptable) && (
        <label class="plan-question">
          <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} /> Yes,
          take them out
        </label>
      )}
      {rows.length ? <Table rows={rows} /> : <Empty title="Nothing to do: every line is where it was." />}
      <div class="actions">
        <Button kind="first" onClick={onApply} disabled={!plan.applies || open}>
          Apply
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
        {plan.conflicts > 0 && (
          <span class="flag-error">{plural(plan.conflicts, "line")} in conflict: those stay as they are.</span>
        )}
        {plan.applies && !plan.conflicts && <span class="muted">It can be undone.</span>}
      </div>
    </>
  );
}

function Table({ rows }: { rows: PlanRow[] }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="What would change">
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">Speaker</th>
            <th scope="col">What happened</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Line</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.line} ${row.name} ${row.to?.[0]}`} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How far a line moved; where to, its column says. */
function noteOn({ fates, from, to, note }: PlanRow): string {
  if (!from || !to || fates.join() !== "moved") return note;
  const by = (to[0] - from[0]) / clock.value.sampleRate;
  return `${by < 0 ? "−" : "+"}${Math.abs(by).toFixed(1)} s`;
}

function Row({ row }: { row: PlanRow }) {
  const at = (span: [number, number] | null) => (span ? timecode(clock.value, span[0]) : "–");
  return (
    <tr data-conflict={row.conflict || undefined}>
      <td class="plan-who">
        {row.speaker && <span class="dot" style={{ background: colours.value.get(row.speaker) }} />}{" "}
        {row.speaker ? (names.value.get(row.speaker) ?? row.speaker) : "–"}
      </td>
      <td>
        {row.conflict && <Icon name="error" />}
        {row.what}
        <span class="muted"> {noteOn(row)}</span>
        {row.reason && <span class="plan-reason">{row.reason}</span>}
      </td>
      <td class="number">{at(row.from)}</td>
      <td class="number">{at(row.to)}</td>
      <td class="plan-text">{row.text || row.name}</td>
    </tr>
  );
}
