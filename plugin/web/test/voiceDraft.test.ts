import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, draftOf, sameDraft } from "../src/voiceDraft";

const plain = { pace: 1, pitch: 0 };

test("a mixture is taken apart, and any other voice is left whole", () => {
  assert.deepEqual(draftOf({ id: "0.7*pm_alex+0.3*am_adam", ...plain }), {
    id: "pm_alex", second: "am_adam", share: 0.7, ...plain,
  });
  assert.deepEqual(draftOf({ id: "f2-1.00-210Hz", pace: 1.1, pitch: -2 }), {
    id: "f2-1.00-210Hz", second: "", share: 0.5, pace: 1.1, pitch: -2,
  });
});

test("what sounds the same is the same draft", () => {
  const one = draftOf({ id: "pm_alex", ...plain });
  assert.ok(sameDraft(one, { ...one, share: 0.9 }), "a share without a mixture says nothing");
  assert.ok(!sameDraft(one, { ...one, pace: 1.1 }));
  const mixed = draftOf({ id: "0.7*pm_alex+0.3*am_adam", ...plain });
  assert.ok(!sameDraft(mixed, { ...mixed, share: 0.6 }));
});

test("a draft is described in one short text", () => {
  assert.equal(describe(draftOf({ id: "pm_alex", ...plain })), "pm_alex");
  assert.equal(
    describe(draftOf({ id: "0.7*pm_alex+0.3*am_adam", pace: 0.9, pitch: 2 })),
    "70 % pm_alex, 30 % am_adam, pace 0.9, pitch +2",
  );
});
