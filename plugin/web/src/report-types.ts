/* Made by tools/page_types.py from core/rythmo/qc/report.schema.json: change that and run it again. */

/**
 * The loudness that the delivery should have, and the one it has.
 *
 * In LUFS over the programme, or over its dialogue alone (`by_dialogue`). `tolerance` is in LU, the highest
 * true peak in dBTP.
 */
export interface Aim {
  name: string;
  lufs: number;
  tolerance: number;
  true_peak_dbtp: number;
  by_dialogue: boolean;
  measured_lufs: number | null;
}

/** Something a person should look at. `line` is None for a finding that does not belong to one line. */
export interface Finding {
  line: string | null;
  position: number;
  severity: Severity;
  code: string;
  message: string;
}

/** How the lines fill their time. The band is -10% to +20% of the original line's length. */
export interface Fit {
  lines: number;
  placed: number;
  in_band: number;
  share_in_band: number | null;
  fastest: number | null;
  slowest: number | null;
  histogram: [number, number][];
}

/** Something a person should look at: a stable `code`, and a sentence that says why. */
export interface Flag {
  code: string;
  message: string;
  severity: Severity;
}

/** One stem after BS.1770-4: LUFS, dBTP (of the mix only), dBFS; None where it is silent. */
export interface Levels {
  stem: string;
  integrated_lufs: number | null;
  momentary_max_lufs: number | null;
  true_peak_dbtp: number | null;
  sample_peak_dbfs: number | null;
  clipped_samples: number;
  dc_offset: number;
}

/**
 * One line, measured in its speaker's delivered stem.
 *
 * `fit` is the placed length over the original line's, `slot_fill` the placed length over the line's slot.
 * `speed` is relative to the voice's own pace, whether the engine or a stretch changed it. `placement_ms` is
 * how much later than the line's start its sound begins. `word_error` is the share of words that a
 * recogniser heard differently. `likeness` is the cosine to the same speaker's other lines, `likeness_other`
 * the highest one to another speaker.
 */
export interface LineMeasures {
  id: string;
  speaker: string;
  text: string;
  translation: string;
  start: number;
  end: number;
  placed_start: number | null;
  placed_end: number | null;
  slot_end: number | null;
  take: string | null;
  reason: string;
  fit: number | null;
  slot_fill: number | null;
  speed: number | null;
  gain_db: number | null;
  placement_ms: number | null;
  loudness_lufs: number | null;
  peak_dbfs: number | null;
  clipped_samples: number;
  silent: boolean;
  self_overlap: number;
  word_error: number | null;
  heard: string | null;
  likeness: number | null;
  likeness_other: number | null;
  mos: number | null;
  flags: Flag[];
  after_original_ms: number | null;
  heard_language: string | null;
  confidence: number | null;
  below_speaker_lu: number | null;
  on_screen: string | null;
  sync_original: number | null;
  sync_original_ms: number | null;
  sync_dub: number | null;
  sync_dub_ms: number | null;
  lips: string | null;
  sync_lips: number | null;
  sync_lips_ms: number | null;
  syncnet: SyncNetFigures | null;
  voice: TakeKind | null;
}

/**
 * What one remote engine did in all runs of the project, and its cost in `currency` by the price table.
 *
 * `amount` is None where the price is not known.
 */
export interface Paid {
  kind: string;
  engine: string;
  model: string;
  requests: number;
  retries: number;
  units: [string, number][];
  amount: number | null;
  currency: string;
}

/** Everything that was measured on one delivery. */
export interface QcReport {
  version: number;
  programme: string;
  source_language: string;
  target_language: string;
  sample_rate: number;
  length: number;
  frame_rate: string;
  start_frame: number;
  drop: boolean;
  speakers: [string, string, string][];
  engines: [string, string][];
  lines: LineMeasures[];
  fit: Fit;
  levels: Levels[];
  loudness_curve: (number | null)[];
  stems: Stems;
  regions: Region[];
  residue_db: number | null;
  subtitles: SubtitleMeasures[];
  findings: Finding[];
  aim: Aim | null;
  paid: Paid[];
  provenance: string;
  disclosure: string;
}

/**
 * One stretch where the bed replaces the original.
 *
 * `residue_db`: how far below the original voice lies what still sounds like it. `hollow_db`: how far the
 * bed falls below the room tone on either side.
 */
export interface Region {
  start: number;
  end: number;
  residue_db: number | null;
  hollow_db: number | null;
}

/** How much a flag matters. */
export type Severity = "error" | "info" | "warning";

/**
 * How far the stems agree, in 24-bit steps.
 *
 * `outside_changed` counts samples of the M&E outside dialogue that differ from the original.
 */
export interface Stems {
  missing: string[];
  sum_error_steps: number | null;
  speakers_sum_error_steps: number | null;
  outside_changed: number | null;
  lengths_differ: boolean;
}

/** Measures of one language's subtitles against the project's norms, else Netflix timed text. */
export interface SubtitleMeasures {
  language: string;
  cues: number;
  fastest_cps: number | null;
  longest_line: number;
  too_fast: number;
  too_long: number;
  too_short: number;
  gaps_too_small: number;
}

/**
 * SyncNet's figures of one line: of the original, of the dub with the lips as filmed, and with new lips.
 *
 * The faces are cut around our own boxes, so the figures are not to be compared with those of papers.
 */
export interface SyncNetFigures {
  original: SyncOffset | null;
  dub: SyncOffset | null;
  lips: SyncOffset | null;
}

/**
 * How near mouths and sounds are.
 *
 * Args:
 *     confidence: How much nearer they are at the best offset than at the median one; above about 3 they go
 *         together, below 1 nothing can be said.
 *     distance: The mean distance at the best offset; the lower the better.
 *     offset_ms: How much later than the mouth the sound comes.
 */
export interface SyncOffset {
  confidence: number;
  distance: number;
  offset_ms: number;
}

/** What is heard in a take. */
export type TakeKind = "human" | "original" | "synthetic";
