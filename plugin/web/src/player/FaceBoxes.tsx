/** The faces of the line that plays, as boxes on the picture: the speaker's in their colour, the others thin. */
import { useEffect, useRef } from "preact/hooks";
import { facesAt, facesOf } from "../faces";
import { byId, clock, colours, names } from "../project";
import { current } from "../script/scroll";
import { samplesPerFrame } from "../time";
import type { FaceBox } from "../types";
import { now, onFrame } from "./transport";

export function FaceBoxes({ video }: { video: { current: HTMLVideoElement | null } }) {
  const layer = useRef<HTMLDivElement>(null);
  const line = current.value ? byId.value.get(current.value) : undefined;
  const wanted = line?.on_screen ? line.id : null;
  useEffect(() => {
    let faces: FaceBox[] = [];
    let gone = false;
    const draw = () => {
      const element = video.current;
      if (!layer.current || !element) return;
      place(layer.current, element);
      show(layer.current, facesAt(faces, now(), samplesPerFrame(clock.value)), line?.speaker ?? "");
    };
    if (wanted) {
      facesOf(wanted)
        .then((found) => {
          if (gone) return;
          faces = found;
          draw();
        })
        .catch(() => undefined);
    }
    draw();
    const stop = onFrame(draw);
    return () => {
      gone = true;
      stop();
    };
  }, [wanted, line?.speaker, colours.value]);
  return <div class="faces" ref={layer} aria-hidden="true" />;
}

/** Lays the layer over the picture itself: the video element may have bars beside it. */
function place(layer: HTMLElement, video: HTMLVideoElement): void {
  const wide = video.videoWidth || 16;
  const tall = video.videoHeight || 9;
  const scale = Math.min(video.clientWidth / wide, video.clientHeight / tall);
  layer.style.width = `${wide * scale}px`;
  layer.style.height = `${tall * scale}px`;
}

function show(layer: HTMLElement, faces: FaceBox[], speaker: string): void {
  while (layer.childElementCount > faces.length) layer.lastElementChild?.remove();
  faces.forEach((face, at) => {
    const box = (layer.children[at] as HTMLElement | undefined) ?? layer.appendChild(document.createElement("span"));
    const own = face.speaker === speaker;
    box.className = own ? "face own" : "face";
    box.style.left = `${face.left * 100}%`;
    box.style.top = `${face.top * 100}%`;
    box.style.width = `${(face.right - face.left) * 100}%`;
    box.style.height = `${(face.bottom - face.top) * 100}%`;
    box.style.color = own ? (colours.value.get(speaker) ?? "") : "";
    const name = face.speaker ? (names.value.get(face.speaker) ?? face.speaker) : face.face;
    if (box.dataset.name !== name) box.dataset.name = name;
  });
}
