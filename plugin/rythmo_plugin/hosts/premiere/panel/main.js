// The panel's user interface.
"use strict";

const uxp = require("uxp");
const fs = require("fs");
const os = require("os");
const ppro = require("premierepro");
const { serviceHome, starter } = require("./settings.js");
const { announced, connect } = require("./transport.js");
const { Trouble, call, talk } = require("./flow.js");
const { Verbs } = require("./verbs.js");
const host = require("./host.js");

const LOOK_MS = 3000;
const NOT_RUNNING = "Rythmo is not running.";
const BY_HAND = "Rythmo is not running. Start it in a terminal (rythmo serve) and leave it open; this panel finds it by itself.";
const STOPPABLE = ["choosing", "exporting", "working"];
const home = serviceHome(os);

/** @typedef {{ code: string, name: string, voice: boolean, translate_from: string[] }} Language */

/** @type {{ transport: import("./transport.js").Transport | null, busy: boolean, session: string }} */
const state = { transport: null, busy: false, session: "" };

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id @returns {HTMLSelectElement} */
function choice(id) {
  return /** @type {HTMLSelectElement} */ (part(id));
}

/** @param {string} id @param {boolean} shown */
function show(id, shown) {
  part(id).className = shown ? "" : "hidden";
}

/** @param {number} ms @returns {Promise<void>} */
function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** Check which sequence is open and whether the service answers, and enable the buttons accordingly. */
async function refresh() {
  if (state.busy) return;
  const open = await host.current(ppro);
  part("sequence").textContent = open ? open.sequence.name : "No sequence is open";
  if (!state.transport || !(await answers(state.transport))) state.transport = await connect(fs, home, fetch, wait);
  const found = state.transport;
  part("service").textContent = found ? serviceText(found) : starter ? NOT_RUNNING : BY_HAND;
  if (found) await fillLanguages(found);
  if (state.busy) return;
  show("absent", !found && starter !== "");
  for (const id of ["ask", "more"]) show(id, Boolean(found));
  for (const id of ["dub", "conform"]) part(id).toggleAttribute("disabled", !(found && open));
}

/** @param {import("./transport.js").Transport} transport */
async function answers(transport) {
  try {
    await call(transport, "/service");
    return true;
  } catch {
    return false;
  }
}

/** @param {import("./transport.js").Transport} transport */
function serviceText({ name }) {
  return name === "http" ? "Rythmo is ready." : "Rythmo is ready (through its folder, because this system blocks HTTP).";
}

/**
 * Fill in the languages that this machine can dub, and select the last choice.
 * @param {import("./transport.js").Transport} transport
 */
async function fillLanguages(transport) {
  if (choice("language").options.length > 0) return;
  /** @type {Language[]} */
  const all = JSON.parse(await call(transport, "/languages"));
  const spoken = new Set(all.flatMap(({ translate_from }) => translate_from));
  fill("source", [{ code: "", name: "Detect automatically" }, ...all.filter(({ code }) => spoken.has(code))]);
  fill("language", all.filter(({ voice, translate_from }) => voice && translate_from.length > 0));
}

/** @param {string} id @param {{ code: string, name: string }[]} languages */
function fill(id, languages) {
  const select = choice(id);
  for (const { code, name } of languages) {
    const option = document.createElement("option");
    option.value = code;
    option.textContent = name;
    select.appendChild(option);
  }
  const last = localStorage.getItem(id);
  if (last !== null && languages.some(({ code }) => code === last)) select.value = last;
}

/** @param {string} action @param {Record<string, string>} wants */
async function work(action, wants) {
  if (!state.transport || state.busy) return;
  begin();
  try {
    const open = await host.current(ppro);
    if (!open) throw new Trouble("No sequence is open.", "Open the sequence in a timeline, then press again.");
    const verbs = new Verbs(ppro, open.project, open.sequence, person);
    finish(await talk(state.transport, verbs, action, { ...wants, subtitles: "bin" }, showSession));
  } catch (error) {
    trouble(error);
  } finally {
    state.busy = false;
    for (const id of ["work", "plan"]) show(id, false);
    await refresh();
  }
}

function begin() {
  state.busy = true;
  state.session = "";
  part("dub").toggleAttribute("disabled", true);
  part("conform").toggleAttribute("disabled", true);
  for (const id of ["ask", "more", "result", "trouble"]) show(id, false);
  for (const id of ["work", "stop"]) show(id, true);
  part("bar").style.width = "0%";
  person.say("Reading the sequence.");
}

