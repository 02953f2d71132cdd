// What is typed into a form that writes is kept in this browser tab until the server has said that it arrived:
// a session that ends, a line that is cut, an error of ours lose nothing. ADR 37 says why the tab and nowhere else.
// One entry per person and address of the form; the line that offers it is the <template id="zk-kept"> of the page.

const PREFIX = "zk-keep:";
const LONGEST_MS = 24 * 3600 * 1000;
const MOST = 20;
const body = document.body.dataset;
const offer = document.getElementById("zk-kept");
const notes = document.getElementById("zk-notes");
const answered = new WeakSet(); // forms the server has filled in again from what was sent

const TEXTS = "textarea, input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url], input[type=number], input[type=date], input[type=time]";
const CHOICES = "select, input[type=checkbox], input[type=radio]";
const SECRET = /\b(?:one-time-code|current-password|new-password|cc-[a-z-]+)\b/u;

// ---- the store
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}
const drop = (key) => sessionStorage.removeItem(key);
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const all = () => keys().map((key) => [key, read(key)]).filter(([, entry]) => entry);

function write(key, entry) {
  try {
    sessionStorage.setItem(key, JSON.stringify(entry));
  } catch { /* a full store must not keep anybody from typing */ }
  const oldest = all().sort(([, one], [, other]) => other.at - one.at).slice(MOST);
  for (const [name] of oldest) drop(name);
}

// ---- forms and fields
const addressOf = (form) => new URL(form.getAttribute("hx-post") || form.getAttribute("action") || window.location.href, window.location.href);

function keyOf(form) {
  const { pathname, search } = addressOf(form);
  return `${PREFIX}${body.person}:${pathname}${search}${form.dataset.keepAs ? `#${form.dataset.keepAs}` : ""}`;
}

const mayKeep = (form) => form.getAttribute("method")?.toLowerCase() === "post" && !form.closest("[data-keep=no]");

// Two forms with one address cannot be told apart: rather nothing than another customer's words.
function isAlone(form) {
  const key = keyOf(form);
  return [...document.forms].filter((one) => mayKeep(one) && fieldsOf(one).length && keyOf(one) === key).length === 1;
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && field.matches(`${TEXTS}, ${CHOICES}`)
    && !field.closest("[data-keep=no]") && !SECRET.test(field.autocomplete));
}

function named(form) {
  const seen = new Map();
  return fieldsOf(form).map((field) => {
    const nth = seen.get(field.name) ?? 0;
    seen.set(field.name, nth + 1);
    return [`${field.name}#${nth}`, field];
  });
}

const isTick = (field) => field.matches("[type=checkbox], [type=radio]");
const valueOf = (field) => (isTick(field) ? field.checked : field.multiple ? [...field.selectedOptions].map((o) => o.value) : field.value);
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function asSent(field) {
  if (isTick(field)) return field.defaultChecked;
  if (!field.matches("select")) return field.defaultValue;
  const chosen = [...field.options].filter((o) => o.defaultSelected).map((o) => o.value);
  return field.multiple ? chosen : chosen[0] ?? field.options[0]?.value ?? "";
}

function put(field, value) {
  if (isTick(field)) field.checked = value;
  else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// ---- typing
const pageOf = (form) => form.closest("[data-keep-page]")?.dataset.keepPage ?? window.location.pathname + window.location.search;

function note({ target }) {
  const form = target.form;
  if (!form || !mayKeep(form) || !fieldsOf(form).includes(target) || !isAlone(form)) return;
  const key = keyOf(form);
  const entry = read(key) ?? { page: pageOf(form), title: document.querySelector("h1")?.textContent.trim() ?? "", fields: {} };
  for (const [name, field] of named(form)) {
    if (field !== target && !(field.type === "radio" && field.name === target.name)) continue;
    const value = valueOf(field);
    if (isSame(value, asSent(field)) && !answered.has(form)) delete entry.fields[name];
    else entry.fields[name] = value;
  }
  entry.at = Date.now();
  // A tick alone is quickly set again; what is worth keeping is what was typed.
  if (named(form).some(([name, field]) => name in entry.fields && field.matches(TEXTS))) write(key, entry);
  else drop(key);
}
document.addEventListener("input", note);
document.addEventListener("change", note);

// ---- sending: the server repeats the mark once it has saved (zhike/web/kept.py)
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-sign-out]")) {
    for (const key of keys()) drop(key);
    return;
  }
  if (event.defaultPrevented || !mayKeep(form)) return;
  const key = keyOf(form);
  const entry = read(key);
  if (!entry || !isAlone(form)) return;
  const mark = [...crypto.getRandomValues(new Uint8Array(8))].map((n) => n.toString(16).padStart(2, "0")).join("");
  write(key, { ...entry, mark, isOpen: true, isLost: false });
  const field = form.querySelector("input[name=zk-mark]") ?? document.createElement("input");
  Object.assign(field, { type: "hidden", name: "zk-mark", value: mark });
  form.append(field);
});

