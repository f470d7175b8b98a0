/** New lips over the picture: the clips at the playhead, in step with the transport, where the dub is heard. */
import { useEffect, useRef, useState } from "preact/hooks";
import { lipClips, lipsShown } from "../picture";
import { clock } from "../project";
import { samplesPerFrame } from "../time";
import type { LipClip } from "../types";
import { correction } from "./follow";
import { side } from "./sounds";
import { now, onFrame, playing, position, rate } from "./transport";

const AHEAD_SECONDS = 6;

/** Clips that show now or soon: their players have the time to load. */
function near(at: number): LipClip[] {
  const ahead = AHEAD_SECONDS * clock.value.sampleRate;
  return lipClips.value.filter((clip) => clip.start < at + ahead && clip.end > at - clock.value.sampleRate);
}

export function LipLayer() {
  const clips = lipsShown.value && side.value === "dub" ? near(position.value) : [];
  return (
    <>
      {clips.map((clip) => (
        <Clip key={clip.url} clip={clip} />
      ))}
    </>
  );
}

function Clip({ clip }: { clip: LipClip }) {
  const element = useRef<HTMLVideoElement>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const draw = () => element.current && follow(element.current, clip);
    draw();
    return onFrame(draw);
  }, [clip]);
  if (broken) return null;
  return (
    <video
      ref={element}
      class="lips"
      src={clip.url}
      preload="auto"
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      aria-hidden="true"
      data-lines={clip.lines.join(" ")}
      onSeeked={() => element.current && follow(element.current, clip)}
      onLoadedData={() => element.current && follow(element.current, clip)}
      onError={() => setBroken(true)}
    />
  );
}

/** Shows the clip's frame of this moment, once it has it; plays along while the transport plays. */
function follow(video: HTMLVideoElement, clip: LipClip): void {
  const at = now();
  const inside = at >= clip.start && at < clip.end;
  /* A frame is meant wherever between its edges the clock stands: its middle is asked for while nothing plays. */
  const frame = samplesPerFrame(clock.value);
  const place = playing.value ? at - clip.start : (Math.floor((at - clip.start) / frame + 1e-6) + 0.5) * frame;
  const wanted = clip.lead + place / clock.value.sampleRate;
  const running = inside && playing.value && rate.value > 0;
  const off = video.currentTime - wanted;
  const near = Math.abs(off) < (playing.value ? 0.3 : frame / clock.value.sampleRate);
  video.style.visibility = inside && near && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? "visible" : "hidden";
  if (!running) {
    if (!video.paused) video.pause();
    const soon = inside ? wanted : clip.lead;
    if (!video.seeking && Math.abs(video.currentTime - soon) > 0.004) video.currentTime = soon;
    return;
  }
  if (video.paused) {
    if (!video.seeking && Math.abs(off) > 0.02) video.currentTime = wanted;
    video.play().catch(() => undefined); // A newer pause ended it.
    return;
  }
  const mend = correction(off, rate.value);
  if (mend.jump) {
    if (!video.seeking) video.currentTime = wanted;
  } else if (video.playbackRate !== mend.rate) video.playbackRate = mend.rate;
}
