/** Taking the dub home: files in the formats that other programs read, and the way back for edited timelines. */
import { useEffect, useState } from "preact/hooks";
import { activeJobs, complain, jobs, keepJob, say } from "../app";
import { get, post } from "../api";
import { formats, loadFormats } from "../facts";
import { changedSinceMix, project, revision } from "../project";
import { fileSize, plural } from "../time";
import type { Delivery, Job } from "../types";
import { Bar, Button, Empty, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { Conform } from "./Conform";
import { FormatChoice } from "./FormatChoice";

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

  const list = chosen ?? standing(files);
  const running = activeJobs.value.find((job) => job.project === id && job.kind === "deliver");
  const deliver = () =>
    post<Job>(`/projects/${id}/deliver`, { formats: list }).then(keepJob, complain);
  return (
    <main class="deliver">
      <section aria-label="Deliver">
        <h1>Deliver</h1>
        <p class="muted">
          {project.value?.name} in {project.value?.target_language}
        </p>
        <FormatChoice list={formats.value ?? []} chosen={list} onChange={setChosen} />
        <div class="actions">
          <Button kind="first" onClick={deliver} disabled={!list.length || running !== undefined}>
            {running ? "Writing" : `Deliver ${plural(list.length, "format")}`}
          </Button>
          {running && <Bar share={running.fraction} label="Delivery" />}
          {!running && changedSinceMix.value.size > 0 && <span class="muted">The mix is being brought up to date first.</span>}
        </div>
      </section>
      <section aria-label="Files">
        <h2>Files</h2>
        {files?.length === 0 && <Empty title="Nothing delivered yet." />}
        <ul class="files">
          {(files ?? []).map((file) => (
            <OneFile key={file.path} file={file} />
          ))}
        </ul>
      </section>
      <Conform />
    </main>
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
