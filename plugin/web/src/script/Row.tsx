/** One line of the list. */
import { memo } from "./memo";
import { changedSinceMix, clock, colours, editLine, loopOf, names, voicing, wordsOf } from "../project";
import { playing, seek } from "../player/transport";
import { type Field, editing, isHuman, pace, selected, worst } from "../selection";
import { timecode } from "../time";
import type { Line } from "../types";
import { Icon } from "../ui/Icon";
import { PRESENCE, describePresence } from "../faces";
import { refuseLocked } from "./lineActions";
import { Cell } from "./Cell";
import { ReviewMark } from "./Review";
import { current, rowHeight } from "./scroll";

export const Row = memo(function Row({ line, place }: { line: Line; place: number }) {
  const chosen = selected.value === line.id;
  const typed = editing.value?.id === line.id ? editing.value.field : null;
  const flag = worst(line);
  const loop = loopOf.value.get(line.id);
  return (
    <div
      class="row"
      role="row"
      id={`row-${line.id}`}
      data-line={line.id}
      aria-rowindex={place + 2}
      aria-selected={chosen}
      data-playing={current.value === line.id || undefined}
      data-odd={place % 2 === 1 || undefined}
      style={{ transform: `translateY(${place * rowHeight.value}px)`, zIndex: typed ? "2" : "" }}
      onClick={(event) => click(event, line, chosen)}
    >
      <span role="gridcell" class="cell-time">
        {timecode(clock.value, line.start)}
        <Screen line={line} />
        {loop && (
          <span class="loop" title={`Recording loop ${loop}`}>
            Loop {loop}
          </span>
        )}
      </span>
      <span role="gridcell" class="cell-speaker">
        <span class="dot" style={{ background: colours.value.get(line.speaker) }} />
        <span class="cut">{names.value.get(line.speaker) ?? line.speaker}</span>
        {isHuman(line) && (
          <span class="cell-human" role="img" aria-label="Human take" title="A person speaks this line">
            <Icon name="mic" />
          </span>
        )}
        {line.locked && (
          <span class="lock" role="img" aria-label="Locked" title="Locked: nothing changes it">
            <Icon name="lock" />
          </span>
        )}
      </span>
      <span role="gridcell" class="cell-text cell-original" data-field="text">
        {typed === "text" ? editor(line, "text") : <Original text={line.text} />}
      </span>
      <span role="gridcell" class="cell-text" data-field="translation">
        {typed === "translation" ? (
          editor(line, "translation")
        ) : (
          <span class="clamp">{line.translation || <em class="nothing">No translation yet</em>}</span>
        )}
      </span>
      <span role="gridcell" class="cell-pace right" data-pace={pace(line)}>
        {line.cps.toFixed(1)}
      </span>
      <span role="gridcell" class="cell-review">
        <ReviewMark line={line} />
      </span>
      <span role="gridcell" class="cell-flag">
        <State line={line} flag={flag} />
      </span>
    </div>
  );
});

/** Whether the picture shows the speaker; nothing where nobody looked. */
function Screen({ line }: { line: Line }) {
  const seen = line.on_screen;
  if (!seen) return null;
  return (
    <span class="screen" data-presence={seen.presence} title={describePresence(seen)}>
      {PRESENCE[seen.presence]}
    </span>
  );
}

function State({ line, flag }: { line: Line; flag: ReturnType<typeof worst> }) {
  if (voicing.value.has(line.id)) return <span class="pulse" role="img" aria-label="A new take is being made" />;
  if (flag) {
    const reasons = line.flags.map((one) => one.message).join("\n");
    return (
      <span class={`flag flag-${flag}`} role="img" aria-label={reasons} title={reasons}>
        <Icon name={flag} />
      </span>
    );
  }
  if (changedSinceMix.value.has(line.id)) {
    return <span class="unmixed" role="img" aria-label="Changed; not in the mix yet" title="Changed; not in the mix yet" />;
  }
  return null;
}

/** Each word can be clicked: it seeks to where it is said. */
function Original({ text }: { text: string }) {
  return (
    <span class="clamp">
      {text.split(/(?<=\s)/).map((word, at) => (
        <span class="word" data-word={at} key={at}>
          {word}
        </span>
      ))}
    </span>
  );
}

function editor(line: Line, field: Field) {
  return <Cell line={line} field={field} save={(text, before) => editLine(line.id, { [field]: text }, { [field]: before })} />;
}

function click(event: MouseEvent, line: Line, chosen: boolean): void {
  if (!(event.target instanceof HTMLElement) || event.target.closest("textarea")) return;
  const field = event.target.closest<HTMLElement>("[data-field]")?.dataset.field as Field | undefined;
  const word = event.target.closest<HTMLElement>("[data-word]");
  selected.value = line.id;
  if (word) {
    void seekWord(line, Number(word.dataset.word), word.parentElement?.childElementCount ?? 1);
    if (event.detail === 2 && !refuseLocked(line)) editing.value = { id: line.id, field: "text" };
    return;
  }
  if (field && (chosen || event.detail === 2)) {
    if (!refuseLocked(line)) editing.value = { id: line.id, field };
  }
  else if (!playing.value) seek(line.start);
}

/** Seeks to a word: to its recognised time, or where its share of the line lies when the text was rewritten. */
async function seekWord(line: Line, at: number, count: number): Promise<void> {
  const words = await wordsOf(line.id).catch(() => []);
  const word = words.length === count ? words[at] : undefined;
  seek(word?.start ?? line.start + ((line.end - line.start) * at) / count);
}
