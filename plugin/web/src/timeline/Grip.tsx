/** The upper edge of the timeline: dragged, or moved by keys, it gives the lanes more room or less; it is kept. */
import { signal } from "@preact/signals";

const KEY = "rythmo.timeline-height";
const LEAST = 110;
const STEP = 24;
/** The share of the window that the timeline may take. */
const MOST = 0.6;

/** What a person chose, in CSS pixels; null: as many lanes as fit into a part of the window. */
export const ownHeight = signal<number | null>(Number(localStorage.getItem(KEY)) || null);

const most = () => Math.round(innerHeight * MOST);

function setHeight(wanted: number | null): void {
  ownHeight.value = wanted === null ? null : Math.round(Math.max(LEAST, Math.min(most(), wanted)));
  if (ownHeight.value === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, String(ownHeight.value));
}

export function Grip({ height }: { height: number }) {
  const press = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const target = event.currentTarget;
    const [began, before] = [event.clientY, height];
    const move = (next: PointerEvent) => setHeight(before + began - next.clientY);
    target.setPointerCapture(event.pointerId);
    target.addEventListener("pointermove", move);
    const ended = () => target.removeEventListener("pointermove", move);
    target.addEventListener("pointerup", ended, { once: true });
    target.addEventListener("pointercancel", ended, { once: true });
  };
  const key = (event: KeyboardEvent) => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (!by && event.key !== "Home") return;
    setHeight(by ? height + by : null);
    event.preventDefault();
    /* Up and down walk through the lines elsewhere. */
    event.stopPropagation();
  };
  return (
    <div
      class="timeline-grip"
      role="separator"
      tabIndex={0}
      aria-label="Height of the timeline"
      aria-orientation="horizontal"
      aria-valuemin={LEAST}
      aria-valuemax={most()}
      aria-valuenow={Math.round(height)}
      title="Drag for higher or lower lanes; double click: as at first"
      onPointerDown={press}
      onDblClick={() => setHeight(null)}
      onKeyDown={key}
    />
  );
}
