/** The recorder's arithmetic: when what is kept begins, how latency is found, how WAV files are written and read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLICK_EVERY_SECONDS, findLatency } from "../src/record/latency";
import { countAt, cutBlock, frameOf, planPass } from "../src/record/plan";
import { decodeSamples, readHeader, writeWav } from "../src/record/wav";

const RATE = 48000;

test("a pass counts three beeps to the line's start, and keeps half a second before it", () => {
  const pass = planPass(480_000, 528_000, RATE);
  assert.deepEqual(pass.beeps, [336_000, 384_000, 432_000]);
  assert.equal(pass.keepFrom, 456_000);
  assert.ok(pass.from < 336_000 && pass.to > 528_000);
  const counts = [pass.from, 336_000, 383_999, 384_000, 479_999, 480_000, 500_000].map((at) => countAt(pass, at, RATE));
  assert.deepEqual(counts, [null, 3, 3, 2, 1, 0, 0]);
  assert.ok(planPass(0, 48_000, RATE).from < 0, "the count may begin before the programme");
});

test("what is heard at a position comes in later by the latency", () => {
  assert.equal(frameOf(1000, 5000, 240), 6240);
});

test("blocks are cut to the sample", () => {
  const block = Float32Array.from({ length: 10 }, (_, at) => at);
  assert.deepEqual([...cutBlock(100, block, 103, 106)], [3, 4, 5]);
  assert.deepEqual([...cutBlock(100, block, 0, 102)], [0, 1]);
  assert.equal(cutBlock(100, block, 110, 200).length, 0);
  assert.equal(cutBlock(100, block, 0, 100).length, 0);
});

function clicks(played: number[], late: number, lost: number[] = []): Float32Array {
  const sound = new Float32Array((played.at(-1) as number) + RATE);
  sound.forEach((_, at) => (sound[at] = 0.001 * Math.sin(at * 1.7)));
  played.forEach((at, number) => {
    if (!lost.includes(number)) for (let n = 0; n < 40; n++) sound[at + late + n] = 0.3 * (n % 2 ? -1 : 1);
  });
  return sound;
}

test("latency is the middle of what the clicks took", () => {
  const played = [0, 1, 2, 3, 4, 5].map((at) => 1000 + at * CLICK_EVERY_SECONDS * RATE);
  assert.equal(findLatency(clicks(played, 2345), 0, played, RATE), 2345);
  assert.equal(findLatency(clicks(played, 2345, [1]), 0, played, RATE), 2345, "one may be lost");
  assert.equal(findLatency(clicks(played, 2345, [0, 1, 2]), 0, played, RATE), null);
  assert.equal(findLatency(new Float32Array(clicks(played, 0).length), 0, played, RATE), null, "silence says nothing");
});

test("a WAV file that was written is read back to the bit", async () => {
  const pieces = [Float32Array.of(0, 0.5, -1), Float32Array.of(0.25)];
  const bytes = await writeWav(pieces, RATE).arrayBuffer();
  const facts = readHeader(bytes);
  assert.ok(facts);
  assert.deepEqual({ ...facts }, { channels: 1, sampleRate: RATE, bits: 32, float: true, data: 58, length: 4 });
  assert.deepEqual([...(decodeSamples(bytes.slice(facts.data), facts)[0] ?? [])], [0, 0.5, -1, 0.25]);
});

test("24-bit stereo is read, and what is no WAV file is not", () => {
  const facts = { channels: 2, sampleRate: RATE, bits: 24, float: false, data: 0, length: 1 };
  const samples = Uint8Array.of(0, 0, 0x40, 0, 0, 0xc0);
  assert.deepEqual(decodeSamples(samples.buffer, facts).map((one) => one[0]), [0.5, -0.5]);
  assert.equal(readHeader(new ArrayBuffer(4)), null);
  assert.equal(readHeader(new TextEncoder().encode("RIFFxxxxAVI LIST").buffer as ArrayBuffer), null);
});
