/** Everything about the selected line, always at the same place. */
import { useState } from "preact/hooks";
import { PRESENCE, describePresence } from "../faces";
import { picturesOpen } from "../picture";
import { anotherTake, chooseTake, clock, editLine, project, setPresence, speakers, voicing } from "../project";
import { auditioned, hearOriginal, hearTake } from "../player/audition";
import { WEIGHT, pace, selectedLine } from "../selection";
import { parseTimecode, seconds, timecode } from "../time";
import type { Line, Take } from "../types";
import { Button, Empty, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { recordKey } from "../record/Recorder";
import { LayoutChoice } from "../takes/Layout";
import { LineButtons } from "./LineButtons";
import { Review, StateChoice } from "./Review";

export function Inspector() {
  const line = selectedLine.value;
  return (
    <section class="inspector" aria-label="Selected line">
      {line ? <Details key={line.id} line={line} /> : <Empty title="Choose a line to see its takes and timing." />}
    </section>
  );
}

function Details({ line }: { line: Line }) {
  return (
    <>
      <div class="fields">
        <label class="field">
          <span>Speaker</span>
          <select value={line.speaker} disabled={line.locked} onChange={(event) => editLine(line.id, { speaker: event.currentTarget.value })}>
            {speakers.value.map((one) => (
              <option value={one.id} key={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <TimeField label="In" line={line} edge="start" />
        <TimeField label="Out" line={line} edge="end" beside={seconds(clock.value, line.end - line.start)} />
        <div class="field-pair">
          {line.on_screen && <Screen line={line} />}
          <TextField key={`d ${line.direction}`} line={line} />
        </div>
        <div class="line-row">
          <LineButtons line={line} />
          <StateChoice line={line} />
        </div>
      </div>
      <Takes line={line} />
      <div class="notes">
        <Review line={line} />
        <ul class="reasons" aria-label="Notes on this line">
        {voicing.value.has(line.id) ? <li class="reason">A new take is being made.</li> : <Notes line={line} />}
        </ul>
      </div>
    </>
  );
}

/** Whether the picture shows the speaker: as found, or as a person says. */
function Screen({ line }: { line: Line }) {
  const seen = line.on_screen;
  if (!seen) return null;
  const decided = line.edited.includes("on_screen");
  return (
    <label class="field" title={describePresence(seen)}>
      <span>On screen</span>
      <select
        value={decided ? seen.presence : ""}
        disabled={line.locked}
        onChange={(event) => setPresence(line.id, (event.currentTarget.value || null) as "on" | "partly" | "off" | null)}
      >
        <option value="">{decided ? "As found" : `Found: ${PRESENCE[seen.presence]}`}</option>
        <option value="on">On</option>
        <option value="partly">Partly</option>
        <option value="off">Off</option>
      </select>
    </label>
  );
}

/** What is worth a look, how fast it reads, and why its take was fitted as it was. */
function Notes({ line }: { line: Line }) {
  const flags = [...line.flags].sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
  return (
    <>
      {flags.map((flag) => (
        <li class={`reason flag-${flag.severity}`} key={flag.code}>
          <Icon name={flag.severity} /> <span title={flag.message}>{flag.message}</span>
        </li>
      ))}
      <Pace line={line} />
      <Lips line={line} />
      {line.placement?.reason && (
        <li class="reason">
          <Icon name="check" /> <span title={line.placement.reason}>{line.placement.reason}</span>
        </li>
      )}
    </>
  );
}

/** How much of the line has new lips, and why the rest has none. */
function Lips({ line }: { line: Line }) {
  const told = project.value?.lips[line.id];
  if (!told) return null;
  return (
    <li class="reason">
      <Icon name={/^\d/.test(told) ? "check" : "minus"} />{" "}
      <button type="button" class="link cut" title={`Lips: ${told}`} onClick={() => (picturesOpen.value = "line")}>
        Lips: {told}
      </button>
    </li>
  );
}

function Pace({ line }: { line: Line }) {
  const limits = project.value?.limits;
  const how = pace(line);
  if (!limits || how === "easy") return null;
  const limit = how === "red" ? limits.cps_red : limits.cps_amber;
  return (
    <li class={`reason flag-${how === "red" ? "error" : "warning"}`}>
      <Icon name={how === "red" ? "error" : "warning"} />
      <span>
        {line.cps.toFixed(1)} characters a second; the limit is {limit}.
      </span>
    </li>
  );
}

interface TimeProps {
  label: string;
  line: Line;
  edge: "start" | "end";
  beside?: string;
}

function TimeField({ label, line, edge, beside }: TimeProps) {
  const [wrong, setWrong] = useState(false);
  const shown = timecode(clock.value, line[edge]);
  const keep = async (input: HTMLInputElement) => {
    if (input.value === shown) return setWrong(false);
    const at = parseTimecode(clock.value, input.value);
    if (at === null || !(await editLine(line.id, { [edge]: at }))) return setWrong(true);
    setWrong(false);
  };
  return (
    <label class="field">
      <span class="field-head">
        {label}
        {beside && (
          <output class="number" aria-label="Length" title="Length of the line">
            {beside}
          </output>
        )}
      </span>
      <input
        class="number timecode"
        aria-label={label}
        key={shown}
        defaultValue={shown}
        aria-invalid={wrong}
        disabled={line.locked}
        spellcheck={false}
        onBlur={(event) => keep(event.currentTarget)}
        onKeyDown={(event) => fieldKeys(event, shown)}
      />
    </label>
  );
}

function TextField({ line }: { line: Line }) {
  return (
    <label class="field">
      <span>Direction</span>
      <input
        defaultValue={line.direction}
        disabled={line.locked}
        placeholder="whispered, out of breath"
        maxLength={300}
        onBlur={({ currentTarget: { value } }) => value !== line.direction && editLine(line.id, { direction: value })}
        onKeyDown={(event) => fieldKeys(event, line.direction)}
      />
    </label>
  );
}

/** Enter keeps a field (leaving it saves), escape puts it back. */
function fieldKeys(event: KeyboardEvent & { currentTarget: HTMLInputElement }, before: string): void {
  if (event.key === "Escape") event.currentTarget.value = before;
  if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
}

function Takes({ line }: { line: Line }) {
  const sounding = auditioned.value;
  return (
    <div class="takes">
      <div class="takes-head">
        <h2 class="takes-title">Takes</h2>
        <Button onClick={recordKey} disabled={line.locked} title="Record this line against the picture (R)">
          Record
        </Button>
        <Button onClick={() => anotherTake(line.id)} disabled={!line.translation || line.locked || voicing.value.has(line.id)}>
          {voicing.value.has(line.id) ? "Making a take" : "Another take"}
        </Button>
        <LayoutChoice line={line} />
      </div>
      <ul class="takes-list" aria-label="Takes of this line">
        <li class="take" data-sounding={sounding === `${line.id} original` || undefined}>
          <IconButton icon="play" label="Hear the original" onClick={() => hearOriginal(line.id)} />
          <span class="take-choice">
            <span class="take-name">Original</span>
            <span class="take-text cut">{line.text}</span>
          </span>
          <span class="number muted">{seconds(clock.value, line.end - line.start)}</span>
        </li>
        {[...line.takes].reverse().map((take) => (
          <OneTake key={take.id} line={line} take={take} sounding={sounding === `${line.id} ${take.id}`} />
        ))}
      </ul>
    </div>
  );
}

function OneTake({ line, take, sounding }: { line: Line; take: Take; sounding: boolean }) {
  return (
    <li class="take" data-take={take.id} data-sounding={sounding || undefined}>
      <IconButton icon="play" label={`Hear take ${take.id}`} onClick={() => hearTake(line.id, take)} />
      <label class="take-choice" title={`${take.text}\n${take.human ? take.source || "Recorded on this page" : take.engine}`}>
        <input
          type="radio"
          name={`take of ${line.id}`}
          checked={take.id === line.chosen}
          disabled={line.locked}
          onChange={() => chooseTake(line.id, take.id)}
        />
        <span class="take-name">{take.id.replace(/^t0*/, "Take ")}</span>
        {take.human && (
          <span class="take-human" title={take.source || "Recorded on this page"}>
            <Icon name="mic" /> Human
          </span>
        )}
        <span class="take-text cut">{take.text}</span>
      </label>
      <span class="number muted">{seconds(clock.value, take.length)}</span>
    </li>
  );
}
