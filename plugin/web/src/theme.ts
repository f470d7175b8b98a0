/** Light or dark: as the system has it, or as the person chose. */
import { computed, effect, signal } from "@preact/signals";

export type Choice = "system" | "light" | "dark";
const KEY = "rythmo.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

const kept = localStorage.getItem(KEY);
export const choice = signal<Choice>(kept === "light" || kept === "dark" ? kept : "system");
export const dark = computed(() => (choice.value === "system" ? systemDark.value : choice.value === "dark"));

effect(() => {
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  localStorage.setItem(KEY, choice.value);
});

export function turn(): void {
  choice.value = dark.value ? "light" : "dark";
}

/** The colours that canvases draw with, read from the style sheet once for each theme. */
export interface Ink {
  text: string;
  muted: string;
  faint: string;
  edge: string;
  line: string;
  ground: string;
  panel: string;
  select: string;
  amber: string;
  red: string;
}

export const ink = computed<Ink>(() => {
  void dark.value;
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    faint: of("faint"),
    edge: of("edge"),
    line: of("line"),
    ground: of("ground"),
    panel: of("panel"),
    select: of("select"),
    amber: of("amber"),
    red: of("red"),
  };
});
