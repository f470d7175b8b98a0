/** Calls to the service. The token comes once in the address's fragment and is dropped from the address bar. */

const KEY = "rythmo.token";

export class ApiError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly code: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Takes the token out of `#token=...`; what follows an "&" stays as the route. True when it is another one. */
export function adoptToken(): boolean {
  const found = /^#token=([^&]+)&?(.*)$/.exec(location.hash);
  if (!found?.[1]) return false;
  const before = sessionStorage.getItem(KEY);
  const token = decodeURIComponent(found[1]);
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, "", `${location.pathname}#${found[2] || "/"}`);
  return token !== before;
}

/** Changes `#code=...`, which is good once, for the token. True when there was one. */
export async function enter(): Promise<boolean> {
  const found = /^#code=([^&]+)&?(.*)$/.exec(location.hash);
  if (!found?.[1]) return false;
  history.replaceState(null, "", `${location.pathname}#${found[2] || "/"}`);
  const { token } = await post<{ token: string }>("/enter", { code: decodeURIComponent(found[1]) });
  sessionStorage.setItem(KEY, token);
  return true;
}

export function authorised(headers: Record<string, string> = {}): Record<string, string> {
  return { ...headers, Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
}

export async function call<T>(method: string, path: string, body?: unknown, more: RequestInit = {}): Promise<T> {
  const raw = body instanceof Blob;
  const headers = authorised(
    body === undefined ? {} : { "Content-Type": raw ? "application/octet-stream" : "application/json" },
  );
  const content = body === undefined ? null : raw ? body : JSON.stringify(body);
  let reply: Response;
  try {
    reply = await fetch(`/api/v1${path}`, { method, headers, body: content, ...more });
  } catch (cause) {
    if (cause instanceof DOMException) throw cause;
    throw new ApiError("The Rythmo service does not answer.", "Start it again with: rythmo serve", "offline", 0);
  }
  if (!reply.ok) throw await errorOf(reply);
  return (reply.status === 204 ? undefined : await reply.json()) as T;
}

export async function errorOf(reply: Response): Promise<ApiError> {
  const said = await reply.json().catch(() => null);
  const { message, hint, code } = said?.error ?? {};
  return new ApiError(
    message ?? `The service answered ${reply.status}.`,
    hint ?? "Look at the terminal in which rythmo serve runs.",
    code ?? String(reply.status),
    reply.status,
  );
}

/** Saves what the service answers as a file of this name. */
export async function download(path: string, name: string): Promise<void> {
  const reply = await fetch(`/api/v1${path}`, { headers: authorised() });
  if (!reply.ok) throw await errorOf(reply);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const get = <T>(path: string, more?: RequestInit) => call<T>("GET", path, undefined, more);
export const post = <T>(path: string, body: unknown = {}) => call<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown, more?: RequestInit) => call<T>("PATCH", path, body, more);
export const put = <T>(path: string, body: unknown) => call<T>("PUT", path, body);
export const remove = <T = unknown>(path: string) => call<T>("DELETE", path);

/** A stretch of a binary resource; `path` is absolute, as the service gave it. Null when it is not there yet. */
export async function bytes(path: string, from: number, to: number, signal: AbortSignal): Promise<ArrayBuffer | null> {
  const reply = await fetch(path, { headers: authorised({ Range: `bytes=${from}-${to - 1}` }), signal });
  if (reply.status === 202) return null;
  if (reply.status === 416) return new ArrayBuffer(0);
  if (!reply.ok) throw await errorOf(reply);
  const data = await reply.arrayBuffer();
  return reply.status === 206 ? data : data.slice(from, to);
}
