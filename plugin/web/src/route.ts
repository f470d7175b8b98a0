/** Where the page is: kept in the address's fragment, so that reload and back work. */
import { computed, signal } from "@preact/signals";
import { adoptToken, enter } from "./api";
import { tokenRefused } from "./app";

export type Tab = "script" | "quality" | "deliver";

export type Route =
  | { view: "home" }
  | { view: "new"; source: string }
  | { view: "setup" }
  | { view: "job"; id: string }
  | { view: "project"; id: string; tab: Tab };

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  /* The address that a service printed, opened in a window that is there already: after a restart its key is new. */
  if (location.hash.startsWith("#code=")) void enter().then(() => location.reload(), () => location.reload());
  if (adoptToken() || tokenRefused.value) location.reload();
  hash.value = location.hash;
});

export function refreshRoute(): void {
  hash.value = location.hash;
}

export const route = computed(() => parseRoute(hash.value));

export function parseRoute(text: string): Route {
  const [view = "", id = "", tab = ""] = text.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (view === "new") return { view, source: id };
  if (view === "setup") return { view };
  if (view === "job" && id) return { view, id };
  if (view === "project" && id) {
    return { view, id, tab: tab === "quality" || tab === "deliver" ? tab : "script" };
  }
  return { view: "home" };
}

export function href(to: Route): string {
  if (to.view === "home") return "#/";
  if (to.view === "new") return `#/new/${encodeURIComponent(to.source)}`;
  if (to.view === "setup") return "#/setup";
  if (to.view === "job") return `#/job/${encodeURIComponent(to.id)}`;
  return `#/project/${encodeURIComponent(to.id)}/${to.tab}`;
}

export function go(to: Route): void {
  location.hash = href(to);
}
