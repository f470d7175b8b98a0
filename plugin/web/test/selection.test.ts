import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { changedSinceMix, lines, project } from "../src/project";
import { kind, lineAt, neighbour, onlyLoop, onlySpeaker, pace, query, selected, shown, worst } from "../src/selection";
import type { Project } from "../src/types";
import { flag, line } from "./samples";

const LIMITS = { cps_amber: 17, cps_red: 20, speed_preferred: 1.15, speed_hard: 1.3 };

beforeEach(() => {
  query.value = "";
  onlySpeaker.value = null;
  onlyLoop.value = null;
  kind.value = "all";
  selected.value = null;
  project.value = { limits: LIMITS } as Project;
  changedSinceMix.value = new Set(["c"]);
  lines.value = [
    line({ id: "a", start: 0, end: 100, text: "Où es-tu?", speaker: "S1" }),
    line({ id: "b", start: 200, end: 300, translation: "Where are you?", speaker: "S2", flags: [flag("info")] }),
    line({ id: "c", start: 250, end: 260, direction: "whispered", speaker: "S1", cps: 21, edited: ["text"] }),
  ];
});

const ids = () => shown.value.map((one) => one.id);

test("the worst flag counts, whatever their order", () => {
  assert.equal(worst(line({})), null);
  assert.equal(worst(line({ flags: [flag("info"), flag("error"), flag("warning")] })), "error");
  assert.equal(worst(line({ flags: [flag("warning"), flag("info")] })), "warning");
});

test("a line's pace is held against the limits in force", () => {
  assert.deepEqual(
    [17, 17.1, 20, 20.1].map((cps) => pace(line({ cps }))),
    ["easy", "amber", "amber", "red"],
  );
  project.value = null;
  assert.equal(pace(line({ cps: 99 })), "easy");
});

test("search looks into both languages, directions and ids, without case and accents", () => {
  query.value = "OU ES";
  assert.deepEqual(ids(), ["a"]);
  query.value = "where";
  assert.deepEqual(ids(), ["b"]);
  query.value = "whisper";
  assert.deepEqual(ids(), ["c"]);
});

test("one recording loop is shown, while there is one of that number", () => {
  const loops = [{ number: "1", start: 0, end: 100, lines: ["a"], speakers: ["S1"] }];
  project.value = { limits: LIMITS, loops } as unknown as Project;
  onlyLoop.value = "1";
  assert.deepEqual(ids(), ["a"]);
  onlyLoop.value = "7";
  assert.deepEqual(ids(), ["a", "b", "c"]);
});

test("filters narrow the list, and together too", () => {
  kind.value = "flagged";
  // A line that is read too fast is amber in the list, and so one of those with flags.
  assert.deepEqual(ids(), ["b", "c"]);
  kind.value = "fast";
  assert.deepEqual(ids(), ["c"]);
  kind.value = "edited";
  assert.deepEqual(ids(), ["c"]);
  kind.value = "changed";
  assert.deepEqual(ids(), ["c"]);
  onlySpeaker.value = "S2";
  assert.deepEqual(ids(), []);
  kind.value = "all";
  assert.deepEqual(ids(), ["b"]);
});

test("steps stay inside the list", () => {
  assert.equal(neighbour(1)?.id, "a");
  assert.equal(neighbour(-1)?.id, "c");
  selected.value = "b";
  assert.equal(neighbour(1)?.id, "c");
  assert.equal(neighbour(10)?.id, "c");
  assert.equal(neighbour(-10)?.id, "a");
  query.value = "nothing has this";
  assert.equal(neighbour(1), null);
});

test("the line that sounds is the last that began and has not ended", () => {
  assert.equal(lineAt(0)?.id, "a");
  assert.equal(lineAt(100), null);
  assert.equal(lineAt(255)?.id, "c");
  assert.equal(lineAt(270)?.id, "b");
  const placement = { start: 0, end: 180, speed: 1, gain_db: 0, reason: "", pieces: [] };
  lines.value = [line({ id: "a", start: 0, end: 100, placement }), ...lines.value.slice(1)];
  assert.equal(lineAt(150)?.id, "a");
});
