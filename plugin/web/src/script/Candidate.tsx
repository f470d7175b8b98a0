/** A candidate: one voice or a mixture of two, with its pace and pitch, to hear and to choose. */
import { useEffect, useState } from "preact/hooks";
import { type Heard, heard, making, shelf, stop } from "../casting";
import { Button } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { type Draft, groupByLanguage, LETTERS, nameOf } from "../voiceDraft";

interface Props {
  at: number;
  draft: Draft;
  told: Heard;
  ready: boolean;
  present: boolean;
  locked: boolean;
  onChange: (fields: Partial<Draft>) => void;
  onHear: (send: boolean) => void;
  onChoose: () => void;
}

export function Candidate({ at, draft, told, ready, present, locked, onChange, onHear, onChoose }: Props) {
  const letter = LETTERS[at];
  const name = nameOf(at);
  const busy = making.value.has(name);
  const playing = heard.value === name;
  return (
    <li class="candidate" data-heard={playing || undefined} data-present={present || undefined}>
      <h4>
        {letter} {present && <span class="muted">the present voice</span>}
        {told.seconds !== undefined && <span class="muted seconds">{told.seconds.toFixed(1)} s</span>}
      </h4>
      <Voices label={`Voice of ${letter}`} value={draft.id} onChange={(id) => onChange({ id })} />
      {shelf.value?.mixes && (
        <Voices
          label={`${letter} is mixed with`}
          value={draft.second}
          none="not mixed"
          without={draft.id}
          onChange={(second) => onChange({ second })}
        />
      )}
      {draft.second && (
        <label class="field setting">
          <span>
            {Math.round(draft.share * 100)} % of the first
          </span>
          <input
            type="range"
            min={5}
            max={95}
            step={5}
            value={Math.round(draft.share * 100)}
            aria-label={`Share of the first voice of ${letter} in percent`}
            onChange={(event) => onChange({ share: Number(event.currentTarget.value) / 100 })}
          />
        </label>
      )}
      <div class="settings">
        <Setting label="Pace" of={letter} limits={shelf.value?.pace} step={0.05} value={draft.pace} onChange={(pace) => onChange({ pace })} />
        <Setting label="Pitch" of={letter} limits={shelf.value?.pitch} step={0.5} value={draft.pitch} onChange={(pitch) => onChange({ pitch })} />
      </div>
      {told.price && (
        <div class="price" role="alert">
          <p>{told.price} Nothing was sent yet.</p>
          <Button onClick={() => onHear(true)}>Send it and listen</Button>
        </div>
      )}
      <div class="actions">
        <Button disabled={!ready || busy} onClick={() => (playing ? stop() : onHear(false))}>
          <Icon name={playing ? "pause" : "play"} /> {busy ? "Speaking …" : playing ? "Stop" : `Hear ${letter}`}
        </Button>
        <Button disabled={present || locked} onClick={onChoose} title={locked ? "The voice is locked" : "Every line of this speaker is spoken with it"}>
          Choose {letter}
        </Button>
      </div>
    </li>
  );
}

interface VoicesProps {
  label: string;
  value: string;
  none?: string;
  without?: string;
  onChange: (id: string) => void;
}

/** A list of voices by language. A voice that is not among them (tuned to its speaker) is kept. */
function Voices({ label, value, none, without, onChange }: VoicesProps) {
  const listed = shelf.value?.voices ?? [];
  const strange = value && !listed.some((one) => one.id === value);
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {none && <option value="">{none}</option>}
      {strange && <option value={value}>{value}</option>}
      {groupByLanguage(listed).map(([language, voices]) => (
        <optgroup label={language} key={language}>
          {voices
            .filter((one) => one.id !== without)
            .map((one) => (
              <option value={one.id} key={one.id}>
                {[one.id, one.gender, one.note].filter(Boolean).join(", ")}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}

interface SettingProps {
  label: string;
  of: string | undefined;
  limits: [number, number] | null | undefined;
  step: number;
  value: number;
  onChange: (value: number) => void;
}

/** A number that the engine can set; nothing where it cannot. What is typed stays while the page is drawn anew. */
function Setting({ label, of, limits, step, value, onChange }: SettingProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  if (!limits) return null;
  const [least, most] = limits;
  const take = (typed: string) => {
    const wanted = typed.trim() ? Number(typed) : value;
    const kept = Number.isFinite(wanted) ? Math.min(most, Math.max(least, wanted)) : value;
    setText(String(kept));
    onChange(kept);
  };
  return (
    <label class="setting">
      <span>{label}</span>
      <input
        type="number"
        aria-label={`${label} of ${of}`}
        min={least}
        max={most}
        step={step}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => take(event.currentTarget.value)}
      />
    </label>
  );
}
