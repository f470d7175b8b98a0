/** Rights: who may be cloned and whose lips may be changed, for what and until when; new records, and their withdrawal. */
import { useEffect, useState } from "preact/hooks";
import { complain, say } from "../app";
import { get, patch, post } from "../api";
import { languageName } from "../facts";
import { project } from "../project";
import type { Consent, ConsentAsked, PersonRights, Rights as Held, Withdrawal } from "../types";
import { Button } from "../ui/controls";
import { NewConsent } from "./NewConsent";

interface Leaving {
  plan: Withdrawal;
  faceOnly: boolean;
}

export function Rights({ onBack, back = "All speakers" }: { onBack: () => void; back?: string }) {
  const [held, setHeld] = useState<Held | null>(null);
  const [adding, setAdding] = useState("");
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const at = `/projects/${project.value?.id}/rights`;
  useEffect(() => void get<Held>(at).then(setHeld, complain), [at]);
  const ask = (person: string, faceOnly: boolean) =>
    post<Withdrawal>(`${at}/withdrawal/plan`, { person, face_only: faceOnly }).then((plan) => setLeaving({ plan, faceOnly }), complain);
  const record = (asked: ConsentAsked) =>
    post<Held>(`${at}/consents`, asked).then((made) => {
      setHeld(made);
      setAdding("");
    }, complain);
  const withdraw = async ({ plan, faceOnly }: Leaving) => {
    try {
      const done = await post<Withdrawal>(`${at}/withdrawal`, { person: plan.person, face_only: faceOnly });
      const what = faceOnly ? `The consent for the face of ${done.person}` : `The consent of ${done.person}`;
      say(`${what} is withdrawn.`, [...done.left.map((one) => `Still there: ${one}.`), ...done.remains].join(" "), done.left.length > 0);
      setLeaving(null);
      setHeld(await get<Held>(at));
    } catch (problem) {
      complain(problem);
    }
  };
  if (leaving) return <Farewell {...leaving} onBack={() => setLeaving(null)} onGo={() => withdraw(leaving)} />;
  return (
    <section class="rights" aria-label="Rights">
      <p>
        <Button kind="quiet" onClick={onBack}>
          {back}
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
                <Person one={one} film={held.film} onAdd={() => setAdding(one.name)} onWithdraw={(faceOnly) => ask(one.name, faceOnly)} />
                {adding === one.name && (
                  <NewConsent
                    person={one}
                    film={held.film}
                    language={held.language}
                    onClose={() => setAdding("")}
                    onRecord={record}
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

interface PersonProps {
  one: PersonRights;
  film: string;
  onAdd: () => void;
  onWithdraw: (faceOnly: boolean) => void;
}

function Person({ one, film, onAdd, onWithdraw }: PersonProps) {
  const faces = one.face_consents.length;
  const anything = one.consents.length > 0 || one.cloned || one.reference || faces > 0;
  return (
    <>
      <div class="rights-head">
        <h3>{one.name}</h3>
        <span class="muted">
          {state(one, film)}; {faceState(one)}
        </span>
        <Button onClick={onAdd}>Record consent</Button>
        {faces > 0 && <Button onClick={() => onWithdraw(true)}>Withdraw the face …</Button>}
        <Button onClick={() => onWithdraw(false)} disabled={!anything}>
          Withdraw …
        </Button>
      </div>
      <ul class="rights-records">
        {[...one.consents, ...one.face_consents].map((record) => (
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

function faceState(one: PersonRights): string {
  const made = one.lips ? "; has new lips" : "";
  if (!one.why_no_lips) return `the lips may be changed${made}`;
  return `${one.face_consents.length ? "the lips may not be changed here" : "the lips are never changed"}${made && `${made} until they are made again`}`;
}

function Record({ record }: { record: Consent }) {
  const spoken = record.languages.map((code) => (code === "*" ? "every language" : languageName(code))).join(", ");
  return (
    <li data-holds={record.holds}>
      <span>
        {record.face_of === null ? `Voice of ${record.voice_of}` : `Face of ${record.face_of}`}: {record.scope}
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
function Farewell({ plan, faceOnly, onBack, onGo }: Leaving & { onBack: () => void; onGo: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await onGo();
    setBusy(false);
  };
  const title = faceOnly ? `Withdraw the consent for the face of ${plan.person}` : `Withdraw the consent of ${plan.person}`;
  return (
    <section class="rights" aria-label={title}>
      <h3>{title}</h3>
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
