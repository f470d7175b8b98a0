/** The heads of the lanes: who speaks there, and the switches for hearing them alone or not at all. */
import type { Signal } from "@preact/signals";
import { colours, project, speakers } from "../project";
import { flip, muted, parts, side, soloed } from "../player/sounds";

interface Place {
  laneHeight: number;
  top: number;
  ruler: number;
  scroll: Signal<number>;
}

export function Heads({ laneHeight, top, ruler, scroll }: Place) {
  const bed = parts.value.find((stem) => stem.name === "ME");
  return (
    <div class="heads">
      <div class="head head-original" style={{ top: `${ruler}px`, height: `${top - ruler}px` }}>
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
