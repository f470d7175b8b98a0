// One conversation with the service: the panel executes its steps and reports, until the service sends `end`.
"use strict";

const { decode, encode, step } = require("./wire.js");

/**
 * @typedef {import("./transport.js").Transport} Transport
 * @typedef {{ what: string, where: string, line: string, note: string, conflict: boolean }} Row
 * @typedef {{ id: string, state: string, fraction: number, message: string, hint: string, notes: string[], rows: Row[] }} Session
 */

/** An error of the service or of the connection; `hint` says what to do. */
class Trouble extends Error {
  /** @param {string} message @param {string} [hint] */
  constructor(message, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/**
 * @param {Transport} transport
 * @param {string} path below /api/v1
 * @param {import("./wire.js").Step[]} [lines] posted where given
 */
async function call(transport, path, lines) {
  const method = lines ? "POST" : "GET";
  const reply = await transport.send({ method, path: `/api/v1${path}`, body: lines ? encode(lines) : "" });
  if (reply.status >= 400) throw told(reply);
  return reply.text;
}

/** @param {import("./transport.js").Reply} reply */
function told({ status, text }) {
  try {
    const { message, hint } = JSON.parse(text).error;
    return new Trouble(message, hint);
  } catch {
    return new Trouble(`Rythmo answered ${status}.`);
  }
}

/**
 * @param {Transport} transport
 * @param {import("./verbs.js").Verbs} verbs
 * @param {string} action "dub" or "conform"
 * @param {Record<string, string>} wants what was chosen in the panel
 * @param {(session: Session) => void} show called whenever the service has something new to say
 * @returns {Promise<Session>} how it ended
 */
async function talk(transport, verbs, action, wants, show) {
  const chosen = Object.entries(wants).map(([name, value]) => step("want", name, value));
  let steps = decode(await call(transport, "/hosts/premiere/sessions", await verbs.hello(action, chosen)));
  const session = steps.find(({ verb }) => verb === "session")?.fields[0] ?? "";
  /** @returns {Promise<Session>} */
  const look = async () => JSON.parse(await call(transport, `/hosts/sessions/${session}`));
  for (let turn = 1; ; turn += 1) {
    show(await look());
    const reports = await verbs.run(steps);
    if (verbs.ended) return look();
    steps = decode(await again(() => call(transport, `/hosts/sessions/${session}/turns/${turn}`, reports)));
  }
}

/**
 * Make a call, and once more if it fails: a turn that is sent twice gets the same answer.
 * @template T
 * @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
async function again(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Trouble) throw error;
    return ask();
  }
}

module.exports = { Trouble, call, talk };
