import assert from "node:assert/strict";
import { test } from "node:test";
import { joinWords, phrasesOf } from "../src/job/found";

const word = (text: string, start: number, end: number) => ({ text, start, end, confidence: 1 });

test("words of two parts that overlap at their seam are told once", () => {
  const first = [word("good", 0, 10_000), word("evening", 10_000, 30_000)];
  const second = [word("evening", 10_400, 30_200), word("tickets", 40_000, 60_000)];
  assert.deepEqual(
    joinWords(first, second).map((one) => one.text),
    ["good", "evening", "tickets"],
  );
  assert.deepEqual(joinWords([], first), first);
});

test("parts may come in any order", () => {
  const joined = joinWords([word("later", 90_000, 99_000)], [word("sooner", 1_000, 9_000)]);
  assert.deepEqual(
    joined.map((one) => one.text),
    ["sooner", "later"],
  );
});

test("a phrase ends where nobody speaks", () => {
  const words = [word("I", 0, 5_000), word("know", 6_000, 12_000), word("Wait", 48_000, 60_000)];
  assert.deepEqual(phrasesOf(words, 24_000), [
    { start: 0, end: 12_000, text: "I know" },
    { start: 48_000, end: 60_000, text: "Wait" },
  ]);
});
