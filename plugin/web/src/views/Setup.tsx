/** What works here, and how to get what does not. */
import { useEffect } from "preact/hooks";
import { complain } from "../app";
import { checks, engines, loadSetup } from "../facts";
import type { Check, Engine } from "../types";
import { Button, Command } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { FetchModel, FetchSet, ModelSets, namedIn } from "./Models";

const KINDS: [string, string][] = [
  ["separator", "Lifting speech out of the background"],
  ["diarizer", "Finding who speaks"],
  ["embedder", "Knowing speakers again"],
  ["transcriber", "Writing down what is said"],
  ["translator", "Translating"],
  ["voice", "Speaking"],
  ["facetracker", "Seeing who is on screen"],
  ["lipsync", "Lip-sync"],
];
/** Kinds without which a dub works too. */
const OPTIONAL = new Set(["embedder", "facetracker", "lipsync"]);

export function Setup() {
  useEffect(() => {
    document.title = "Setup · Rythmo";
    loadSetup().catch(complain);
  }, []);
  return (
    <main class="setup">
      <header class="page-head">
        <h1>Setup</h1>
        <Button onClick={() => loadSetup().catch(complain)}>Check again</Button>
      </header>
      {(checks.value ?? []).some((check) => !check.ok) && <FetchSet name="embedded" />}
      <section aria-label="Checks">
        <ul class="checks">
          {(checks.value ?? []).map((check) => (
            <OneCheck key={check.name} check={check} />
          ))}
        </ul>
      </section>
      <ModelSets />
      {KINDS.map(([kind, title]) => (
        <Kind key={kind} title={title} needed={!OPTIONAL.has(kind)} list={(engines.value ?? []).filter((engine) => engine.kind === kind)} />
      ))}
    </main>
  );
}

function OneCheck({ check }: { check: Check }) {
  return (
    <li class="check" data-ok={check.ok}>
      <span class={check.ok ? (check.hint ? "muted" : "ready") : "flag-error"}>
        <Icon name={check.ok ? (check.hint ? "minus" : "check") : "error"} />
        <span class="hidden">{check.ok ? (check.hint ? "could be set up" : "works") : "does not work"}</span>
      </span>
      <span class="check-name">{check.name}</span>
      <span class="check-text">
        <Marked text={check.text} />
        {hintBeside(check) && <span class="muted">{hintBeside(check)}</span>}
        {check.command && <Command text={check.command} />}
      </span>
    </li>
  );
}

/** The hint without the command, which stands below it. */
function hintBeside({ hint, command }: Check): string {
  if (!hint || !command) return hint ?? "";
  return hint.replace(`\`${command}\``, "").replace(command, "").trim();
}

/** Text in which commands stand between backticks. */
function Marked({ text }: { text: string }) {
  return (
    <span>{text.split("`").map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part))}</span>
  );
}

interface KindProps {
  title: string;
  needed: boolean;
  list: Engine[];
}

/** What is ready, and folded below it what could be added. */
function Kind({ title, needed, list }: KindProps) {
  const ready = list.filter((engine) => engine.available);
  const others = list.filter((engine) => !engine.available);
  if (!list.length) return null;
  return (
    <section class="engines" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {ready.map((engine) => (
          <OneEngine key={engine.name} engine={engine} />
        ))}
      </ul>
      {others.length > 0 && (
        <details class="engines-more" open={needed && !ready.length}>
          <summary>
            <span>{!ready.length && needed ? "One of these is needed" : "Can be added"}</span>
            <span class="muted cut">{others.map((engine) => engine.name).join(", ")}</span>
            <Icon name="chevron" />
          </summary>
          <ul>
            {others.map((engine) => (
              <OneEngine key={engine.name} engine={engine} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function OneEngine({ engine }: { engine: Engine }) {
  return (
    <li class="engine" data-available={engine.available}>
      <div class="engine-head">
        <span class={engine.available ? "ready" : "muted"}>
          <Icon name={engine.available ? "check" : "minus"} />
          <span class="hidden">{engine.available ? "ready" : "not set up"}</span>
        </span>
        <h3>{engine.name}</h3>
        <span class="muted">
          {[engine.local ? "on this machine" : "a service elsewhere", engine.draft ? "a draft" : ""].filter(Boolean).join(", ")}
        </span>
      </div>
      <p>{engine.summary}</p>
      <p class="muted">
        {engine.licence}
        {engine.local ? "" : ` · ${engine.sends}`}
      </p>
      {!engine.available && (
        <ol class="missing">
          {engine.missing.map((one) => (
            <li key={one.what}>
              <span>{one.what}</span> <Command text={one.command} />
              {namedIn(one.command).map((name) => (
                <FetchModel key={name} name={name} />
              ))}
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}
