/** A table goes out to a translator, and comes back: what would change is shown before anything is taken. */
import { useEffect, useRef, useState } from "preact/hooks";
import { complain, say } from "../app";
import { call, download, post } from "../api";
import { languageName } from "../facts";
import { project, takeTranslation } from "../project";
import { authorName } from "../script/Review";
import { STATE_NAMES, selected } from "../selection";
import { plural } from "../time";
import type { TranslationPlan, TranslationRow } from "../types";
import { Button, Empty } from "../ui/controls";
import { Drop } from "../ui/Drop";
import { Icon } from "../ui/Icon";

type Columns = Record<string, string>;

export function Translators() {
  const [plan, setPlan] = useState<TranslationPlan | null>(null);
  const [upload, setUpload] = useState("");
  const [busy, setBusy] = useState(false);
  const here = project.value;
  if (!here) return null;

  const compare = async (of: string, columns: Columns = {}) => {
    setBusy(true);
    await post<TranslationPlan>(`/projects/${here.id}/translation/imports`, { upload: of, columns }).then(
      setPlan,
      complain,
    );
    setBusy(false);
  };
  const take = async (list: FileList | null | undefined) => {
    const file = list?.[0];
    if (!file) return;
    setBusy(true);
    const sent = await call<{ id: string }>("POST", `/uploads?name=${encodeURIComponent(file.name)}`, file).catch(complain);
    if (!sent) return setBusy(false);
    setUpload(sent.id);
    await compare(sent.id);
  };
  const fetchTable = (form: string) =>
    download(`/projects/${here.id}/translation/table/${form}`, `${here.name}.${here.target_language}.${form}`).catch(complain);
  return (
    <section class="conform translators" aria-label="Translators" data-plan={plan !== null || undefined}>
      <h2>Translators</h2>
      {plan ? (
        <Plan key={plan.id} plan={plan} onColumns={(columns) => compare(upload, columns)} onClose={() => setPlan(null)} />
      ) : (
        <>
          <p class="muted">
            A row for each line: times, what fits, the original and {languageName(here.target_language)}, comments.
          </p>
          <div class="actions">
            <Button onClick={() => fetchTable("xlsx")}>Export XLSX</Button>
            <Button onClick={() => fetchTable("csv")}>Export CSV</Button>
          </div>
          <Drop busy={busy} accept=".xlsx,.xlsm,.csv,.tsv,.txt,.srt,.vtt,.ttml,.detx,.stl" onFiles={take}>
            <span class="drop-title">{busy ? "Comparing" : "Drop a translated table or subtitles, or choose it"}</span>
            <span class="muted">You see which row is which line before anything is taken.</span>
          </Drop>
        </>
      )}
    </section>
  );
}

interface PlanProps {
  plan: TranslationPlan;
  onColumns: (columns: Columns) => void;
  onClose: () => void;
}

const has = (set: ReadonlySet<string>, id: string) => set.has(id);
const extras = (row: TranslationRow) =>
  row.direction !== null || row.state !== null || row.comments.length > 0;

