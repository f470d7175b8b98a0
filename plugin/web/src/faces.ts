/** Who is on screen: the words for it, and the faces of a line. */
import { signal } from "@preact/signals";
import { get } from "./api";
import { complain } from "./app";
import { mixListeners, project } from "./project";
import type { FaceBox, FacePerson, OnScreen } from "./types";

export const PRESENCE: Record<OnScreen["presence"], string> = { on: "ON", partly: "PARTLY", off: "OFF", unclear: "ON ?" };

const SAID: Record<OnScreen["presence"], string> = {
  on: "The speaker is on screen",
  partly: "The speaker is on screen for a part of the line",
  off: "The speaker is off screen",
  unclear: "Somebody is on screen; it is not known who",
};

/** What the picture shows of a line's speaker, in a sentence or two. */
export function describePresence(seen: OnScreen): string {
  const parts = [SAID[seen.presence]];
  if (seen.limits.length) parts.push(`the face is ${seen.limits.join(", ")}`);
  if (seen.sync !== null) parts.push(`the mouth moves with the original by ${seen.sync.toFixed(2)}`);
  return `${parts.join("; ")}.`;
}

/** Everybody who is seen, who is seen longest first; null until they were asked for. */
export const seenPeople = signal<FacePerson[] | null>(null);

export async function loadSeenPeople(): Promise<void> {
  const at = project.value?.id;
  const found = at ? await get<FacePerson[]>(`/projects/${at}/faces`) : [];
  if (at === project.value?.id) seenPeople.value = found;
}

/* Whose face is whose may be another answer after each mix. */
mixListeners.add(() => {
  known.clear();
  if (seenPeople.value) loadSeenPeople().catch(complain);
});

const known = new Map<string, Promise<FaceBox[]>>();

/** The faces of a line, fetched once. */
export function facesOf(id: string): Promise<FaceBox[]> {
  const at = project.value?.id;
  if (!at) return Promise.resolve([]);
  const key = `${at}/${id}`;
  let found = known.get(key);
  if (!found) {
    found = get<FaceBox[]>(`/projects/${at}/lines/${id}/faces`);
    found.catch(() => known.delete(key));
    known.set(key, found);
  }
  return found;
}

/** The faces of the frame that is shown at a position: of the last frame that began before it. */
export function facesAt(faces: FaceBox[], position: number, frame: number): FaceBox[] {
  let low = 0;
  let high = faces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((faces[middle] as FaceBox).at <= position) low = middle + 1;
    else high = middle;
  }
  const last = faces[low - 1];
  if (!last || position - last.at > 1.5 * frame) return [];
  return faces.slice(0, low).filter((face) => face.at === last.at);
}
