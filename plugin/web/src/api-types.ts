/* Made by tools/page_types.py from plugin/rythmo_plugin/service/openapi.json: change that and run it again. */

/**
 * A further language of a project. `engines` and `settings` are about translation, voices and mix; what
 * was heard in the original is shared by all languages.
 */
export interface AddLanguageAsked {
  language: string;
  engines?: Record<string, string> | null;
  settings?: Record<string, Record<string, unknown>> | null;
}

/**
 * A line that is missing, over [start, end). Without a translation it is translated, without a speaker it
 * belongs to whoever has the line next to it.
 */
export interface AddLineAsked {
  start: number;
  end: number;
  text: string;
  translation?: string;
  speaker?: string;
  revision?: number | null;
}

/** How many of the known parts are done. */
export interface Amount {
  done: number;
  total: number;
}

/** The codes of the questions that the user answered with yes. */
export interface ApplyAsked {
  accept?: string[];
}

/** A line, or a sample where `line` is "", spoken in a voice. It is no take. */
export interface Audition {
  url: string;
  seconds: number;
  line: string;
  voice: Voice;
}

/** A line to hear in a voice, or a sample without a line. `send` agrees to the price of a service. */
export interface AuditionAsked {
  voice: VoiceAsked;
  line?: string | null;
  send?: boolean;
}

/**
 * What an edit changed: `lines` that are not as they were, and ids of those that are gone in `removed`.
 * `speaker` is the new one after a split, `what` the edit that was undone or done again.
 */
export interface Changed {
  revision: number;
  lines: Line[];
  speakers: Speaker[];
  can_undo: boolean;
  can_redo: boolean;
  speaker: string | null;
  removed: string[];
  jobs: Job[];
  what: string;
}

/** One check of `rythmo doctor`. */
export interface Check {
  name: string;
  ok: boolean;
  text: string;
  hint: string;
  command: string;
}

/** The checks of `rythmo doctor`. */
export interface Checks {
  checks: Check[];
}

/** The take to use. */
export interface ChoiceAsked {
  take: string;
  revision?: number | null;
}

/** A clip that is missing or in the wrong place: `what` is wrong, `where` (timecode), its line, a note. */
export interface ClipAstray {
  what: string;
  where: string;
  line: string;
  note: string;
}

/** What a person says about a line; `time` is UTC, as in "2026-11-30T10:15:00Z". */
export interface Comment {
  id: string;
  author: string;
  time: string;
  text: string;
  resolved: boolean;
}

/** A comment on a line. */
export interface CommentAsked {
  text: string;
  author?: string;
}

/** Changes of a comment. Omitted fields stay the same. */
export interface CommentChange {
  text?: string;
  resolved?: boolean;
}

/**
 * An edited timeline: the ids of uploads (several if each holds one track, like EDLs), or a path.
 *
 * With `partial`, lines on tracks that the timeline lacks are left unchanged. With `accept_missing`, missing
 * lines count as removed, even if all of them are missing.
 */
export interface ConformAsked {
  uploads?: string[];
  path?: string | null;
  partial?: boolean;
  accept_missing?: boolean;
}

/** What an edited timeline would change. */
export interface ConformPlan {
  id: string;
  rows: PlanRow[];
  counts: Record<string, number>;
  conflicts: number;
  applies: boolean;
  notes: string[];
  questions: QuestionRow[];
}

/**
 * Leave to clone the voice of a `person` of the cast file, for their reference in it, to change the lips
 * of their face, or both: `voice_of` and `face_of` say whose they are, by full name.
 */
export interface ConsentAsked {
  person: string;
  voice_of?: string | null;
  face_of?: string | null;
  granted_by: string;
  granted_to: string;
  scope: string;
  languages: string[];
  expires: string;
  films?: string[];
  territories?: string[];
}

/**
 * A consent record. No films mean every one, no territories everywhere, the language "*" every one.
 *
 * A record is for a voice or for a face: `voice_of` or `face_of` says whose, the other is null. `holds` says
 * whether it allows a clone, or new lips, in this dub today, and `why_not` why it doesn't.
 */
export interface ConsentFacts {
  id: string;
  voice_of: string | null;
  face_of: string | null;
  granted_by: string;
  granted_to: string;
  scope: string;
  languages: string[];
  expires: string;
  films: string[];
  territories: string[];
  holds: boolean;
  why_not: string;
}

/** What remote engines cost by their public prices. `unknown` names those without a known price. */
export interface Cost {
  currency: string;
  amount: number;
  unknown: string[];
}

