/** How a human take is laid in its line. */
import { layTake } from "../project";
import type { Line, TakeLayout } from "../types";

export const LAYOUTS: [TakeLayout, string][] = [
  ["start", "As performed, from the line's start"],
  ["recorded", "As performed, where it was recorded"],
  ["fitted", "Fitted to the line's time"],
];

/** Shown for a line whose chosen take a person spoke. */
export function LayoutChoice({ line }: { line: Line }) {
  const take = line.takes.find((one) => one.id === line.chosen);
  if (!take?.human) return null;
  return (
    <select
      class="layout-choice"
      aria-label="How the human take is laid"
      value={line.layout}
      disabled={line.locked}
      onChange={(event) => layTake(line.id, event.currentTarget.value as TakeLayout)}
    >
      {LAYOUTS.map(([value, title]) => (
        <option value={value} key={value} disabled={value === "recorded" && !take.positioned}>
          {title}
        </option>
      ))}
    </select>
  );
}
