/** Choosing a file or folder on this machine, as the service lists it. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, get, post } from "../api";
import { complain } from "../app";
import type { Entry, Listing } from "../types";
import { Button, Empty } from "./controls";
import { Dialog } from "./Dialog";
import { Icon, type IconName } from "./Icon";

interface Props {
  title: string;
  kinds: Entry["kind"][];
  onChoose: (entry: Entry) => void;
  onClose: () => void;
}

const ICONS: Record<Entry["kind"], IconName> = {
  folder: "folder",
  media: "film",
  timeline: "fit",
  project: "file",
  subtitles: "file",
  cast: "people",
};

export function Browse({ title, kinds, onChoose, onClose }: Props) {
  const [listing, setListing] = useState<Listing | null>(null);
  const [typed, setTyped] = useState("");
  const show = async (path: string | null) => {
    try {
      setListing(await get<Listing>(path === null ? "/browse" : `/browse?path=${encodeURIComponent(path)}`));
    } catch (problem) {
      complain(problem);
    }
  };
  useEffect(() => void show(null), []);

  const enter = async (entry: Entry) => {
    if (entry.kind !== "folder") return onChoose(entry);
    if (entry.candidate) await post("/folders", { path: entry.path }).catch(complain);
    await show(entry.path);
  };
  /** A path that was typed or pasted: its folder is opened, and the file in it chosen. */
  const take = async () => {
    const path = typed.trim();
    const { folder, name } = split(path);
    try {
      if (!name || !(await openFile(folder, name, kinds, onChoose))) {
        await post("/folders", { path });
        await show(path);
      }
    } catch (problem) {
      complain(problem);
    }
  };
  const entries = (listing?.entries ?? []).filter((entry) => entry.kind === "folder" || kinds.includes(entry.kind));
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form
        class="browse-path"
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <Button disabled={!listing?.path} onClick={() => show(listing?.parent ?? null)} title="The folder above">
          <Icon name="up" />
          <span class="hidden">The folder above</span>
        </Button>
        <input
          aria-label="Path"
          placeholder="Paste a path, or choose below"
          value={typed || (listing?.path ?? "")}
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!typed.trim()}>
          Go
        </Button>
      </form>
      <ul class="browse-list" aria-label="Content">
        {entries.map((entry) => (
          <li key={entry.path}>
            <button
              type="button"
              class="browse-entry"
              onClick={() => {
                setTyped("");
                void enter(entry);
              }}
            >
              <Icon name={ICONS[entry.kind]} />
              <span class="cut">
                {entry.name} {!listing?.path && <span class="muted browse-where">{entry.path}</span>}
              </span>
              {entry.kind === "folder" && <Icon name="chevron" />}
            </button>
          </li>
        ))}
        {listing && !entries.length && <Empty title="Nothing here that Rythmo can use." />}
      </ul>
    </Dialog>
  );
}

function split(path: string): { folder: string; name: string } {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, at) || "/", name: path.slice(at + 1) };
}

/** True when the folder holds a file of that name and it was chosen. */
async function openFile(folder: string, name: string, kinds: Entry["kind"][], choose: (entry: Entry) => void) {
  if (!/\.\w+$/.test(name)) return false;
  await post("/folders", { path: folder });
  const listing = await get<Listing>(`/browse?path=${encodeURIComponent(folder)}`);
  const found = listing.entries.find((entry) => entry.name === name);
  if (!found) throw new ApiError(`There is no ${name} in ${folder} that Rythmo can use.`, "Look at the spelling.", "none", 404);
  if (!kinds.includes(found.kind)) return false;
  choose(found);
  return true;
}