/**
 * The formats to deliver, and settings of the mix, subtitles, turnover, loops and marks to change first.
 *
 * Of `provenance` that is `sign` and `disclosure`, of `engines` the `watermark`. `disclosure_text` are the
 * words that say that voices are a machine's, in the dub's language; "" takes Rythmo's own.
 */
export interface DeliverAsked {
  formats: string[];
  settings?: Record<string, Record<string, boolean | number | string>>;
  disclosure_text?: string | null;
}

/**
 * The settings of a project's deliveries in force, and the words that some of them take.
 *
 * `signing` says in one sentence what of the last delivery is signed, and by whom.
 */
export interface DeliveryChoices {
  settings: Record<string, Record<string, boolean | number | string>>;
  loudness: string[];
  stretchers: string[];
  signing: string;
  marking: MarkingChoices;
}

/**
 * A delivered file. `stale`: the script has changed since it was written. `signed`: it carries a signed
 * statement of how it was made.
 */
export interface DeliveryFacts {
  format: string;
  name: string;
  path: string;
  size: number;
  url: string;
  language: string;
  stale: boolean;
  signed: boolean;
}

/** What a delivery would hold: names below `folder`, with "*" where one stands for many. */
export interface DeliveryPlan {
  folder: string;
  files: string[];
}

/** The request was carried out. */
export interface Done {
  ok: boolean;
}

/** A line after an edit, with the job that speaks it. */
export interface Edited {
  line: Line;
  revision: number;
  job: Job | null;
}

/** An engine. `sends` says what leaves the machine; `why` and `command` sum up what is missing. */
export interface EngineFacts {
  kind: string;
  name: string;
  version: string;
  summary: string;
  licence: string;
  languages: string[];
  local: boolean;
  sends: string;
  capabilities: string[];
  draft: boolean;
  available: boolean;
  missing: MissingPart[];
  ready: boolean;
  why: string;
  command: string;
}

/** All engines. */
export interface Engines {
  engines: EngineFacts[];
}

/** The code in the address that the browser was started with. */
export interface EnterAsked {
  code: string;
}

/** The token that every further call carries. */
export interface Entered {
  token: string;
}

/** An item of a folder. `candidate`: a folder that could be opened. */
export interface Entry {
  name: string;
  path: string;
  kind: "cast" | "folder" | "media" | "project" | "subtitles" | "timeline";
  size: number;
  candidate: boolean;
}

/** A code that opens the page once, valid for two minutes. */
export interface EntryCode {
  code: string;
}

/**
 * A guess before anything is spent. Money from `least` (every line fits at once) to `most`, for engines
 * with a known price; `unpriced`, `untimed`, `missing`: what is not in it. `seconds`: of processor time.
 */
export interface Estimate {
  programme_seconds: number;
  speech_seconds: number;
  heard: string;
  picture: boolean;
  lines: number;
  currency: string;
  least: number;
  most: number;
  seconds: number;
  unpriced: string[];
  untimed: string[];
  missing: string[];
  stages: Record<string, unknown>[];
}

/** A dub to estimate. */
export interface EstimateAsked {
  source: string;
  target_language: string;
  source_language?: string | null;
  engines?: Record<string, string> | null;
  settings?: Record<string, Record<string, unknown>> | null;
}

/** One event, in the polling form; `data` as on the stream. */
export interface Event {
  id: number;
  type: "job" | "lines" | "mixed" | "project" | "reset" | "take";
  data: Record<string, unknown>;
}

/** Events after the requested number. Continue with `last`. */
export interface Events {
  events: Event[];
  last: number;
}

/**
 * A face in the frame that begins at sample `at`: its box in shares of the picture, and whose it is.
 *
 * `speaker` is null for somebody who speaks no line.
 */
export interface FaceBox {
  at: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
  face: string;
  speaker: string | null;
}

/**
 * Somebody who is seen: `seconds` on screen, best `at` a position. `speaker` is null for one who says
 * nothing; `decided`: a person said so. `still` is the signed address of a picture of the face.
 */
export interface FacePerson {
  id: string;
  speaker: string | null;
  decided: boolean;
  seconds: number;
  at: number;
  still: string | null;
}

/** What looking for faces would take: processor time, null where nobody measured the tracker. */
export interface FacePlan {
  tracker: PictureEngine | null;
  work_seconds: number | null;
}

/** The body of every error. */
export interface Failure {
  error: Problem;
}

/** The cast file that holds the record, and everybody in it. */
export interface FirstConsent {
  cast_file: string;
  people: string[];
}

/**
 * Consent for a dub that is still to be made. The record goes into `cast_file`, or into the one
 * beside the `source`; the `person` is added there if needed, by the name that the dub will know them by.
 */
