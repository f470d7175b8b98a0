/** The picture and the transport under it. */
import { useEffect, useRef } from "preact/hooks";
import { byId, clock, names, project } from "../project";
import { current } from "../script/scroll";
import { timecode } from "../time";
import { Empty, IconButton } from "../ui/controls";
import { lipClips, lipsShown } from "../picture";
import { FaceBoxes } from "./FaceBoxes";
import { LipLayer } from "./LipLayer";
import { side } from "./sounds";
import { nudge, onFrame, now, pause, pictureElement, play, playing, position, rate, seek, toggle } from "./transport";

export function Picture() {
  const element = useRef<HTMLVideoElement>(null);
  const picture = project.value?.picture;
  const shown = picture?.playable && picture.url ? picture.url : null;
  useEffect(() => {
    pictureElement.value = element.current;
    if (element.current && position.peek()) seek(position.peek());
    return () => {
      pause();
      pictureElement.value = null;
    };
  }, [shown]);
  const line = current.value ? byId.value.get(current.value) : undefined;
  return (
    <div class="picture" data-none={!picture || undefined} onClick={toggle}>
      {shown ? (
        <>
          <video ref={element} src={shown} preload="auto" playsInline disablePictureInPicture tabIndex={-1} aria-label="Picture" />
          <LipLayer />
          <FaceBoxes video={element} />
        </>
      ) : (
        <Empty title={nothingShown()} />
      )}
      <span class="hidden" aria-live="polite">
        {line && !playing.value ? `${names.value.get(line.speaker)}: ${line.translation}` : ""}
      </span>
    </div>
  );
}

const TIMELINE = /\.(otioz?|xml|fcpxmld?|edl|aaf)$/i;

/** Why there is no picture. */
function nothingShown(): string {
  const at = project.value;
  if (at?.picture) return "The picture is being prepared for this browser.";
  if (!at?.programme.frame_rate || TIMELINE.test(at.source)) return "This programme has no picture.";
  if (at.asks.length) return "The picture is shown once the project may use its media.";
  return `${at.source} is not there. Put it back to see the picture; script, takes and mix are here.`;
}

export function TransportBar() {
  const readout = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = () => {
      const text = timecode(clock.value, now());
      if (readout.current && readout.current.textContent !== text) readout.current.textContent = text;
    };
    show();
    return onFrame(show);
  }, [clock.value]);
  return (
    <div class="transport" role="toolbar" aria-label="Transport">
      <span class="readout number" ref={readout} />
      <div class="transport-keys">
        <IconButton icon="frameBack" label="One frame back (left)" onClick={() => nudge(-1)} />
        {playing.value ? (
          <IconButton icon="pause" label="Stop (space)" onClick={pause} class="big" />
        ) : (
          <IconButton icon="play" label="Play (space)" onClick={() => play()} class="big" />
        )}
        <IconButton icon="frameForth" label="One frame on (right)" onClick={() => nudge(1)} />
        <span class="rate number" aria-live="off">
          {playing.value && rate.value !== 1 ? `${rate.value}×` : ""}
        </span>
      </div>
      <div class="transport-sides">
      {lipClips.value.length > 0 && (
        <label class="lips-switch" title="Show the new lips where the dub is heard">
          <input type="checkbox" checked={lipsShown.value} onChange={(event) => (lipsShown.value = event.currentTarget.checked)} />
          <span>Lips</span>
        </label>
      )}
      <fieldset class="sides">
        <legend class="hidden">What is heard</legend>
        {(["original", "dub"] as const).map((one) => (
          <label key={one} title="D switches between the two">
            <input type="radio" name="side" checked={side.value === one} onChange={() => (side.value = one)} />
            <span>{one === "dub" ? "Dub" : "Original"}</span>
          </label>
        ))}
      </fieldset>
      </div>
    </div>
  );
}
