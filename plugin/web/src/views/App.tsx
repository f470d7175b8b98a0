/** The frame around every view. */
import { useEffect } from "preact/hooks";
import { activeJobs, complain, connected, tokenRefused } from "../app";
import { canRedo, canUndo, open, project, saved, undo, voicing } from "../project";
import { waiting } from "../record/send";
import { type Tab, href, route } from "../route";
import { dark, turn } from "../theme";
import { plural } from "../time";
import type { JobKind } from "../types";
import { Empty, IconButton } from "../ui/controls";
import { Help, helpOpen } from "../ui/Help";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import { Messages } from "../ui/Messages";
import { Trust } from "../ui/Trust";
import { Deliver } from "./Deliver";
import { Home } from "./Home";
import { Job } from "./Job";
import { New } from "./New";
import { Quality } from "./Quality";
import { Script } from "./Script";
import { Setup } from "./Setup";

export function App() {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key === "?" && !typing) helpOpen.value = !helpOpen.value;
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  if (tokenRefused.value) return <Refused />;
  return (
    <>
      <TopBar />
      <View />
      <Messages />
      <Help />
    </>
  );
}

function View() {
  const at = route.value;
  if (at.view === "setup") return <Setup />;
  if (at.view === "new") return <New source={at.source} key={at.source} />;
  if (at.view === "job") return <Job id={at.id} key={at.id} />;
  if (at.view === "project") return <ProjectView id={at.id} tab={at.tab} key={at.id} />;
  return <Home />;
}

function ProjectView({ id, tab }: { id: string; tab: Tab }) {
  useEffect(() => {
    open(id).then(() => (document.title = `${project.value?.name ?? ""} · Rythmo`), complain);
  }, [id]);
  if (project.value?.id !== id) return <main class="waiting" aria-busy="true" />;
  return (
    <>
      {tab === "quality" ? <Quality /> : tab === "deliver" ? <Deliver /> : <Script />}
      <Trust />
    </>
  );
}

const TABS: [Tab, string][] = [
  ["script", "Script"],
  ["quality", "Quality"],
  ["deliver", "Deliver"],
];

function TopBar() {
  const at = route.value;
  const inside = at.view === "project" ? project.value : null;
  return (
    <header class="topbar">
      <a class="brand" href="#/" aria-label="Rythmo: all projects">
        <img src="icon.svg" alt="" width={20} height={20} />
        <span>Rythmo</span>
      </a>
      {inside && at.view === "project" && (
        <>
          <span class="topbar-name cut" title={inside.root}>
            {inside.name}
          </span>
          <LanguageSwitch tab={at.tab} />
          <nav class="tabs" aria-label="Views of the project">
            {TABS.map(([tab, title]) => (
              <a key={tab} href={href({ view: "project", id: inside.id, tab })} aria-current={tab === at.tab ? "page" : undefined}>
                {title}
              </a>
            ))}
          </nav>
        </>
      )}
      <span class="topbar-space" />
      <Status inside={inside !== null} />
      {inside && (
        <>
          <IconButton icon="undo" label="Undo (Ctrl Z)" disabled={!canUndo.value} onClick={() => undo("undo")} />
          <IconButton icon="redo" label="Redo (Ctrl Shift Z)" disabled={!canRedo.value} onClick={() => undo("redo")} />
        </>
      )}
      <IconButton icon="keys" label="Keys (?)" onClick={() => (helpOpen.value = true)} />
      <IconButton icon={dark.value ? "sun" : "moon"} label={dark.value ? "Light" : "Dark"} onClick={turn} />
    </header>
  );
}

const SAVED = { saved: "Saved", saving: "Saving", failed: "Not saved" };

const WORK: Partial<Record<JobKind, string>> = {
  remake: "Mixing",
  deliver: "Delivering",
  qc: "Measuring",
  conform: "Conforming",
  dub: "Dubbing",
  language: "Dubbing",
  send: "Sending",
  faces: "Looking for faces",
  lips: "Making lips",
};

function Status({ inside }: { inside: boolean }) {
  const job = activeJobs.value[0];
  const work = voicing.value.size
    ? `Voicing ${plural(voicing.value.size, "line")}`
    : job && inside
      ? WORK[job.kind]
      : undefined;
  return (
    <p class="status" role="status">
      {!connected.value && <span class="flag-error">The service does not answer</span>}
      {work && <span class="status-work">{work}</span>}
      {inside && <span data-saved={saved.value}>{SAVED[saved.value]}</span>}
    </p>
  );
}

function Refused() {
  const kept = waiting.value.length;
  return (
    <main class="waiting">
      <h1 class="hidden">Rythmo</h1>
      <Empty title="This page no longer has a valid key.">
        Open it again from the window in which <code>rythmo serve</code> runs: the address there carries the key.
        {kept > 0 && ` ${plural(kept, "recording is", "recordings are")} kept in this browser, and sent then.`}
      </Empty>
    </main>
  );
}
