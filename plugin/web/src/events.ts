/** The service's events: a stream read with fetch (EventSource cannot send the token), and polling where streams do not get through. */
import { ApiError, authorised, errorOf, get } from "./api";

export interface ServiceEvent {
  id: number;
  type: string;
  data: Record<string, unknown>;
}

type Listener = (event: ServiceEvent) => void;

const listeners = new Set<Listener>();
let last: number | null = null;

export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A "reset" says that what happened in between is lost: what is shown must be fetched again. */
function tell(event: ServiceEvent): void {
  if (event.type === "reset") last = null;
  if (event.id) last = event.id;
  for (const listener of [...listeners]) listener(event);
}

/** Follows the service for as long as the page lives; `connected` hears of each change. Throws when the service is
    another one than this page was opened for: its key is not known. */
export async function follow(connected: (yes: boolean) => void): Promise<never> {
  let failures = 0;
  for (;;) {
    try {
      await stream(() => {
        failures = 0;
        connected(true);
      });
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) throw problem;
      failures += 1;
    }
    if (failures > 1) connected(await poll());
    await pause(Math.min(500 * 2 ** failures, 5000));
  }
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function stream(opened: () => void): Promise<void> {
  const headers = authorised({ Accept: "text/event-stream" });
  if (last !== null) headers["Last-Event-ID"] = String(last);
  const reply = await fetch("/api/v1/events", { headers });
  if (!reply.ok || !reply.body) throw await errorOf(reply);
  opened();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event) tell(event);
    }
  }
}

/** One block of an event stream (WHATWG HTML, server-sent events); null for comments. */
export function parseBlock(block: string): ServiceEvent | null {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    fields[name] = name in fields ? `${fields[name]}\n${value}` : value;
  }
  if (!fields.data) return null;
  return { id: Number(fields.id ?? 0), type: fields.event ?? "message", data: JSON.parse(fields.data) };
}

async function poll(): Promise<boolean> {
  try {
    const reply = await get<{ events: { id: number; type: string; data: Record<string, unknown> }[]; last: number }>(
      `/events?after=${last ?? 0}&poll=1`,
    );
    reply.events.forEach(tell);
    last = reply.last;
    return true;
  } catch {
    return false;
  }
}
