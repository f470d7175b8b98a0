/** Asks what a project from elsewhere may do. Nothing is made of it before the answer. */
import { signal } from "@preact/signals";
import { complain } from "../app";
import { decide, project } from "../project";
import { Button } from "./controls";
import { Dialog } from "./Dialog";

/** The project whose question was put off: it can be looked at meanwhile. */
const later = signal("");

export function Trust() {
  const open = project.value;
  if (!open || !open.asks.length || later.value === open.id) return null;
  const answer = (allow: "all" | "media" | "nothing") => void decide(allow).catch(complain);
  const onClose = () => (later.value = open.id);
  return (
    <Dialog title="This project asks for more than its own files" onClose={onClose} wide>
      <p>It came from somewhere else, was moved, or was changed outside Rythmo. Until you decide, you can look at it, and nothing is made of it.</p>
      <dl class="wishes">
        {open.asks.map((wish) => (
          <div key={wish.name + wish.value}>
            <dt>
              {wish.name} <code>{wish.value}</code>
            </dt>
            <dd>{wish.why}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <Button onClick={() => answer("all")}>Allow all of it</Button>
        <Button onClick={() => answer("media")}>Allow the media only</Button>
        <Button onClick={() => answer("nothing")}>Leave all of it out</Button>
        <Button kind="first" onClick={onClose}>
          Only look
        </Button>
      </div>
    </Dialog>
  );
}
