/** Recorded files come in: which file is which line is shown before anything is taken. */
import { useState } from "preact/hooks";
import { call, post } from "../api";
import { complain, say } from "../app";
import { byId, clock, lines, names, project, takeFiles } from "../project";
import { selected } from "../selection";
import { plural, seconds } from "../time";
import type { TakeLayout, TakePlan, TakeRow } from "../types";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { Drop } from "../ui/Drop";
import { Icon } from "../ui/Icon";
import { LAYOUTS } from "./Layout";

const SOUNDS = ".wav,.bwf,.w64,.rf64,.aif,.aiff,.flac,.mp3,.m4a,.ogg,.opus,.caf,.mp4,.mov,.mkv,audio/*";

export function ImportTakes({ onClose }: { onClose: () => void }) {
  const [uploads, setUploads] = useState<string[]>([]);
  const [plan, setPlan] = useState<TakePlan | null>(null);
  const [progress, setProgress] = useState("");
  const here = project.value;
  if (!here) return null;

  const compare = async (of: string[], lines: Record<string, string>) => {
    setProgress("Listening to the files");
    await post<TakePlan>(`/projects/${here.id}/takes/imports`, { uploads: of, lines }).then(setPlan, complain);
    setProgress("");
  };
  const send = async (files: FileList | null | undefined) => {
    const sent: string[] = [];
    for (const [at, file] of [...(files ?? [])].entries()) {
      setProgress(`Reading ${at + 1} of ${files?.length}`);
      const path = `/uploads?name=${encodeURIComponent(file.name)}`;
      const got = await call<{ id: string }>("POST", path, file).catch(complain);
      if (got) sent.push(got.id);
    }
    setUploads(sent);
    if (sent.length) await compare(sent, {});
    else setProgress("");
  };
  return (
    <Dialog title="Import takes" onClose={onClose} wide>
      {plan ? (
        <Pairs
          key={plan.id}
          plan={plan}
          busy={progress !== ""}
          onLines={(chosen) => compare(uploads, chosen)}
          onBack={() => setPlan(null)}
          onClose={onClose}
        />
      ) : (
        <>
          <p class="muted">
            Each file's name holds the id of its line, such as {lines.value[0]?.id ?? "S1_0001"}_take2.wav. Any rate,
            depth and format will do.
          </p>
          <Drop busy={progress !== ""} multiple accept={SOUNDS} onFiles={send}>
            <span class="drop-title">{progress || "Drop recorded files, or choose them"}</span>
            <span class="muted">You see which file is which line before anything is taken.</span>
          </Drop>
        </>
      )}
    </Dialog>
  );
}

interface PairsProps {
  plan: TakePlan;
  busy: boolean;
  onLines: (lines: Record<string, string>) => void;
  onBack: () => void;
  onClose: () => void;
}

function Pairs({ plan, busy, onLines, onBack, onClose }: PairsProps) {
  const [rows, setRows] = useState<ReadonlySet<string>>(
    () => new Set(plan.rows.filter((row) => !row.code && !row.known).map((row) => row.id)),
  );
  const [layout, setLayout] = useState<TakeLayout>("start");
  const [choose, setChoose] = useState(true);
  const positioned = plan.rows.some((row) => row.positioned);
  const flip = (id: string) => {
    const next = new Set(rows);
    if (!next.delete(id)) next.add(id);
    setRows(next);
  };
  /* Who said already which line a file is of has said it for the next look too. */
  const assign = (row: TakeRow, line: string) => {
    const known = plan.rows.filter((one) => one.line && one.name !== row.name).map((one) => [one.name, one.line]);
    onLines({ ...Object.fromEntries(known), ...(line ? { [row.name]: line } : {}) });
  };
  const take = async () => {
    if (!(await takeFiles(plan.id, { rows: [...rows], choose, layout }))) return;
    const first = plan.rows.find((row) => rows.has(row.id));
    if (first) selected.value = first.line;
    say(`${plural(rows.size, "take")} imported.`, "Undo takes them back.");
    onClose();
  };
  const counts = `${plural(plan.counts.takes ?? 0, "take")} for ${plural(plan.counts.lines ?? 0, "line")}, ${plan.counts.known ?? 0} there already, ${plan.counts.refused ?? 0} refused`;
  return (
    <>
      <p class="muted" role="status">
        {busy ? "Listening to the files" : counts}
      </p>
      <div class="table-box" tabIndex={0} role="region" aria-label="Files and their lines">
        <table class="plan import-rows take-rows">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Line</th>
              <th scope="col" class="right">
                Speech
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.rows.map((row) => (
              <Pair key={row.id} row={row} on={rows.has(row.id)} onFlip={() => flip(row.id)} onLine={(line) => assign(row, line)} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="take-options">
        <label class="field">
          <span>How they are laid</span>
          <select value={layout} onChange={(event) => setLayout(event.currentTarget.value as TakeLayout)}>
            {LAYOUTS.map(([value, title]) => (
              <option value={value} key={value} disabled={value === "recorded" && !positioned}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label class="pair-tick">
          <input type="checkbox" checked={choose} onChange={() => setChoose(!choose)} />
          <span>Use the last take of each line</span>
        </label>
      </div>
      <div class="actions">
        <Button kind="first" onClick={take} disabled={!rows.size || busy}>
          Take {plural(rows.size, "file")}
        </Button>
        <Button onClick={onBack}>Other files</Button>
      </div>
    </>
  );
}

interface PairProps {
  row: TakeRow;
  on: boolean;
  onFlip: () => void;
  onLine: (line: string) => void;
}

/** Files whose name says nothing: a person says which line they are of. */
const UNNAMED = new Set(["no-id", "unknown-line", "deleted-line", "several-lines"]);

function Pair({ row, on, onFlip, onLine }: PairProps) {
  const line = byId.value.get(row.line);
  return (
    <tr data-refused={row.code ? true : undefined}>
      <td class="plan-text">
        {row.code ? (
          <span>{row.name}</span>
        ) : (
          <label class="pair-tick">
            <input type="checkbox" checked={on} onChange={onFlip} aria-label={`Take ${row.name}`} />
            <span>{row.name}</span>
          </label>
        )}
        {row.refusal && (
          <span class="plan-reason">
            <Icon name="error" /> {row.refusal}
          </span>
        )}
        {row.notes.map((note) => (
          <span class="pair-more muted" key={note}>
            {note}
          </span>
        ))}
      </td>
      <td class="plan-text">
        {line ? (
          <>
            <span class="number">{line.id}</span> <span class="muted">{names.value.get(line.speaker)}</span>
            <span class="pair-more">{line.translation}</span>
          </>
        ) : UNNAMED.has(row.code) ? (
          <select aria-label={`Line of ${row.name}`} value="" onChange={(event) => onLine(event.currentTarget.value)}>
            <option value="">Which line?</option>
            {lines.value.map((one) => (
              <option value={one.id} key={one.id}>
                {one.id} {one.translation.slice(0, 60)}
              </option>
            ))}
          </select>
        ) : (
          "–"
        )}
      </td>
      <td class="number right">
        {row.spoken === null ? "–" : seconds(clock.value, row.spoken)}
        {line && <span class="pair-more muted">of {seconds(clock.value, line.end - line.start)}</span>}
      </td>
    </tr>
  );
}
