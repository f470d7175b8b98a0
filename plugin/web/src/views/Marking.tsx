/** How a delivery says that a machine made it: the signature, the watermark, and the words. */
import { useState } from "preact/hooks";
import { languageName } from "../facts";
import { project } from "../project";
import type { MarkingChoices } from "../types";
import { Command } from "../ui/controls";
import { More } from "../ui/More";

interface Props {
  choices: MarkingChoices;
  sign: boolean;
  watermark: string;
  /** Where it is said in words: report, subtitles, card. */
  places: string;
  /** The words as the user has changed them; null: as they were. */
  words: string | null;
  onSign: (sign: boolean) => void;
  onWatermark: (name: string) => void;
  onPlaces: (places: string) => void;
  onWords: (words: string) => void;
}

const PLACES: [string, string][] = [
  ["report", "Say in the report that voices are a machine’s"],
  ["subtitles", "Say it in the subtitles, once, where nobody speaks"],
  ["card", "Write it as the text of an end card"],
];
const OFF = "off";

export function Marking({ choices, sign, watermark, places, words, onSign, onWatermark, onPlaces, onWords }: Props) {
  const chosen = places.split(",").map((name) => name.trim()).filter(Boolean);
  const flip = (name: string, on: boolean) =>
    onPlaces(PLACES.map(([known]) => known).filter((known) => (known === name ? on : chosen.includes(known))).join(","));
  const lacking = choices.watermarks.filter((one) => one.command);
  return (
    <More title="Provenance" said={summary(choices, sign, watermark, chosen)}>
      <div class="settings-fields">
        <label class="settings-check settings-wide">
          <input type="checkbox" checked={sign && !choices.command} disabled={choices.command !== ""} onChange={(event) => onSign(event.currentTarget.checked)} />
          <span>Sign films, stems and takes (C2PA)</span>
        </label>
        <p class="muted settings-wide">
          {choices.signer} {choices.command && <Command text={choices.command} />}
        </p>
        <label class="field settings-wide">
          <span>Inaudible watermark in what engines speak</span>
          <select value={watermark} onChange={(event) => onWatermark(event.currentTarget.value)}>
            <option value={OFF}>None</option>
            {choices.watermarks.map((one) => (
              <option value={one.name} key={one.name} disabled={one.command !== ""}>
                {one.name}
              </option>
            ))}
            {watermark === "auto" && <option value="auto">The best that is ready</option>}
          </select>
        </label>
        {lacking.map((one) => (
          <p class="muted settings-wide" key={one.name}>
            {one.name} is not installed: <Command text={one.command} />
          </p>
        ))}
        {PLACES.map(([name, title]) => (
          <label class="settings-check settings-wide" key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={(event) => flip(name, event.currentTarget.checked)} />
            <span>{title}</span>
          </label>
        ))}
        <Words choices={choices} words={words} onWords={onWords} />
      </div>
    </More>
  );
}

function Words({ choices, words, onWords }: Pick<Props, "choices" | "words" | "onWords">) {
  const [typed, setTyped] = useState(words);
  const language = languageName(project.value?.target_language ?? "");
  return (
    <label class="field settings-wide">
      <span>What it says in {language}; empty takes Rythmo’s own words</span>
      <textarea
        rows={2}
        maxLength={500}
        dir="auto"
        value={typed ?? choices.disclosure}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => onWords(event.currentTarget.value)}
      />
    </label>
  );
}

function summary(choices: MarkingChoices, sign: boolean, watermark: string, places: string[]): string {
  const said = [choices.command ? "cannot be signed yet" : sign ? "signed" : "not signed"];
  said.push(watermark === OFF ? "no watermark" : `watermark ${watermark}`);
  said.push(places.length ? `said in ${places.join(", ")}` : "not said in words");
  return said.join(", ");
}
