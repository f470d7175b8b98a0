/** The recorder: at the place of the inspector, so that the picture and the rythmo band stay in view. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock, names } from "../project";
import { selectedLine } from "../selection";
import { plural, seconds } from "../time";
import type { Line } from "../types";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { discard, saveFile, sendAgain, underWay, waiting } from "./send";
import {
  type Guide,
  beeps,
  closeMicrophone,
  count,
  forgetLatency,
  guide,
  input,
  inputs,
  latency,
  measureLatency,
  openMicrophone,
  recordLine,
  stage,
  stop,
  takePeak,
  trouble,
} from "./session";

/** Whether the recorder is open. */
export const recording = signal(false);

const GUIDES: [Guide, string][] = [
  ["ME", "Music and effects"],
  ["original", "Original"],
  ["MIX", "Dub"],
  ["", "Nothing"],
];

const busy = () => stage.value !== "ready" && stage.value !== "closed";

/** Opens the recorder; open already, it records the selected line, or stops. */
export function recordKey(): void {
  if (!recording.value) recording.value = true;
  else toggleRecording();
}

export function toggleRecording(): void {
  const line = selectedLine.value;
  if (stage.value === "counting" || stage.value === "recording" || stage.value === "starting") stop();
  else if (line && !line.locked && stage.value === "ready") void recordLine(line);
}

/** Escape stops a pass, and closes a recorder that stands still. True when it did something. */
export function leaveRecorder(): boolean {
  if (!recording.value) return false;
  if (busy()) stop();
  else recording.value = false;
  return true;
}

export function Recorder() {
  const line = selectedLine.value;
  useEffect(() => {
    void openMicrophone();
    return closeMicrophone;
  }, []);
  const rolling = stage.value === "counting" || stage.value === "recording" || stage.value === "starting";
  return (
    <section class="recorder" aria-label="Record a take" data-stage={stage.value}>
      <header class="recorder-head">
        <h2>Record a take</h2>
        <Count />
        <IconButton icon="close" label="Close the recorder (Esc)" onClick={() => (recording.value = false)} />
      </header>
      <Words line={line} />
      <div class="recorder-keys">
        <button
          type="button"
          class="button record-button"
          aria-pressed={rolling}
          disabled={!line || line.locked || (!rolling && stage.value !== "ready")}
          onClick={toggleRecording}
        >
          <span class="record-dot" /> {rolling ? "Stop (R)" : "Record (R)"}
        </button>
        <Meter />
      </div>
      <div class="recorder-fields">
        <label class="field">
          <span>Input</span>
          <select value={input.value} disabled={busy()} onChange={(event) => void openMicrophone(event.currentTarget.value)}>
            {inputs.value.map((one, at) => (
              <option value={one.deviceId} key={one.deviceId}>
                {one.label || `Microphone ${at + 1}`}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Beside the picture</span>
          <select value={guide.value} disabled={busy()} onChange={(event) => (guide.value = event.currentTarget.value as Guide)}>
            {GUIDES.map(([value, title]) => (
              <option value={value} key={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label class="recorder-tick">
          <input type="checkbox" checked={beeps.value} disabled={busy()} onChange={() => (beeps.value = !beeps.value)} />
          <span>Three beeps</span>
        </label>
        <LatencyField />
      </div>
      {trouble.value && (
        <p class="recorder-trouble" role="alert">
          <Icon name="error" /> {trouble.value}
        </p>
      )}
      <Waiting />
    </section>
  );
}

function Words({ line }: { line: Line | null }) {
  if (!line) return <p class="muted">Choose the line that is to be recorded.</p>;
  return (
    <p class="recorder-words">
      <span class="muted">
        <span class="number">{line.id}</span> {names.value.get(line.speaker)}, {seconds(clock.value, line.end - line.start)}
        {line.locked && ", locked"}
      </span>
      <span class="recorder-line">{line.translation || line.text}</span>
      {line.direction && <span class="muted">{line.direction}</span>}
    </p>
  );
}

/** 3, 2, 1, and a sign that it records. */
function Count() {
  const now = count.value;
  const said = now === null ? "" : now > 0 ? String(now) : "Recording";
  return (
    <span class="recorder-count number" role="status" data-on={now === 0 || undefined}>
      {said}
    </span>
  );
}

const FLOOR_DB = -60;

/** The input's level, its loudest sample for a second, and whether it clipped. */
function Meter() {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let level = FLOOR_DB;
    let held = FLOOR_DB;
    let since = 0;
    let frame = 0;
    const draw = (time: number) => {
      const peak = takePeak();
      const db = Math.max(FLOOR_DB, 20 * Math.log10(peak || 1e-6));
      /* It falls by 20 dB a second, as meters do. */
      level = Math.max(db, level - 0.33);
      if (db >= held || time - since > 1000) {
        held = db;
        since = time;
      }
      const box = bar.current;
      if (box) {
        box.style.setProperty("--level", `${(1 - level / FLOOR_DB) * 100}%`);
        box.style.setProperty("--held", `${(1 - held / FLOOR_DB) * 100}%`);
        if (peak >= 0.999) box.dataset.clipped = "yes";
        box.setAttribute("aria-valuenow", String(Math.round(level)));
        box.setAttribute("aria-valuetext", `${Math.round(held)} dBFS`);
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, []);
  const reset = () => delete bar.current?.dataset.clipped;
  return (
    <div
      class="meter"
      ref={bar}
      role="meter"
      aria-label="Input level"
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={FLOOR_DB}
      title="Input level, -60 to 0 dBFS; red: it clipped (click to clear)"
      onClick={reset}
    >
      <div class="meter-level" />
      <div class="meter-held" />
    </div>
  );
}

function LatencyField() {
  const now = latency.value;
  const measuring = stage.value === "measuring";
  const shown = now ? `${(now.seconds * 1000).toFixed(1)} ms` : "–";
  return (
    <div class="field recorder-latency">
      <span id="latency-label">Latency taken off</span>
      <span class="recorder-latency-row">
        <output class="number" aria-labelledby="latency-label">
          {shown}
        </output>
        <span class="muted">{measuring ? "listening" : now?.measured ? "measured" : "estimated"}</span>
        <Button
          kind="quiet"
          disabled={stage.value !== "ready"}
          title="Hold the microphone to the headphones: six clicks are played and listened for"
          onClick={() => void measureLatency()}
        >
          Measure
        </Button>
        {now?.measured && (
          <Button kind="quiet" disabled={stage.value !== "ready"} onClick={forgetLatency}>
            Forget
          </Button>
        )}
      </span>
    </div>
  );
}

/** Recordings that are kept here because the service does not have them yet. */
export function Waiting() {
  const left = waiting.value.filter((one) => one.id !== underWay.value);
  if (!left.length) return null;
  return (
    <div class="unsent" role="region" aria-label="Recordings that wait">
      <p>
        <Icon name="info" /> {plural(left.length, "recording")} kept in this browser until the service has{" "}
        {left.length === 1 ? "it" : "them"}.
      </p>
      <ul>
        {left.map((one) => (
          <li key={one.id}>
            <span class="number">{one.line}</span> <span class="muted">{one.projectName}</span>
            {one.refused && <span class="flag-error">{one.refused}</span>}
            <span class="actions">
              {one.refused && <Button kind="quiet" onClick={() => void sendAgain(one)}>Send again</Button>}
              <Button kind="quiet" onClick={() => void saveFile(one)}>Save as WAV</Button>
              {one.refused && <Button kind="quiet" onClick={() => void discard(one)}>Discard</Button>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
