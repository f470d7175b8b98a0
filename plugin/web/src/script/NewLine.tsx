/** Asks for the words of a line that was drawn in a lane or begun by a key. */
import { useState } from "preact/hooks";
import { addLine, clock, speakers } from "../project";
import { selected } from "../selection";
import { seconds, timecode } from "../time";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { newLine } from "./lineActions";
import { keepInSight } from "./scroll";

export function NewLine() {
  return newLine.value && <Form stretch={newLine.value} />;
}

function Form({ stretch }: { stretch: { start: number; end: number; speaker: string } }) {
  const [text, setText] = useState("");
  const [translation, setTranslation] = useState("");
  const [speaker, setSpeaker] = useState(stretch.speaker);
  const close = () => (newLine.value = null);
  const save = async (event: Event) => {
    event.preventDefault();
    const id = await addLine(stretch.start, stretch.end, text.trim(), { speaker, translation: translation.trim() });
    if (!id) return;
    close();
    selected.value = id;
    keepInSight();
  };
  return (
    <Dialog title="New line" onClose={close}>
      <form class="new-line" onSubmit={save}>
        <p class="muted number">
          {timecode(clock.value, stretch.start)} – {timecode(clock.value, stretch.end)},{" "}
          {seconds(clock.value, stretch.end - stretch.start)}
        </p>
        <label class="field">
          <span>Speaker</span>
          <select value={speaker} onChange={(event) => setSpeaker(event.currentTarget.value)}>
            {speakers.value.map((one) => (
              <option value={one.id} key={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Original: what is said there</span>
          <input autofocus maxLength={5000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Translation; without one it is translated</span>
          <input maxLength={5000} value={translation} onInput={(event) => setTranslation(event.currentTarget.value)} />
        </label>
        <p class="new-line-choice">
          <Button type="submit" kind="first" disabled={!text.trim()}>
            Add the line
          </Button>
          <Button kind="quiet" onClick={close}>
            Cancel
          </Button>
        </p>
      </form>
    </Dialog>
  );
}
