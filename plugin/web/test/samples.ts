/** Values for the tests: each with what does not matter filled in. */
import type { Flag, Line, Severity, Word } from "../src/types";

export function line(fields: Partial<Line>): Line {
  return {
    id: "S1_0001",
    speaker: "S1",
    start: 0,
    end: 48000,
    slot_end: 60000,
    text: "",
    translation: "",
    direction: "",
    status: "voiced",
    flags: [],
    takes: [],
    chosen: null,
    placement: null,
    edited: [],
    cps: 0,
    prosody: null,
    ...fields,
  };
}

export const word = (start: number, end: number): Word => ({ text: "w", start, end, confidence: null });
export const flag = (severity: Severity): Flag => ({ code: severity, message: "", severity });
