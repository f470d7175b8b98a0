/** Whose face is whose: as found from mouths and voices, or as a person says. */
import { useEffect, useState } from "preact/hooks";
import { complain } from "../app";
import { loadSeenPeople, seenPeople } from "../faces";
import { names, nameFace, revision, speakers } from "../project";
import { seek } from "../player/transport";
import type { FacePerson } from "../types";
import { Icon } from "../ui/Icon";

const NOBODY = "-";

export function Faces() {
  /* An undo anywhere changes the revision. */
  useEffect(() => void loadSeenPeople().catch(complain), [revision.value]);
  if (!seenPeople.value?.length) return null;
  return (
    <section class="seen" aria-label="Faces">
      <h3>Faces</h3>
      <p class="muted">Found from mouths and voices. What you choose counts from the next mix on, a moment later.</p>
      <ul>
        {seenPeople.value.map((one) => (
          <Seen key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Seen({ one }: { one: FacePerson }) {
  const found = one.speaker ? (names.value.get(one.speaker) ?? one.speaker) : "speaks no line";
  const choose = async (value: string) => {
    if (await nameFace(one.id, value === "" ? null : value === NOBODY ? "" : value)) await loadSeenPeople().catch(complain);
  };
  return (
    <li>
      <button type="button" class="seen-still" onClick={() => seek(one.at)} aria-label={`Go to where ${one.id} is seen best`} title="Go there">
        <Still one={one} />
      </button>
      <span class="seen-who">
        <span>{one.id}</span>
        <span class="muted number">{one.seconds.toFixed(1)} s on screen</span>
      </span>
      <select
        aria-label={`Face ${one.id} is`}
        value={one.decided ? (one.speaker ?? NOBODY) : ""}
        onChange={(event) => void choose(event.currentTarget.value)}
      >
        <option value="">{one.decided ? "As found" : `Found: ${found}`}</option>
        {speakers.value.map((speaker) => (
          <option value={speaker.id} key={speaker.id}>
            {speaker.name}
          </option>
        ))}
        <option value={NOBODY}>Speaks no line</option>
      </select>
    </li>
  );
}

/** The face; a plain field where its film is away. */
function Still({ one }: { one: FacePerson }) {
  const [broken, setBroken] = useState(false);
  if (!one.still || broken) return <Icon name="people" />;
  return <img src={one.still} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />;
}
