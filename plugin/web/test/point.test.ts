import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBlock } from "../src/events";
import { href, parseRoute, type Route } from "../src/route";
import { ORIGINAL, RULER, headHeight, laneTop } from "../src/timeline/draw";
import { type Layout, hit } from "../src/timeline/point";
import { line } from "./samples";

const speaker = (id: string) => ({ id, name: id, colour: "", voice: null, lines: 1 });
const LAYOUT: Layout = {
  view: { from: 0, scale: 100 },
  laneHeight: 40,
  head: headHeight(0),
  loops: [],
  scroll: 0,
  lines: [line({ id: "a", speaker: "S2", start: 10_000, end: 30_000 }), line({ id: "b", start: 40_000, end: 40_500 })],
  longest: 20_000,
  speakers: [speaker("S1"), speaker("S2")],
};
const lane = (row: number) => laneTop(LAYOUT, row) + 5;

test("a line is hit in its own lane, and its edges within five pixels", () => {
  assert.deepEqual(hit(LAYOUT, 200, RULER + ORIGINAL - 1), { on: "ruler" });
  assert.deepEqual(hit(LAYOUT, 200, lane(0)), { on: "lane", speaker: "S1" });
  const edges = [104, 106, 200, 297, 306].map((x) => {
    const found = hit(LAYOUT, x, lane(1));
    return found.on === "line" ? found.edge : found.on;
  });
  assert.deepEqual(edges, ["start", null, null, "end", "lane"]);
});

test("a line of a few pixels has no edges to take", () => {
  const found = hit(LAYOUT, 402, lane(0));
  assert.equal(found.on === "line" && found.line.id, "b");
  assert.equal(found.on === "line" && found.edge, null);
});

test("every place of the page is its address, and back", () => {
  const places: Route[] = [
    { view: "home" },
    { view: "new", source: "/films/a b/ü#1.mov" },
    { view: "setup" },
    { view: "job", id: "j/1" },
    { view: "project", id: "p", tab: "quality" },
  ];
  for (const place of places) assert.deepEqual(parseRoute(href(place)), place);
  assert.deepEqual(parseRoute("#/project/p/nonsense"), { view: "project", id: "p", tab: "script" });
  assert.deepEqual(parseRoute("#/nonsense"), { view: "home" });
});

test("a block of an event stream is read, comments are not", () => {
  assert.deepEqual(parseBlock('id: 7\nevent: job\ndata: {"a":\ndata:1}'), { id: 7, type: "job", data: { a: 1 } });
  assert.equal(parseBlock(": still here"), null);
});

test("a loop is hit in its own row, and only there", () => {
  const loop = { number: "7", start: 10_000, end: 60_000, lines: ["a", "b"], speakers: ["S1", "S2"] };
  const layout = { ...LAYOUT, loops: [loop], head: headHeight(1) };
  assert.deepEqual(hit(layout, 200, RULER + 3), { on: "loop", loop });
  assert.deepEqual(hit(layout, 700, RULER + 3), { on: "ruler" });
  assert.deepEqual(hit(layout, 200, RULER - 2), { on: "ruler" });
});
