import assert from "node:assert/strict";
import { test } from "node:test";
import { FINEST, clamp, firstVisible, pageFor, rulerStep, zoomAbout } from "../src/timeline/view";

const LENGTH = 48000 * 600;
const PIXELS = 1000;

test("the view stays inside the programme", () => {
  assert.deepEqual(clamp({ from: -5, scale: 100 }, LENGTH, PIXELS), { from: 0, scale: 100 });
  assert.deepEqual(clamp({ from: LENGTH, scale: 100 }, LENGTH, PIXELS), { from: LENGTH - 100 * PIXELS, scale: 100 });
  assert.deepEqual(clamp({ from: 5, scale: 1e9 }, LENGTH, PIXELS), { from: 0, scale: LENGTH / PIXELS });
  assert.equal(clamp({ from: 0, scale: 1 }, LENGTH, PIXELS).scale, FINEST);
  assert.deepEqual(clamp({ from: 9, scale: 50 }, 10, PIXELS), { from: 0, scale: FINEST });
});

test("zooming keeps the sample under the pointer where it is", () => {
  const old = { from: LENGTH / 2, scale: 1000 };
  for (const factor of [0.5, 0.9, 1.3]) {
    const next = zoomAbout(old, factor, 300, LENGTH, PIXELS);
    assert.ok(Math.abs(old.from + 300 * old.scale - (next.from + 300 * next.scale)) < 1e-6);
  }
});

test("the page turns only when the position leaves it", () => {
  const old = { from: 48000, scale: 100 };
  assert.equal(pageFor(old, 48000 + 50_000, LENGTH, PIXELS), old);
  const next = pageFor(old, 48000 + 95_000, LENGTH, PIXELS);
  assert.equal((48000 + 95_000 - next.from) / next.scale, PIXELS / 10);
});

test("numbers on the ruler keep their distance", () => {
  for (const perPixel of [0.0005, 0.01, 0.5, 3, 40]) {
    assert.ok(rulerStep(perPixel, 80) / perPixel >= 80);
  }
  assert.equal(rulerStep(0.01, 80), 1);
  assert.equal(rulerStep(1000, 80), 7200);
});

test("the first line that may be in sight is found as a plain search finds it", () => {
  const starts = [0, 10, 10, 40, 90].map((start) => ({ start }));
  for (let from = -5; from < 120; from += 1) {
    const plain = starts.findIndex(({ start }) => start >= from - 15);
    assert.equal(firstVisible(starts, from, 15), plain < 0 ? starts.length : plain);
  }
});
