// The case page: new events, the editor, dialogs for actions. Everything also works without this file.

const timeline = document.querySelector("[data-timeline]");
const editor = document.querySelector("[data-editor]");
const dialog = document.querySelector("[data-case-dialog]");
const seen = editor?.querySelector("input[name=seen]");
const text = editor?.querySelector("textarea");

const isWriting = () => Boolean(text && text.value.trim());
const isAtEnd = () => timeline.scrollHeight - timeline.scrollTop - timeline.clientHeight < 80;
const toEnd = () => { timeline.scrollTop = timeline.scrollHeight; };

// ---- conversation: continue after the last event shown; numbers never repeat, so nothing shows twice
let asking = false;
let askAgain = false;

async function fetchNews() {
  if (asking) { askAgain = true; return; }
  asking = true;
  const since = timeline.dataset.seq;
  try {
    const answer = await fetch(`${timeline.dataset.timeline}?since=${since}`, {
      headers: { "HX-Request": "true" }, credentials: "same-origin",
    });
    if (answer.ok) take(await answer.text());
  } catch { /* the next news, or a reload, brings it */ } finally {
    asking = false;
    if (askAgain) { askAgain = false; fetchNews(); }
  }
}

function take(html) {
  const part = new DOMParser().parseFromString(html, "text/html");
  const last = part.querySelector("[data-last-seq]")?.dataset.lastSeq;
  if (!last || Number(last) <= Number(timeline.dataset.seq)) return;
  const follow = isAtEnd();
  for (const item of part.querySelectorAll("li[data-seq]")) {
    item.classList.add("is-new");
    timeline.append(document.adoptNode(item));
  }
  for (const fresh of part.querySelectorAll("[data-replace]")) {
    const old = document.getElementById(fresh.id);
    // A popover somebody is reading stays as it is.
    if (old && !old.querySelector("details[open]")) old.replaceWith(document.adoptNode(fresh));
  }
  timeline.dataset.seq = last;
  // Who is in the middle of a sentence has not read the news: the reply is then held once.
  if (seen && !isWriting()) seen.value = last;
  if (follow) toEnd();
}

// What is done already may fill the column: the step that is due is brought into sight.
function showStep() {
  const column = document.querySelector(".dk-facts");
  const step = column?.querySelector("[aria-current=step]");
  if (!step || column.scrollHeight <= column.clientHeight) return;
  const below = step.getBoundingClientRect().bottom - column.getBoundingClientRect().bottom;
  if (below > 0) column.scrollTop += below + 8;
}

if (timeline) {
  toEnd();
  showStep();
  document.addEventListener("zk:live", (event) => {
    if (event.detail?.topic === timeline.dataset.topic) fetchNews();
  });
}

// ---- editor: what is typed is kept by the server, so that it can be gone on with at another desk
const note = editor?.querySelector("[data-draft-note]");
let keeping = 0;
let sending = false;

async function keepDraft() {
  if (sending) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", editor.elements.namedItem("csrfmiddlewaretoken").value);
  body.set("text", text.value);
  body.set("seen", seen.value);
  try {
    const answer = await fetch(editor.dataset.draftUrl, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok || sending) return;
    const { kept, words } = await answer.json();
    note.textContent = kept ? words : "";
  } catch { /* the next letter tries again */ }
}

if (editor?.dataset.draftUrl) {
  text.addEventListener("input", () => { clearTimeout(keeping); keeping = setTimeout(keepDraft, 1200); });
}
editor?.addEventListener("submit", () => { sending = true; clearTimeout(keeping); });

// ---- @mention: a short list of colleagues while the word after @ is typed
const people = editor?.querySelector("[data-people]");
const MENTION = /(?:^|[\s，。、；：（(])@([^\s@，。、；：（()]{0,20})$/u;
let asked = 0;

function closePeople() {
  people.hidden = true;
  people.replaceChildren();
}

function insertName(name) {
  const before = text.value.slice(0, text.selectionStart).replace(/@[^@]*$/u, `@${name} `);
  const after = text.value.slice(text.selectionStart);
  text.value = before + after;
  text.setSelectionRange(before.length, before.length);
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
  closePeople();
}

async function offerPeople() {
  const match = MENTION.exec(text.value.slice(0, text.selectionStart));
  if (!match) { closePeople(); return; }
  const turn = ++asked;
  let found;
  try {
    const answer = await fetch(`${people.dataset.people}?q=${encodeURIComponent(match[1])}`, { credentials: "same-origin" });
    if (!answer.ok) return;
    found = (await answer.json()).people;
  } catch { return; }
  if (turn !== asked) return;
  people.replaceChildren(...found.map((person, index) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "option");
    button.setAttribute("aria-selected", String(index === 0));
    button.append(person.name);
    const unit = document.createElement("small");
    unit.textContent = person.unit;
    button.append(unit);
    button.addEventListener("click", () => insertName(person.name));
    item.append(button);
    return item;
  }));
  people.hidden = found.length === 0;
}

