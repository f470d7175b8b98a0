/** Faces and lips of a finished dub: look for faces, see what lips would take, make them, see what was left and why. */
import { useEffect, useState } from "preact/hooks";
import { complain } from "../app";
import { remove } from "../api";
import { findFaces, loadPicture, makeLips, pictureFacts, pictureJob, picturesOpen, planFaces, planLips } from "../picture";
import { lines, project } from "../project";
import { selected, selectedLine } from "../selection";
import { plural, remaining } from "../time";
import type { FacePlan, Job, LipPlan, PictureFacts } from "../types";
import { Bar, Button, Command } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { FetchModel, namedIn } from "../views/Models";
import { Rights } from "./Rights";
import { keepInSight } from "./scroll";

export function Pictures() {
  const [rights, setRights] = useState(false);
  useEffect(() => {
    if (picturesOpen.value) loadPicture().catch(complain);
  }, [picturesOpen.value]);
  const facts = pictureFacts.value;
  if (!picturesOpen.value || !project.value) return null;
  return (
    <Dialog title="Faces and lips" onClose={() => (picturesOpen.value = "")} wide>
      {rights ? (
        <Rights onBack={() => setRights(false)} back="Faces and lips" />
      ) : facts ? (
        <div class="pictures">
          <FaceSearch facts={facts} />
          {facts.faces && <Lips facts={facts} onRights={() => setRights(true)} />}
          {facts.made !== null && <Made facts={facts} />}
        </div>
      ) : (
        <p class="muted">{project.value.picture ? "" : "This programme has no picture."}</p>
      )}
    </Dialog>
  );
}

function Running({ job, what }: { job: Job; what: string }) {
  const detail = job.stages.find((stage) => stage.state === "running")?.detail;
  return (
    <div class="pictures-running" role="status">
      <Bar share={job.fraction} label={what} />
      <span class="muted">
        {job.state === "queued" ? "Waits for its turn" : what}
        {detail ? `: ${detail}` : ""}
      </span>
      <Button onClick={() => remove(`/jobs/${job.id}`).catch(complain)}>Stop</Button>
    </div>
  );
}

const ofWork = (seconds: number | null) =>
  seconds === null ? "How long it takes was not measured here." : `${capital(remaining(seconds))} of work for this machine.`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function FaceSearch({ facts }: { facts: PictureFacts }) {
  const [plan, setPlan] = useState<FacePlan | null>(null);
  useEffect(() => void planFaces().then(setPlan, complain), []);
  const job = pictureJob.value;
  const tracker = facts.tracker;
  const seen = lines.value.filter((line) => line.on_screen);
  const on = seen.filter((line) => line.on_screen?.presence === "on" || line.on_screen?.presence === "partly").length;
  return (
    <section aria-label="Faces">
      <h3>Faces</h3>
      <p class="muted">
        {facts.faces
          ? `Looked for. ${plural(on, "line")} of ${seen.length} ${on === 1 ? "has its" : "have their"} speaker on screen. Whose face is whose stands under Speakers.`
          : "Nobody has looked for faces in this film yet. They are looked for on this machine."}
      </p>
      {job?.kind === "faces" ? (
        <Running job={job} what="Looking for faces" />
      ) : tracker?.ready ? (
        <div class="pictures-go">
          <Button kind={facts.faces ? "plain" : "first"} disabled={job !== undefined} onClick={findFaces}>
            {facts.faces ? "Look again" : "Look for faces"}
          </Button>
          {!facts.faces && plan && <span class="muted">{ofWork(plan.work_seconds)}</span>}
        </div>
      ) : tracker ? (
        <Lacking command={tracker.command} what={`${tracker.name} looks for faces`} />
      ) : (
        <p class="muted">There is no engine that finds faces.</p>
      )}
    </section>
  );
}

/** What an engine lacks, with the button or the command that gets it. */
export function Lacking({ command, what }: { command: string; what: string }) {
  const names = namedIn(command);
  if (names.length) {
    return (
      <>
        {names.map((name) => (
          <FetchModel key={name} name={name} />
        ))}
      </>
    );
  }
  return (
    <p class="muted">
      {what}; it is not ready here. {command && <Command text={command} />}
    </p>
  );
}

