/** Shows what was measured on the result, and its findings, the worst first. */
import { useEffect, useState } from "preact/hooks";
import { complain } from "../app";
import { ApiError, get } from "../api";
import { byId, clock, colours, lines, names, project, revision } from "../project";
import { seek } from "../player/transport";
import { go } from "../route";
import { WEIGHT, selected } from "../selection";
import { plural, timecode } from "../time";
import type { QcFinding, QcReport, Severity } from "../types";
import { Empty } from "../ui/controls";
import { Icon } from "../ui/Icon";

export function Quality() {
  const [report, setReport] = useState<QcReport | null>(null);
  const id = project.value?.id;
  useEffect(() => {
    if (!id) return;
    get<QcReport>(`/projects/${id}/qc`).then(setReport, (problem) => {
      if (!(problem instanceof ApiError && problem.status === 404)) complain(problem);
    });
  }, [id, revision.value]);
  const list = everything(report);
  const count = (severity: Severity) => list.filter((one) => one.severity === severity).length;
  return (
    <main class="quality">
      <header class="page-head">
        <h1>Quality</h1>
        {report?.html && (
          <a class="button button-plain" href={report.html} target="_blank" rel="noopener">
            Full report
          </a>
        )}
      </header>
      {report ? <Measures report={report} /> : <Empty title="Not measured yet. The report is made with the first mix." />}
      <section aria-label="Findings">
        <h2>
          {list.length
            ? `${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}, ${plural(count("info"), "note")}`
            : "No errors and no warnings"}
        </h2>
        <ul class="findings">
          {list.map((one) => (
            <Finding key={`${one.line} ${one.position} ${one.code} ${one.message}`} one={one} />
          ))}
        </ul>
      </section>
    </main>
  );
}

/** The flags of lines, and the report's findings that are of no line: by weight, then in order of time. The
 *  report's findings on lines are flags of theirs, and go when the line is mended. */
function everything(report: QcReport | null): QcFinding[] {
  const all = new Map<string, QcFinding>();
  for (const line of lines.value) {
    for (const flag of line.flags) all.set(`${line.id} ${flag.code}`, { line: line.id, position: line.start, ...flag });
  }
  for (const one of report?.findings ?? []) {
    if (!one.line) all.set(`${one.position} ${one.code} ${one.message}`, one);
  }
  return [...all.values()].sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity] || (a.position ?? -1) - (b.position ?? -1));
}

function Finding({ one }: { one: QcFinding }) {
  const line = one.line ? byId.value.get(one.line) : undefined;
  const at = one.position ?? line?.start ?? null;
  const open = () => {
    if (line) selected.value = line.id;
    const id = project.value?.id;
    if (id) go({ view: "project", id, tab: "script" });
    if (at !== null) requestAnimationFrame(() => seek(at));
  };
  return (
    <li>
      <button type="button" class="finding" onClick={open}>
        <span class={`flag flag-${one.severity}`}>
          <Icon name={one.severity} />
          <span class="hidden">{one.severity}</span>
        </span>
        <span class="number muted">{at === null ? "whole" : timecode(clock.value, at)}</span>
        <span class="finding-who">
          {line && (
            <>
              <span class="dot" style={{ background: colours.value.get(line.speaker) }} />
              <span class="cut">{names.value.get(line.speaker)}</span>
            </>
          )}
        </span>
        <span class="finding-text">
          {one.message}
          {line && <span class="muted cut">{line.translation || line.text}</span>}
        </span>
      </button>
    </li>
  );
}

/** A number with a true minus sign. */
const signed = (value: number, digits: number) => value.toFixed(digits).replace("-", "−");

function Measures({ report }: { report: QcReport }) {
  const mix = report.levels.find((level) => level.stem === "MIX");
  const dub = report.subtitles.find((one) => one.language === project.value?.target_language);
  const share = report.fit.share_in_band;
  const figures: [string, string, string][] = [
    ["Lines that fit", share === null ? "–" : `${Math.round(share * 100)}%`, `${report.fit.in_band} of ${report.fit.placed} within −10% to +20% of the original`],
    ["Fastest line", report.fit.fastest === null ? "–" : `${report.fit.fastest.toFixed(2)}×`, "1.00× is the voice's own pace"],
    ["Loudness of the mix", mix?.integrated_lufs == null ? "–" : `${signed(mix.integrated_lufs, 1)} LUFS`, mix?.true_peak_dbtp == null ? "" : `true peak ${signed(mix.true_peak_dbtp, 1)} dBTP`],
    ["Original voice left", report.residue_db === null ? "–" : `${signed(report.residue_db, 0)} dB`, "in the M&E"],
    ["Stems", report.stems.sum_error_steps === 0 ? "exact" : report.stems.sum_error_steps === null ? "–" : `${plural(report.stems.sum_error_steps, "step")} off`, "DX and M&E sum to the mix"],
    ["Fastest subtitle", dub?.fastest_cps == null ? "–" : dub.fastest_cps.toFixed(1), "characters a second"],
  ];
  return (
    <>
      <dl class="measures">
        {figures.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
            <dd class="muted">{note}</dd>
          </div>
        ))}
      </dl>
      <Histogram bins={report.fit.histogram} />
    </>
  );
}

/** How long the takes are beside the originals; the band that counts as good is marked. */
function Histogram({ bins }: { bins: [number, number][] }) {
  const most = Math.max(1, ...bins.map(([, count]) => count));
  const used = bins.filter(([edge]) => edge >= 0.5 && edge <= 1.7);
  return (
    <figure class="histogram">
      <figcaption>Length of the takes beside the originals</figcaption>
      <div class="columns">
        {used.map(([edge, count]) => (
          <div key={edge} class="column" data-good={edge >= 0.85 && edge < 1.15} title={`${edge.toFixed(1)} to ${(edge + 0.1).toFixed(1)}: ${plural(count, "line")}`}>
            <span class="column-count number">{count || ""}</span>
            <span class="column-bar" style={{ height: `${(count / most) * 72}px` }} />
            <span class="column-edge number">{edge.toFixed(1)}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}