function Plan({ plan, onColumns, onClose }: PlanProps) {
  const [words, setWords] = useState<ReadonlySet<string>>(
    () => new Set(plan.rows.filter((row) => row.offers_words && !row.refusal).map((row) => row.id)),
  );
  const [corrections, setCorrections] = useState<ReadonlySet<string>>(new Set());
  const [more, setMore] = useState<ReadonlySet<string>>(
    () => new Set(plan.rows.filter((row) => extras(row) && row.line).map((row) => row.id)),
  );
  const [choosing, setChoosing] = useState(plan.unknown);
  const top = useRef<HTMLParagraphElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: "center" }), []);
  const count = words.size + corrections.size + more.size;
  const take = async () => {
    const asked = { words: [...words], corrections: [...corrections], extras: [...more], author: authorName() };
    if (await takeTranslation(plan.id, asked)) {
      say(`${plan.name} was taken in.`, "Undo takes it back as a whole.");
      onClose();
    }
  };
  const counts = Object.entries({
    translations: plan.counts.words,
    corrections: plan.counts.corrections,
    refused: plan.counts.refused,
    "the same": plan.counts.same,
  }).map(([what, number]) => `${number ?? 0} ${what}`);
  return (
    <>
      <p class="plan-sum" ref={top}>
        <strong>{plan.name}</strong>{" "}
        <span class="muted">
          {plan.form}
          {!plan.unknown && `; ${counts.join(", ")}`}
        </span>
      </p>
      {plan.notes.map((note) => (
        <p class="muted" key={note}>
          {note}
        </p>
      ))}
      {plan.missing.length > 0 && (
        <p class="muted">{plural(plan.missing.length, "line")} not in the file: they stay as they are.</p>
      )}
      {choosing && <ColumnChoice plan={plan} onColumns={onColumns} />}
      {!plan.unknown &&
        (plan.rows.length ? (
          <div class="table-box" tabIndex={0} role="region" aria-label="Rows and their lines">
            <table class="plan import-rows">
              <thead>
                <tr>
                  <th scope="col">Row</th>
                  <th scope="col">Line</th>
                  <th scope="col">Now</th>
                  <th scope="col">In the file</th>
                </tr>
              </thead>
              <tbody>
                {plan.rows.map((row) => (
                  <Pair
                    key={row.id}
                    row={row}
                    words={has(words, row.id)}
                    correction={has(corrections, row.id)}
                    extras={has(more, row.id)}
                    onWords={() => setWords(toggled(words, row.id))}
                    onCorrection={() => setCorrections(toggled(corrections, row.id))}
                    onExtras={() => setMore(toggled(more, row.id))}
                  />
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <Empty title="The file says the same as the lines." />
        ))}
      <div class="actions">
        {!plan.unknown && (
          <Button kind="first" onClick={take} disabled={!count}>
            Take {plural(count, "change")}
          </Button>
        )}
        <Button onClick={onClose}>Leave it</Button>
        {plan.head.length > 0 && !choosing && <Button kind="quiet" onClick={() => setChoosing(true)}>Columns</Button>}
      </div>
    </>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

interface PairProps {
  row: TranslationRow;
  words: boolean;
  correction: boolean;
  extras: boolean;
  onWords: () => void;
  onCorrection: () => void;
  onExtras: () => void;
}

function Pair({ row, words, correction, extras: more, onWords, onCorrection, onExtras }: PairProps) {
  const what = row.line || `row ${row.rows[0]}`;
  return (
    <tr data-refused={row.refusal && !words ? true : undefined}>
      <td class="number">{row.rows.join(", ")}</td>
      <td>
        {row.line ? (
          <a href={`#/project/${project.value?.id}/script`} onClick={() => (selected.value = row.line)}>
            {row.line}
          </a>
        ) : (
          "–"
        )}
        {row.by && row.by !== "id" && <span class="muted"> by {row.by}</span>}
      </td>
      <td class="plan-text">
        {row.new_target !== null || row.refusal ? row.translation : ""}
        {row.correction !== null && <span class="pair-more muted">{row.text}</span>}
      </td>
      <td class="plan-text">
        {row.refusal && (
          <span class="plan-reason">
            <Icon name="error" /> {row.refusal}
          </span>
        )}
        {row.offers_words ? (
          <Tick label={row.refusal ? "Take it all the same" : "Take the translation"} of={what} on={words} onChange={onWords}>
            {row.new_target}
          </Tick>
        ) : (
          row.target && row.refusal && <span class="muted">{row.target}</span>
        )}
        {row.correction !== null && (
          <Tick label="Take the correction of the original" of={what} on={correction} onChange={onCorrection}>
            <span class="muted">Original:</span> {row.correction}
          </Tick>
        )}
        {row.line && extras(row) && (
          <Tick label="Take state, direction and comments" of={what} on={more} onChange={onExtras}>
            {row.state && <span class="pair-state">{STATE_NAMES[row.state]} </span>}
            {row.direction !== null && <span>Direction: {row.direction || "none"} </span>}
            {row.comments.map((text) => (
              <span class="pair-comment" key={text}>
                <Icon name="comment" /> {text}
              </span>
            ))}
          </Tick>
        )}
        {row.notes.map((note) => (
          <span class="pair-more muted" key={note}>
            {note}
          </span>
        ))}
      </td>
    </tr>
  );
}

interface TickProps {
  label: string;
  of: string;
  on: boolean;
  onChange: () => void;
  children: preact.ComponentChildren;
}

function Tick({ label, of, on, onChange, children }: TickProps) {
  return (
    <label class="pair-tick" title={label}>
      <input type="checkbox" checked={on} onChange={onChange} aria-label={`${label}: ${of}`} />
      <span>{children}</span>
    </label>
  );
}

const KINDS: [string, string][] = [
  ["target", "Translation"],
  ["id", "Line id"],
  ["source", "Original"],
  ["in", "In"],
  ["out", "Out"],
  ["character", "Character"],
  ["direction", "Direction"],
  ["state", "State"],
  ["comment", "Comments"],
];

/** What each column of the table holds, chosen by the person who sees its first rows. */
function ColumnChoice({ plan, onColumns }: { plan: TranslationPlan; onColumns: (columns: Columns) => void }) {
  const width = Math.max(0, ...plan.head.map((row) => row.length));
  const [chosen, setChosen] = useState<Columns>(() =>
    Object.fromEntries(Object.entries(plan.columns).map(([kind, at]) => [kind, String(at + 1)])),
  );
  const columns = [...Array(width).keys()].map((at) => ({
    value: String(at + 1),
    title: `${at + 1}: ${plan.head.map((row) => row[at] ?? "").filter(Boolean).join(" / ").slice(0, 60)}`,
  }));
  return (
    <form
      class="pair-columns"
      aria-label="What the columns hold"
      onSubmit={(event) => {
        event.preventDefault();
        onColumns(Object.fromEntries(KINDS.map(([kind]) => [kind, chosen[kind] ?? ""])));
      }}
    >
      {plan.unknown && <p>Which column holds the translation? No head of this table is known.</p>}
      {KINDS.map(([kind, title]) => (
        <label class="field" key={kind}>
          <span>{title}</span>
          <select
            value={chosen[kind] ?? ""}
            onChange={(event) => setChosen({ ...chosen, [kind]: event.currentTarget.value })}
          >
            <option value="">–</option>
            {columns.map((one) => (
              <option key={one.value} value={one.value}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      ))}
      <Button type="submit" kind="first" disabled={!chosen.target}>
        Compare
      </Button>
    </form>
  );
}
