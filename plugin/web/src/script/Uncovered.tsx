/** Speech that no line covers: each stretch can become a line, or be left in the original voice. */
import { useEffect, useState } from "preact/hooks";
import { seek } from "../player/transport";
import { addLine, clock, leaveSpeech, project } from "../project";
import { selected } from "../selection";
import { plural, seconds, timecode } from "../time";
import type { Uncovered as Stretch } from "../types";
import { Button } from "../ui/controls";
import { keepInSight } from "./scroll";

export function Uncovered() {
  const list = project.value?.uncovered ?? [];
  if (!list.length) return null;
  const spoken = list.filter((one) => one.words).length;
  return (
    <section class="uncovered" aria-label="Speech without a line">
      <p class="uncovered-title">
        {spoken > 0 && (
          <span class="flag-warning">{plural(spoken, "stretch", "stretches")} of speech without a line. </span>
        )}
        {spoken < list.length && (
          <span>{plural(list.length - spoken, "stretch", "stretches")} like a voice, with no word in it. </span>
        )}
        <span class="uncovered-more">The original stays in the dub there.</span>
      </p>
      <ul>
        {list.map((one) => (
          <Row key={one.start} one={one} note={!one.words && spoken > 0 ? "no words heard" : ""} />
        ))}
      </ul>
    </section>
  );
}

function Row({ one, note }: { one: Stretch; note: string }) {
  const [open, setOpen] = useState(false);
  return (
    <li title={one.message}>
      <Button kind="quiet" title="Go there" onClick={() => seek(one.start)}>
        <span class="number">{timecode(clock.value, one.start)}</span>
      </Button>
      <span class="number muted">{seconds(clock.value, one.end - one.start)}</span>
      {note && <span class="muted">{note}</span>}
      {open ? (
        <Words one={one} close={() => setOpen(false)} />
      ) : (
        <span class="uncovered-choice">
          <Button onClick={() => setOpen(true)}>Add a line</Button>
          <Button kind="quiet" onClick={() => leaveSpeech(one.start, one.end)}>
            Leave
          </Button>
        </span>
      )}
    </li>
  );
}

/** Asks for the words that are said there; they are translated and voiced like any other line. */
function Words({ one, close }: { one: Stretch; close: () => void }) {
  const [text, setText] = useState("");
  useEffect(() => document.getElementById("uncovered-words")?.focus(), []);
  const save = async (event: Event) => {
    event.preventDefault();
    const id = await addLine(one.start, one.end, text.trim());
    if (!id) return;
    selected.value = id;
    keepInSight();
  };
  return (
    <form class="uncovered-words" onSubmit={save}>
      <input
        id="uncovered-words"
        aria-label="What is said there"
        placeholder="What is said there"
        maxLength={5000}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && close()}
      />
      <Button type="submit" disabled={!text.trim()}>
        Add
      </Button>
      <Button kind="quiet" onClick={close}>
        Cancel
      </Button>
    </form>
  );
}
