/** Exports the dub: files in the formats that other programs read, and the way back for edited timelines. */
import { useEffect, useState } from "preact/hooks";
import { activeJobs, complain, jobs, keepJob, say } from "../app";
import { get, post } from "../api";
import { formats, loadFormats } from "../facts";
import { changedSinceMix, project, revision } from "../project";
import { fileSize, plural } from "../time";
import type { Delivery, DeliveryChoices, DeliveryPlan, Job } from "../types";
import { Bar, Button, Empty, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { Conform } from "./Conform";
import { DeliverySettings, type Settings } from "./DeliverySettings";
import { FormatChoice } from "./FormatChoice";
import { SendToMixer } from "./SendToMixer";
import { Translators } from "./Translators";

export function Deliver() {
  const [files, setFiles] = useState<Delivery[] | null>(null);
  const [chosen, setChosen] = useState<string[] | null>(null);
  const id = project.value?.id;
  const finished = [...jobs.value.values()].filter((job) => job.project === id && job.state === "done").length;
  useEffect(() => {
    if (!id) return;
    loadFormats().catch(complain);
    get<Delivery[]>(`/projects/${id}/deliveries`).then(setFiles, complain);
  }, [id, finished, revision.value]);

  const [choices, setChoices] = useState<DeliveryChoices | null>(null);
  const [changed, setChanged] = useState<Settings>({});
  const [words, setWords] = useState<string | null>(null);
  const [plan, setPlan] = useState<DeliveryPlan | null>(null);
  useEffect(() => {
    if (id) get<DeliveryChoices>(`/projects/${id}/deliver`).then(setChoices, complain);
  }, [id, finished]);

  const list = chosen ?? standing(files);
  const asked = { formats: list, settings: changed, disclosure_text: words };
  const key = JSON.stringify(asked);
  useEffect(() => {
    if (!id || !list.length) return setPlan(null);
    /* A template that is being typed is not asked about at every letter. */
    const later = setTimeout(() => {
      post<DeliveryPlan>(`/projects/${id}/deliver/plan`, asked).then(setPlan, () => setPlan(null));
    }, 300);
    return () => clearTimeout(later);
  }, [id, key]);
  const running = activeJobs.value.find((job) => job.project === id && job.kind === "deliver");
  const deliver = () =>
    post<Job>(`/projects/${id}/deliver`, asked).then(keepJob, complain);
  return (
    <main class="deliver">
      <section class="deliver-what" aria-label="Deliver">
        <h1>Deliver</h1>
        <FormatChoice list={possible()} chosen={list} onChange={setChosen} />
        {choices && <DeliverySettings choices={choices} changed={changed} onChange={setChanged} words={words} onWords={setWords} />}
      </section>
      <section class="deliver-result" aria-label="Files">
        <div class="actions">
          <Button kind="first" onClick={deliver} disabled={!list.length || running !== undefined}>
            {running ? "Writing" : `Deliver ${plural(list.length, "format")}`}
          </Button>
          {running && <Bar share={running.fraction} label="Delivery" />}
          {!running && changedSinceMix.value.size > 0 && <span class="muted">The mix is being brought up to date first.</span>}
        </div>
        {plan && <Folder plan={plan} />}
        <h2>Delivered</h2>
        {choices?.signing && <p class="muted">{choices.signing}</p>}
        {files?.length === 0 && <Empty title="Nothing delivered yet." />}
        <ul class="files">
          {(files ?? []).map((file) => (
            <OneFile key={file.path} file={file} />
          ))}
        </ul>
      </section>
      <SendToMixer />
      <Conform />
      <Translators />
    </main>
  );
}

/** A programme without a picture makes no film. */
const possible = () => (formats.value ?? []).filter((format) => project.value?.picture || !format.suffix.endsWith(".mp4"));

/** What will lie in the folder. */
function Folder({ plan }: { plan: DeliveryPlan }) {
  return (
    <section class="folder" aria-label="What will be written">
      <h2 class="formats-head">{plan.folder}/</h2>
      <ul>
        {plan.files.map((name) => (
          <li class="cut" key={name}>
            <Icon name="file" /> {name.replace("*", "…")}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was delivered before is delivered again, unless the person chooses otherwise. */
function standing(files: Delivery[] | null): string[] {
  const known = new Set((files ?? []).map((file) => file.format));
  return (formats.value ?? []).map((format) => format.name).filter((name) => known.has(name));
}

function OneFile({ file }: { file: Delivery }) {
  const show = () =>
    post(`/projects/${project.value?.id}/reveal`, { path: file.path }).then(() => say(`Shown in its folder: ${file.name}`), complain);
  return (
    <li class="delivered">
      <Icon name={file.format === "mp4" ? "film" : "file"} />
      <span class="delivered-name">
        <span class="cut" title={file.path}>
          {file.name}
        </span>
        <span class="muted">
          {file.format} · {fileSize(file.size)}
          {file.signed && " · signed"}
          {file.stale && <span class="flag-warning"> · older than the script</span>}
        </span>
      </span>
      <IconButton icon="reveal" label={`Show ${file.name} in its folder`} onClick={show} />
      <a class="icon-button" href={`${file.url}&download=1`} download={file.name} aria-label={`Download ${file.name}`} title={`Download ${file.name}`}>
        <Icon name="download" />
      </a>
    </li>
  );
}