export interface FirstConsentAsked {
  person: string;
  voice_of?: string | null;
  face_of?: string | null;
  granted_by: string;
  granted_to: string;
  scope: string;
  languages: string[];
  expires: string;
  films?: string[];
  territories?: string[];
  cast_file?: string | null;
  source?: string | null;
}

/** A remark on a line that a person should look at. */
export interface Flag {
  code: string;
  message: string;
  severity: Severity;
}

/** The number of flags of each severity. */
export interface FlagCounts {
  error: number;
  warning: number;
  info: number;
}

/** A folder that the user opened. */
export interface Folder {
  id: string;
  path: string;
  name: string;
}

/** A folder to open. */
export interface FolderAsked {
  path: string;
}

/**
 * A delivery format. `loses` lists what it cannot hold. `timeline` is false for subtitles, lists and
 * films; `loops` is true for the scripts and lists that a recording studio works from.
 */
export interface FormatFacts {
  name: string;
  suffix: string;
  title: string;
  timeline: boolean;
  loops: boolean;
  loses: string[];
}

/** A dropped file. `path` is where it lies, once it is there; `received` is how many bytes have come. */
export interface Import {
  id: string;
  path: string | null;
  received: number;
}

/** A file that was dropped on the page: its own name and its size in bytes. */
export interface ImportAsked {
  name: string;
  size: number;
}

/** One piece of work. `fraction` stays at or below 0.97 until the files are on disk. */
export interface Job {
  id: string;
  kind: "audition" | "cast" | "conform" | "deliver" | "dub" | "faces" | "language" | "lips" | "models" | "picture" | "propose" | "qc" | "remake" | "send" | "take";
  state: "cancelled" | "done" | "failed" | "paused" | "queued" | "running";
  project: string | null;
  created: number;
  started: number | null;
  finished: number | null;
  priority: number;
  fraction: number;
  stages: Stage[];
  chunks: Amount;
  places: Place[];
  speakers: number;
  lines: LineCounts;
  cost: Cost | null;
  seconds_left: number | null;
  notes: string[];
  error: Problem | null;
  result: JobResult | null;
  spec: Record<string, unknown>;
}

/**
 * A job to begin. A `dub` needs `source` ("example:" is the built-in scene) and `target_language`. Other
 * kinds need a `project`, a `take` also its `line`. Jobs of the kind `models` begin at /models, those of
 * `faces` and `lips`, which may name `lines`, at the project's. Using a `key` again returns the same job.
 */
export interface JobAsked {
  kind?: "audition" | "cast" | "conform" | "deliver" | "dub" | "faces" | "language" | "lips" | "models" | "picture" | "propose" | "qc" | "remake" | "send" | "take";
  source?: string | null;
  project?: string | null;
  line?: string | null;
  target_language?: string | null;
  source_language?: string | null;
  out?: string | null;
  speakers?: number | null;
  script?: string | null;
  translation?: string | null;
  formats?: string[] | null;
  engines?: Record<string, string> | null;
  settings?: Record<string, Record<string, unknown>> | null;
  models?: string[] | null;
  lines?: string[] | null;
  priority?: number;
  key?: string | null;
}

/**
 * The programme that a job works on. `programme` is null, and `original` without a waveform, until the
 * sound was read.
 */
export interface JobProgramme {
  programme: Programme | null;
  original: Sound;
  picture: Picture | null;
}

/**
 * The result of a job: the project's id, and files that are on disk. Of an audition what is heard; of
 * proposals the `voices`, the present one first, and the `line` that is best to hear them by.
 */
export interface JobResult {
  project: string | null;
  deliveries: string[];
  line: string | null;
  take: string | null;
  audition: Audition | null;
  voices: Voice[];
  sent: Sent | null;
}

/**
 * Neighbouring lines that become one, which has the id of the first. `across_speakers` allows lines of
 * different speakers.
 */
export interface JoinLinesAsked {
  lines: string[];
  across_speakers?: boolean;
  revision?: number | null;
}

/** A part of a line that has no new lips, in seconds, and why. */
export interface KeptLips {
  line: string;
  reason: string;
  seconds: number;
}

/** A speaker whose face may not be changed, and why. */
export interface LacksConsent {
  speaker: string;
  name: string;
  why: string;
}

/** A target language: the languages it can be translated from here, and whether a voice speaks it. */
export interface LanguageFacts {
  code: string;
  name: string;
  translate_from: string[];
  voice: boolean;
}

