// Keys. Single letters sleep while somebody types and can be switched off on this computer.

const SWITCH = "zk-keys";
const dialog = document.getElementById("zk-keys");
let wentG = 0;

const lettersOn = () => localStorage.getItem(SWITCH) !== "off";
const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");
const isVisible = (element) => element.getClientRects().length > 0;

function press(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
    if (element.matches("summary")) element.parentElement.querySelector("a, button, input")?.focus();
  }
}

function keyed(key) {
  return [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key && isVisible(e));
}

function showKeys() {
  const list = dialog.querySelector("[data-page-keys]");
  const shared = new Set(["/", "n", "[", "]"]);
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (shared.has(element.dataset.key) || !isVisible(element)) continue;
    const row = document.createElement("div");
    const name = document.createElement("dt");
    const key = document.createElement("kbd");
    const text = document.createElement("dd");
    key.textContent = element.dataset.key.toUpperCase();
    text.textContent = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim();
    name.append(key);
    row.append(name, text);
    list.append(row);
  }
  dialog.querySelector("[data-keys-switch]").checked = lettersOn();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const typing = isTyping(event.target);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.preventDefault();
    event.target.form?.requestSubmit();
    return;
  }
  if (event.key === "Escape" && typing && !document.querySelector("dialog[open]")) {
    event.target.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "?") {
    event.preventDefault();
    showKeys();
    return;
  }
  if (/^[a-z[\]]$/.test(key) && !lettersOn()) return;
  if (Date.now() - wentG < 1200) {
    wentG = 0;
    const entry = document.querySelector(`[data-go-key="${CSS.escape(key)}"]`);
    if (entry) {
      event.preventDefault();
      window.location.assign(entry.href);
      return;
    }
  }
  if (key === "g" && !event.shiftKey) {
    wentG = Date.now();
    return;
  }
  const element = keyed(key);
  if (element && !event.shiftKey) {
    event.preventDefault();
    press(element);
    return;
  }
  const asked = new CustomEvent("zk:key", { detail: { key, shift: event.shiftKey }, cancelable: true });
  if (!document.dispatchEvent(asked)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-keys]")) showKeys();
});
dialog?.querySelector("[data-keys-switch]").addEventListener("change", (event) => {
  localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
});
