/** Asks into which further language the project is to be dubbed, and begins it. */
import { useEffect, useState } from "preact/hooks";
import { complain, keepJob } from "../app";
import { post } from "../api";
import { languageName, languages, loadLanguages } from "../facts";
import { project } from "../project";
import { go } from "../route";
import type { Job } from "../types";
import { Estimate } from "../views/Estimate";
import { Button } from "./controls";
import { Dialog } from "./Dialog";

export function AnotherLanguage({ onClose }: { onClose: () => void }) {
  const [code, setCode] = useState("");
  const [beginning, setBeginning] = useState(false);
  useEffect(() => void loadLanguages().catch(complain), []);
  const at = project.value;
  if (!at) return null;
  const there = new Set([at.source_language, ...at.languages.map((one) => one.language)]);
  const able = (languages.value ?? []).filter(
    (one) => one.voice && one.translate_from.includes(at.source_language) && !there.has(one.code),
  );
  const wanted = able.some((one) => one.code === code) ? code : (able[0]?.code ?? "");
  const begin = async (event: Event) => {
    event.preventDefault();
    setBeginning(true);
    try {
      const job = await post<Job>(`/projects/${at.id}/languages`, { language: wanted });
      keepJob(job);
      onClose();
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
      setBeginning(false);
    }
  };
  return (
    <Dialog title="Another language" onClose={onClose}>
      <form class="another-language" onSubmit={begin}>
        <p class="muted">
          Nothing is listened to again: the new language starts from the {languageName(at.source_language)} original as
          it is corrected now. Later corrections of it are shared by all languages.
        </p>
        {languages.value && !able.length ? (
          <p>
            No engine here translates {languageName(at.source_language)} into a further language and speaks it. Add one
            under <a href="#/setup">Setup</a>.
          </p>
        ) : (
          <label class="field">
            <span>Dub into</span>
            <select value={wanted} onChange={(event) => setCode(event.currentTarget.value)}>
              {able.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {wanted && <Estimate path={`/projects/${at.id}/languages/plan`} asked={{ language: wanted }} />}
        <div class="actions">
          <Button kind="first" type="submit" disabled={!wanted || beginning}>
            Dub
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