function movePeople(step) {
  const all = [...people.querySelectorAll("button")];
  const at = all.findIndex((b) => b.getAttribute("aria-selected") === "true");
  const next = (at + step + all.length) % all.length;
  all.forEach((b, i) => b.setAttribute("aria-selected", String(i === next)));
  all[next].scrollIntoView({ block: "nearest" });
}

if (text && people) {
  text.addEventListener("input", offerPeople);
  text.addEventListener("blur", () => setTimeout(() => { if (!people.contains(document.activeElement)) closePeople(); }, 150));
  text.addEventListener("keydown", (event) => {
    if (people.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { movePeople(event.key === "ArrowDown" ? 1 : -1); }
    else if (event.key === "Enter" && !event.ctrlKey) { people.querySelector("[aria-selected=true]")?.click(); }
    else if (event.key === "Escape") { closePeople(); }
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}

// ---- actions: the link leads to a page with the same form; here the form opens in a dialog
const FIELDS = "textarea, select, input:not([type=hidden])";

function fillDialog(html, isAnswer = false) {
  const part = new DOMParser().parseFromString(html, "text/html");
  const inner = [...part.body.childNodes].map((node) => document.adoptNode(node));
  dialog.replaceChildren(...inner);
  // A part that is no form says what went wrong, without a frame of its own.
  if (!dialog.querySelector(".dk-act")) {
    const frame = document.createElement("div");
    frame.className = "dk-act";
    frame.append(...dialog.childNodes);
    dialog.replaceChildren(frame);
  }
  window.htmx?.process(dialog);
  dialog.dispatchEvent(new CustomEvent("zk:forms", { bubbles: true, detail: { isAnswer } }));
}

async function openAction(link) {
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok) { window.location.assign(link.href); return; }
    dialog.dataset.keepPage = link.getAttribute("href");
    fillDialog(await answer.text());
  } catch { window.location.assign(link.href); return; }
  dialog.showModal();
  dialog.querySelector(FIELDS)?.focus();
}

// What is refused is said in the dialog, with what was typed still there.
async function sendAction(form, button) {
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  button?.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST", headers: { "HX-Request": "true" }, credentials: "same-origin", body: new FormData(form, button),
    });
    const to = answer.headers.get("HX-Redirect");
    // 204 without a way on means signed out meanwhile.
    const isLost = answer.status === 204 && !to;
    document.dispatchEvent(new CustomEvent("zk:heard", { detail: { form, hasArrived: answer.ok && !isLost, isLost } }));
    if (to) { go(to); return; }
    if (answer.status === 204) { window.location.reload(); return; }
    fillDialog(await answer.text(), true);
    (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(FIELDS))?.focus();
  } catch {
    sayUnsent(form);
    delete form.dataset.sent;
    button?.removeAttribute("aria-disabled");
  }
}

function go(to) {
  const url = new URL(to, window.location.href);
  // The same address with a mark would only scroll, and with none does nothing in some browsers.
  const isHere = url.pathname === window.location.pathname && url.search === window.location.search;
  if (!isHere) { window.location.assign(url); return; }
  if (url.hash) window.location.hash = url.hash;
  window.location.reload();
}

// Nothing was heard back: what was typed stays.
function sayUnsent(form) {
  const note = form.querySelector("[data-unsent]") ?? document.createElement("p");
  note.dataset.unsent = "";
  note.className = "zk-note warn";
  note.setAttribute("role", "alert");
  note.textContent = document.body.dataset.failed;
  form.prepend(note);
}

if (dialog?.showModal) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      link.closest("details[open]")?.removeAttribute("open");
      openAction(link);
    } else if (event.target.closest?.("[data-dialog-close]") && dialog.open) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    sendAction(event.target, event.submitter);
  });
}
