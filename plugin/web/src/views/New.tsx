/** Starting a dub: what, into which language, with which engines. */
import { useEffect, useState } from "preact/hooks";
import { complain, keepJob } from "../app";
import { post } from "../api";
import { engines, formats, languages, loadFormats, loadLanguages, loadSetup, openProject, working } from "../facts";
import { go } from "../route";
import type { Entry, Estimate as Guess, EstimateAsked, Job, JobAsked } from "../types";
import { Browse } from "../ui/Browse";
import { Button } from "../ui/controls";
import { DropFilm } from "../ui/DropFilm";
import { More } from "../ui/More";
import { Estimate, sumUp } from "./Estimate";
import { FormatChoice } from "./FormatChoice";
import type { Choice, Part } from "./newChoice";
import { ConsentDialog, PictureChoice, WatermarkChoice, pictureSettings } from "./NewPicture";

const KINDS: [string, string][] = [
  ["separator", "Separation"],
  ["transcriber", "Recognition"],
  ["translator", "Translation"],
  ["voice", "Voices"],
];

const BROWSED: Record<"source" | "script" | "cast", [string, Entry["kind"][]]> = {
  source: ["Choose a film, clip or timeline", ["media", "timeline", "project"]],
  script: ["Choose subtitles", ["subtitles"]],
  cast: ["Choose a cast file", ["cast"]],
};

const STANDARD = ["otio", "srt", "mp4"];

export function New({ source }: { source: string }) {
  const [choice, setChoice] = useState<Choice>({
    source,
    from: "",
    to: "",
    speakers: "",
    script: "",
    track: "",
    encoding: "",
    offset: "",
    engines: {},
    formats: STANDARD,
    faces: false,
    lips: "",
    burn: false,
    watermark: "",
    cast: "",
  });
  const [browsing, setBrowsing] = useState<keyof typeof BROWSED | null>(null);
  const [consenting, setConsenting] = useState(false);
  const [blind, setBlind] = useState("");
  const [found, setFound] = useState<Guess | null>(null);
  const set = (more: Partial<Choice>) => setChoice((old) => ({ ...old, ...more }));
  useEffect(() => {
    document.title = "New dub · Rythmo";
    Promise.all([loadLanguages(), loadSetup(), loadFormats()]).catch(complain);
  }, []);

  /* Sound alone has no faces. */
  const heard = (guess: Guess | null) => {
    setFound(guess);
    if (!guess) return;
    const { picture } = guess;
    setBlind(picture ? "" : choice.source);
    if (!picture && (choice.faces || choice.lips)) set({ faces: false, lips: "" });
  };
  const begin = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      const job = await post<Job>("/jobs", asked(choice));
      keepJob(job);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  const chosen = (entry: Entry) => {
    if (entry.kind === "project") void openProject(entry.path);
    else if (browsing) set({ [browsing]: entry.path });
    setBrowsing(null);
  };
  return (
    <main class="new">
      <h1>New dub</h1>
      <form onSubmit={begin} class="form">
        <div class="form-row">
          <span class="form-label" id="source-label">
            File or timeline
          </span>
          <div class="file">
            <output aria-labelledby="source-label" class={choice.source ? "cut" : "cut muted"} title={choice.source}>
              {choice.source || "nothing chosen yet"}
            </output>
            <Button onClick={() => setBrowsing("source")}>Choose</Button>
          </div>
          {!choice.source && (
            <DropFilm onPath={(path) => set({ source: path })}>
              <span class="muted">Or drop a film, a clip or a timeline here</span>
            </DropFilm>
          )}
        </div>
        <Languages choice={choice} set={set} />
        <label class="form-row">
          <span class="form-label">Speakers</span>
          <input
            type="number"
            min={1}
            max={100}
            class="short"
            placeholder="automatic"
            value={choice.speakers}
            onInput={(event) => set({ speakers: event.currentTarget.value })}
          />
        </label>
        <div class="form-row">
          <span class="form-label" id="script-label">
            Subtitles of the original
          </span>
          <div class="file">
            <output aria-labelledby="script-label" class={choice.script ? "cut" : "cut muted"} title={choice.script}>
              {choice.script || "none (speech is recognised)"}
            </output>
            <Button onClick={() => (choice.script ? set({ script: "" }) : setBrowsing("script"))}>
              {choice.script ? "Remove" : "Choose"}
            </Button>
          </div>
        </div>
        {blind !== choice.source && (
          <PictureChoice
            choice={choice}
            set={set}
            onCast={() => (choice.cast ? set({ cast: "" }) : setBrowsing("cast"))}
            onConsent={() => setConsenting(true)}
          />
        )}
        <WatermarkChoice choice={choice} set={set} />
        <Sources choice={choice} set={set} />
        <Engines choice={choice} set={set} />
        <More title="Deliver" said={choice.formats.join(", ") || "nothing yet"}>
          <FormatChoice list={formats.value ?? []} chosen={choice.formats} onChange={(list) => set({ formats: list })} />
        </More>
        <div class="form-end">
          <Button kind="first" type="submit" disabled={!choice.source || !choice.to}>
            Start the dub
          </Button>
          <span class="muted">{!choice.source ? "Choose what to dub." : !choice.to ? "Choose a language." : found && sumUp(found)}</span>
        </div>
      </form>
      <Estimate asked={choice.source && choice.to ? measured(choice) : null} onFound={heard} />
      {consenting && <ConsentDialog choice={choice} set={set} onClose={() => setConsenting(false)} />}
      {browsing && (
        <Browse
          title={BROWSED[browsing][0]}
          kinds={BROWSED[browsing][1]}
          onChoose={chosen}
          onClose={() => setBrowsing(null)}
        />
      )}
    </main>
  );
}

