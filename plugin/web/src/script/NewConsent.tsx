/** A new record of consent for one person: by whom, to whom, for what, in which languages, films and places, until when. */
import { useState } from "preact/hooks";
import { complain } from "../app";
import { post } from "../api";
import type { Rights } from "../types";
import { Button } from "../ui/controls";

interface Props {
  person: string;
  film: string;
  language: string;
  at: string;
  onClose: () => void;
  onMade: (rights: Rights) => void;
}

type Field = "voice_of" | "granted_by" | "granted_to" | "scope" | "languages" | "films" | "territories" | "expires";

const TITLES: [Field, string, boolean][] = [
  ["voice_of", "Whose voice it is, by full name", true],
  ["granted_by", "Who grants it: they, or who may for them", true],
  ["granted_to", "Who may use the voice", true],
  ["scope", "What for", true],
  ["languages", "In which languages (es, fr; * for every one)", true],
  ["films", "Only for these films; empty: every one", false],
  ["territories", "Only where it is shown here (FR, BE); empty: everywhere", false],
];

const parts = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);

export function NewConsent({ person, film, language, at, onClose, onMade }: Props) {
  const [record, setRecord] = useState<Record<Field, string>>({
    voice_of: "", granted_by: "", granted_to: "", scope: "", languages: language, films: film, territories: "", expires: "",
  });
  const set = (name: Field) => (event: { currentTarget: HTMLInputElement }) => setRecord({ ...record, [name]: event.currentTarget.value });
  const save = (event: Event) => {
    event.preventDefault();
    const { languages, films, territories, ...words } = record;
    const lists = { languages: parts(languages), films: parts(films), territories: parts(territories) };
    post<Rights>(`${at}/consents`, { person, ...words, ...lists }).then(onMade, complain);
  };
  return (
    <form class="rights-new" aria-label={`Consent of ${person}`} onSubmit={save}>
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
        <Button type="submit">Record it</Button>
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
