"use strict";

const told = JSON.parse(document.getElementById("told").textContent);
const $ = (id) => document.getElementById(id);
const STAY = 20000, AGAIN = 1500; // milliseconds

const digits = (text) =>
  told.lang === "fa"
    ? String(text).replace(/(\d)\.(\d)/g, "$1٫$2").replace(/[0-9]/g, (d) => "۰۱۲۳۴۵۶۷۸۹"[d])
    : String(text);
const number = (value) => (value === null ? "–" : digits(Math.round(value * 1000) / 1000));
const say = (key, parts = {}) =>
  told.words[key].replace(/\{(\w+)\}/g, (_, name) => (typeof parts[name] === "number" ? number(parts[name]) : isolated(parts[name] ?? "–")));
const isolated = (text) => `\u2068${text}\u2069`; // a name keeps its own direction

const me = {
  marker: localStorage.getItem("autograder-marker") || "",
  holder: sessionStorage.getItem("autograder-holder") || crypto.randomUUID(),
};
sessionStorage.setItem("autograder-holder", me.holder);

let essay = null; // what the server says of the essay that is open
let reader = 1;
let names = false;
let queue = [];
let here = null; // the answer that is open: key, mark, taken
let wanted = null; // what is still to be saved of it
let sending = null;
let inSending = false;
let typing = 0;

// Asking the server

async function ask(path, body) {
  const headers = { Authorization: `Bearer ${told.token}` };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body), keepalive: path === "api/leave" };
  const answer = await fetch(path, options);
  const found = answer.status === 403 ? { why: "forbidden" } : await answer.json();
  return { ok: answer.ok, status: answer.status, ...found };
}

const asked = (more) => ({ essay: essay.id, reader, marker: me.marker, holder: me.holder, ...more });