function Lips({ facts, onRights }: { facts: PictureFacts; onRights: () => void }) {
  const ready = facts.lip_engines.filter((one) => one.ready);
  const [engine, setEngine] = useState(ready.some((one) => one.name === facts.chosen) ? facts.chosen : (ready[0]?.name ?? ""));
  const line = selectedLine.value;
  const [one, setOne] = useState(picturesOpen.value === "line" && line !== null);
  const [burn, setBurn] = useState(facts.burn);
  const [plan, setPlan] = useState<LipPlan | null>(null);
  const asked = { engine, burn, lines: one && line ? [line.id] : null };
  const key = JSON.stringify([asked, project.value?.revision, facts.made]);
  useEffect(() => {
    setPlan(null);
    if (engine) planLips(asked).then(setPlan, complain);
  }, [key]);
  const job = pictureJob.value;
  const spec = facts.lip_engines.find((each) => each.name === engine);
  return (
    <section aria-label="Lips">
      <h3>Lips</h3>
      <p class="muted">
        New lips come as clips on a track above the untouched picture. Each face needs a record of consent.
        {spec?.draft && ` ${spec.name} is a draft: it takes mouths from other frames of the same person.`}
      </p>
      <div class="pictures-choice">
        <label class="field">
          <span>Engine</span>
          <select value={engine} onChange={(event) => setEngine(event.currentTarget.value)}>
            {facts.lip_engines.map((each) => (
              <option value={each.name} key={each.name} disabled={!each.ready}>
                {each.name}
                {each.draft ? " (a draft)" : ""}
                {each.ready ? "" : " – not set up"}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="field">
          <legend>Which lines</legend>
          <span class="pictures-lines">
            <label>
              <input type="radio" name="lip-lines" checked={!one} onChange={() => setOne(false)} /> All lines
            </label>
            <label>
              <input type="radio" name="lip-lines" checked={one} disabled={!line} onChange={() => setOne(true)} />{" "}
              {line ? `Only ${line.id}` : "Only the selected line"}
            </label>
          </span>
        </fieldset>
        <label class="form-check">
          <input type="checkbox" checked={burn} onChange={(event) => setBurn(event.currentTarget.checked)} />
          Also deliver the film with the lips in it
        </label>
      </div>
      {plan && <Plan plan={plan} engine={engine} onRights={onRights} />}
      {job?.kind === "lips" ? (
        <Running job={job} what="Making lips" />
      ) : (
        <Button
          kind="first"
          disabled={!plan || !plan.lines || plan.missing !== "" || job !== undefined}
          onClick={() => makeLips({ ...asked, send: plan?.local === false })}
        >
          {plan && !plan.local ? "Send the faces, and make lips" : "Make lips"}
        </Button>
      )}
    </section>
  );
}

/** What it takes, before anything is spent; and who keeps their lips. */
function Plan({ plan, engine, onRights }: { plan: LipPlan; engine: string; onRights: () => void }) {
  const others = plan.left.filter((left) => left.reason !== "no consent for the face");
  return (
    <div class="pictures-plan" role="status">
      <p>
        {plan.lines
          ? `${plural(plan.lines, "line")} at most, ${plan.seconds.toFixed(1)} s. ${plan.local ? ofWork(plan.work_seconds) : ""} ${price(plan, engine)}`
          : "No line can get lips."}
      </p>
      {plan.missing && <p class="flag-error">{engine} lacks: {plan.missing}.</p>}
      {[...groupByReason(plan.consent)].map(([why, names]) => (
        <p class="flag-warning" key={why}>
          {names.join(", ")} {names.length === 1 ? "keeps" : "keep"} their lips: {why}.
        </p>
      ))}
      {plan.consent.length > 0 && <Button onClick={onRights}>Rights and consent</Button>}
      {others.length > 0 && <p class="muted">Left as filmed: {others.map((left) => `${plural(left.lines.length, "line")} ${left.reason}`).join("; ")}.</p>}
    </div>
  );
}

/** The people who keep their lips, by why. */
function groupByReason(lacking: LipPlan["consent"]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const one of lacking) names.set(one.why, [...(names.get(one.why) ?? []), one.name]);
  return names;
}

function price(plan: LipPlan, engine: string): string {
  if (plan.local) return "Nothing leaves this machine, and nothing is to be paid.";
  const asked = plan.price === null ? "Its price is not known." : `About ${plan.price.toFixed(2)} ${plan.currency}.`;
  return `${engine} gets ${plan.sends || "the faces"}. ${asked}`;
}

/** What was made, and what keeps its lips and why; a line is gone to by a click. */
function Made({ facts }: { facts: PictureFacts }) {
  const made = new Set(facts.clips.flatMap((clip) => clip.lines));
  const reasons = new Map<string, Set<string>>();
  for (const one of facts.kept) reasons.set(one.reason, (reasons.get(one.reason) ?? new Set()).add(one.line));
  const show = (id: string) => {
    selected.value = id;
    picturesOpen.value = "";
    keepInSight();
  };
  return (
    <section aria-label="Lips that were made">
      <h3>Made</h3>
      <p>
        <Icon name={made.size ? "check" : "minus"} /> Lips of {plural(made.size, "line")} in {plural(facts.clips.length, "clip")}, by {facts.made}
        {facts.draft && ", a draft"}. The picture shows them where the dub is heard.
      </p>
      {[...reasons].map(([reason, ids]) => (
        <p class="pictures-kept" key={reason}>
          <span class="muted">{capital(reason)}:</span>
          {[...ids].map((id) => (
            <button type="button" class="link" key={id} onClick={() => show(id)}>
              {id}
            </button>
          ))}
        </p>
      ))}
    </section>
  );
}