function Languages({ choice, set }: Part) {
  const list = languages.value ?? [];
  const sources = [...new Set(list.flatMap((one) => one.translate_from))].sort();
  const name = (code: string) => list.find((one) => one.code === code)?.name ?? code;
  const targets = list.filter(
    (one) => one.voice && (choice.from ? one.translate_from.includes(choice.from) : one.translate_from.length > 0),
  );
  return (
    <div class="form-row">
      <span class="form-label">Language</span>
      <div class="pair">
        <select aria-label="From" value={choice.from} onChange={(event) => set({ from: event.currentTarget.value })}>
          <option value="">From: automatic</option>
          {sources.map((code) => (
            <option value={code} key={code}>
              From {name(code)}
            </option>
          ))}
        </select>
        <select aria-label="To" value={choice.to} required onChange={(event) => set({ to: event.currentTarget.value })}>
          <option value="">To …</option>
          {targets.map((one) => (
            <option value={one.code} key={one.code}>
              To {one.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** Lets the user choose the audio track of a film that has several, and how subtitles are read. */
function Sources({ choice, set }: Part) {
  const said = [
    choice.track && `track ${choice.track}`,
    choice.encoding,
    choice.offset && (choice.offset === "auto" ? "subtitles aligned with the speech" : `subtitles ${choice.offset} s`),
  ].filter(Boolean);
  return (
    <More title="Sound and subtitles" said={said.join(", ") || "automatic"}>
      <div class="pairs">
        <label class="field">
          <span>Audio track</span>
          <input
            placeholder="automatic, or 2, or en"
            value={choice.track}
            onInput={(event) => set({ track: event.currentTarget.value.trim() })}
          />
        </label>
        <label class="field">
          <span>Subtitle encoding</span>
          <input
            placeholder="automatic, or cp1251"
            value={choice.encoding}
            onInput={(event) => set({ encoding: event.currentTarget.value.trim() })}
          />
        </label>
        <label class="field">
          <span>Subtitle offset</span>
          <input
            placeholder="0, or auto, or -2.5 (seconds)"
            value={choice.offset}
            onInput={(event) => set({ offset: event.currentTarget.value.trim() })}
          />
        </label>
      </div>
    </More>
  );
}

/** Only engines that work here can be chosen; the others are on the setup page. */
function Engines({ choice, set }: Part) {
  if (!engines.value) return null;
  const named = KINDS.flatMap(([kind]) => choice.engines[kind] ?? []).filter(Boolean);
  return (
    <More title="Engines" said={named.join(", ") || "automatic"}>
      <div class="pairs">
        {KINDS.map(([kind, title]) => (
          <label class="field" key={kind}>
            <span>{title}</span>
            <select
              value={choice.engines[kind] ?? ""}
              onChange={(event) => set({ engines: { ...choice.engines, [kind]: event.currentTarget.value } })}
            >
              <option value="">Automatic</option>
              {working(kind).map((engine) => (
                <option value={engine.name} key={engine.name}>
                  {engine.name}
                  {engine.draft ? " (draft)" : ""}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </More>
  );
}

function measured(choice: Choice): EstimateAsked {
  const engines = chosenEngines(choice);
  return {
    source: choice.source,
    target_language: choice.to,
    ...(choice.from && { source_language: choice.from }),
    ...(engines && { engines }),
    ...(choice.faces && { settings: pictureSettings(choice) }),
  };
}

/** The engines that were named; null where all are left to Rythmo. */
function chosenEngines(choice: Choice): Record<string, string> | null {
  const chosen = { ...choice.engines, lipsync: choice.lips, watermark: choice.watermark };
  const named = Object.entries(chosen).filter(([, name]) => name);
  return named.length ? Object.fromEntries(named) : null;
}

/** The job as the service wants it: what was left open is left out. */
function asked(choice: Choice): JobAsked {
  const engines = chosenEngines(choice);
  const settings = {
    ...pictureSettings(choice),
    ...(choice.cast && { cast: { file: choice.cast } }),
    ...(choice.track && { tracks: { audio: choice.track } }),
    ...((choice.encoding || choice.offset) && {
      script: {
        ...(choice.encoding && { encoding: choice.encoding }),
        ...(choice.offset && { offset: choice.offset }),
      },
    }),
  };
  return {
    kind: "dub",
    source: choice.source,
    target_language: choice.to,
    formats: choice.formats,
    key: crypto.randomUUID(),
    ...(choice.from && { source_language: choice.from }),
    ...(choice.speakers && { speakers: Number(choice.speakers) }),
    ...(choice.script && { script: choice.script }),
    ...(engines && { engines }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
}
