/** What the service says, as its openapi.json describes it. Positions are samples of the programme. */

export type Severity = "error" | "warning" | "info";

export interface Flag {
  code: string;
  message: string;
  severity: Severity;
}

export interface Word {
  text: string;
  start: number;
  end: number;
  confidence: number | null;
}

export interface Take {
  id: string;
  length: number;
  text: string;
  engine: string;
  url: string;
  speed?: number | null;
}

/** One phrase of a take: its source samples play over [start, end) of the record. */
export interface Piece {
  source_start: number;
  source_end: number;
  start: number;
  end: number;
}

export interface Placement {
  start: number;
  end: number;
  speed: number;
  gain_db: number;
  reason: string;
  pieces?: Piece[];
}

export interface Line {
  id: string;
  speaker: string;
  start: number;
  end: number;
  slot_end: number;
  text: string;
  translation: string;
  direction: string;
  status: "recognised" | "translated" | "voiced";
  flags: Flag[];
  takes: Take[];
  chosen: string | null;
  placement: Placement | null;
  edited: string[];
  cps: number | null;
  words?: Word[];
}

export interface Speaker {
  id: string;
  name: string;
  colour: string;
  voice: { engine: string; id: string } | null;
  lines: number;
}

export interface Stem {
  name: string;
  title: string;
  speaker: string | null;
  url: string;
  peaks: string;
}

export interface Programme {
  name: string;
  source: string;
  length: number;
  sample_rate: number;
  channels: number;
  frame_rate: string | null;
  start_frame: number;
  drop: boolean;
  picture: { width: number; height: number } | null;
}

export interface Limits {
  cps_amber: number;
  cps_red: number;
  speed_preferred: number;
  speed_hard: number;
}

export interface Wish {
  name: string;
  value: string;
  why: string;
}

export interface ProjectSummary {
  id: string;
  name: string;
  root: string;
  source: string;
  source_language: string;
  target_language: string;
  duration: number;
  lines: number;
  flags: Record<Severity, number>;
  updated: number;
  picture: boolean;
}

export interface Project extends Omit<ProjectSummary, "lines" | "picture"> {
  revision: number;
  programme: Programme;
  speakers: Speaker[];
  lines: Line[];
  engines: Record<string, string>;
  dialogue: [number, number][];
  can_undo: boolean;
  can_undo_conform: boolean;
  can_redo: boolean;
  stems: Stem[];
  original: { url: string | null; peaks: string | null } | null;
  /** Stems and deliveries are behind the script. */
  stale: boolean;
  picture: { url: string | null; codec: string; playable: boolean; job?: string | null } | null;
  limits: Limits;
  /** What waits for the user's decision before anything is made of the project. */
  asks: Wish[];
}

export interface JobStage {
  name: string;
  done: number;
  total: number | null;
  detail: string;
  state: "waiting" | "running" | "done";
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled" | "paused";

export interface Job {
  id: string;
  kind: string;
  state: JobState;
  project: string | null;
  created: number;
  started: number | null;
  finished: number | null;
  priority: number;
  fraction: number;
  stages: JobStage[];
  chunks: { done: number; total: number };
  speakers: number;
  lines: { found: number; translated: number; voiced: number };
  cost: { currency: string; amount: number; unknown: string[] } | null;
  seconds_left: number | null;
  notes: string[];
  error: { message: string; hint: string } | null;
  result: { project: string; deliveries: string[] } | null;
  spec: Record<string, unknown>;
}

export interface Estimate {
  lines: number;
  speech_seconds: number;
  currency: string;
  least: number;
  most: number;
  seconds: number;
  unpriced: string[];
  missing: string[];
}

export interface Check {
  name: string;
  ok: boolean;
  text: string;
  hint: string;
  command: string;
}

export interface Model {
  name: string;
  summary: string;
  licence: string;
  accept: string;
  token: boolean;
  download_bytes: number;
  installed: boolean;
}

export interface ModelSet {
  name: string;
  summary: string;
  models: string[];
  lacking: string[];
  download_bytes: number;
  command: string;
}

export interface Models {
  folder: string;
  sets: ModelSet[];
  models: Model[];
}

export interface Engine {
  kind: string;
  name: string;
  version: string;
  summary: string;
  licence: string;
  local: boolean;
  sends: string;
  draft: boolean;
  available: boolean;
  missing: { what: string; command: string }[];
}

export interface Language {
  code: string;
  name: string;
  translate_from: string[];
  voice: boolean;
}

export interface Format {
  name: string;
  suffix: string;
  title: string;
  timeline: boolean;
  loses: string[];
}

export interface Entry {
  name: string;
  path: string;
  kind: "folder" | "media" | "timeline" | "project" | "subtitles";
  size: number | null;
  candidate?: boolean;
}

export interface Delivery {
  format: string;
  name: string;
  path: string;
  size: number;
  url: string;
  language: string;
  stale: boolean;
}

/** What an editor did to one line. Where it was and where it is: [start, end), null for gone or new. */
export interface PlanRow {
  line: string | null;
  name: string;
  speaker: string | null;
  what: string;
  fates: string[];
  from: [number, number] | null;
  to: [number, number] | null;
  text: string;
  note: string;
  conflict: boolean;
  reason: string;
}

export interface ConformPlan {
  id: string;
  rows: PlanRow[];
  counts: Record<string, number>;
  conflicts: number;
  applies: boolean;
  notes: string[];
  questions: PlanQuestion[];
}

/** What has to be answered before a plan may be followed; without `acceptable` it cannot be. */
export interface PlanQuestion {
  code: string;
  message: string;
  hint: string;
  acceptable: boolean;
}

export interface QcFinding {
  line: string | null;
  position: number | null;
  severity: Severity;
  code: string;
  message: string;
}

/** The parts of qc/report.json that the page shows; see docs/report-schema.md. */
export interface QcReport {
  fit: { lines: number; placed: number; in_band: number; share_in_band: number | null; fastest: number | null; slowest: number | null; histogram: [number, number][] };
  levels: { stem: string; integrated_lufs: number | null; true_peak_dbtp: number | null; clipped_samples: number }[];
  stems: { missing: string[]; sum_error_steps: number | null; outside_changed: number | null };
  residue_db: number | null;
  subtitles: { language: string; cues: number; fastest_cps: number; too_fast: number; too_long: number }[];
  findings: QcFinding[];
  html?: string;
}
