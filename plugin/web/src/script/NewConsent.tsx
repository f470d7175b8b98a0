/** A new record of consent for one person: voice, face or both; by whom, to whom, for what, in which languages, films and
    places, until when. */
import { useState } from "preact/hooks";
import type { ConsentAsked } from "../types";
import { Button } from "../ui/controls";

interface Props {
  /** Without a name it is asked for: nobody is in the cast yet. A voice needs a reference in the cast file. */
  person: { name: string; reference: boolean };
  film: string;
  language: string;
  onClose: () => void;
  onRecord: (record: ConsentAsked) => void;
}

type Field = "who" | "granted_by" | "granted_to" | "scope" | "languages" | "films" | "territories" | "expires";

const TITLES: [Field, string, boolean][] = [
  ["who", "Whose it is, by full name", true],
  ["granted_by", "Who grants it: they, or who may for them", true],
  ["granted_to", "Who may use it", true],
  ["scope", "What for", true],
  ["languages", "In which languages (es, fr; * for every one)", true],
  ["films", "Only for these films; empty: every one", false],
  ["territories", "Only where it is shown here (FR, BE); empty: everywhere", false],
];

const parts = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);

export function NewConsent({ person, film, language, onClose, onRecord }: Props) {
  const [name, setName] = useState(person.name);
  const [voice, setVoice] = useState(person.reference);
  const [face, setFace] = useState(!person.reference);
  const [record, setRecord] = useState<Record<Field, string>>({
    who: "", granted_by: "", granted_to: "", scope: "", languages: language, films: film, territories: "", expires: "",
  });
  const set = (name: Field) => (event: { currentTarget: HTMLInputElement }) => setRecord({ ...record, [name]: event.currentTarget.value });
  const save = (event: Event) => {
    event.preventDefault();
    const { who, languages, films, territories, ...words } = record;
    const of = { ...(voice && { voice_of: who }), ...(face && { face_of: who }) };
    const lists = { languages: parts(languages), films: parts(films), territories: parts(territories) };
    onRecord({ person: name.trim(), ...of, ...words, ...lists });
  };
  return (
    <form class="rights-new" aria-label={person.name ? `Consent of ${person.name}` : "Consent"} onSubmit={save}>
      {!person.name && (
        <label class="field rights-name">
          <span>Their name in the dub, as the subtitles or the cast file call them</span>
          <input required maxLength={80} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
      )}
      <fieldset class="rights-of">
        <legend>Leave for</legend>
        <label>
          <input type="checkbox" checked={voice} disabled={!person.reference} onChange={(event) => setVoice(event.currentTarget.checked)} />{" "}
          The voice: it may be cloned{person.reference ? "" : " (there is no clean speech of them in the cast file)"}
        </label>
        <label>
          <input type="checkbox" checked={face} onChange={(event) => setFace(event.currentTarget.checked)} /> The face: its lips may be
          changed
        </label>
      </fieldset>
      {TITLES.map(([name, title, needed]) => (
        <label class="field" key={name}>
          <span>{title}</span>
          <input required={needed} maxLength={300} value={record[name]} onInput={set(name)} />
        </label>
      ))}
      <label class="field">
        <span>The last day</span>
        <input type="date" required value={record.expires} onInput={set("expires")} />
      </label>
      <div class="dialog-buttons">
        <Button type="submit" disabled={!voice && !face}>
          Record it
        </Button>
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
