// Words of the list of phrases under any text that is asked (data-words): found while typing, replaced or kept.
// Without this file the bars come with the refused form.

const PAUSE = 500;
const waiting = new WeakMap();
const asking = new WeakMap();
const found = new WeakMap();

// A form may have several texts: each has its own bars, all have one reason.
const boxOf = (text) => text.form?.querySelector(`[data-words-box="${CSS.escape(text.name)}"]`) ?? text.form?.querySelector("[data-words-box='']");
const textOf = (box) => box.closest("form").querySelector(box.dataset.wordsBox ? `[data-words][name="${CSS.escape(box.dataset.wordsBox)}"]` : "[data-words]");
const textsOf = (form) => [...form.querySelectorAll("[data-words]")];
const shownOf = (form) => form.querySelector("[name=phrase_shown]");
const reasonOf = (form) => form.querySelector("[name=phrase_reason]");
const shownIds = (form) => shownOf(form).value.split(",").filter(Boolean);

// A tick box may send out what else stays among colleagues.
function placeOf(text) {
  const when = text.dataset.wordsOutWhen;
  return when && text.form.elements.namedItem(when)?.checked ? "outgoing" : text.dataset.words;
}

async function ask(text) {
  asking.get(text)?.abort();
  const box = boxOf(text);
  if (!box) return;
  if (!text.value.trim()) { show(text, box, [], ""); return; }
  const turn = new AbortController();
  asking.set(text, turn);
  try {
    const answer = await fetch(text.dataset.wordsUrl, {
      method: "POST",
      signal: turn.signal,
      credentials: "same-origin",
      headers: { "X-CSRFToken": text.form.elements.namedItem("csrfmiddlewaretoken").value },
      // Not FormData: that would turn line ends into two signs and move every place.
      body: new URLSearchParams({ text: text.value, place: placeOf(text) }),
    });
    if (!answer.ok) return;
    const { flags, bars } = await answer.json();
    if (asking.get(text) === turn) show(text, box, flags, bars);
  } catch { /* the next letter asks again; sending asks in any case */ }
}

function show(text, box, flags, bars) {
  found.set(text, flags);
  const part = new DOMParser().parseFromString(bars, "text/html");
  box.querySelector("[data-flags]").replaceChildren(...[...part.body.childNodes].map((node) => document.adoptNode(node)));
  // Phrases that are gone are no longer answered: said again, they are asked again.
  const texts = textsOf(text.form);
  if (texts.every((one) => found.has(one) || !one.value.trim())) {
    const here = new Set(texts.flatMap((one) => found.get(one) ?? []).map((flag) => String(flag.id)));
    shownOf(text.form).value = shownIds(text.form).filter((id) => here.has(id)).join(",");
  }
  settle(text.form);
  mark(text, flags);
}

function settle(form) {
  const kept = shownIds(form);
  for (const bar of form.querySelectorAll("[data-flag]")) {
    const isKept = kept.includes(bar.dataset.flag);
    bar.classList.toggle("is-kept", isKept);
    bar.querySelector(".dk-flag-kept").hidden = !isKept;
    for (const button of bar.querySelectorAll("button")) button.hidden = isKept && "flagKeep" in button.dataset;
  }
  form.querySelector("[data-keep]").hidden = kept.length === 0;
}

function keep(bar, form) {
  shownOf(form).value = [...new Set([...shownIds(form), bar.dataset.flag])].join(",");
  settle(form);
  reasonOf(form).focus();
}

function replace(bar, text) {
  const { said, better, start } = bar.dataset;
  const at = text.value.startsWith(said, Number(start)) ? Number(start) : text.value.indexOf(said);
  if (at >= 0) {
    text.setRangeText(better, at, at + said.length, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  clearTimeout(waiting.get(text));
  ask(text);
}

// ---- a wavy line under the words: a text area cannot draw one, so the same text stands invisibly behind it
function mark(text, flags) {
  const mirror = text.parentElement.querySelector("[data-mirror]");
  if (!mirror) return;
  const parts = [];
  let at = 0;
  for (const flag of flags) {
    const word = document.createElement("mark");
    word.textContent = text.value.slice(flag.start, flag.end);
    parts.push(text.value.slice(at, flag.start), word);
    at = flag.end;
  }
  parts.push(`${text.value.slice(at)}\n`);
  mirror.replaceChildren(...(flags.length ? parts : []));
  mirror.scrollTop = text.scrollTop;
}

document.addEventListener("input", (event) => {
  const text = event.target;
  if (text.name === "phrase_reason" || !text.matches?.("[data-words]")) return;
  // What was marked moves with the text until the answer comes.
  if (found.get(text)?.length) mark(text, []);
  clearTimeout(waiting.get(text));
  waiting.set(text, setTimeout(() => ask(text), PAUSE));
});

document.addEventListener("change", (event) => {
  for (const text of event.target.form?.querySelectorAll("[data-words-out-when]") ?? []) {
    if (text.dataset.wordsOutWhen === event.target.name) ask(text);
  }
});

document.addEventListener("scroll", (event) => {
  const mirror = event.target.matches?.("textarea[data-words]") && event.target.parentElement.querySelector("[data-mirror]");
  if (mirror) mirror.scrollTop = event.target.scrollTop;
}, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-flag-replace], [data-flag-keep]");
  const bar = button?.closest("[data-flag]");
  if (!bar) return;
  const box = bar.closest("[data-words-box]");
  if ("flagKeep" in button.dataset) keep(bar, box.closest("form"));
  else replace(bar, textOf(box));
});

// A draft, or a form that came back.
for (const text of document.querySelectorAll("[data-words]")) {
  if (text.value.trim()) ask(text);
}
