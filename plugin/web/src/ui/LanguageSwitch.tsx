/** The languages of the open project: switch to one, or dub into another. */
import { useState } from "preact/hooks";
import { languageName } from "../facts";
import { project } from "../project";
import { type Tab, go } from "../route";
import type { ProjectLanguage } from "../types";
import { AnotherLanguage } from "./AnotherLanguage";

const ANOTHER = "another";

const titleOf = (one: ProjectLanguage) => {
  const name = languageName(one.language);
  if (one.out_of_date) return `${name} · ${one.out_of_date} out of date`;
  return one.stale ? `${name} · out of date` : name;
};

export function LanguageSwitch({ tab }: { tab: Tab }) {
  const [asking, setAsking] = useState(false);
  const at = project.value;
  if (!at) return null;
  const choose = (event: Event & { currentTarget: HTMLSelectElement }) => {
    const wanted = event.currentTarget.value;
    event.currentTarget.value = at.id;
    if (wanted === ANOTHER) setAsking(true);
    else go({ view: "project", id: wanted, tab });
  };
  const waiting = at.languages.some((one) => one.project !== at.id && one.stale);
  return (
    <span class="language-switch" data-waiting={waiting || undefined}>
      <select aria-label="Language of the dub" value={at.id} onChange={choose}>
        {at.languages.map((one) => (
          <option key={one.project} value={one.project}>
            {one.project === at.id ? languageName(one.language) : titleOf(one)}
          </option>
        ))}
        <option value={ANOTHER}>Another language …</option>
      </select>
      {asking && <AnotherLanguage onClose={() => setAsking(false)} />}
    </span>
  );
}
