/** Keeping the cast for the next film: names, voices, pace and locks in a cast file. */
import { useState } from "preact/hooks";
import { saveCast, shelf } from "../casting";
import { say } from "../app";
import { project, speakers } from "../project";
import { Button } from "../ui/controls";

export function SaveCast() {
  const [typed, setTyped] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const path = typed ?? shelf.value?.cast_file ?? beside(project.value?.root ?? "");
  const save = async () => {
    setBusy(true);
    const notes = await saveCast(path.trim());
    setBusy(false);
    if (notes) say(`The cast is saved in ${path.trim()}.`, notes.join(" "), notes.length > 0);
  };
  const unnamed = speakers.value.filter((one) => one.name === `Speaker ${one.id.slice(1)}`);
  return (
    <form
      class="save-cast"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label class="field">
        <span>Keep the cast for the next film in</span>
        <input value={path} spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <Button type="submit" disabled={busy || !path.trim() || unnamed.length === speakers.value.length}>
        {busy ? "Saving …" : "Save the cast"}
      </Button>
      {unnamed.length > 0 && (
        <p class="muted">Only people with a name are kept: {unnamed.map((one) => one.name).join(", ")} would be left out.</p>
      )}
    </form>
  );
}

/** cast.toml in the folder that holds the project. */
function beside(root: string): string {
  const home = root.replace(/[\\/]languages[\\/][^\\/]+$/, "");
  return home.replace(/[^\\/]+[\\/]?$/, "cast.toml");
}