/** How a line's human take is laid. */
export interface LayoutAsked {
  layout: TakeLayout;
  revision?: number | null;
}

/** A stretch [start, end) of speech without a line that stays as it is. */
export interface LeaveAsked {
  start: number;
  end: number;
  revision?: number | null;
}

/** The limits of reading speed (characters a second) and of stretching (speed factors). */
export interface Limits {
  cps_amber: number;
  cps_red: number;
  speed_preferred: number;
  speed_hard: number;
}

/** One utterance. `cps`: characters of the translation for each second of its slot. */
export interface Line {
  id: string;
  speaker: string;
  start: number;
  end: number;
  slot_end: number;
  text: string;
  translation: string;
  direction: string;
  status: Status;
  flags: Flag[];
  takes: Take[];
  chosen: string | null;
  placement: Placement | null;
  edited: string[];
  locked: boolean;
  review: ReviewState;
  comments: Comment[];
  cps: number;
  layout: TakeLayout;
  prosody: Record<string, number | null> | null;
  on_screen: OnScreen | null;
}

/** Changes of a line. Omitted fields stay the same. `voice` false: do not speak the line yet. */
export interface LineAsked {
  text?: string;
  translation?: string;
  direction?: string;
  speaker?: string;
  start?: number;
  end?: number;
  seen?: LineSeen;
  voice?: boolean;
  revision?: number | null;
}

/** How many lines were found, translated and voiced. */
export interface LineCounts {
  found: number;
  translated: number;
  voiced: number;
}

/**
 * What the client saw of a line's fields when its user began to edit them. Another value by now is a
 * conflict, and nothing is overwritten.
 */
export interface LineSeen {
  text?: string;
  translation?: string;
  direction?: string;
  speaker?: string;
  start?: number;
  end?: number;
}

/** A line with the words that were recognised. */
export interface LineWithWords {
  id: string;
  speaker: string;
  start: number;
  end: number;
  slot_end: number;
  text: string;
  translation: string;
  direction: string;
  status: Status;
  flags: Flag[];
  takes: Take[];
  chosen: string | null;
  placement: Placement | null;
  edited: string[];
  locked: boolean;
  review: ReviewState;
  comments: Comment[];
  cps: number;
  layout: TakeLayout;
  prosody: Record<string, number | null> | null;
  on_screen: OnScreen | null;
  words: Word[];
}

/**
 * One clip with new lips, from sample `start` to `end` of the programme, and the lines it is of.
 *
 * `url` plays it in a browser; `lead` is how many seconds of the film it holds before `start`.
 */
export interface LipClipFacts {
  lines: string[];
  shot: number;
  start: number;
  end: number;
  lead: number;
  url: string;
}

/** A reason why a face is no good for reading or changing its lips. */
export type LipLimit = "blurred" | "covered" | "profile" | "small";

/**
 * What lips would take, at most: `lines` of `seconds`. `price` is null where none is known, and 0 for
 * engines of this machine; `work_seconds` of processor time is null where nobody measured the engine.
 *
 * `missing` says what the engine lacks, "" when it is ready.
 */
export interface LipPlan {
  lines: number;
  seconds: number;
  currency: string;
  price: number | null;
  work_seconds: number | null;
  local: boolean;
  sends: string;
  draft: boolean;
  missing: string;
  faces: boolean;
  consent: LacksConsent[];
  left: LipsLeft[];
}

/**
 * Lips to make with an `engine`, of all lines or of `lines`. `burn` also delivers the film with them.
 *
 * `send` agrees that a service gets the faces, and to its price.
 */
export interface LipsAsked {
  engine: string;
  lines?: string[] | null;
  burn?: boolean;
  send?: boolean;
}

/** Lines that keep their lips for one reason. */
export interface LipsLeft {
  reason: string;
  lines: string[];
}

/** A voice to choose. `language` is "" where it speaks all of its engine's languages alike. */
export interface ListedVoice {
  id: string;
  language: string;
  language_name: string;
  gender: string;
  note: string;
}

/** The items of a folder that Rythmo can use. `parent` is null at the top of an opened folder. */
export interface Listing {
  path: string | null;
  parent: string | null;
  entries: Entry[];
}

/** Whether nothing may change the line. */
export interface LockAsked {
  locked: boolean;
  revision?: number | null;
}

/** Lines that are recorded together, and who speaks them. `number` is what people call it: "12", "12A". */
export interface Loop {
  number: string;
  start: number;
  end: number;
  lines: string[];
  speakers: string[];
}

