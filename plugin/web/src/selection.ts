/** Which lines are shown, which one is selected, and what is being typed. */
import { computed, signal } from "@preact/signals";
import { byId, changedSinceMix, lines, loopOf, loops, placeOf, project } from "./project";
import type { Line, ReviewState, Severity } from "./types";

export const selected = signal<string | null>(null);
export type Field = "text" | "translation";
export const editing = signal<{ id: string; field: Field } | null>(null);

export const query = signal("");
export const onlySpeaker = signal<string | null>(null);
/** The number of the recording loop whose lines are shown; null for all. */
export const onlyLoop = signal<string | null>(null);
export const STATES: readonly ReviewState[] = ["new", "translated", "reviewed", "approved"];
export const STATE_NAMES: Record<ReviewState, string> = {
  new: "New",
  translated: "Translated",
  reviewed: "Reviewed",
  approved: "Approved",
};

export type Kind = "all" | "flagged" | "quality" | "edited" | "fast" | "changed" | "comments" | "open" | "human" | ReviewState;
export const kind = signal<Kind>("all");

/** Codes of flags that quality control raised begin with this. */
export const QC = "qc-";

export const WEIGHT: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** The line's worst flag decides its mark. */
export function worst(line: Line): Severity | null {
  let found: Severity | null = null;
  for (const flag of line.flags) if (found === null || WEIGHT[flag.severity] < WEIGHT[found]) found = flag.severity;
  return found;
}

export type Pace = "easy" | "amber" | "red";

/** How a line's characters a second stand to the limits in force. */
export function pace(line: Line): Pace {
  const limits = project.value?.limits;
  if (!limits) return "easy";
  return line.cps > limits.cps_red ? "red" : line.cps > limits.cps_amber ? "amber" : "easy";
}

/** Whether a person spoke the take that is used. */
export const isHuman = (line: Line) => line.takes.some((take) => take.id === line.chosen && take.human);

/** The chosen loop, while there is one of that number. */
export const wantedLoop = computed(() =>
  loops.value.some((loop) => loop.number === onlyLoop.value) ? onlyLoop.value : null,
);

const plain = (text: string) => text.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function fits(line: Line, looked: string): boolean {
  if (wantedLoop.value && loopOf.value.get(line.id) !== wantedLoop.value) return false;
  if (onlySpeaker.value && line.speaker !== onlySpeaker.value) return false;
  if (kind.value === "flagged" && !line.flags.length && pace(line) === "easy") return false;
  if (kind.value === "quality" && !line.flags.some((flag) => flag.code.startsWith(QC))) return false;
  if (kind.value === "edited" && !line.edited.length) return false;
  if (kind.value === "fast" && pace(line) === "easy") return false;
  if (kind.value === "comments" && !line.comments.some((one) => !one.resolved)) return false;
  if (kind.value === "open" && line.review === "approved") return false;
  if (STATES.includes(kind.value as ReviewState) && line.review !== kind.value) return false;
  if (kind.value === "human" && !isHuman(line)) return false;
  if (kind.value === "changed" && !changedSinceMix.value.has(line.id)) return false;
  return !looked || plain(`${line.text}\n${line.translation}\n${line.direction}\n${line.id}`).includes(looked);
}

/** How many lines there are of each review state, and how many have open comments. */
export const reviewCounts = computed(() => {
  const counts = { new: 0, translated: 0, reviewed: 0, approved: 0, comments: 0 };
  for (const line of lines.value) {
    counts[line.review] += 1;
    if (line.comments.some((one) => !one.resolved)) counts.comments += 1;
  }
  return counts;
});

/** The lines that the list shows, in order of start. */
export const shown = computed(() => {
  const looked = plain(query.value.trim());
  if (!looked && !onlySpeaker.value && !wantedLoop.value && kind.value === "all") return lines.value;
  return lines.value.filter((line) => fits(line, looked));
});

export const selectedLine = computed(() => (selected.value ? (byId.value.get(selected.value) ?? null) : null));

/** The shown line `step` rows from the selected one; at the ends it stays. */
export function neighbour(step: number): Line | null {
  const list = shown.value;
  if (!list.length) return null;
  const at = list.findIndex((line) => line.id === selected.value);
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(list.length - 1, at + step));
  return list[next] ?? null;
}

/** The line that sounds at a position: the last one that began before it and has not ended. */
export function lineAt(samples: number): Line | null {
  const list = lines.value;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Line).start <= samples) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= Math.max(0, low - 6); at--) {
    const line = list[at] as Line;
    if (samples < Math.max(line.end, line.placement?.end ?? 0)) return line;
  }
  return null;
}

export function isShown(id: string): boolean {
  return placeOf.value.has(id) && shown.value.some((line) => line.id === id);
}
