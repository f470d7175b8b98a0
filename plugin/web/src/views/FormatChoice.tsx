/** Delivery formats as check-boxes, each with what it cannot hold. */
import type { Format } from "../types";

interface Props {
  list: Format[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

export function FormatChoice({ list, chosen, onChange }: Props) {
  const flip = (name: string, on: boolean) => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  return (
    <ul class="formats">
      {list.map((format) => (
        <li key={format.name}>
          <label title={format.loses.length ? `It cannot hold: ${format.loses.join("; ")}` : "It holds everything"}>
            <input
              type="checkbox"
              checked={chosen.includes(format.name)}
              onChange={(event) => flip(format.name, event.currentTarget.checked)}
            />
            <span class="format-title">{format.title}</span>
            <span class="muted number">{format.suffix}</span>
          </label>
        </li>
      ))}
    </ul>
  );
}