async function insist(path, body) {
  for (;;) {
    try {
      const answer = await ask(path, body);
      if (answer.status !== 503 && answer.status !== 403) return answer;
      warn(say(answer.why));
    } catch {
      warn(say("offline"));
    }
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

function warn(text) {
  $("told-you").textContent = text;
  $("told-you").hidden = !text;
}

// Saving: one change after another, each again until the server has it

function save(change) {
  if (!here || here.taken) return;
  wanted = { ...(wanted || present()), ...change };
  here.mark = { ...here.mark, points: wanted.points, lines: wanted.lines, comment: wanted.comment };
  $("state").textContent = say("saving");
  send();
}

function send() {
  if (sending) return;
  sending = sendAll().finally(() => {
    sending = null;
    if (wanted) send(); // what came while the list was read anew
  });
}

const present = () => ({ points: here.mark.points, lines: here.mark.lines, comment: here.mark.comment });

async function sendAll() {
  while (wanted) {
    const change = wanted;
    wanted = null;
    const answer = await insist("api/save", asked({ key: here.key, version: here.mark.version, ...change }));
    if (answer.ok) {
      warn("");
      here.mark = wanted ? { ...answer.mark, ...wanted } : answer.mark; // nobody leaves it before all is saved
      $("state").textContent = say("saved");
    } else {
      wanted = null;
      await refused(answer);
    }
  }
  show();
  await refresh();
}

async function refused(answer) {
  inSending = true;
  $("state").textContent = "";
  const key = answer.why === "lost" && typeof answer.points !== "number" ? "lost_open" : answer.why;
  const text = say(key, answer);
  if (answer.why === "gone") await refresh();
  const at = queue.findIndex((one) => one.key === here.key);
  await open(at < 0 ? 0 : at);
  inSending = false;
  warn(text);
}

async function flush() {
  commentTyped();
  while (sending) await sending.catch(() => {});
}

// The essay, and its answers

async function start() {
  const { essays } = await insist("api/essays");
  $("essay").replaceChildren(...essays.map((one) => new Option("", one.id)));
  label(essays);
  const last = sessionStorage.getItem("autograder-essay");
  const first = essays.find((one) => one.id === last) || essays.find((one) => one.done < one.total) || essays[0];
  $("essay").value = first.id;
  await choose(first.id);
}

function label(essays) {
  for (const one of essays) {
    const option = [...$("essay").options].find((o) => o.value === one.id);
    if (option) option.textContent = say("essay_option", one);
  }
}

async function choose(id) {
  await flush();
  await leave();
  sessionStorage.setItem("autograder-essay", id);
  essay = await insist(`api/essay/${encodeURIComponent(id)}?lang=${told.lang}`);
  $("statement").innerHTML = essay.statement;
  $("model").innerHTML = essay.model;
  $("notes").innerHTML = (essay.lines.length ? "" : `<p>${say("no_lines")}</p>`) + essay.notes;
  $("most").textContent = say("of_points", { points: essay.points });
  $("lines").replaceChildren(...essay.lines.map(line));
  await refresh();
  const waiting = queue.findIndex((one) => !one.done && !one.open);
  await open(waiting < 0 ? 0 : waiting);
}

function line(one, index) {
  const row = document.createElement("label");
  row.className = "row";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.addEventListener("change", linesChanged);
  const points = document.createElement("b");
  points.textContent = say(one.up_to ? "up_to" : "line_points", one);
  const words = document.createElement("span");
  words.className = "text";
  words.dir = "auto";
  words.innerHTML = one.words;
  const key = document.createElement("kbd");
  key.textContent = index + 1;
  key.hidden = index > 8;
  row.append(box, points, words, key);
  return row;
}

const boxes = () => [...$("lines").querySelectorAll("input")];

function linesChanged() {
  const lines = boxes().flatMap((box, index) => (box.checked ? [index] : []));
  const sum = lines.reduce((total, index) => total + essay.lines[index].points, 0);
  $("points").value = digits(Math.min(sum, essay.points));
  save({ lines, points: Math.min(sum, essay.points) });
}

async function refresh() {
  const found = await insist("api/queue", asked({}));
  if (!found.ok) return;
  queue = found.answers;
  const { done, total, by } = found.progress;
  $("bar").value = total ? done / total : 0;
  $("done").textContent = total ? say("progress", { done, total, left: total - done }) : say("none");
  $("by").textContent = by.map(([marker, count]) => ` · ${say("by", { marker, count })}`).join("");
  label([{ id: essay.id, done, total }]);
  $("again").hidden = !found.comments.length;
  $("again").lastElementChild.replaceChildren(...found.comments.slice(0, 9).map(offered));
  agreement(found.agreement);
  position();
}

function offered(comment, index) {
  const button = document.createElement("button");
  button.type = "button";
  button.dir = "auto";
  button.textContent = comment.length > 90 ? `${comment.slice(0, 90)}…` : comment;
  button.addEventListener("click", () => take(comment));
  button.dataset.key = index + 1;
  return button;
}

function take(comment) {
  const had = $("comment").value.trim();
  if (had.includes(comment)) return;
  $("comment").value = had ? `${had}\n${comment}` : comment;
  save({ comment: $("comment").value });
}

function agreement(found) {
  $("agreement").hidden = !found;
  if (!found) return;
  const kappa = found.kappa === null ? say("no_kappa") : digits(found.kappa.toFixed(2));
  const text = document.createElement("p");
  text.textContent = say("agreement", { count: found.count, kappa, same: found.same });
  const list = document.createElement("ul");
  for (const [key, first, second] of found.differ) {
    const at = queue.findIndex((one) => one.key === key);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("differ", { number: at + 1, first, second });
    button.addEventListener("click", () => open(at));
    list.append(Object.assign(document.createElement("li"), {}));
    list.lastElementChild.append(button);
  }
  $("agreement").replaceChildren(text, list);
}

async function open(index) {
  await settled();
  warn("");
  $("state").textContent = "";
  await leave();
  const none = !queue.length;
  document.querySelector("main").hidden = none;
  $("nothing").hidden = !none;
  $("nothing").textContent = say(reader === 2 ? "second_none" : "none");
  if (none) return;
  const key = queue[Math.max(0, Math.min(index, queue.length - 1))].key;
  const answer = await insist("api/open", asked({ key, names }));
  if (!answer.ok) {
    await refresh();
    warn(say(answer.why, answer));
    return;
  }
  here = { key, ...answer };
  const empty = !answer.html;
  $("answer").className = empty ? "text none" : "text";
  if (empty) $("answer").textContent = say(key === "missing" ? "missing" : "empty", { homework: told.homework });
  else $("answer").innerHTML = answer.html;
  $("people").hidden = !names;
  $("people").replaceChildren(...answer.names.flatMap(([id, name]) => [Object.assign(document.createElement("bdi"), { textContent: name ? `${name} (${id})` : id }), " "]));
  $("comment").value = answer.mark.comment;
  if (answer.taken) warn(say("taken", { by: answer.taken }));
  show();
  position();
  $("answer").focus({ preventScroll: true });
  if (matchMedia("(min-width: 801px)").matches) scrollTo(0, 0);
}

async function settled() {
  if (!inSending) await flush(); // what is refused is not sent again: the open answer shows what stands
}

function position() {
  if (!here) return;
  const at = queue.findIndex((one) => one.key === here.key);
  $("position").textContent = say("position", { number: at + 1, count: queue.length });
}

function show() {
  if (!here) return;
  const mark = here.mark;
  const off = Boolean(here.taken) || here.key === "missing";
  if (document.activeElement !== $("points")) $("points").value = mark.points === null ? "" : digits(mark.points);
  boxes().forEach((box, index) => (box.checked = mark.lines.includes(index)));
  if (document.activeElement !== $("comment")) $("comment").value = mark.comment;
  for (const field of [$("points"), $("comment"), $("scheme")]) field.disabled = off;
  $("answer").setAttribute("aria-busy", "false");
  $("size").hidden = here.size < 2;
  $("size").textContent = say(mark.alike ? "alike" : "mixed", { size: here.size });
  const by = mark.marker === "Formgrader" ? "given_elsewhere" : "given";
  if (mark.waits) $("given").textContent = say(mark.points === null ? "waits" : "looked");
  else $("given").textContent = mark.marker ? say(by, mark) : say("automatic");
}

async function leave() {
  const before = here;
  here = null; // from here on no key and no click changes anything, until another answer is open
  $("answer").setAttribute("aria-busy", "true");
  for (const field of [$("points"), $("comment"), $("scheme")]) field.disabled = true;
  if (!before || before.taken) return;
  try {
    await ask("api/leave", asked({ key: before.key }));
  } catch {} // the claim ends by itself
}

async function step(by) {
  if (!here) return;
  await flush();
  const at = queue.findIndex((one) => one.key === here.key) + by;
  if (at >= 0 && at < queue.length) await open(at);
}

async function next() {
  if (!here) return;
  await flush();
  await refresh();
  const at = queue.findIndex((one) => one.key === here.key);
  const order = [...queue.slice(at + 1), ...queue.slice(0, at)];
  const found = order.find((one) => !one.done && !one.open);
  if (found) await open(queue.indexOf(found));
  else warn(say("all_done"));
}

async function undo() {
  if (!essay) return;
  await flush();
  const answer = await insist("api/undo", asked({}));
  await refresh();
  if (!answer.ok) {
    warn(say(answer.why === "lost" && typeof answer.points !== "number" ? "lost_open" : answer.why, answer));
    return;
  }
  await open(Math.max(0, queue.findIndex((one) => one.key === answer.key)));
  $("state").textContent = say("undone");
}

function pointsTyped() {
  const typed = $("points").value.trim();
  if (!here || typed === (here.mark.points === null ? "" : digits(here.mark.points))) return;
  save({ points: typed === "" ? null : typed });
}

function commentTyped() {
  clearTimeout(typing);
  if (here && !here.taken && $("comment").value.trim() !== here.mark.comment.trim()) save({ comment: $("comment").value });
}

async function keep() {
  if (!here || here.taken) return;
  if (here.mark.waits && here.mark.points !== null) save({});
  await next();
}

async function toggleNames() {
  names = !names;
  $("names").setAttribute("aria-pressed", names);
  $("names").firstChild.textContent = `${say(names ? "hide_names" : "names")} `;
  await flush();
  if (here) await open(queue.findIndex((one) => one.key === here.key));
}

async function toggleSecond() {
  await flush();
  await leave();
  reader = reader === 1 ? 2 : 1;
  if (reader === 2 && names) await toggleNames();
  $("second").setAttribute("aria-pressed", reader === 2);
  $("second").firstChild.textContent = `${say(reader === 2 ? "first" : "second")} `;
  $("reading").hidden = reader === 1;
  await choose(essay.id);
}

// What people do

const KEYS = {
  KeyP: () => $("points").select(),
  KeyC: () => $("comment").focus(),
  KeyN: next,
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyU: undo,
  KeyA: toggleNames,
  KeyR: toggleSecond,
  Enter: keep,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const field = event.target.matches("textarea, select, input:not([type=checkbox])");
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (event.altKey) {
    const button = digit && document.querySelector(`#again [data-key="${digit[1]}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  } else if (event.code === "Escape" && field) event.target.blur();
  else if (event.code === "Enter" && event.target === $("points")) event.target.blur();
  else if (field || (event.code === "Enter" && event.target.matches("button, a, summary, input"))) return;
  else if (event.key === "?" || event.key === "؟") $("help").showModal();
  else if (digit && !event.shiftKey) {
    const box = boxes()[digit[1] - 1];
    if (!here || here.taken) return;
    if (digit[1] === "0") {
      boxes().forEach((one) => (one.checked = false));
      linesChanged();
    } else if (box) box.click();
  } else if (KEYS[event.code] && !event.shiftKey) {
    event.preventDefault();
    KEYS[event.code]();
  }
});

$("points").addEventListener("change", pointsTyped);
$("comment").addEventListener("change", commentTyped);
$("comment").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(commentTyped, 500);
});
$("essay").addEventListener("change", () => choose($("essay").value));
for (const [id, act] of Object.entries({ next, undo, back: () => step(-1), forward: () => step(1), names: toggleNames, second: toggleSecond, keys: () => $("help").showModal() }))
  $(id).addEventListener("click", act);

addEventListener("beforeunload", (event) => {
  commentTyped();
  if (sending) event.preventDefault();
});
addEventListener("pagehide", leave);

setInterval(async () => {
  if (!here || sending) return;
  const { key, taken } = here;
  try {
    const answer = await ask("api/stay", asked({ key }));
    if (!here || here.key !== key) return;
    if (answer.why === "free") await open(queue.findIndex((one) => one.key === key));
    else if (answer.why === "taken" && !taken) {
      here.taken = answer.by;
      warn(say("taken", answer));
      show();
    }
    await refresh();
  } catch {} // the next change says so
}, STAY);

$("whom").addEventListener("close", () => {
  me.marker = $("marker").value.trim();
  if (!me.marker) return $("whom").showModal();
  localStorage.setItem("autograder-marker", me.marker);
  start();
});
$("whom").addEventListener("cancel", (event) => event.preventDefault());
$("marker").value = me.marker;
$("whom").showModal();
