// One stream for all tabs of this browser: a SharedWorker. Tabs say which topics they watch and since when.

const ports = new Map(); // port -> Map(topic -> last number handed over, or null)
const positions = new Map(); // topic -> last number seen by any stream
let source = null;
let streamed = "";
let retry = null;
let state = "idle";

function tell(message) {
  for (const port of ports.keys()) port.postMessage(message);
}
function setState(next) {
  if (state === next) return;
  state = next;
  tell({ state });
}

// name:number, an empty number meaning "from now on"
function wanted() {
  const since = new Map();
  for (const topics of ports.values()) {
    for (const [topic, last] of topics) {
      const start = last ?? positions.get(topic) ?? null;
      const known = since.get(topic);
      if (!since.has(topic)) since.set(topic, start);
      else if (start !== null && (known === null || start < known)) since.set(topic, start);
    }
  }
  return since;
}

function hand(event) {
  positions.set(event.topic, Math.max(event.seq, positions.get(event.topic) ?? 0));
  for (const [port, topics] of ports) {
    if (!topics.has(event.topic)) continue;
    const last = topics.get(event.topic);
    // Overlapping streams bring an event twice; each tab gets it once.
    if (last !== null && event.seq <= last) continue;
    topics.set(event.topic, event.seq);
    port.postMessage({ event });
  }
}

function open() {
  clearTimeout(retry);
  const since = wanted();
  const names = [...since.keys()].sort().join(",");
  if (!names) {
    source?.close();
    source = null;
    streamed = "";
    return;
  }
  const topics = [...since].slice(0, 50).map(([topic, last]) => `${topic}:${last ?? ""}`).join(",");
  const old = source;
  const fresh = new EventSource(`/live?topics=${encodeURIComponent(topics)}`);
  source = fresh;
  streamed = names;
  fresh.onopen = () => {
    old?.close();
    setState("open");
  };
  fresh.onmessage = (message) => hand(JSON.parse(message.data));
  fresh.onerror = () => {
    if (source !== fresh) return;
    if (fresh.readyState !== EventSource.CLOSED) {
      setState("lost");
      return;
    }
    old?.close();
    refused(topics);
  };
}

// The browser does not say why a stream was refused; the polling address does.
async function refused(topics) {
  try {
    const answer = await fetch(`/poll?topics=${encodeURIComponent(topics)}`);
    if (answer.status === 401) return setState("signed-out");
    if (answer.status === 403 || answer.status === 400) return setState("closed");
    if (answer.ok) for (const event of (await answer.json()).events) hand(event);
  } catch {
    setState("lost");
  }
  retry = setTimeout(open, 2000 + Math.random() * 3000);
}

function watch(port, topics) {
  const before = ports.get(port) ?? new Map();
  ports.set(port, new Map(topics.map(([topic, since]) => [topic, before.get(topic) ?? since])));
  const names = [...wanted().keys()].sort().join(",");
  const behind = topics.some(([topic, since]) => since !== null && since < (positions.get(topic) ?? since));
  if (names !== streamed || behind) open();
}

self.onconnect = (connection) => {
  const port = connection.ports[0];
  ports.set(port, new Map());
  port.onmessage = ({ data }) => {
    if (data.topics) watch(port, data.topics);
    if (data.leave) {
      ports.delete(port);
      open();
    }
  };
  port.start();
  port.postMessage({ state });
};
