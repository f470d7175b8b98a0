/** The script view: list, picture, band and timeline, each at its fixed place. */
import { useLayoutEffect } from "preact/hooks";
import { Band } from "../band/Band";
import { takeListeners } from "../project";
import { hearTake } from "../player/audition";
import { Picture, TransportBar } from "../player/Picture";
import { playing } from "../player/transport";
import { Recorder, Waiting, recording } from "../record/Recorder";
import { Inspector } from "../script/Inspector";
import { List } from "../script/List";
import { NewLine } from "../script/NewLine";
import { OutOfDate } from "../script/OutOfDate";
import { Toolbar } from "../script/Toolbar";
import { Uncovered } from "../script/Uncovered";
import { scriptKey } from "../script/keys";
import type { Take } from "../types";
import { Timeline } from "../timeline/Timeline";

/** A new take is heard at once, unless something else is being listened to. */
function hearArrived(line: string, take: Take): void {
  if (!playing.value) void hearTake(line, take);
}

export function Script() {
  useLayoutEffect(() => {
    const key = (event: KeyboardEvent) => scriptKey(event) && event.preventDefault();
    addEventListener("keydown", key);
    takeListeners.add(hearArrived);
    return () => {
      removeEventListener("keydown", key);
      takeListeners.delete(hearArrived);
    };
  }, []);
  return (
    <main class="script">
      <h1 class="hidden">Script</h1>
      <section class="lines" aria-label="Script">
        <div>
          <Toolbar />
          <OutOfDate />
          <Uncovered />
          {!recording.value && <Waiting />}
        </div>
        <List />
      </section>
      <section class="stage" aria-label="Picture and rythmo band">
        <Picture />
        <TransportBar />
        <Band />
        {recording.value ? <Recorder /> : <Inspector />}
      </section>
      <Timeline />
      <NewLine />
    </main>
  );
}
