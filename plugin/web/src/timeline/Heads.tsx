/** The heads of the lanes: who speaks there, and the switches for hearing them alone or not at all. */
import type { Signal } from "@preact/signals";
import { colours, project, speakers } from "../project";
import { flip, muted, parts, side, soloed } from "../player/sounds";

interface Place {
  laneHeight: number;
  top: number;
  /** Where the row of the original begins; between the ruler and it stand the loops. */
  original: number;
  ruler: number;
  scroll: Signal<number>;
  onScroll: (by: number) => void;
}

export function Heads({ laneHeight, top, original, ruler, scroll, onScroll }: Place) {
  const bed = parts.value.find((stem) => stem.name === "ME");
  return (
    <div class="heads" onWheel={(event) => onScroll(event.deltaY)}>
      {original > ruler && (
        <div class="head head-loops" style={{ top: `${ruler}px`, height: `${original - ruler}px` }}>
          <span class="head-name">Loops</span>
        </div>
      )}
      <div class="head head-original" style={{ top: `${original}px`, height: `${top - original}px` }}>
        <span class="head-name">{bed ? "Original" : "Sound"}</span>
        {bed && <Switches name="ME" title="music and effects" label="M&E" />}
      </div>
      <div class="heads-lanes" style={{ top: `${top}px` }}>
        {speakers.value.map((one, row) => {
          const stem = project.value?.stems.find((found) => found.speaker === one.id);
          return (
            <div class="head" key={one.id} style={{ top: `${row * laneHeight - scroll.value}px`, height: `${laneHeight}px` }}>
              <span class="dot" style={{ background: colours.value.get(one.id) }} />
              <span class="head-name" title={one.name}>
                {one.name}
              </span>
              {stem && <Switches name={stem.name} title={one.name} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Switches({ name, title, label }: { name: string; title: string; label?: string }) {
  const off = side.value === "original";
  return (
    <span class="switches">
      {label && <span class="switch-label">{label}</span>}
      <button
        type="button"
        class="switch"
        aria-pressed={soloed.value.has(name)}
        aria-label={`Solo ${title}`}
        title={`Solo: hear only ${title}`}
        disabled={off}
        onClick={() => flip(soloed, name)}
      >
        S
      </button>
      <button
        type="button"
        class="switch"
        aria-pressed={muted.value.has(name)}
        aria-label={`Mute ${title}`}
        title={`Mute ${title}`}
        disabled={off}
        onClick={() => flip(muted, name)}
      >
        M
      </button>
    </span>
  );
}
