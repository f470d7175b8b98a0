import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { arrived, forgetPeaks, levelFor, reader } from "../src/peaks";

const asked: { url: string; range: string }[] = [];

/** The service's side: pair number n of the sound is (-n, n), up to the end of its data. */
function answer(pairs: number): void {
  mock.method(globalThis, "fetch", async (url: string, init: RequestInit) => {
    const range = (init.headers as Record<string, string>).Range ?? "";
    asked.push({ url, range });
    const [, from = "0", to = "0"] = /bytes=(\d+)-(\d+)/.exec(range) ?? [];
    const all = new Int8Array(pairs * 2).map((_, at) => (at % 2 ? (at - 1) / 2 : -at / 2) % 128);
    return new Response(all.slice(Number(from), Number(to) + 1), { status: 206 });
  });
}

const settle = () => new Promise((done) => setImmediate(done));

beforeEach(() => {
  asked.length = 0;
  forgetPeaks();
});
afterEach(() => mock.restoreAll());

test("the coarsest level is taken that has a pair for each pixel", () => {
  assert.deepEqual([10, 256, 4095, 4096, 70000].map(levelFor), [256, 256, 256, 4096, 65536]);
});

test("a tile is asked for once, and then gives the least and the greatest", async () => {
  answer(100);
  const read = reader("/peaks/ME", 256);
  const before = arrived.value;
  assert.equal(read(0, 256), null);
  assert.equal(reader("/peaks/ME", 256)(0, 256), null);
  await settle();
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0], { url: "/peaks/ME/256", range: "bytes=0-16383" });
  assert.equal(arrived.value, before + 1);
  const again = reader("/peaks/ME", 256);
  assert.deepEqual(again(0, 256), [0, 0]);
  assert.deepEqual(again(3 * 256, 6 * 256), [-5, 5]);
  assert.equal(again(200 * 256, 201 * 256), null);
});

test("what is forgotten is asked for again", async () => {
  answer(10);
  reader("/peaks/DX", 256)(0, 256);
  await settle();
  forgetPeaks();
  assert.equal(reader("/peaks/DX", 256)(0, 256), null);
  await settle();
  assert.equal(asked.length, 2);
});

test("a sound that cannot be had is not asked for with every drawing", async () => {
  mock.method(globalThis, "fetch", async (url: string) => {
    asked.push({ url, range: "" });
    return new Response("{}", { status: 404 });
  });
  for (let at = 0; at < 3; at++) {
    assert.equal(reader("/peaks/gone", 256)(0, 256), null);
    await settle();
    await settle();
  }
  assert.equal(asked.length, 1);
});
