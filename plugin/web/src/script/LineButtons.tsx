/** The buttons for the selected line, and for the lines that were deleted. */
import { useState } from "preact/hooks";
import { clock, project, restoreLine } from "../project";
import { selected } from "../selection";
import { plural, timecode } from "../time";
import type { Line } from "../types";
import { Button, IconButton } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { addHere, joinNext, nextOf, removeLine, splitHere, toggleLock } from "./lineActions";
import { keepInSight } from "./scroll";

export function LineButtons({ line }: { line: Line }) {
  const off = line.locked;
  return (
    <div class="line-actions" role="toolbar" aria-label="Change the line">
      <IconButton icon="split" label="Split at the playhead (S)" disabled={off} onClick={() => splitHere()} />
      <IconButton
        icon="join"
        label="Join with the next line of the speaker (M)"
        disabled={off || !nextOf(line)}
        onClick={() => joinNext()}
      />
      <IconButton icon="plus" label="Add a line at the playhead (N)" onClick={addHere} />
      <IconButton icon="trash" label="Delete the line (Delete)" disabled={off} onClick={removeLine} />
      <IconButton
        icon={off ? "lock" : "unlock"}
        label={off ? "Unlock the line (U)" : "Lock the line (U)"}
        pressed={off}
        onClick={toggleLock}
      />
    </div>
  );
}

/** A button that shows the deleted lines, where there are any. */
export function Deleted() {
  const [open, setOpen] = useState(false);
  const gone = project.value?.removed ?? [];
  if (!gone.length) return null;
  const back = async (id: string) => {
    if (!(await restoreLine(id))) return;
    selected.value = id;
    setOpen(false);
    keepInSight();
  };
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {plural(gone.length, "deleted line")}
      </Button>
      {open && (
        <Dialog title="Deleted lines" onClose={() => setOpen(false)} wide>
          <ul class="deleted">
            {gone.map((line) => (
              <li key={line.id}>
                <span class="number muted">{timecode(clock.value, line.start)}</span>
                <span class="cut">{line.text}</span>
                <Button onClick={() => back(line.id)}>Restore {line.id}</Button>
              </li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}
