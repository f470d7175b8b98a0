/** Delivery formats as check-boxes, each with what it cannot hold. */
import type { Format } from "../types";

interface Props {
  list: Format[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

export function FormatChoice({ list, chosen, onChange }: Props) {
  const flip = (name: string, on: boolean) => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  const group = (title: string, formats: Format[]) => formats.length > 0 && (
    <section aria-label={title}>
      <h2 class="formats-head">{title}</h2>
      <ul class="formats">
        {formats.map((format) => (
          <One key={format.name} format={format} on={chosen.includes(format.name)} onFlip={flip} />
        ))}
      </ul>
    </section>
  );
  const studio = list.filter((format) => !format.timeline && format.loops);
  const wanted = studio.filter((format) => chosen.includes(format.name)).length;
  return (
    <div class="formats-groups">
      {group("Timelines", list.filter((format) => format.timeline))}
      {group("Film, subtitles, lists", list.filter((format) => !format.timeline && !format.loops))}
      {studio.length > 0 && (
        <details class="formats-more" open={wanted > 0}>
          <summary class="formats-head">
            Scripts and lists of the recording studio ({wanted ? `${wanted} of ${studio.length}` : studio.length})
          </summary>
          <ul class="formats" aria-label="Scripts and lists of the recording studio">
            {studio.map((format) => (
              <One key={format.name} format={format} on={chosen.includes(format.name)} onFlip={flip} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function One({ format, on, onFlip }: { format: Format; on: boolean; onFlip: (name: string, on: boolean) => void }) {
  return (
    <li>
      <label title={format.loses.length ? `It cannot hold: ${format.loses.join("; ")}` : "It holds everything"}>
        <input type="checkbox" checked={on} onChange={(event) => onFlip(format.name, event.currentTarget.checked)} />
        <span class="format-title">{format.title}</span>
        <span class="muted number">{format.suffix}</span>
      </label>
    </li>
  );
}
