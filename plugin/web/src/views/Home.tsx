/** Where one begins: what Rythmo is, the example, recent projects, and whether everything is set up. */
import { useEffect, useState } from "preact/hooks";
import { activeJobs, complain, keepJob } from "../app";
import { post } from "../api";
import { checks, languageName, languages, loadLanguages, loadProjects, loadService, loadSetup, openProject, projects, service, working } from "../facts";
import { go, href } from "../route";
import { ago, plural, runningTime } from "../time";
import type { Job, ProjectSummary } from "../types";
import { Browse } from "../ui/Browse";
import { Bar, Button } from "../ui/controls";
import { DropFilm } from "../ui/DropFilm";
import { Icon } from "../ui/Icon";
import { FetchSet } from "./Models";

export function Home() {
  useEffect(() => {
    document.title = "Rythmo";
    Promise.all([loadService(), loadProjects(), loadSetup(), loadLanguages()]).catch(complain);
  }, []);
  const [opening, setOpening] = useState(false);
  const first = projects.value?.length === 0;
  return (
    <main class="home">
      <section class="welcome">
        <h1>{first ? "Dub a scene, correct it, take it back to your timeline." : "Projects"}</h1>
        <Missing />
        <div class="actions">
          {first && <Example first />}
          <Button kind={first ? "plain" : "first"} onClick={() => go({ view: "new", source: "" })}>
            Dub a file or timeline
          </Button>
          <Button onClick={() => setOpening(true)}>Open a project</Button>
          {!first && <Example first={false} />}
        </div>
        <DropFilm onPath={(path) => go({ view: "new", source: path })}>
          <span class="drop-title">Drop a film, a clip or a timeline here, or choose one</span>
          <span class="muted">Then choose a language. You see time and cost before anything starts.</span>
        </DropFilm>
        {first && <Explained />}
      </section>
      <Working />
      {projects.value && projects.value.length > 0 && (
        <ul class="projects" aria-label="Projects">
          {projects.value.map((one) => (
            <ProjectCard key={one.id} one={one} />
          ))}
        </ul>
      )}
      <SetupLine />
      {opening && (
        <Browse title="Open a project" kinds={["project"]} onChoose={(entry) => void openProject(entry.path)} onClose={() => setOpening(false)} />
      )}
    </main>
  );
}

function Explained() {
  return (
    <ol class="steps">
      <li>
        <h2>Dub</h2>
        <p>
          Choose a film, a clip or a timeline. Rythmo finds who speaks, writes down what they say, translates each line
          to fit its time, and gives every speaker a voice.
        </p>
      </li>
      <li>
        <h2>Correct</h2>
        <p>Read the script beside the picture. Change a word and hear the line again a moment later.</p>
      </li>
      <li>
        <h2>Export</h2>
        <p>
          Get a timeline with a track for each speaker, the M&amp;E and subtitles. Edit it in your own program; Rythmo
          follows what you moved.
        </p>
      </li>
    </ol>
  );
}

/** A language into which the example can be dubbed here: Spanish where it can. */
function exampleLanguage(): string {
  const able = (languages.value ?? []).filter((one) => one.translate_from.includes("en") && one.voice);
  return (able.find((one) => one.code === "es") ?? able[0])?.code ?? "es";
}

function Example({ first }: { first: boolean }) {
  if (service.value && !service.value.example) return null;
  const begin = async () => {
    try {
      const job = await post<Job>("/jobs", {
        kind: "dub",
        source: "example:",
        source_language: "en",
        target_language: exampleLanguage(),
      });
      keepJob(job);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  return (
    <Button kind={first ? "first" : "plain"} onClick={begin} disabled={!service.value}>
      Dub the example
    </Button>
  );
}

/** Jobs that are worth a look: dubs under way. */
function Working() {
  const list = activeJobs.value.filter((job) => job.kind === "dub" || job.kind === "language");
  if (!list.length) return null;
  return (
    <section class="working" aria-label="Under way">
      <h2>Under way</h2>
      <ul>
        {list.map((job) => (
          <li key={job.id}>
            <a href={href({ view: "job", id: job.id })}>
              {job.kind === "language"
                ? languageName(String(job.spec.target_language))
                : String(job.spec.source ?? job.kind).split(/[\\/]/).pop()?.replace("example:", "The example scene")}
            </a>
            <Bar share={job.fraction} label="Done" />
            <span class="number muted">{job.state === "queued" ? "waiting" : `${Math.round(job.fraction * 100)}%`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ProjectCard({ one }: { one: ProjectSummary }) {
  return (
    <li class="project-card">
      <a href={href({ view: "project", id: one.id, tab: "script" })}>
        <Still one={one} />
        <span class="project-name">{one.name}</span>
        <span class="project-languages">
          {languageName(one.source_language)} → {one.languages.map(languageName).join(", ")}
        </span>
        <span class="muted">
          {runningTime(one.duration / 48000)} · {plural(one.lines, "line")}
        </span>
        <span class="project-flags">
          {one.flags.error > 0 && <span class="flag-error">{plural(one.flags.error, "error")}</span>}
          {one.flags.warning > 0 && <span class="flag-warning">{plural(one.flags.warning, "warning")}</span>}
          {!one.flags.error && !one.flags.warning && <span class="muted">no flags</span>}
        </span>
        <span class="muted project-when">{ago(one.updated)}</span>
      </a>
    </li>
  );
}

/** A still of the picture; a plain field for sound alone, and where the media is away or not allowed. */
function Still({ one }: { one: ProjectSummary }) {
  const [broken, setBroken] = useState(false);
  return (
    <span class="project-still" aria-hidden="true">
      {one.poster && !broken ? (
        <img src={one.poster} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
      ) : (
        <Icon name={one.picture ? "film" : "file"} />
      )}
    </span>
  );
}

const KINDS = ["separator", "transcriber", "translator", "voice"];

function SetupLine() {
  const wrong = (checks.value ?? []).filter((check) => !check.ok);
  const drafts = KINDS.filter((kind) => working(kind)[0]?.draft);
  if (!checks.value || wrong.length) return null;
  return (
    <section class="setup-line" aria-label="Setup">
      <span class="ready">
        <Icon name="check" />
      </span>
      <p>
        Everything that a dub needs is here, and nothing leaves this machine.
        {drafts.length > 0 && (
          <span class="muted"> The built-in engines make drafts: good for timing and layout. Better ones can be added.</span>
        )}
      </p>
      <a href={href({ view: "setup" })}>Setup</a>
    </section>
  );
}

/** What stands between here and a first dub, with the button that mends it, before anything else. */
function Missing() {
  const wrong = (checks.value ?? []).filter((check) => !check.ok);
  if (!wrong.length) return null;
  return (
    <section class="setup-line missing-line" aria-label="Setup">
      <span class="flag-error">
        <Icon name="error" />
      </span>
      <div>
        <p>{plural(wrong.length, "thing")} must be set up before a dub can run: {wrong.map((check) => check.name).join(", ")}.</p>
        <FetchSet name="embedded" />
      </div>
      <a href={href({ view: "setup" })}>Setup</a>
    </section>
  );
}
