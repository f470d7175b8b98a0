/** What was corrected in another language and has not been made again in this one: at once, or when asked. */
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { bringUpToDate, project } from "../project";
import { plural } from "../time";
import { Button } from "../ui/controls";

const KEY = "rythmo.at-once";
const atOnce = signal(localStorage.getItem(KEY) === "yes");

export function OutOfDate() {
  const at = project.value;
  const count = at?.out_of_date.length ?? 0;
  const stale = at?.languages.some((one) => one.project === at.id && one.stale) ?? false;
  const key = at && stale ? `${at.id} ${at.out_of_date.join(" ")}` : "";
  useEffect(() => {
    if (key && atOnce.value) void bringUpToDate();
  }, [key, atOnce.value]);
  if (!stale) return null;
  const choose = (event: Event & { currentTarget: HTMLInputElement }) => {
    atOnce.value = event.currentTarget.checked;
    localStorage.setItem(KEY, atOnce.value ? "yes" : "no");
  };
  return (
    <section class="uncovered out-of-date" aria-label="Out of date">
      <p>
        <span class="flag-warning">{count ? `${plural(count, "line")} out of date.` : "Out of date."}</span> The original
        was corrected in another language.
      </p>
      <label>
        <input type="checkbox" checked={atOnce.value} onChange={choose} /> At once, while this language is open
      </label>
      <Button onClick={() => bringUpToDate()}>Bring up to date</Button>
    </section>
  );
}
