// List pages: choosing rows, moving with J and K, conditions that apply at once. All of it works without, too.

const COUNTS_KEPT_MS = 60000;
const counts = new Map();
let lastChosen = null;

const list = () => document.getElementById("zk-list");
const boxes = () => [...document.querySelectorAll('input[name=id][form="zk-batch"]')];
const rows = () => [...document.querySelectorAll("#zk-list tr[data-row]")];
const rowOf = (element) => element.closest("tr[data-row]");

// Choosing
function showChosen() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const box of all) rowOf(box)?.classList.toggle("is-selected", box.checked);
  const bar = document.querySelector("[data-batch]");
  if (bar) {
    bar.classList.toggle("is-on", chosen.length > 0);
    bar.querySelector("[data-chosen-count]").textContent = chosen.length
      ? bar.dataset.chosen.replace("%n", chosen.length)
      : "";
  }
  const head = document.querySelector("[data-choose-all]");
  if (head) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}

function choose(box, asRange) {
  const all = boxes();
  if (asRange && lastChosen && all.includes(lastChosen)) {
    const [from, to] = [all.indexOf(lastChosen), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  lastChosen = box;
  showChosen();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest('input[name=id][form="zk-batch"]');
  if (box) choose(box, event.shiftKey);
  if (event.target.closest("[data-choose-none]")) {
    for (const one of boxes()) one.checked = false;
    showChosen();
  }
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-choose-all]")) return;
  for (const box of boxes()) box.checked = event.target.checked;
  showChosen();
});

// A click anywhere in a row opens it; Ctrl opens a tab.
document.addEventListener("click", (event) => {
  const row = rowOf(event.target);
  if (!row || event.defaultPrevented || event.target.closest("a, button, input, label, select, summary, textarea")) return;
  const link = row.querySelector("a.zk-open");
  if (!link || String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

// Moving
function here() {
  return document.querySelector("tr.is-here");
}
function moveTo(row) {
  here()?.classList.remove("is-here");
  if (!row) return;
  row.classList.add("is-here");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a.zk-open")?.focus({ preventScroll: true });
}
document.addEventListener("zk:key", (event) => {
  const { key, shift } = event.detail;
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(here());
  if (key === "j") moveTo(all[Math.min(at + 1, all.length - 1)]);
  else if (key === "k") moveTo(all[Math.max(at - 1, 0)]);
  else if (key === "Enter" && at >= 0 && document.activeElement === document.body) all[at].querySelector("a.zk-open")?.click();
  else if (key === "x" && at >= 0) {
    const box = all[at].querySelector("input[name=id]");
    if (!box) return;
    box.checked = shift && lastChosen ? lastChosen.checked : !box.checked;
    choose(box, shift);
  } else return;
  event.preventDefault();
});
document.addEventListener("focusin", (event) => {
  const row = rowOf(event.target);
  if (row && row !== here()) {
    here()?.classList.remove("is-here");
    row.classList.add("is-here");
  }
});

// Conditions
const isSheetOpen = () => document.querySelector(".q-sheet.is-open") !== null;
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-filter]");
  if (!form || event.target.matches("[data-wait], [type=search]") || isSheetOpen()) return;
  form.requestSubmit();
});
document.addEventListener("search", (event) => {
  if (event.target.closest("form[data-filter]") && !event.target.value) event.target.form.requestSubmit();
}, true);
// Empty fields stay out of the address, and dates typed in replace a ready-made period.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("form[data-filter]")) return;
  const asked = event.detail.parameters;
  for (const key of Object.keys(asked)) {
    if (/_(from|to)$/.test(key) && asked[key]) delete asked[key.replace(/_(from|to)$/, "")];
    if (asked[key] === "") delete asked[key];
  }
});

// Counts of saved views come afterwards: they must not hold up the list.
async function showViewCounts() {
  const url = list()?.dataset.viewCounts;
  if (!url) return;
  const kept = counts.get(url);
  if (!kept || Date.now() - kept.at > COUNTS_KEPT_MS) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    counts.set(url, { at: Date.now(), of: await answer.json() });
  }
  for (const [id, count] of Object.entries(counts.get(url).of)) {
    const place = document.querySelector(`[data-view="${id}"] [data-view-count]`);
    if (place) place.textContent = count;
  }
}

// A table wider than its card scrolls in itself with frozen columns; otherwise its head sticks to the page.
function measure() {
  for (const frame of document.querySelectorAll(".q-scroll")) {
    frame.classList.remove("is-wide");
    const isWide = frame.firstElementChild.scrollWidth > frame.clientWidth + 1;
    frame.classList.toggle("is-wide", isWide);
    if (isWide) frame.setAttribute("tabindex", "0");
    else frame.removeAttribute("tabindex");
  }
}
window.addEventListener("resize", measure);

function ready() {
  if (!list()) return;
  lastChosen = null;
  showChosen();
  measure();
  showViewCounts().catch(() => {});
}
ready();
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "zk-list" && !event.target.closest?.("#zk-list")) return;
  ready();
  const total = document.getElementById("zk-list-total");
  const status = document.getElementById("zk-say");
  if (total && status) status.textContent = total.textContent;
});
