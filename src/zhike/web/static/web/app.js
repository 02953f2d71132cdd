// What every desk page does by itself: menus that close, one click per form, plain words on failure.

const words = document.body.dataset;
const notes = document.getElementById("zk-notes");

// Menus are <details>: only one stays open, and a click elsewhere or Esc closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.zk-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.zk-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
    return;
  }
  closeSheets();
});

// Sheets (side menu on the phone, conditions of a list) open by a link, so that they work without this file too.
function closeSheets() {
  for (const sheet of document.querySelectorAll(".zk-side.is-open, .q-sheet.is-open")) {
    sheet.classList.remove("is-open");
    const opener = document.querySelector(`[data-toggle-class][href="#${sheet.id}"]`);
    if (opener) {
      opener.setAttribute("aria-expanded", "false");
      opener.focus();
    }
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-toggle-class]");
  if (opener) {
    event.preventDefault();
    const sheet = document.querySelector(opener.getAttribute("href"));
    const isOpen = sheet.classList.toggle(opener.dataset.toggleClass);
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) sheet.querySelector("a, button, input, select, summary")?.focus();
    return;
  }
  if (event.target.closest("[data-close-class], .zk-side-close")) {
    event.preventDefault();
    closeSheets();
  }
});

// Dialogs
document.addEventListener("click", (event) => {
  const close = event.target.closest("dialog [data-close]");
  if (close) close.closest("dialog").close();
  else if (event.target.matches("dialog[open]")) event.target.close();
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.openDialog)?.showModal();
  }
});

// A form is sent once. Coming back with the browser's back button makes it usable again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button) {
    button.dataset.text = button.textContent;
    button.setAttribute("aria-disabled", "true");
    if (words.sending) button.textContent = words.sending;
  }
});

function makeUsable(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[data-text]")) {
      button.textContent = button.dataset.text;
      button.removeAttribute("aria-disabled");
      delete button.dataset.text;
    }
  }
}
window.addEventListener("pageshow", (event) => event.persisted && makeUsable(document));
document.addEventListener("htmx:afterRequest", (event) => makeUsable(event.target.parentElement || document));

// Words when something fails
function say(text, tone = "warn", key = "") {
  if (!notes || !text) return;
  if (key) notes.querySelector(`[data-note="${key}"]`)?.remove();
  const note = document.createElement("div");
  note.className = `zk-note ${tone}`;
  note.setAttribute("role", tone === "ok" ? "status" : "alert");
  if (key) note.dataset.note = key;
  note.textContent = text;
  notes.append(note);
}
function unsay(key) {
  notes?.querySelector(`[data-note="${key}"]`)?.remove();
}
document.addEventListener("zk:say", ({ detail }) => say(detail.text, detail.tone, detail.key));
document.addEventListener("zk:unsay", ({ detail }) => unsay(detail.key));
document.addEventListener("htmx:responseError", (event) => {
  const code = event.detail.xhr.getResponseHeader("X-Request-Code");
  say(`${words.failed}${code ? ` (${code})` : ""}`, "danger", "failed");
});
document.addEventListener("htmx:sendError", () => say(words.offline, "warn", "offline"));
document.addEventListener("htmx:timeout", () => say(words.failed, "danger", "failed"));
let slow;
document.addEventListener("htmx:beforeRequest", () => {
  unsay("failed");
  clearTimeout(slow);
  slow = setTimeout(() => say(words.slow, "info", "slow"), 8000);
});
document.addEventListener("htmx:afterRequest", (event) => {
  clearTimeout(slow);
  unsay("slow");
  if (event.detail.successful) unsay("offline");
});

document.addEventListener("click", async (event) => {
  const code = event.target.closest("[data-copy]");
  if (code) await navigator.clipboard?.writeText(code.textContent.trim());
});

// What the last page said is not true of the next list.
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (!event.detail.boosted) return;
  for (const note of notes?.querySelectorAll(".zk-note[role=status]") ?? []) note.remove();
});
