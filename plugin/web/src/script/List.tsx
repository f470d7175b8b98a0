/** The list of lines: only the rows in sight are on the page, so that two thousand are as light as twenty. */
import { useEffect, useRef } from "preact/hooks";
import { lines } from "../project";
import { shown } from "../selection";
import { Empty } from "../ui/controls";
import { Row } from "./Row";
import { followIn, rowHeight, scrollTop, touchList, viewHeight } from "./scroll";

/** How many rows beyond those in sight are drawn, above and below. */
const SPARE = 6;

export function List() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => (box.current ? followIn(box.current) : undefined), []);
  const list = shown.value;
  const row = rowHeight.value;
  const first = Math.max(0, Math.floor(scrollTop.value / row) - SPARE);
  const last = Math.min(list.length, Math.ceil((scrollTop.value + viewHeight.value) / row) + SPARE);
  return (
    <div class="list" role="grid" aria-label="Lines" aria-rowcount={list.length + 1} aria-colcount={7}>
      <div class="list-head" role="rowgroup">
        <div class="row row-head" role="row" aria-rowindex={1}>
          <span role="columnheader">In</span>
          <span role="columnheader">Speaker</span>
          <span role="columnheader">Original</span>
          <span role="columnheader">Translation</span>
          <span role="columnheader" class="right" title="Characters a second of the translation">
            Ch/s
          </span>
          <span role="columnheader">
            <span class="hidden">Review</span>
          </span>
          <span role="columnheader">
            <span class="hidden">Flags</span>
          </span>
        </div>
      </div>
      <div
        class="list-scroll"
        role="rowgroup"
        ref={box}
        tabIndex={0}
        aria-label="Lines; up and down walk through them, enter edits"
        onScroll={(event) => (scrollTop.value = event.currentTarget.scrollTop)}
        onWheel={touchList}
        onPointerMove={touchList}
      >
        <div class="list-room" role="presentation" style={{ height: `${list.length * row}px` }}>
          {list.slice(first, last).map((line, at) => (
            <Row key={line.id} line={line} place={first + at} />
          ))}
        </div>
        {!list.length && (
          <Empty title={lines.value.length ? "No line matches the filter." : "No lines yet."} />
        )}
      </div>
    </div>
  );
}
