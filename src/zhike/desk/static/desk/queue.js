// The queue: news of all the reader's units in one line, and E to take up the case one stands on.

const LOUD = new Set(["opened", "message_in", "urge", "dissatisfied", "reopened", "handover"]);
const news = new Set();

document.addEventListener("zk:live", (event) => {
  if (!event.target.matches("[data-queue-feed]")) return;
  const bar = document.querySelector("[data-queue-bar]");
  const { kind, payload } = event.detail;
  // What one did oneself is no news.
  if (!bar || !LOUD.has(kind) || String(payload?.by ?? "") === bar.dataset.reader) return;
  news.add(payload?.case ?? String(event.detail.seq));
  bar.querySelector("a").textContent = bar.dataset.text.replace("%n", news.size);
  bar.hidden = false;
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.querySelector("[data-queue-bar]")?.hidden) news.clear();
});

document.addEventListener("zk:key", (event) => {
  if (event.detail.key !== "e" || event.detail.shift) return;
  const button = document.querySelector("tr.is-here [data-row-key=e]");
  if (!button) return;
  event.preventDefault();
  button.click();
});
