/** What the user chose for a new dub; what is left open is empty. */
export interface Choice {
  source: string;
  from: string;
  to: string;
  speakers: string;
  script: string;
  track: string;
  encoding: string;
  offset: string;
  engines: Record<string, string>;
  formats: string[];
  faces: boolean;
  lips: string;
  burn: boolean;
  watermark: string;
  cast: string;
}

export interface Part {
  choice: Choice;
  set: (more: Partial<Choice>) => void;
}