/**
 * How a delivery says that a machine made it.
 *
 * `signer` says in a sentence who signs, or what is wrong with the certificate; `command` installs what
 * signing needs, "" where it is there. `disclosure` are the words in the dub's language, and `own_words`
 * says that they are the user's.
 */
export interface MarkingChoices {
  signer: string;
  command: string;
  watermarks: WatermarkFacts[];
  disclosure: string;
  own_words: boolean;
}

/** The speaker who takes over all the lines. */
export interface MergeAsked {
  into: string;
  revision?: number | null;
}

/** What an engine lacks here, and the command that gets it; empty where there is none. */
export interface MissingPart {
  what: string;
  command: string;
}

/**
 * A model that can be installed. `accept` is the address of its conditions, `token` says that its hub
 * needs
 * an account. Sizes are in bytes, 0 if unknown.
 */
export interface ModelFacts {
  name: string;
  kind: string;
  engine: string;
  summary: string;
  languages: string;
  licence: string;
  accept: string;
  token: boolean;
  extra: string;
  download_bytes: number;
  installed_bytes: number;
  memory_mb: number;
  installed: boolean;
  folder: string;
}

/** A set of models. `lacking` are those that are not installed, `download_bytes` is their size. */
export interface ModelSetFacts {
  name: string;
  summary: string;
  models: string[];
  lacking: string[];
  download_bytes: number;
  command: string;
}

/** All models and sets, and the folder for them. */
export interface Models {
  folder: string;
  sets: ModelSetFacts[];
  models: ModelFacts[];
}

/** Models and sets to install. `accept` accepts their conditions. */
export interface ModelsAsked {
  names: string[];
  accept?: boolean;
}

/** Whose face it is: a speaker's id, "" for somebody who says nothing, null: what is found counts. */
export interface NameFaceAsked {
  speaker: string | null;
  revision?: number | null;
}

/**
 * What the picture shows of a line's speaker: whether they are seen, for which share of the line, what is
 * wrong with the face for lips, and how far the mouth moves with the original's sound.
 */
export interface OnScreen {
  presence: Presence;
  share: number;
  face: string;
  limits: LipLimit[];
  sync: number | null;
  lag_ms: number | null;
}

/** A .rythmo folder to open. */
export interface OpenAsked {
  path: string;
}

/** What a running job has found so far, before its project can be opened. */
export interface Pending {
  lines: Line[];
  speakers: Speaker[];
  words: Word[];
}

/**
 * A person of the cast. `speaker` is who they are in this project, null where they don't speak; `cloned`
 * says that they have a cloned voice in it, `lips` that lines of theirs have new lips. Consent for the voice
 * can be recorded where there is a `reference`, consent for the face always. `why_no_lips` is "" where the
 * face may be changed in this dub today.
 */
export interface PersonRights {
  name: string;
  speaker: string | null;
  cloned: boolean;
  lips: boolean;
  reference: boolean;
  consents: ConsentFacts[];
  face_consents: ConsentFacts[];
  why_no_lips: string;
}

/** The picture for a browser. While it is not `playable`, `job` makes a copy that is. */
export interface Picture {
  url: string | null;
  codec: string;
  playable: boolean;
  job: string | null;
}

/**
 * An engine that finds faces or makes lips. `sends` says what leaves the machine ("" where nothing does),
 * `command` gets what the engine lacks here ("" when it is ready).
 */
export interface PictureEngine {
  name: string;
  summary: string;
  draft: boolean;
  local: boolean;
  sends: string;
  ready: boolean;
  command: string;
}

/**
 * What was made of a project's picture.
 *
 * `faces` says that somebody looked for faces, and `tracker` is what does it. `lip_engines` can make lips;
 * `chosen` is the engine that made them, or that the project's settings name, "" where the choice is open.
 * `made` names the engine of the lips that there are, with its version; null where none were made.
 */
export interface PictureFacts {
  faces: boolean;
  tracker: PictureEngine | null;
  lip_engines: PictureEngine[];
  chosen: string;
  burn: boolean;
  made: string | null;
  draft: boolean;
  clips: LipClipFacts[];
  kept: KeptLips[];
}

/** One phrase of a take: its samples [source_start, source_end) play over [start, end) of the record. */
export interface Piece {
  source_start: number;
  source_end: number;
  start: number;
  end: number;
}

/** One clip of a line; positions in samples of the programme. */
export interface PieceRow {
  track: string;
  speaker: string | null;
  start: number;
  end: number;
  shift: number;
  speed: number;
}

/** Where one part of a stage runs now: `chunk 3` or a line's id, on a process or machine. */
export interface Place {
  stage: string;
  part: string;
  place: string;
}

