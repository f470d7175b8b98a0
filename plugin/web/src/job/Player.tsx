/** The picture of a job's programme; beside it, once it is made, the dub, both in step. */
import { useEffect, useRef } from "preact/hooks";
import { runningTime, timecode } from "../time";
import { Empty, IconButton } from "../ui/controls";
import { dubbed, jobClock, programme } from "./found";
import { follow, hears, lead, position, running, seek, toggle } from "./transport";

export function Player() {
  const known = programme.value;
  const picture = known?.picture?.playable ? known.picture.url : null;
  const sound = picture ? null : (known?.original.url ?? null);
  const film = picture ? (dubbed.value?.film ?? null) : null;
  const mix = film ? null : (dubbed.value?.sound ?? null);
  if (!known) return null;
  return (
    <section class="job-player" aria-label="Listen" data-two={film !== null || undefined}>
      {picture ? (
        <div class="job-pictures">
          <Medium url={picture} take={lead} label="Original" named={film !== null} side="original" picture />
          {film && <Medium url={film} take={follow} label="Dub" named side="dub" picture />}
        </div>
      ) : (
        <Empty title={nothingToSee()} />
      )}
      {sound && <Medium url={sound} take={lead} label="Original" side="original" />}
      {mix && <Medium url={mix} take={follow} label="Dub" side="dub" />}
      {(picture || sound) && <Transport />}
    </section>
  );
}

function nothingToSee(): string {
  if (programme.value?.picture) return "This browser does not play the picture; the script view gets a copy that it does.";
  return programme.value?.programme?.picture ? "The picture is being read." : "This programme has no picture.";
}

interface MediumProps {
  url: string;
  take: (element: HTMLMediaElement | null) => void;
  label: string;
  side: "original" | "dub";
  named?: boolean;
  picture?: boolean;
}

function Medium({ url, take, label, side, named, picture }: MediumProps) {
  const element = useRef<HTMLMediaElement>(null);
  useEffect(() => {
    take(element.current);
    return () => take(null);
  }, [url]);
  if (!picture) return <audio ref={element as never} src={url} preload="auto" />;
  return (
    <figure class="job-picture" data-heard={hears.value === side || undefined}>
      <video ref={element as never} src={url} preload="auto" playsInline disablePictureInPicture tabIndex={-1} aria-label={label} onClick={toggle} />
      {named && <figcaption>{label}</figcaption>}
    </figure>
  );
}

function Transport() {
  const clock = jobClock.value;
  const length = programme.value?.programme?.length ?? 0;
  const at = position.value;
  return (
    <div class="job-transport" role="toolbar" aria-label="Transport">
      <IconButton icon={running.value ? "pause" : "play"} label={running.value ? "Stop (space)" : "Play (space)"} onClick={toggle} class="big" />
      <span class="number readout">{clock ? timecode(clock, at) : runningTime(at / 48000)}</span>
      <input
        type="range"
        aria-label="Position"
        aria-valuetext={clock ? timecode(clock, at) : undefined}
        min={0}
        max={Math.max(1, length)}
        step={Math.max(1, Math.round((clock?.sampleRate ?? 48000) / 10))}
        value={at}
        onInput={(event) => seek(event.currentTarget.valueAsNumber)}
      />
      {dubbed.value && (
        <fieldset class="sides">
          <legend class="hidden">What is heard</legend>
          {(["original", "dub"] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="job side" checked={hears.value === one} onChange={() => (hears.value = one)} />
              <span>{one === "dub" ? "Dub" : "Original"}</span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
