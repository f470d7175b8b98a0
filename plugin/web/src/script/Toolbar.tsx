/** Search and filters above the list. */
import { useState } from "preact/hooks";
import { lines, loops, names, project, speakers } from "../project";
import { type Kind, kind, onlyLoop, onlySpeaker, query, reviewCounts, shown, wantedLoop } from "../selection";
import { plural } from "../time";
import { Button } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { Deleted } from "./LineButtons";
import { picturesOpen } from "../picture";
import { Pictures } from "./Pictures";
import { Speakers } from "./Speakers";
import { ImportTakes } from "../takes/Import";

const KINDS: [Kind, string][] = [
  ["all", "All lines"],
  ["flagged", "With flags"],
  ["quality", "Found by quality control"],
  ["fast", "Read too fast"],
  ["edited", "Edited"],
  ["changed", "Not in the mix yet"],
  ["new", "New"],
  ["translated", "Translated"],
  ["reviewed", "Reviewed"],
  ["approved", "Approved"],
  ["open", "Not approved yet"],
  ["human", "Spoken by people"],
  ["comments", "With open comments"],
];

export function Toolbar() {
  const [open, setOpen] = useState(false);
  const [importing, setImporting] = useState(false);
  const counts = reviewCounts.value;
  const filtered = shown.value !== lines.value;
  return (
    <>
    <div class="toolbar" role="search">
      <label class="search">
        <Icon name="search" />
        <span class="hidden">Search the lines</span>
        <input
          id="search"
          type="search"
          placeholder="Search"
          value={query.value}
          onInput={(event) => (query.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            query.value = "";
            event.currentTarget.blur();
          }}
        />
      </label>
      <select
        aria-label="Which lines"
        value={kind.value}
        onChange={(event) => (kind.value = event.currentTarget.value as Kind)}
      >
        {KINDS.map(([value, title]) => (
          <option value={value} key={value}>
            {title}
            {value in counts && ` (${counts[value as keyof typeof counts]})`}
          </option>
        ))}
      </select>
      <select
        aria-label="Whose lines"
        value={onlySpeaker.value ?? ""}
        onChange={(event) => (onlySpeaker.value = event.currentTarget.value || null)}
      >
        <option value="">Everyone</option>
        {speakers.value.map((one) => (
          <option value={one.id} key={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      {loops.value.length > 1 && (
        <select
          aria-label="Which loop"
          value={wantedLoop.value ?? ""}
          onChange={(event) => (onlyLoop.value = event.currentTarget.value || null)}
        >
          <option value="">Every loop</option>
          {loops.value.map((loop) => (
            <option value={loop.number} key={loop.number}>
              Loop {loop.number}: {loop.speakers.map((id) => names.value.get(id) ?? id).join(", ")}
            </option>
          ))}
        </select>
      )}
      <span class="count number" aria-live="polite">
        {filtered ? `${shown.value.length} of ${lines.value.length}` : plural(lines.value.length, "line")}
      </span>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        <Icon name="people" /> Speakers
      </Button>
      {project.value?.picture && (
        <Button kind="quiet" label="Faces and lips" onClick={() => (picturesOpen.value = "all")}>
          <Icon name="lips" /> Lips
        </Button>
      )}
      <Button kind="quiet" onClick={() => setImporting(true)}>
        <Icon name="mic" /> Import takes
      </Button>
      <Deleted />
      {open && <Speakers onClose={() => setOpen(false)} />}
    </div>
    <Pictures />
    {importing && <ImportTakes onClose={() => setImporting(false)} />}
    </>
  );
}