/** Where the chosen take lies; `pieces` are its phrases, none where it plays as a whole. */
export interface Placement {
  start: number;
  end: number;
  speed: number;
  gain_db: number;
  reason: string;
  pieces: Piece[];
}

/**
 * What happened to one line, or to a clip that belongs to none (`line` is empty).
 *
 * `from` and `to` are [start, end) in samples; `to` is null for a line that is gone. `what` describes the
 * change, `note` says how far and where to, and `reason` explains a conflict.
 */
export interface PlanRow {
  line: string;
  name: string;
  speaker: string | null;
  what: string;
  fates: string[];
  from: [number, number] | null;
  to: [number, number] | null;
  timecode: string;
  text: string;
  note: string;
  conflict: boolean;
  reason: string;
  head: number;
  tail: number;
  with_picture: boolean;
  pieces: PieceRow[];
  copies: PieceRow[];
}

/** A conform plan. */
export interface Planned {
  plan: ConformPlan;
}

/** Whether the speaker is seen while a line is said. */
export type Presence = "off" | "on" | "partly" | "unclear";

/** Jobs with a higher priority begin first. */
export interface PriorityAsked {
  priority: number;
}

/** Why a request or a job failed, and what to do about it. */
export interface Problem {
  message: string;
  hint: string;
  code: string;
}

/** The programme; `frame_rate` as "24000/1001" (null without picture). */
export interface Programme {
  name: string;
  length: number;
  sample_rate: number;
  channels: number;
  frame_rate: string | null;
  rate: string;
  start_frame: number;
  drop: boolean;
  picture: Size | null;
}

/**
 * Everything that the page shows of a project. `stale`: stems and deliveries are older than the script.
 * `asks`: what the user must decide on before work on the project can start. `out_of_date`: lines whose
 * original was corrected in another language, and which have not been made again. `lips`: by line, how many
 * seconds of new lips it has, and why the rest has none; empty where no lips were made.
 */
export interface Project {
  id: string;
  name: string;
  root: string;
  source: string;
  source_language: string;
  target_language: string;
  duration: number;
  flags: FlagCounts;
  updated: number;
  revision: number;
  saved: boolean;
  programme: Programme;
  speakers: Speaker[];
  lines: Line[];
  loops: Loop[];
  engines: Record<string, string>;
  dialogue: [number, number][];
  can_undo: boolean;
  can_undo_conform: boolean;
  can_redo: boolean;
  stems: Stem[];
  original: Sound;
  picture: Picture | null;
  limits: Limits;
  stale: boolean;
  asks: Wish[];
  uncovered: Uncovered[];
  removed: RemovedLine[];
  languages: ProjectLanguage[];
  out_of_date: string[];
  lips: Record<string, string>;
}

/** A project in a list. */
export interface ProjectFacts {
  id: string;
  name: string;
  root: string;
  source: string;
  source_language: string;
  target_language: string;
  duration: number;
  lines: number;
  flags: FlagCounts;
  updated: number;
  picture: boolean;
  poster: string | null;
  languages: string[];
}

/**
 * A language of a project: the id under which it is opened, and how many lines are out of date.
 *
 * `stale`: the programme, or a line, was changed in another language since it was made.
 */
export interface ProjectLanguage {
  project: string;
  language: string;
  out_of_date: number;
  stale: boolean;
}

/** A question to answer first; if it is not `acceptable`, the plan cannot be applied. */
export interface QuestionRow {
  code: string;
  message: string;
  hint: string;
  acceptable: boolean;
}

/** A recording that is being sent: how many of its bytes have come. */
export interface Recording {
  id: string;
  received: number;
}

/**
 * A recording that was sent whole and becomes a take of a line.
 *
 * `size` is that of its WAV file in bytes. `position` is the programme's sample at which its first sample
 * was recorded, after the latency was taken off; null where it was not recorded against the picture.
 */
export interface RecordingAsked {
  recording: string;
  size: number;
  position?: number | null;
  layout?: TakeLayout | null;
}

/** A deleted line, which can be restored. */
export interface RemovedLine {
  id: string;
  speaker: string;
  start: number;
  end: number;
  text: string;
}

/** A file of the project to show in the file manager. */
export interface RevealAsked {
  path: string;
}

/** How far people are with a line's translation. */
export type ReviewState = "approved" | "new" | "reviewed" | "translated";

/**
 * The people of the project's cast file, and where its dub is shown (ISO 3166 codes; none: not said).
 *
 * Without a `cast_file` nobody has consent.
 */
export interface Rights {
  cast_file: string | null;
  film: string;
  language: string;
  territories: string[];
  people: PersonRights[];
}

