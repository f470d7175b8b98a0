/** What the dub that is being set up would take, before anything is spent. */
import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import { plural, remaining, runningTime } from "../time";
import type { Estimate as Found, EstimateAsked } from "../types";

/** A guess that cannot be made (a file that is no film, say) is not shown: starting the dub says why. */
export function Estimate({ asked }: { asked: EstimateAsked | null }) {
  const [found, setFound] = useState<Found | null>(null);
  const key = JSON.stringify(asked);
  useEffect(() => {
    setFound(null);
    if (!asked) return;
    let stale = false;
    post<Found>("/estimate", asked).then(
      (got) => !stale && setFound(got),
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [key]);
  if (!asked) return null;
  return (
    <p class="muted" role="status">
      {found ? told(found) : "Listening to how much there is to do"}
    </p>
  );
}

function told(found: Found): string {
  const amount = `About ${plural(found.lines, "line")} in ${runningTime(found.speech_seconds)} of speech`;
  return `${amount}; ${remaining(found.seconds)} of work for this machine; ${money(found)}.`;
}

function money({ least, most, currency, unpriced }: Found): string {
  const other = unpriced.length ? `what ${unpriced.join(" and ")} asks` : "";
  if (!most) return other || "nothing to pay";
  const known = least === most ? least.toFixed(2) : `${least.toFixed(2)} to ${most.toFixed(2)}`;
  return `about ${known} ${currency}${other && `, and ${other}`}`;
}
