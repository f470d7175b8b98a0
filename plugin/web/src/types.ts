/** The page's names for what the service sends. The types themselves are made from its OpenAPI document and from the
    schema of the QC report, by tools/page_types.py. Positions are samples of the programme. */
import type * as api from "./api-types";
import type * as report from "./report-types";

export type {
  Audition,
  Changed,
  Check,
  Comment,
  ConformPlan,
  ConsentAsked,
  DeliveryChoices,
  DeliveryPlan,
  Edited,
  Entry,
  Estimate,
  EstimateAsked,
  FaceBox,
  FacePerson,
  FacePlan,
  FirstConsent,
  Flag,
  Import,
  Job,
  JobAsked,
  JobProgramme,
  Limits,
  Line,
  LineWithWords,
  LipPlan,
  LipsAsked,
  ListedVoice,
  Listing,
  Loop,
  MarkingChoices,
  Models,
  OnScreen,
  Pending,
  PersonRights,
  PictureFacts,
  Piece,
  Placement,
  PlanRow,
  Programme,
  Project,
  ProjectLanguage,
  Rights,
  SendState,
  Severity,
  Speaker,
  Stem,
  Take,
  TakePlan,
  TakeRow,
  TranslationPlan,
  TranslationRow,
  Uncovered,
  Voice,
  VoiceAsked,
  VoiceShelf,
  Wish,
  Word,
} from "./api-types";
export type { Fit } from "./report-types";

export type Consent = api.ConsentFacts;
export type Delivery = api.DeliveryFacts;
export type Engine = api.EngineFacts;
export type Format = api.FormatFacts;
export type JobKind = api.Job["kind"];
export type JobStage = api.Stage;
export type JobState = api.Job["state"];
export type Language = api.LanguageFacts;
export type LipClip = api.LipClipFacts;
export type Model = api.ModelFacts;
export type ModelSet = api.ModelSetFacts;
export type PlanQuestion = api.QuestionRow;
export type ProjectSummary = api.ProjectFacts;
export type TakeLayout = api.Line["layout"];
export type ReviewState = api.Line["review"];
export type Service = api.ServiceFacts;
export type Withdrawal = api.WithdrawalFacts;

/** A finding of the report, or the flag of a line as one. */
export type QcFinding = report.Finding;
/** The report, with the signed address of its page where there is one. */
export interface QcReport extends report.QcReport {
  html: string | null;
}
