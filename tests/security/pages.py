"""A page as a program sees it: its links, and its forms with what each would send."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Input:
    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    is_on: bool = True


@dataclass
class Form:
    """A form, or a button of htmx that sends something on its own."""

    action: str
    method: str
    multipart: bool = False
    inputs: list[Input] = field(default_factory=list)

    def names(self) -> list[str]:
        return list(dict.fromkeys(one.name for one in self.inputs))

    def sends(self) -> list[tuple[str, str]]:
        """What a browser would send as it stands; empty inputs filled, so that services are reached at all."""
        sent: list[tuple[str, str]] = []
        pressed = False
        for one in self.inputs:
            if one.kind == "submit":
                if not pressed:
                    sent.append((one.name, one.value))
                pressed = True
            elif one.kind != "file" and one.is_on:
                sent.append((one.name, one.value or _likely(one)))
        return sent


def _likely(one: Input) -> str:
    if one.choices:
        return next((choice for choice in one.choices if choice), "")
    if one.kind in LIKELY:
        return LIKELY[one.kind]
    for part, value in LIKELY.items():
        if part in one.name:
            return value
    return "已与客户核对，按约定处理" if one.kind == "textarea" else ""


LIKELY = {
    "date": "2026-12-01",
    "datetime-local": "2026-12-01T10:00",
    "time": "10:00",
    "number": "1",
    "phone": "13900001111",
    "tel": "13900001111",
    "reason": "核对过了",
    "name": "许红梅",
    "text": "客户希望尽快处理",
    "email": "xu@example.com",
}


class Page(HTMLParser):
    """Reads one answer. Links of htmx (`hx-get`) count as links, its buttons as forms."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._late: list[tuple[str, Input]] = []
        self._select: Input | None = None
        self._area: Input | None = None
        self.feed(html)
        for owner, one in self._late:
            if owner in self._by_id:
                self._by_id[owner].inputs.append(one)

    def _whole(self, address: str) -> str:
        return urljoin(self.address, address)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        for name in ("href", "hx-get", "data-url", "data-href", "src"):
            if name in given and tag not in {"link", "script", "use"}:
                self.links.append(self._whole(given[name]))
        for verb in ("hx-post", "hx-delete", "hx-put", "hx-patch"):
            if verb in given and tag != "form":
                self.forms.append(Form(self._whole(given[verb]), verb[3:].upper()))
        if tag == "form":
            self._begin(given)
        elif tag in {"input", "button", "select", "textarea"}:
            self._input(tag, given)
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            self._select.choices.append(value)
            if "selected" in given or (not self._select.value and value):
                self._select.value = value

    def _begin(self, given: dict[str, str]) -> None:
        action = given.get("action") or given.get("hx-post") or given.get("hx-get") or ""
        method = "POST" if "hx-post" in given else given.get("method", "get").upper()
        form = Form(self._whole(action), method, "multipart" in given.get("enctype", ""))
        if "multipart" in given.get("hx-encoding", ""):
            form.multipart = True
        self._open = form
        self.forms.append(form)
        if "id" in given:
            self._by_id[given["id"]] = form

    def _input(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", tag if tag != "input" else "text").lower()
        if tag == "button":
            kind = given.get("type", "submit")
            if "formaction" in given and self._open is not None:
                own = Form(
                    self._whole(given["formaction"]), self._open.method, inputs=self._open.inputs
                )
                self.forms.append(own)
        name = given.get("name", "")
        if not name or kind in {"button", "image", "reset"}:
            return
        one = Input(name, kind, given.get("value", ""))
        if kind in {"checkbox", "radio"}:
            one.is_on = "checked" in given
            one.value = given.get("value", "on")
        if tag == "select":
            self._select = one
        elif tag == "textarea":
            self._area = one
        owner = given.get("form", "")
        if owner:
            self._late.append((owner, one))
        elif self._open is not None:
            self._open.inputs.append(one)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def own_links(self) -> Iterator[str]:
        """Addresses of this site, without what only the browser reads."""
        for link in dict.fromkeys(self.links):
            parts = urlsplit(link)
            if parts.scheme in {"", "http"} and parts.netloc in {"", "testserver"}:
                yield parts._replace(scheme="", netloc="", fragment="").geturl()
