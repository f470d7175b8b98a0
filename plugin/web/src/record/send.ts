/** Brings kept recordings to the service, piece by piece, as often as it takes. */
import { effect, signal } from "@preact/signals";
import { ApiError, call, get, post } from "../api";
import { connected, say } from "../app";
import { acceptRecording } from "../project";
import type { Edited } from "../types";
import { type Kept, dropRecording, keepRecording, listKept, readPieces } from "./shelf";
import { writeWav } from "./wav";

/** Recordings that the service does not have yet, the oldest first. */
export const waiting = signal<Kept[]>([]);
/** The one that is being made now: it is not sent before it is whole. */
export const underWay = signal<string | null>(null);

const PIECE_BYTES = 1 << 18;
const PATIENCE_MS = [500, 1000, 2000, 4000];

let sending = false;
let again: ReturnType<typeof setTimeout> | undefined;
let failures = 0;

/** Sends all that waits; called again by itself until nothing does. */
export async function sendWaiting(): Promise<void> {
  if (sending) return;
  sending = true;
  clearTimeout(again);
  try {
    await look();
    for (const kept of waiting.value) {
      if (kept.refused) continue;
      /* Another window may be recording it, or sending it: whoever does holds its lock, and a crash frees it. */
      await navigator.locks.request(kept.id, { ifAvailable: true }, async (lock) => {
        const now = lock && (await listKept()).find((one) => one.id === kept.id);
        if (now) await send(now);
      });
      failures = 0;
      await look();
    }
  } catch {
    /* The service is not there. It is asked again. */
    again = setTimeout(() => void sendWaiting(), PATIENCE_MS[Math.min(failures++, PATIENCE_MS.length - 1)]);
  } finally {
    sending = false;
  }
}

async function look(): Promise<void> {
  waiting.value = await listKept();
}

/** Sends one recording and makes it a take. Throws where the service was not reached; what it refuses is noted. */
async function send(kept: Kept): Promise<void> {
  if (!kept.length) return dropRecording(kept.id);
  const file = writeWav(await readPieces(kept.id), kept.sampleRate);
  try {
    let { received } = await get<{ received: number }>(`/recordings/${kept.id}`);
    while (received < file.size) {
      const piece = file.slice(received, received + PIECE_BYTES);
      ({ received } = await call<{ received: number }>("POST", `/recordings/${kept.id}?offset=${received}`, piece));
    }
    const asked = { recording: kept.id, size: file.size, position: kept.position, layout: "recorded" };
    const edited = await post<Edited>(`/projects/${kept.project}/lines/${kept.line}/recordings`, asked);
    await dropRecording(kept.id);
    acceptRecording(kept.project, edited);
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.status === 0 || problem.status >= 500 || problem.status === 401) throw problem;
    /* A dub or a conform is under way: later. */
    if (problem.code === "busy") throw problem;
    await keepRecording({ ...kept, refused: `${problem.message} ${problem.hint}`.trim() });
    say(`The recording of ${kept.line} was not taken.`, problem.message, true);
  }
}

/** Sends a refused recording once more. */
export async function sendAgain(kept: Kept): Promise<void> {
  await keepRecording({ ...kept, refused: "" });
  await sendWaiting();
}

export async function discard(kept: Kept): Promise<void> {
  await dropRecording(kept.id);
  await look();
}

/** Gives a kept recording to the user as a file. */
export async function saveFile(kept: Kept): Promise<void> {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(writeWav(await readPieces(kept.id), kept.sampleRate));
  link.download = `${kept.line} ${new Date(kept.created).toISOString().slice(0, 19).replaceAll(":", "-")}.wav`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What was left by an earlier page is sent when the service is there, and after each time that it was away. */
export function watchWaiting(): void {
  effect(() => {
    if (connected.value) void sendWaiting();
  });
}