/** The cast file, new or existing, in an opened folder. */
export interface SaveCastAsked {
  path: string;
}

/** Whether a line's speaker is on screen; null: what is found in the picture. */
export interface ScreenAsked {
  presence: "off" | "on" | "partly" | null;
  revision?: number | null;
}

/**
 * What to send. `new` names a session to make in `folder` (default: beside the project); without it the
 * open session is used. `takes`: also the other takes of each line, on muted tracks. `mute`: mute the tracks
 * that sound in the open session. `markers`: a memory location for each finding.
 */
export interface SendAsked {
  host?: "protools";
  new?: string | null;
  folder?: string | null;
  takes?: boolean;
  mute?: boolean;
  markers?: boolean;
}

/**
 * Whether a dub could be sent now: what was found, and what to do if it could not. `session` is a name
 * for a new session.
 */
export interface SendState {
  host: "protools";
  ready: boolean;
  found: string;
  todo: string;
  session: string;
}

/** What stands in the session after a sending, as read back. `rows` are clips that are not in place. */
export interface Sent {
  session: string;
  placed: number;
  wanted: number;
  sentence: string;
  rows: ClipAstray[];
}

/** The service itself. `first_use`: no project is known yet. `example`: the path of the built-in scene. */
export interface ServiceFacts {
  version: string;
  ready: boolean;
  port: number;
  example: string | null;
  first_use: boolean;
}

/** How much a flag matters. */
export type Severity = "error" | "info" | "warning";

/** The size of a picture in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The original sound; `url` is null when the cache was cleared. */
export interface Sound {
  url: string | null;
  peaks: string | null;
}

/**
 * A speaker of the programme. `lines` is how many lines they have. `voice_chosen`: a person chose the
 * voice; `voice_locked`: nothing but unlocking changes it.
 */
export interface Speaker {
  id: string;
  name: string;
  colour: string;
  voice: Voice | null;
  lines: number;
  voice_chosen: boolean;
  voice_locked: boolean;
}

/** Changes of a speaker. Omitted fields stay the same. A `voice` of null leaves the choice to casting. */
export interface SpeakerAsked {
  name?: string;
  colour?: string;
  voice?: VoiceAsked | null;
  voice_locked?: boolean;
  revision?: number | null;
}

/** The lines that belong to another speaker, and that speaker's name. */
export interface SplitAsked {
  lines: string[];
  name: string;
  revision?: number | null;
}

/**
 * Where a line is split: before a recognised `word` (counted from 0), at a `character` of its text, or
 * `at` a position in samples; exactly one of them. `seen_text`: the text that the client saw.
 */
export interface SplitLineAsked {
  word?: number;
  character?: number;
  at?: number;
  seen_text?: string;
  revision?: number | null;
}

/** One stage of a job; `done` of `total` units. */
export interface Stage {
  name: string;
  done: number;
  total: number;
  detail: string;
  state: "done" | "running" | "waiting";
}

/** The review state of lines. */
export interface StateAsked {
  lines: string[];
  state: ReviewState;
  revision?: number | null;
}

/** How far a line is. */
export type Status = "recognised" | "translated" | "voiced";

/** A stem. `peaks` is the address of its peaks, without the level. */
export interface Stem {
  name: string;
  title: string;
  speaker: string | null;
  url: string;
  peaks: string;
}

/** A recording of a line. `url` is signed and can be played directly. */
export interface Take {
  id: string;
  length: number;
  text: string;
  engine: string;
  url: string;
  speed: number | null;
  human: boolean;
  source: string;
  positioned: boolean;
}

/** How a human take is laid in its line. Takes of engines are always fitted. */
export type TakeLayout = "fitted" | "recorded" | "start";

/** Which file is which line. Nothing is changed until it is taken. */
export interface TakePlan {
  id: string;
  rows: TakeRow[];
  counts: Record<string, number>;
}

/**
 * A recorded file with its line, or why it is not taken (`code`, `refusal`).
 *
 * `length` is that of the file and `spoken` that of the speech in it, in samples; null for what is no sound.
 * `positioned`: the file says where it was recorded. `known` is the take that the line has of it already.
 */
export interface TakeRow {
  id: string;
  name: string;
  line: string;
  code: string;
  refusal: string;
  length: number | null;
  spoken: number | null;
  positioned: boolean;
  known: string;
  notes: string[];
}

/**
 * The files that are taken, as ids of rows. The last file of a line is chosen if `choose` is set.
 * `layout` null leaves how the lines' human takes are laid.
 */
