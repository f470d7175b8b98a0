import assert from "node:assert/strict";
import { test } from "node:test";
import { phrases, spread } from "../src/band/layout";
import { line, word } from "./samples";

test("a take in pieces is spoken over its pieces", () => {
  const pieces = [
    { source_start: 0, source_end: 10, start: 100, end: 110 },
    { source_start: 10, source_end: 30, start: 200, end: 220 },
  ];
  const placement = { start: 100, end: 220, speed: 1, gain_db: 0, reason: "", pieces };
  assert.deepEqual(phrases(line({ placement }), undefined), [
    [100, 110],
    [200, 220],
  ]);
  assert.deepEqual(phrases(line({ placement: { ...placement, pieces: [] } }), undefined), [[100, 220]]);
});

test("without a take the original's words give the phrases, parted at pauses of 0.3 s", () => {
  const words = [word(0, 1000), word(1000 + 14399, 20000), word(20000 + 14400, 40000)];
  assert.deepEqual(phrases(line({}), words), [
    [0, 20000],
    [34400, 40000],
  ]);
  assert.deepEqual(phrases(line({ start: 5, end: 9 }), []), [[5, 9]]);
});

test("words share a phrase by their letters and leave no gap", () => {
  const marks = spread("a bcd, efghi", [[0, 1200]]);
  assert.deepEqual(
    marks.map((mark) => mark.end - mark.start),
    [200, 400, 600],
  );
  assert.equal(marks[0]?.start, 0);
  for (let at = 1; at < marks.length; at++) assert.equal(marks[at]?.start, marks[at - 1]?.end);
});

test("no word lies across a pause, and none is lost", () => {
  const text = "one two three four five six seven";
  const spans: [number, number][] = [
    [0, 1000],
    [5000, 5400],
    [9000, 12000],
  ];
  const marks = spread(text, spans);
  assert.deepEqual(
    marks.map((mark) => mark.text),
    text.split(" "),
  );
  for (const mark of marks) assert.ok(spans.some(([start, end]) => mark.start >= start && mark.end <= end));
});

test("there are no marks without words or without time", () => {
  assert.deepEqual(spread("  ", [[0, 10]]), []);
  assert.deepEqual(spread("word", [[7, 7]]), []);
});