// Forms that scripts send say themselves what came of it.
function heard(form, hasArrived, isLost) {
  const key = keyOf(form);
  const entry = read(key);
  if (!entry) return;
  if (hasArrived) drop(key);
  else write(key, { ...entry, isOpen: false, isLost });
}
document.addEventListener("zk:heard", ({ detail }) => heard(detail.form, detail.hasArrived, detail.isLost));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches?.("form[hx-post]") || !detail.xhr.status) return;
  const isLost = Boolean(detail.xhr.getResponseHeader("HX-Refresh"));
  if (detail.successful || detail.xhr.status === 422) heard(detail.elt, detail.successful && !isLost, isLost);
});

// ---- coming back
function moment(at) {
  const then = new Date(at);
  const two = (n) => String(n).padStart(2, "0");
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const isToday = then.toDateString() === new Date().toDateString();
  return isToday ? time : `${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}

function lineFor(entry, words) {
  const line = offer.content.firstElementChild.cloneNode(true);
  line.querySelector("[data-kept-words]").textContent = words.replace("{at}", moment(entry.at)).replace("{title}", entry.title);
  return line;
}

function show(form) {
  for (const outer of [...document.querySelectorAll("details:not([open])")].filter((one) => one.contains(form))) outer.open = true;
  const dialog = form.closest("dialog:not([open])");
  if (dialog) dialog.showModal();
}

function offerTo(form, key, entry) {
  const line = lineFor(entry, entry.isOpen ? offer.dataset.unsure : offer.dataset.typed);
  line.dataset.keptFor = key;
  line.querySelector("a").remove();
  line.addEventListener("click", ({ target }) => {
    const act = target.closest("button")?.dataset.kept;
    if (!act) return;
    line.remove();
    if (act === "drop") { drop(key); return; }
    show(form);
    const fields = named(form).filter(([name]) => name in entry.fields);
    for (const [name, field] of fields) put(field, entry.fields[name]);
    fields.find(([, field]) => field.matches(TEXTS))?.[1].focus();
  });
  if (form.getClientRects().length) form.before(line);
  else notes?.append(line);
}

function pointTo(key, entry) {
  const line = lineFor(entry, entry.isOpen ? offer.dataset.unsureElsewhere : offer.dataset.elsewhere);
  line.dataset.keptFor = key;
  line.querySelector("a").href = entry.page;
  line.querySelector("[data-kept=restore]").remove();
  line.querySelector("[data-kept=drop]").addEventListener("click", () => { drop(key); line.remove(); });
  notes?.append(line);
}

// Somebody else's, what has arrived and what is old goes before anything is offered.
function tidy() {
  const arrived = (body.arrived ?? "").split(".");
  for (const [key, entry] of all()) {
    const isMine = key.startsWith(`${PREFIX}${body.person}:`);
    if (!isMine || arrived.includes(entry.mark) || Date.now() - entry.at > LONGEST_MS) drop(key);
    else if (entry.mark && entry.mark === body.answer) write(key, { ...entry, isOpen: false, isLost: "refused" in body });
  }
}

function offerIn(root, isAnswer = false) {
  for (const form of root.querySelectorAll("form")) {
    if (!mayKeep(form)) continue;
    const key = keyOf(form);
    const entry = read(key);
    if (!entry || !isAlone(form) || document.querySelector(`[data-kept-for="${CSS.escape(key)}"]`)?.isConnected) continue;
    if (isAnswer || (entry.mark && entry.mark === body.answer)) {
      answered.add(form);
      continue;
    }
    const here = new Map(named(form));
    const differs = Object.entries(entry.fields).some(([name, value]) => here.has(name) && !isSame(valueOf(here.get(name)), value));
    if (differs) offerTo(form, key, entry);
    else if (!entry.isOpen) drop(key);
  }
}

function offerAll() {
  tidy();
  offerIn(document);
  const shown = new Set([...document.forms].filter(mayKeep).map(keyOf));
  for (const [key, entry] of all()) {
    if (shown.has(key)) continue;
    // A page that answers a form and does not hold it again has taken what it brought.
    if (entry.mark && entry.mark === body.answer && !("refused" in body)) drop(key);
    else if (entry.isLost || entry.isOpen) pointTo(key, entry);
  }
}

// At sign-in nobody is known yet: it is only said that something waits, and the way leads back to its page.
function atSignIn(told) {
  const sent = all().filter(([, entry]) => entry.isOpen || entry.isLost).sort(([, one], [, other]) => other.at - one.at);
  if (!sent.length) return;
  for (const [key, entry] of sent) write(key, { ...entry, isOpen: false, isLost: true });
  document.querySelector("[data-kept-lost]")?.remove();
  told.hidden = false;
  const { page } = sent[0][1];
  for (const field of document.querySelectorAll("input[name=next]")) if (field.closest("main")) field.value = page;
  for (const link of document.querySelectorAll("a[data-kept-next]")) {
    const to = new URL(link.href);
    to.searchParams.set("next", page);
    link.href = to;
  }
}

const told = document.querySelector("[data-kept-told]");
if (told) atSignIn(told);
if (offer && body.person) {
  offerAll();
  document.addEventListener("htmx:afterSettle", (event) => offerIn(event.target.parentElement || document));
  document.addEventListener("zk:forms", ({ target, detail }) => offerIn(target, detail?.isAnswer));
}
