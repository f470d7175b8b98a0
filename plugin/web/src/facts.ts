/** Facts about this machine, asked once and again when something was set up. */
import { signal } from "@preact/signals";
import { get, post } from "./api";
import { complain } from "./app";
import { go } from "./route";
import type { Check, Engine, Format, Language, Models, ProjectSummary, Service } from "./types";

export const service = signal<Service | null>(null);
export const projects = signal<ProjectSummary[] | null>(null);
export const checks = signal<Check[] | null>(null);
export const engines = signal<Engine[] | null>(null);
export const models = signal<Models | null>(null);
export const languages = signal<Language[] | null>(null);
export const formats = signal<Format[] | null>(null);

export const loadService = async () => void (service.value = await get<Service>("/service"));
export const loadProjects = async () => void (projects.value = await get<ProjectSummary[]>("/projects"));
export const loadLanguages = async () => void (languages.value ??= await get<Language[]>("/languages"));
export const loadFormats = async () => void (formats.value ??= await get<Format[]>("/formats"));

export async function loadSetup(): Promise<void> {
  const [doctor, list, found] = await Promise.all([
    get<{ checks: Check[] }>("/doctor"),
    get<{ engines: Engine[] }>("/engines"),
    get<Models>("/models"),
  ]);
  models.value = found;
  checks.value = doctor.checks;
  engines.value = list.engines;
}

/** Opens a project folder of this machine, also one that the service has not seen yet. */
export async function openProject(path: string): Promise<void> {
  try {
    const project = await post<{ id: string }>("/projects", { path });
    go({ view: "project", id: project.id, tab: "script" });
  } catch (problem) {
    complain(problem);
  }
}

const languageNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** "Spanish" for "es". */
export const languageName = (code: string) => languageNames.of(code) ?? code;

/** Engines of a kind that work here, real ones before drafts. */
export function working(kind: string): Engine[] {
  return (engines.value ?? [])
    .filter((engine) => engine.kind === kind && engine.available)
    .sort((a, b) => Number(a.draft) - Number(b.draft));
}