export interface TakeRowsAsked {
  rows: string[];
  choose?: boolean;
  layout?: TakeLayout | null;
}

/**
 * What of an import is taken, as ids of its rows: translations, corrections of the original, and extras
 * (direction, state, comments). `author` signs comments that name nobody.
 */
export interface TakeTranslationAsked {
  words?: string[];
  corrections?: string[];
  extras?: string[];
  author?: string;
}

/**
 * Recorded files by their uploads. `lines` says which line a file is of, by the file's name, where its
 * name does not say it.
 */
export interface TakesAsked {
  uploads: string[];
  lines?: Record<string, string>;
}

/** Where the dub is shown: ISO 3166 codes; none: not said. */
export interface TerritoriesAsked {
  territories: string[];
}

/**
 * A translator's file, by its upload.
 *
 * `columns` says what columns hold, where a person chose: kind (id, character, in, out, source, target,
 * direction, comment, state) -> head, letter or number of the column, "" for none.
 */
export interface TranslationAsked {
  upload: string;
  columns?: Record<string, string>;
  encoding?: string;
}

/**
 * What a file would change. `rows` are those that change something or are refused.
 *
 * `columns` are the recognised columns of a table by kind, counted from 0, and `head` its first rows;
 * `unknown`: it is not known which column holds the translation, so that nothing was compared.
 */
export interface TranslationPlan {
  id: string;
  name: string;
  form: string;
  rows: TranslationRow[];
  counts: Record<string, number>;
  missing: string[];
  notes: string[];
  columns: Record<string, number>;
  head: string[][];
  unknown: boolean;
}

/**
 * A row of the file, or several, with its line. What stays the same is null.
 *
 * `by` is how it was paired: id, text, time, or "". `refusal` is why the row or its words are not taken;
 * `can_overrule`: a person may take the words all the same. `offers_words`: there are words to take.
 */
export interface TranslationRow {
  id: string;
  rows: number[];
  line: string;
  by: string;
  source: string;
  target: string;
  text: string;
  translation: string;
  new_target: string | null;
  correction: string | null;
  direction: string | null;
  state: ReviewState | null;
  comments: string[];
  code: string;
  refusal: string;
  can_overrule: boolean;
  offers_words: boolean;
  notes: string[];
}

/** The user's decision: allow everything that the project asks for, its media only, or nothing. */
export interface TrustAsked {
  allow: "all" | "media" | "nothing";
}

/** Speech that no line covers: [start, end). Without `words`, the recogniser heard none in it. */
export interface Uncovered {
  start: number;
  end: number;
  message: string;
  words: boolean;
}

/** An uploaded file; refer to it by `id`. */
export interface Upload {
  id: string;
  name: string;
  size: number;
}

/** A speaker's voice. `pace` is a factor on its own pace, `pitch` a shift in semitones. */
export interface Voice {
  engine: string;
  id: string;
  pace: number;
  pitch: number;
  clone: boolean;
}

/**
 * A voice of the project's engine. With a `second` one it is a mixture, of which `share` is the first.
 * Without `pace` (a factor) or `pitch` (semitones) the voice has its own.
 */
export interface VoiceAsked {
  engine: string;
  id: string;
  second?: string;
  share?: number;
  pace?: number | null;
  pitch?: number | null;
}

/**
 * The voices that a project's speakers can have, those made for its language first.
 *
 * `pace` and `pitch` are the limits of what can be set, null where nothing can; `why_none` says why there is
 * nothing to choose. `sends` says what leaves this machine. `cast_file` is the project's.
 */
export interface VoiceShelf {
  engine: string;
  local: boolean;
  sends: string;
  mixes: boolean;
  pace: [number, number] | null;
  pitch: [number, number] | null;
  voices: ListedVoice[];
  why_none: string;
  cast_file: string | null;
}

/** A watermark engine. `command` gets what it lacks; "" when it is ready. */
export interface WatermarkFacts {
  name: string;
  summary: string;
  command: string;
}

/** A setting or media file of a project that only the user can allow. */
export interface Wish {
  name: string;
  value: string;
  why: string;
}

/** A person of the cast file, by name, and whether consent for the face alone is withdrawn. */
export interface WithdrawalAsked {
  person: string;
  face_only?: boolean;
}

/**
 * What withdrawing a person's consent deletes and what remains, as sentences.
 *
 * `left` are clones that a service still has, because it did not answer.
 */
export interface WithdrawalFacts {
  person: string;
  deleted: string[];
  remains: string[];
  left: string[];
}

/** A recognised word. */
export interface Word {
  text: string;
  start: number;
  end: number;
  confidence: number | null;
}
