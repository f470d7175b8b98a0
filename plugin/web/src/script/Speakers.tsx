/** Who speaks, and with which voice: rename, recolour, cast, merge two that are one person, split one that is two. */
import { useEffect, useState } from "preact/hooks";
import { loadShelf } from "../casting";
import { changeSpeaker, colours, mergeSpeaker, speakers, splitSpeaker } from "../project";
import { selectedLine, shown } from "../selection";
import { plural } from "../time";
import type { Speaker } from "../types";
import { describe, draftOf } from "../voiceDraft";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { Casting } from "./Casting";
import { Faces } from "./Faces";
import { Rights } from "./Rights";
import { SaveCast } from "./SaveCast";

export function Speakers({ onClose }: { onClose: () => void }) {
  const [cast, setCast] = useState<string | null>(null);
  const [rights, setRights] = useState(false);
  useEffect(() => void loadShelf(), []);
  return (
    <Dialog title="Speakers" onClose={onClose} wide>
      {cast ? (
        <Casting id={cast} onBack={() => setCast(null)} />
      ) : rights ? (
        <Rights onBack={() => setRights(false)} />
      ) : (
        <>
          <ul class="cast">
            {speakers.value.map((one) => (
              <Person key={one.id} one={one} onCast={() => setCast(one.id)} />
            ))}
          </ul>
          <Faces />
          <Split />
          <SaveCast />
          <p class="speakers-rights">
            <Button onClick={() => setRights(true)}>Rights and consent</Button>
          </p>
        </>
      )}
    </Dialog>
  );
}

function Person({ one, onCast }: { one: Speaker; onCast: () => void }) {
  const voice = one.voice ? describe(draftOf(one.voice)) : "no voice yet";
  const others = speakers.value.filter((other) => other.id !== one.id);
  const rename = (input: HTMLInputElement) => {
    const name = input.value.trim();
    if (name && name !== one.name) void changeSpeaker(one.id, { name });
    else input.value = one.name;
  };
  return (
    <li class="person">
      <input
        type="color"
        aria-label={`Colour of ${one.name}`}
        value={colours.value.get(one.id)}
        onChange={(event) => changeSpeaker(one.id, { colour: event.currentTarget.value })}
      />
      <input
        aria-label={`Name of ${one.name}`}
        defaultValue={one.name}
        maxLength={80}
        onBlur={(event) => rename(event.currentTarget)}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      <span class="muted">{plural(one.lines, "line")}</span>
      <button type="button" class="person-voice" title={one.voice?.id} aria-label={`Voice of ${one.name}: ${voice}`} onClick={onCast}>
        <span class="cut">{voice}</span>
        {one.voice_locked && <Icon name="lock" />}
        <Icon name="chevron" />
      </button>
      <select
        aria-label={`${one.name} is the same person as`}
        value=""
        disabled={!others.length}
        onChange={(event) => event.currentTarget.value && mergeSpeaker(one.id, event.currentTarget.value)}
      >
        <option value="">Same person as</option>
        {others.map((other) => (
          <option value={other.id} key={other.id}>
            {other.name}
          </option>
        ))}
      </select>
    </li>
  );
}

/** The lines that the list shows, or the selected one, become another person's. */
function Split() {
  const [name, setName] = useState("");
  const line = selectedLine.value;
  const whose = line && speakers.value.find((one) => one.id === line.speaker);
  if (!line || !whose) return <p class="muted">To split a speaker, select one of the lines that belong to somebody else.</p>;
  const mine = shown.value.filter((one) => one.speaker === whose.id);
  const split = async (ids: string[]) => {
    await splitSpeaker(whose.id, ids, name.trim());
    setName("");
  };
  return (
    <form class="split" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Somebody else speaks as well as {whose.name}</span>
        <input placeholder="Name" value={name} maxLength={80} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <Button disabled={!name.trim()} onClick={() => split([line.id])}>
        Give them the selected line
      </Button>
      <Button
        disabled={!name.trim() || mine.length < 2 || mine.length >= whose.lines}
        onClick={() => split(mine.map((one) => one.id))}
        title="Filter the list first: the lines that it shows are given over"
      >
        Give them the {plural(mine.length, "line")} shown
      </Button>
    </form>
  );
}
