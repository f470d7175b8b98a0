// The panel's connection to the service: HTTP on loopback, or files in a folder where HTTP is blocked.
"use strict";

/**
 * @typedef {{ status: number, text: string }} Reply
 * @typedef {{ method: string, path: string, body: string }} Question
 * @typedef {{ name: "http" | "folder", send(question: Question): Promise<Reply> }} Transport
 * @typedef {{ address: string, token: string, pid: number, version: string }} Announcement
 */

const WAIT_MS = 200;
const PATIENCE_MS = 20000;

/**
 * Read `service.json`; null if the service is not running.
 * @param {UxpFileSystem} fs
 * @param {string} home
 * @returns {Promise<Announcement | null>}
 */
async function announced(fs, home) {
  try {
    return JSON.parse(await fs.readFile(join(home, "service.json"), { encoding: "utf-8" }));
  } catch {
    return null;
  }
}

/**
 * @param {Announcement} service
 * @param {typeof fetch} get
 * @returns {Transport}
 */
function overHttp(service, get) {
  return {
    name: "http",
    async send({ method, path, body }) {
      const answer = await get(service.address + path, {
        method,
        headers: { Authorization: `Bearer ${service.token}`, "Content-Type": "text/plain; charset=utf-8" },
        ...(method === "GET" ? {} : { body }),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
}

/**
 * Exchange requests and responses as files in the service's folder, for hosts that block plain HTTP. A file is
 * written under another name, then renamed, so that the service only sees complete files.
 * @param {Announcement} service
 * @param {UxpFileSystem} fs
 * @param {string} home
 * @param {(ms: number) => Promise<void>} wait
 * @returns {Transport}
 */
function overFolder(service, fs, home, wait) {
  const box = join(home, "letterbox");
  let count = 0;
  return {
    name: "folder",
    async send({ method, path, body }) {
      count += 1;
      const name = join(box, `${Date.now()}-${count}`);
      const letter = JSON.stringify({ token: service.token, method, path, body });
      await fs.writeFile(`${name}.part`, letter, { encoding: "utf-8" });
      await fs.rename(`${name}.part`, `${name}.question`);
      for (let waited = 0; waited < PATIENCE_MS; waited += WAIT_MS) {
        const reply = await taken(fs, `${name}.answer`);
        if (reply !== null) return JSON.parse(reply);
        await wait(WAIT_MS);
      }
      throw new Error("The Rythmo service does not answer.");
    },
  };
}

/**
 * Return the transport that works here, or null if no service is running.
 * @param {UxpFileSystem} fs
 * @param {string} home
 * @param {typeof fetch} get
 * @param {(ms: number) => Promise<void>} wait
 * @returns {Promise<Transport | null>}
 */
async function connect(fs, home, get, wait) {
  const service = await announced(fs, home);
  if (!service) return null;
  for (const way of [overHttp(service, get), overFolder(service, fs, home, wait)]) {
    try {
      const reply = await way.send({ method: "GET", path: "/api/v1/service", body: "" });
      if (reply.status === 200) return way;
    } catch {
      // Blocked by the host (Adobe restricts plain HTTP on macOS), or the service has ended: try the next one.
    }
  }
  return null;
}

/**
 * Read a file and delete it; null if it does not exist yet.
 * @param {UxpFileSystem} fs
 * @param {string} path
 */
async function taken(fs, path) {
  try {
    const text = await fs.readFile(path, { encoding: "utf-8" });
    await fs.unlink(path);
    return String(text);
  } catch {
    return null;
  }
}

/** @param {string} folder @param {string} name */
function join(folder, name) {
  return folder.includes("\\") ? `${folder}\\${name}` : `${folder}/${name}`;
}

module.exports = { connect, announced, join };
