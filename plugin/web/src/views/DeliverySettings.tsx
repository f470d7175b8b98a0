/** How a delivery is mixed, subtitled and handed to a mixer. What is set here stays with the project. */
import type { ComponentChildren } from "preact";
import type { DeliveryChoices } from "../types";
import { plural } from "../time";
import { More } from "../ui/More";
import { Marking } from "./Marking";

export type Settings = DeliveryChoices["settings"];
type Value = boolean | number | string;

interface Props {
  choices: DeliveryChoices;
  /** What the user has changed, over what is in force. */
  changed: Settings;
  onChange: (changed: Settings) => void;
  /** The words that say that voices are a machine's, as the user has changed them; null: as they were. */
  words: string | null;
  onWords: (words: string) => void;
}

const LOUDNESS: Record<string, string> = {
  none: "As mixed",
  r128: "EBU R 128 (−23 LUFS)",
  netflix: "Netflix (−27 LKFS, dialogue)",
};
const STRETCHERS: Record<string, string> = {
  auto: "Quick (signalsmith)",
  final: "Final (Rubber Band where installed)",
};

const LOOPS: Record<string, string> = {
  time: "Time: everybody who speaks",
  character: "Character: each alone",
};

export function DeliverySettings({ choices, changed, onChange, words, onWords }: Props) {
  const value = (stage: string, name: string) => changed[stage]?.[name] ?? choices.settings[stage]?.[name];
  const set = (stage: string, name: string) => (next: Value) =>
    onChange({ ...changed, [stage]: { ...changed[stage], [name]: next } });
  const check = (stage: string, name: string, title: string) => (
    <Check title={title} on={value(stage, name) === true} onFlip={set(stage, name)} />
  );
  const number = (stage: string, name: string, title: string, { auto = false, factor = 1 } = {}) => (
    <NumberField title={title} auto={auto} value={Number(value(stage, name)) / factor} onSet={(next) => set(stage, name)(next * factor)} />
  );
  return (
    <div class="delivery-settings">
      <Group title="Mix" said={mixed(value)}>
        <Choice title="Loudness" names={choices.loudness} labels={LOUDNESS} value={String(value("mix", "loudness"))} onSet={set("mix", "loudness")} />
        <Choice title="Stretching" names={choices.stretchers} labels={STRETCHERS} value={String(value("mix", "stretcher"))} onSet={set("mix", "stretcher")} />
        {check("mix", "fill", "Room tone where the bed is hollow")}
        {check("mix", "room", "Takes sound as in their scene's room")}
      </Group>
      <Group title="Subtitles" said={captioned(value)}>
        {number("subtitles", "line_width", "Characters a line", { auto: true })}
        {number("subtitles", "max_lines", "Lines")}
        {number("subtitles", "characters_per_second", "Characters a second", { auto: true })}
        {number("subtitles", "min_seconds", "Shortest, in seconds")}
        {number("subtitles", "max_seconds", "Longest, in seconds")}
        {number("subtitles", "gap_frames", "Gap, in frames")}
        {check("subtitles", "dual_speakers", "Two speakers in one subtitle")}
        {check("subtitles", "speaker_labels", "Name the speakers")}
      </Group>
      <Group title="Loops" said={looped(value)}>
        <Choice title="Grouped by" names={["time", "character"]} labels={LOOPS} value={String(value("loops", "by"))} onSet={set("loops", "by")} />
        {number("loops", "longest_seconds", "Longest, in seconds")}
        {number("loops", "pause_seconds", "Silence that ends one, in seconds")}
        {number("loops", "text_lines", "Lines of text")}
        {number("loops", "speaker_lines", "Lines of one character without a break")}
        {number("loops", "line_width", "Characters a line of text")}
      </Group>
      <Group title="Turnover" said={value("turnover", "stems") === true ? `stems as ${String(value("turnover", "template"))}` : "none"}>
        {check("turnover", "stems", "Write the stems to a folder of their own")}
        <label class="field field-wide">
          <span>Names of the stems</span>
          <input
            maxLength={200}
            spellcheck={false}
            value={String(value("turnover", "template"))}
            title="Of {show}, {language}, {stem} and {speaker}"
            onInput={(event) => set("turnover", "template")(event.currentTarget.value)}
          />
        </label>
        {check("turnover", "wide", "Speakers' stems in the source's layout, not mono")}
        {check("turnover", "head_pop", "A pop 2 s before the first frame")}
        {check("turnover", "tail_pop", "A pop 2 s after the last frame")}
        {number("turnover", "handle_ms", "Handles of the takes, in seconds", { factor: 1000 })}
      </Group>
      <Marking
        choices={choices.marking}
        sign={value("provenance", "sign") === true}
        watermark={String(value("engines", "watermark"))}
        places={String(value("provenance", "disclosure"))}
        words={words}
        onSign={set("provenance", "sign")}
        onWatermark={set("engines", "watermark")}
        onPlaces={set("provenance", "disclosure")}
        onWords={onWords}
      />
    </div>
  );
}

type Look = (stage: string, name: string) => Value | undefined;

function mixed(value: Look): string {
  const said = [LOUDNESS[String(value("mix", "loudness"))] ?? ""];
  if (value("mix", "fill") === true) said.push("room tone");
  if (value("mix", "room") === true) said.push("in the scene's room");
  return said.join(", ");
}

function captioned(value: Look): string {
  const width = Number(value("subtitles", "line_width"));
  const wide = width ? plural(Number(width), "character") : "the language's characters";
  return `${wide} a line, ${plural(Number(value("subtitles", "max_lines")), "line")}`;
}

function looped(value: Look): string {
  const whose = value("loops", "by") === "character" ? "each character alone" : "everybody who speaks";
  return `${whose}, at most ${value("loops", "longest_seconds")} s`;
}

function Group({ title, said, children }: { title: string; said: string; children: ComponentChildren }) {
  return (
    <More title={title} said={said}>
      <div class="settings-fields">{children}</div>
    </More>
  );
}

export function Check({ title, on, onFlip }: { title: string; on: boolean; onFlip: (on: boolean) => void }) {
  return (
    <label class="settings-check">
      <input type="checkbox" checked={on} onChange={(event) => onFlip(event.currentTarget.checked)} />
      <span>{title}</span>
    </label>
  );
}

interface ChoiceProps {
  title: string;
  names: string[];
  labels: Record<string, string>;
  value: string;
  onSet: (name: string) => void;
}

function Choice({ title, names, labels, value, onSet }: ChoiceProps) {
  return (
    <label class="field">
      <span>{title}</span>
      <select value={value} onChange={(event) => onSet(event.currentTarget.value)}>
        {names.map((name) => (
          <option value={name} key={name}>
            {labels[name] ?? name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberProps {
  title: string;
  value: number;
  /** Whether 0 stands for the language's own norm. */
  auto: boolean;
  onSet: (value: number) => void;
}

function NumberField({ title, value, auto, onSet }: NumberProps) {
  const shown = auto && value === 0 ? "" : String(Math.round(value * 1000) / 1000);
  return (
    <label class="field">
      <span>{title}</span>
      <input
        type="number"
        class="number"
        min={0}
        step="any"
        placeholder={auto ? "the language's norm" : ""}
        defaultValue={shown}
        key={shown}
        onChange={(event) => onSet(Number(event.currentTarget.value) || 0)}
      />
    </label>
  );
}
