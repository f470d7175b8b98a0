import assert from "node:assert/strict";
import { test } from "node:test";
import * as time from "../src/time";

const clock = (rate: [number, number], startFrame = 0, drop = false): time.Clock => ({
  sampleRate: 48000,
  rate,
  startFrame,
  drop,
});
const RATES: [number, number][] = [[24000, 1001], [24, 1], [25, 1], [30000, 1001], [50, 1], [60000, 1001]];

test("every frame's first sample is in that frame, and the sample before it is not", () => {
  for (const rate of RATES) {
    for (let frame = 1; frame < 200_000; frame += 997) {
      const at = time.samplesAt(clock(rate), frame);
      assert.equal(time.frameAt(clock(rate), at), frame, `${rate} ${frame}`);
      assert.equal(time.frameAt(clock(rate), at - 1), frame - 1, `${rate} ${frame}`);
    }
  }
});

test("drop-frame timecode leaves out two numbers a minute but the tenth", () => {
  const ntsc = clock([30000, 1001], 0, true);
  const told = (frame: number) => time.timecode(ntsc, time.samplesAt(ntsc, frame));
  assert.equal(told(1799), "00:00:59;29");
  assert.equal(told(1800), "00:01:00;02");
  assert.equal(told(17981), "00:09:59;29");
  assert.equal(told(17982), "00:10:00;00");
  assert.equal(told(107892), "01:00:00;00");
});

test("at 59.94 drop-frame timecode leaves out four", () => {
  const fast = clock([60000, 1001], 0, true);
  assert.equal(time.timecode(fast, time.samplesAt(fast, 3600)), "00:01:00;04");
});

test("timecode counts on from the programme's start", () => {
  assert.equal(time.timecode(clock([25, 1], 90000), 48000), "01:00:01:00");
});

test("what is written as timecode is read back", () => {
  for (const drop of [false, true]) {
    for (const rate of drop ? RATES.slice(3, 4) : RATES) {
      const mine = clock(rate, 90000, drop);
      for (let frame = 0; frame < 150_000; frame += 1009) {
        const at = time.samplesAt(mine, frame);
        assert.equal(time.parseTimecode(mine, time.timecode(mine, at)), at);
      }
    }
  }
});

test("half a timecode is read, and what is none is refused", () => {
  const mine = clock([25, 1]);
  assert.equal(time.parseTimecode(mine, " 2:10 "), 2 * 48000 + 10 * 1920);
  assert.equal(time.parseTimecode(mine, "1.00.00"), 60 * 48000);
  for (const text of ["", "x", "1:2:3:4:5", "0:25", "60:00", "-1", "1:"]) {
    assert.equal(time.parseTimecode(mine, text), null, text);
  }
});

test("a programme without a picture counts in 25 frames", () => {
  const programme = {
    name: "",
    length: 1,
    sample_rate: 48000,
    channels: 1,
    frame_rate: null,
    rate: "25/1",
    start_frame: 3,
    drop: false,
    picture: null,
  };
  assert.deepEqual(time.clockOf(programme), clock([25, 1], 3));
  assert.deepEqual(time.clockOf({ ...programme, frame_rate: "24000/1001" }).rate, [24000, 1001]);
});

test("durations, sizes and counts are said in words", () => {
  assert.equal(time.runningTime(3909.6), "1:05:10");
  assert.equal(time.runningTime(59.6), "1:00");
  assert.equal(time.remaining(9), "a few seconds");
  assert.equal(time.remaining(42), "40 seconds");
  assert.equal(time.remaining(600), "10 minutes");
  assert.equal(time.remaining(7200), "2.0 hours");
  assert.equal(time.ago(1000, 1030), "just now");
  assert.equal(time.ago(1000, 1065), "1 minute ago");
  assert.equal(time.ago(1000, 8300), "2 hours ago");
  assert.equal(time.plural(1, "line"), "1 line");
  assert.equal(time.plural(0, "line"), "0 lines");
  assert.equal(time.plural(2, "man", "men"), "2 men");
  assert.equal(time.fileSize(999), "999 B");
  assert.equal(time.fileSize(1500), "2 kB");
  assert.equal(time.fileSize(2_340_000_000), "2.3 GB");
});

test("frames begin where the command line has them: at the nearest sample, in whole numbers", () => {
  const rates: [number, number][] = [[24000, 1001], [24, 1], [25, 1], [30000, 1001], [50, 1], [60000, 1001]];
  for (const rate of rates) {
    for (let frame = 0; frame < 500_000; frame += 997) {
      const [top, bottom] = [BigInt(rate[0]), BigInt(rate[1]) * 48_000n];
      const exact = Number((2n * BigInt(frame) * bottom + top) / (2n * top));
      assert.equal(time.samplesAt(clock(rate), frame), exact, `${rate} ${frame}`);
    }
  }
});
