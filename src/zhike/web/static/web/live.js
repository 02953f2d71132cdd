// News from the server, handed to whoever on the page watches a topic. See docs/pages.md, "Live".

// Said through app.js, by events: hashed file names would make an import a second copy of it.
const say = (text, tone, key) => document.dispatchEvent(new CustomEvent("zk:say", { detail: { text, tone, key } }));
const unsay = (key) => document.dispatchEvent(new CustomEvent("zk:unsay", { detail: { key } }));

const POLL_MS = 5000;
const REFRESH_MS = 250;
const workerUrl = document.body.dataset.liveWorker;
const seen = new Map(); // topic -> last number, for polling and for what the page was drawn with
let worker = null;
let cursor = null;

const watchers = () => [...document.querySelectorAll("[data-live-topic]")].filter((e) => e.dataset.liveTopic);

function topics() {
  const asked = new Map();
  for (const element of watchers()) {
    const topic = element.dataset.liveTopic;
    const since = element.dataset.liveSince ? Number(element.dataset.liveSince) : null;
    const known = seen.get(topic) ?? null;
    const start = since !== null && known !== null ? Math.max(since, known) : since ?? known;
    if (!asked.has(topic) || asked.get(topic) === null) asked.set(topic, start);
  }
  return [...asked];
}

function hand(event) {
  if (event.seq <= (seen.get(event.topic) ?? -1)) return;
  seen.set(event.topic, event.seq);
  for (const element of watchers()) {
    if (element.dataset.liveTopic !== event.topic) continue;
    const news = new CustomEvent("zk:live", { detail: event, bubbles: true, cancelable: true });
    if (!element.dispatchEvent(news)) continue;
    if (element.matches("[data-live-bar]")) showBar(element, event);
    if (element.matches("[data-live-bell]")) ring(element, event);
    if (element.dataset.liveRefresh) refresh(element);
  }
}

function showBar(bar, event) {
  const kinds = (bar.dataset.liveKinds || "").split(" ").filter(Boolean);
  if (kinds.length && !kinds.includes(event.kind)) return;
  const news = new Set(JSON.parse(bar.dataset.news || "[]"));
  // The same thing changed twice is one piece of news.
  news.add(String(event.payload?.id ?? `${event.topic}:${event.seq}`));
  bar.dataset.news = JSON.stringify([...news]);
  bar.querySelector("a").textContent = bar.dataset.liveText.replace("%n", news.size);
  bar.hidden = false;
}

function ring(bell, event) {
  if (event.kind !== "notification") return;
  const dot = bell.querySelector(".zk-dot");
  const unread = (dot.hidden ? 0 : Number.parseInt(dot.textContent, 10) || 0) + 1;
  dot.textContent = unread > 99 ? "99+" : unread;
  dot.hidden = false;
}

// Several pieces of news in one moment are one request.
const waiting = new WeakMap();
function refresh(element) {
  clearTimeout(waiting.get(element));
  waiting.set(element, setTimeout(() => {
    window.htmx?.ajax("GET", element.dataset.liveRefresh, {
      source: element,
      target: element,
      swap: element.dataset.liveSwap || "innerHTML",
      // Not an act of the person: it must not keep an empty chair signed in.
      headers: { "X-Zhike-Live": "1" },
    });
  }, REFRESH_MS));
}

function showState(state) {
  if (state === "lost") {
    // A restart of the server takes a second: say nothing about it.
    clearTimeout(showState.timer);
    showState.timer = setTimeout(() => say(document.body.dataset.offline, "warn", "live"), 4000);
  } else {
    clearTimeout(showState.timer);
    unsay("live");
  }
  if (state === "signed-out") window.location.reload();
  document.dispatchEvent(new CustomEvent("zk:live-state", { detail: state }));
}

async function poll() {
  const asked = topics();
  if (document.visibilityState === "visible" && asked.length) {
    const names = cursor && cursor.for === asked.map(([t]) => t).join() ? cursor.topics : asked.map(([t, s]) => `${t}:${s ?? ""}`).join(",");
    try {
      const answer = await fetch(`/poll?topics=${encodeURIComponent(names)}`);
      if (answer.status === 401) return showState("signed-out");
      if (answer.status === 403) return showState("closed");
      if (answer.ok) {
        const news = await answer.json();
        cursor = { for: asked.map(([t]) => t).join(), topics: news.topics };
        news.events.forEach(hand);
        showState("open");
      }
    } catch {
      showState("lost");
    }
  }
  setTimeout(poll, POLL_MS * (0.8 + Math.random() * 0.4));
}

function watch() {
  worker?.port.postMessage({ topics: topics() });
}

function start() {
  if (!watchers().length) return;
  try {
    worker = new SharedWorker(workerUrl, { name: "zhike-live" });
  } catch {
    poll();
    return;
  }
  worker.onerror = () => {
    worker = null;
    poll();
  };
  worker.port.onmessage = ({ data }) => {
    if (data.event) hand(data.event);
    else if (data.state) showState(data.state);
  };
  worker.port.start();
  watch();
}

start();
document.addEventListener("htmx:afterSettle", () => (worker ? watch() : undefined));
window.addEventListener("pagehide", () => worker?.port.postMessage({ leave: true }));
window.addEventListener("pageshow", (event) => event.persisted && watch());
