/** An edited timeline comes back: what happened to each line, shown before anything is done. */
import { useState } from "preact/hooks";
import { complain, keepJob } from "../app";
import { call, post } from "../api";
import { clock, colours, names, project } from "../project";
import { go } from "../route";
import { timecode } from "../time";
import type { ConformPlan, Job, PlanRow } from "../types";
import { Button, Empty } from "../ui/controls";

export function Conform() {
  const [plan, setPlan] = useState<ConformPlan | null>(null);
  const [file, setFile] = useState("");
  const [over, setOver] = useState(false);
  const id = project.value?.id;

  const take = async (list: FileList | null | undefined) => {
    const edited = list?.[0];
    if (!edited) return;
    try {
      const upload = await call<{ id: string }>("POST", `/uploads?name=${encodeURIComponent(edited.name)}`, edited);
      setPlan(await post<ConformPlan>(`/projects/${id}/conform`, { upload: upload.id }));
      setFile(edited.name);
    } catch (problem) {
      complain(problem);
    }
  };
  const apply = async () => {
    if (!plan) return;
    try {
      const job = await post<Job>(`/projects/${id}/conform/${plan.id}/apply`);
      keepJob(job);
      setPlan(null);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  return (
    <section class="conform" aria-label="Conform">
      <h2>Follow an edited timeline</h2>
      {plan ? (
        <Plan plan={plan} file={file} onApply={apply} onLeave={() => setPlan(null)} />
      ) : (
        <label
          class="drop"
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void take(event.dataTransfer?.files);
          }}
        >
          <input type="file" class="hidden" onChange={(event) => take(event.currentTarget.files)} />
          <span class="drop-title">Drop the timeline that you edited, or choose it</span>
          <span class="muted">You see what would change before anything does. Lines that did not move keep their samples.</span>
        </label>
      )}
    </section>
  );
}

interface PlanProps {
  plan: ConformPlan;
  file: string;
  onApply: () => void;
  onLeave: () => void;
}

function Plan({ plan, file, onApply, onLeave }: PlanProps) {
  const rows = plan.rows.filter((row) => row.what !== "same" || row.conflict);
  const counts = Object.entries(plan.counts)
    .filter(([, count]) => count)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
  return (
    <>
      <p>
        {file}: <span class="muted">{counts || "nothing changed"}</span>
      </p>
      {rows.length ? <Table rows={rows} /> : <Empty title="Nothing to do: every line is where it was." />}
      <div class="actions">
        <Button kind="first" onClick={onApply} disabled={!plan.applies}>
          Apply
        </Button>
        <Button onClick={onLeave}>Leave it</Button>
      </div>
    </>
  );
}

function Table({ rows }: { rows: PlanRow[] }) {
  const at = (position: number | null) => (position === null ? "–" : timecode(clock.value, position));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="What would change">
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">What happened</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Words</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.line} ${row.what} ${row.to}`} data-conflict={row.conflict || undefined}>
              <td>
                <span class="dot" style={{ background: colours.value.get(row.speaker) }} />{" "}
                {names.value.get(row.speaker) ?? row.line}
              </td>
              <td>
                {row.what}
                {row.note && <span class="muted"> {row.note}</span>}
              </td>
              <td class="number">{at(row.from)}</td>
              <td class="number">{at(row.to)}</td>
              <td class="plan-text">{row.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
