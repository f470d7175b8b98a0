/** What the dub that is being set up would take, before anything is spent: time, money, and by which engines. */
import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import { engines } from "../facts";
import { plural, remaining, runningTime } from "../time";
import type { Estimate as Found } from "../types";
import { Icon } from "../ui/Icon";

interface Stage {
  kind: string;
  engine: string;
  local: boolean;
  available: boolean;
  seconds: number | null;
}

const KINDS: Record<string, string> = {
  separator: "Separation",
  diarizer: "Who speaks",
  embedder: "Known voices",
  transcriber: "Recognition",
  translator: "Translation",
  voice: "Voices",
  facetracker: "Faces",
  lipsync: "Lips",
};

interface Props {
  /** What is to be dubbed; null while something is still to be chosen. */
  asked: object | null;
  path?: string;
  /** Told with null while another guess is made. */
  onFound?: (found: Found | null) => void;
}

/** A guess that cannot be made (a file that is no film, say) is not shown: starting the dub says why. */
export function Estimate({ asked, path = "/estimate", onFound }: Props) {
  const [found, setFound] = useState<Found | null>(null);
  const key = JSON.stringify(asked);
  useEffect(() => {
    setFound(null);
    onFound?.(null);
    if (!asked) return;
    let stale = false;
    post<Found>(path, asked).then(
      (got) => {
        if (stale) return;
        setFound(got);
        onFound?.(got);
      },
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [key]);
  return (
    <section class="estimate" aria-label="What it takes">
      <h2>Before it starts</h2>
      <p class="muted" role="status">
        {!asked ? "Choose a file and a language to see how long it takes, what it costs and which engines do it." : found ? amount(found) : "Listening to how much there is to do"}
      </p>
      {found && <Details found={found} />}
    </section>
  );
}

const amount = (found: Found) => `About ${plural(found.lines, "line")} in ${runningTime(found.speech_seconds)} of speech.`;

/** Time and money in a few words. */
export const sumUp = (found: Found) => `${capital(remaining(found.seconds))} of work for this machine, ${money(found)}.`;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Details({ found }: { found: Found }) {
  const stages = found.stages as unknown as Stage[];
  const away = stages.filter((stage) => !stage.local);
  return (
    <>
      <dl class="estimate-sums">
        <div>
          <dt>Time</dt>
          <dd>
            {remaining(found.seconds)} of work for this machine
            {found.untimed.length > 0 && <span class="muted">, besides {found.untimed.join(" and ")}, not measured here yet</span>}
          </dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd>{money(found)}</dd>
        </div>
      </dl>
      <ul class="estimate-stages" aria-label="Engines">
        {stages.map((stage) => (
          <li key={stage.kind}>
            <span class="muted">{KINDS[stage.kind] ?? stage.kind}</span>
            <span>
              {stage.engine}
              {isDraft(stage) && <span class="muted"> (draft)</span>}
            </span>
            <span class="number muted">{stage.seconds === null ? "not known" : remaining(stage.seconds)}</span>
          </li>
        ))}
      </ul>
      {found.missing.map((reason) => (
        <p class="flag-error" key={reason}>
          <Icon name="error" /> {reason}
        </p>
      ))}
      <p class="muted">{away.length ? `${sends(away)} what they work on.` : "Nothing leaves this machine."}</p>
    </>
  );
}

const isDraft = (stage: Stage) =>
  engines.value?.some((one) => one.kind === stage.kind && one.name === stage.engine && one.draft) ?? false;

function sends(away: Stage[]): string {
  const names = [...new Set(away.map((stage) => stage.engine))];
  return `${names.join(" and ")} ${names.length === 1 ? "is a service" : "are services"} elsewhere, and ${names.length === 1 ? "gets" : "get"}`;
}

function money({ least, most, currency, unpriced }: Found): string {
  const other = unpriced.length ? `what ${unpriced.join(" and ")} asks` : "";
  if (!most) return other || "nothing to pay";
  const known = least === most ? least.toFixed(2) : `${least.toFixed(2)} to ${most.toFixed(2)}`;
  return `about ${known} ${currency}${other && `, and ${other}`}`;
}
