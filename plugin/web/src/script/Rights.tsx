/** Rights: who may be cloned, for what and until when; a new record of consent, and its withdrawal. */
import { useEffect, useState } from "preact/hooks";
import { complain, say } from "../app";
import { get, patch, post } from "../api";
import { languageName } from "../facts";
import { project } from "../project";
import type { Consent, PersonRights, Rights as Held, Withdrawal } from "../types";
import { Button } from "../ui/controls";
import { NewConsent } from "./NewConsent";

export function Rights({ onBack }: { onBack: () => void }) {
  const [held, setHeld] = useState<Held | null>(null);
  const [adding, setAdding] = useState("");
  const [leaving, setLeaving] = useState<Withdrawal | null>(null);
  const at = `/projects/${project.value?.id}/rights`;
  useEffect(() => void get<Held>(at).then(setHeld, complain), [at]);
  const ask = (person: string) => post<Withdrawal>(`${at}/withdrawal/plan`, { person }).then(setLeaving, complain);
  const withdraw = async (person: string) => {
    try {
      const done = await post<Withdrawal>(`${at}/withdrawal`, { person });
      say(`The consent of ${done.person} is withdrawn.`, [...done.left.map((one) => `Still there: ${one}.`), ...done.remains].join(" "), done.left.length > 0);
      setLeaving(null);
      setHeld(await get<Held>(at));
    } catch (problem) {
      complain(problem);
    }
  };
  if (leaving) return <Farewell plan={leaving} onBack={() => setLeaving(null)} onGo={() => withdraw(leaving.person)} />;
  return (
    <section class="rights" aria-label="Rights">
      <p>
        <Button kind="quiet" onClick={onBack}>
          All speakers
        </Button>
      </p>
      {held && !held.cast_file && (
        <p class="muted">Consent stands in a cast file. Name the speakers and save the cast; then it can be recorded here.</p>
      )}
      {held?.cast_file && (
        <>
          <Territories key={held.territories.join()} held={held} at={at} onSet={setHeld} />
          <ul class="rights-people">
            {held.people.map((one) => (
              <li key={one.name}>
                <Person one={one} film={held.film} onAdd={() => setAdding(one.name)} onWithdraw={() => ask(one.name)} />
                {adding === one.name && (
                  <NewConsent
                    person={one.name}
                    film={held.film}
                    language={held.language}
                    at={at}
                    onClose={() => setAdding("")}
                    onMade={(made) => {
                      setHeld(made);
                      setAdding("");
                    }}
                  />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Person({ one, film, onAdd, onWithdraw }: { one: PersonRights; film: string; onAdd: () => void; onWithdraw: () => void }) {
  const anything = one.consents.length > 0 || one.cloned || one.reference;
  return (
    <>
      <div class="rights-head">
        <h3>{one.name}</h3>
        <span class="muted">{state(one, film)}</span>
        <Button onClick={onAdd} disabled={!one.reference} title={one.reference ? "" : "There is no clean speech of them in the cast file"}>
          Record consent
        </Button>
        <Button onClick={onWithdraw} disabled={!anything}>
          Withdraw …
        </Button>
      </div>
      <ul class="rights-records">
        {one.consents.map((record) => (
          <Record key={record.id} record={record} />
        ))}
      </ul>
    </>
  );
}

function state(one: PersonRights, film: string): string {
  if (one.cloned) return `has a clone in ${film}`;
  if (one.consents.some((record) => record.holds)) return "may be cloned";
  return one.consents.length ? "may not be cloned here" : "no consent: never cloned";
}

function Record({ record }: { record: Consent }) {
  const spoken = record.languages.map((code) => (code === "*" ? "every language" : languageName(code))).join(", ");
  return (
    <li data-holds={record.holds}>
      <span>
        {record.voice_of}: {record.scope}
      </span>
      <span class="muted">
        {spoken}; {record.films.length ? record.films.join(", ") : "every film"}; {record.territories.length ? record.territories.join(", ") : "everywhere"}; until{" "}
        {record.expires}. Granted by {record.granted_by} to {record.granted_to}.
      </span>
      {record.why_not && <span class="flag-warning">Not here: {record.why_not}.</span>}
    </li>
  );
}

function Territories({ held, at, onSet }: { held: Held; at: string; onSet: (held: Held) => void }) {
  const set = (text: string) =>
    patch<Held>(at, { territories: text.split(",").map((code) => code.trim()).filter(Boolean) }).then(onSet, complain);
  return (
    <label class="field">
      <span>Where this dub is shown (ISO codes: FR, BE); empty: not said</span>
      <input defaultValue={held.territories.join(", ")} maxLength={300} spellcheck={false} onChange={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

/** What will be deleted and what remains, before it is done. */
function Farewell({ plan, onBack, onGo }: { plan: Withdrawal; onBack: () => void; onGo: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await onGo();
    setBusy(false);
  };
  return (
    <section class="rights" aria-label={`Withdraw the consent of ${plan.person}`}>
      <h3>Withdraw the consent of {plan.person}</h3>
      <p>This deletes, and cannot be undone:</p>
      <ul class="rights-list">
        {plan.deleted.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p>This remains:</p>
      <ul class="rights-list">
        {plan.remains.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <div class="dialog-buttons">
        <Button onClick={go} disabled={busy}>
          {busy ? "Deleting …" : "Withdraw and delete"}
        </Button>
        <Button kind="first" onClick={onBack}>
          Keep it
        </Button>
      </div>
    </section>
  );
}
