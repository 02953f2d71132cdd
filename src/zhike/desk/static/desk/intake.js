// The intake form: who is calling is looked up while the number is typed.
const form = document.querySelector("form[data-intake]");
const phone = form?.elements.namedItem("phone");
const who = document.getElementById("who");
let timer = 0;
let turn = 0;

async function ask() {
  const mine = ++turn;
  const address = `${window.location.pathname}who/?phone=${encodeURIComponent(phone.value)}`;
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok || mine !== turn) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    who.replaceChildren(...[...part.body.childNodes].map((node) => document.adoptNode(node)));
  } catch { /* the form works without it */ }
}

if (phone && who) {
  phone.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 250); });
  if (phone.value && !who.textContent.trim()) ask();
}
