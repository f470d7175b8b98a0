// The page of one conversation with a host: the choice, the progress, the plan, and clips not in place.
const KEY = "rythmo.token";
const POLL_MS = 700;
const OVER = ["done", "partly", "stopped", "failed"];
const STOPPABLE = ["exporting", "working"];
const at = (id) => document.getElementById(id);

// The address's fragment carries a token, or a single-use code for one. It is removed from the address bar.
const given = new URLSearchParams(location.hash.slice(1));
if (given.get("token")) sessionStorage.setItem(KEY, given.get("token"));
if (given.get("token") || given.get("code")) {
  history.replaceState(null, "", `${location.pathname}#host=${given.get("host")}`);
}
const entered = given.get("code") ? enter(given.get("code")) : Promise.resolve();
const session = given.get("host");

async function enter(code) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/api/v1/enter", { method: "POST", headers, body: JSON.stringify({ code }) });
  if (answer.ok) sessionStorage.setItem(KEY, (await answer.json()).token);
}

async function call(method, path, body) {
  await entered;
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.error.message} ${said.error.hint}`.trim());
  return said;
}

const own = (what, body) => call("POST", `/hosts/sessions/${session}/${what}`, body).then(show, fail);

function fail(error) {
  at("progress").hidden = false;
  at("message").textContent = error.message;
  at("message").toggleAttribute("data-wrong", true);
}

function options(select, languages, chosen) {
  for (const { code, name } of languages) select.add(new Option(name, code, false, code === chosen));
}

async function offer(now) {
  at("folder").textContent = now.folder;
  const said = await call("GET", "/languages");
  const languages = said.languages ?? said;
  const spoken_here = languages.filter(({ voice }) => voice);
  const able = spoken_here.filter(({ translate_from }) => translate_from.length > 0);
  options(at("language"), able.length > 0 ? able : spoken_here, now.choice.language);
  const spoken = new Set(languages.flatMap(({ translate_from }) => translate_from));
  const names = new Map(languages.map(({ code, name }) => [code, name]));
  options(at("source"), [...spoken].sort().map((code) => ({ code, name: names.get(code) ?? code })),
    now.choice.source_language);
  const where = now.choice.duplicate ? "1" : "0";
  document.querySelector(`input[name=where][value="${where}"]`).checked = true;
  at("once").checked = now.choice.at_once;
  at("language").focus();
}

function cells(row, ...texts) {
  for (const text of texts) row.insertCell().textContent = text;
}

function showRows(now) {
  at("plan").hidden = now.rows.length === 0;
  const wrong = now.state === "partly" || now.state === "failed";
  at("plan-title").textContent = wrong ? "Not in place" : "What the edit means";
  const rows = now.rows.map((each) => {
    const row = document.createElement("tr");
    row.toggleAttribute("data-conflict", each.conflict);
    cells(row, each.line, each.where, each.what, each.note);
    return row;
  });
  at("rows").replaceChildren(...rows);
}

let offered = false;

function show(now) {
  // The project's folder is known only after the timeline was read, and so is whether there is a choice to make.
  const choosing = now.state === "choosing" && now.action === "dub" && now.folder !== "";
  document.title = `${now.timeline} - Rythmo`;
  at("from").textContent = `${now.host} ${now.version}, ${now.timecode}`;
  at("timeline").textContent = now.timeline;
  at("choice").hidden = !choosing;
  if (choosing && !offered) {
    offered = true;
    offer(now).catch(fail);
  }
  at("progress").hidden = choosing;
  at("bar").style.width = `${Math.round(100 * now.fraction)}%`;
  at("bar").parentElement.hidden = ["deciding", "stopped", "failed"].includes(now.state);
  at("stop").hidden = !STOPPABLE.includes(now.state);
  at("message").textContent = now.message;
  at("message").toggleAttribute("data-wrong", now.state === "failed" || now.state === "partly");
  at("hint").textContent = now.hint;
  at("decide").hidden = now.state !== "deciding";
  showRows(now);
  at("notes").replaceChildren(...now.notes.map((text) => {
    const note = document.createElement("li");
    note.textContent = text;
    return note;
  }));
  at("open").hidden = !now.project || !OVER.includes(now.state);
  if (now.project) at("open").href = `/#/project/${now.project}/script`;
  return now;
}

async function watch() {
  try {
    const now = show(await call("GET", `/hosts/sessions/${session}`));
    if (OVER.includes(now.state)) return;
  } catch (error) {
    fail(error);
    return;
  }
  setTimeout(watch, POLL_MS);
}

at("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  own("choice", {
    language: at("language").value,
    source_language: at("source").value,
    duplicate: document.querySelector("input[name=where]:checked").value === "1",
    at_once: at("once").checked,
  });
});
at("apply").addEventListener("click", () => own("apply"));
for (const button of document.querySelectorAll("[data-stop]")) {
  button.addEventListener("click", () => own("stop"));
}
const dark = localStorage.getItem("rythmo.theme") === "dark"
  || (localStorage.getItem("rythmo.theme") !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.theme = dark ? "dark" : "light";
watch();