/** @param {import("./flow.js").Session} session */
function showSession({ id, state: how, message, fraction, rows }) {
  state.session = id;
  person.say(message);
  part("bar").style.width = `${Math.round(fraction * 100)}%`;
  show("stop", STOPPABLE.includes(how));
  const deciding = how === "deciding";
  part("bar").parentElement?.classList.toggle("hidden", deciding);
  if (deciding && part("plan").className === "hidden") part("changes").replaceChildren(...rows.map(change));
  show("plan", deciding);
}

/** @param {import("./flow.js").Row} row */
function change({ what, where, line, note: why, conflict }) {
  const made = note(`${where} ${line}: ${what}${why ? ` (${why})` : ""}`);
  if (conflict) made.className = "note wrong";
  return made;
}

/**
 * Send the user's answer to the plan; the conversation continues by itself.
 * @param {string} answer "apply" or "stop"
 */
async function decide(answer) {
  if (!state.transport || !state.session) return;
  try {
    await call(state.transport, `/hosts/sessions/${state.session}/${answer}`, []);
  } catch (error) {
    trouble(error);
  }
}

/** @param {import("./flow.js").Session} session */
function finish({ state: how, message, hint, notes, rows }) {
  if (how === "failed") return trouble(new Trouble(message, hint), rows);
  part("summary").textContent = message;
  part("summary").className = how === "partly" ? "wrong" : "title";
  const wrong = rows.filter(({ conflict }) => conflict).map(change);
  part("notes").replaceChildren(...notes.map(note), ...wrong);
  show("result", true);
}

/** @param {string} text */
function note(text) {
  const made = document.createElement("div");
  made.className = "note";
  made.textContent = text;
  return made;
}

/** @param {unknown} error @param {import("./flow.js").Row[]} [rows] what is not where it should be */
function trouble(error, rows = []) {
  part("lost").replaceChildren(...rows.filter(({ conflict }) => conflict).map(change));
  part("wrong").textContent = error instanceof Error ? error.message : String(error);
  part("hint").textContent = error instanceof Trouble ? error.hint : "";
  show("trouble", true);
}

/** @type {import("./verbs.js").Person} */
const person = {
  say(text) {
    part("message").textContent = text;
  },
  // The panel shows the progress itself, so no browser window comes in front of Premiere.
  page() {},
  wait,
  async exportByHand(path) {
    person.say("This version of Premiere cannot export by itself (26.2 and later can): choose File > Export > Final Cut Pro XML, "
      + "save it, and pick it in the window that opens.");
    const file = await uxp.storage.localFileSystem.getFileForOpening({ types: ["xml"] });
    if (file) await fs.writeFile(path, await file.read(), { encoding: "utf-8" });
  },
};

async function startService() {
  part("service").textContent = "Starting Rythmo …";
  const said = await uxp.shell.openPath(starter, "It starts Rythmo's service on this machine.");
  if (said) trouble(new Trouble(said, "Start it in a terminal: rythmo serve"));
}

async function openPage() {
  const service = await announced(fs, home);
  if (!service || !state.transport) return;
  // Other users can read a browser's command line: it gets a single-use code, not the token.
  const reply = await state.transport.send({ method: "POST", path: "/api/v1/codes", body: "" });
  const { code } = JSON.parse(reply.text);
  await uxp.shell.openExternal(`${service.address}/#code=${code}`, "The Rythmo page");
}

part("dub").addEventListener("click", () => {
  const [source, language, mode] = ["source", "language", "mode"].map((id) => choice(id).value);
  localStorage.setItem("source", source ?? "");
  localStorage.setItem("language", language ?? "");
  void work("dub", { language: language ?? "", mode: mode ?? "", ...(source ? { source_language: source } : {}) });
});
part("conform").addEventListener("click", () => void work("conform", {}));
part("apply").addEventListener("click", () => void decide("apply"));
part("stop").addEventListener("click", () => void decide("stop"));
part("start").addEventListener("click", () => void startService());
part("leave").addEventListener("click", () => void decide("stop"));
part("page").addEventListener("click", () => void openPage());
part("again").addEventListener("click", () => {
  show("trouble", false);
  void refresh();
});
void refresh();
setInterval(() => void refresh(), LOOK_MS);
