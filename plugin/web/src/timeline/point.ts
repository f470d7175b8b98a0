/** What lies under the pointer on the timeline. */
import type { Line, Loop, Speaker } from "../types";
import { LOOPS, RULER, laneTop } from "./draw";
import { type View, firstVisible } from "./view";

export type Hit =
  | { on: "ruler" }
  | { on: "loop"; loop: Loop }
  | { on: "line"; line: Line; edge: "start" | "end" | null }
  | { on: "lane"; speaker: string | null };

const REACH = 5;

export interface Layout {
  view: View;
  laneHeight: number;
  head: number;
  scroll: number;
  loops: Loop[];
  lines: Line[];
  longest: number;
  speakers: Speaker[];
}

export function hit(layout: Layout, x: number, y: number): Hit {
  if (y < layout.head) return loopAt(layout, x, y) ?? { on: "ruler" };
  const row = Math.floor((y - laneTop(layout, 0)) / layout.laneHeight);
  const speaker = layout.speakers[row]?.id;
  const { from, scale } = layout.view;
  const at = from + x * scale;
  const reach = REACH * scale;
  let near: Hit = { on: "lane", speaker: speaker ?? null };
  for (let place = firstVisible(layout.lines, at - reach, layout.longest); place < layout.lines.length; place++) {
    const line = layout.lines[place] as Line;
    if (line.start > at + reach) break;
    if (line.speaker !== speaker || line.end < at - reach) continue;
    const edge = edgeAt(line, at, reach);
    if (edge || (at >= line.start && at <= line.end)) near = { on: "line", line, edge };
  }
  return near;
}

function loopAt({ loops, view }: Layout, x: number, y: number): Hit | null {
  if (y < RULER || y >= RULER + LOOPS) return null;
  const at = view.from + x * view.scale;
  const loop = loops.find((one) => one.start <= at && at <= one.end);
  return loop ? { on: "loop", loop } : null;
}

/** An edge can be taken only where the line is wide enough to leave room for a click between the two. */
function edgeAt(line: Line, at: number, reach: number): "start" | "end" | null {
  if (line.locked || line.end - line.start < 4 * reach) return null;
  if (Math.abs(at - line.start) <= reach) return "start";
  return Math.abs(at - line.end) <= reach ? "end" : null;
}
