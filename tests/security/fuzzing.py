"""Walks the pages of the demo company as different people and sends every form what nobody means.

Each request runs in a savepoint that is taken back: what is found does not depend on the order, and what a
refused request left behind is seen at once.
"""

import copy
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit
from uuid import UUID

from django.apps import apps
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.security import hostile
from tests.security.pages import Form, Page
from zhike.desk.models import Case

# Rows that a refusal may well leave: what was tried, counted or kept on the side.
ON_THE_SIDE = re.compile(
    r"session|attempt|live|periodic|workerbeat|count|storedfile|ratelimit|django_"
)
# Told in the audit log because they were refused.
NOTED_REFUSALS = ("accounts.sign_in.fail", "accounts.sign_in.lock", "accounts.second_factor.fail")
LINKS_PER_ADDRESS = 2
# What ends the walk for whoever follows it.
NOT_FOLLOWED = {"accounts:sign-out"}
Pairs = list[tuple[str, bytes]]


@dataclass
class Fault:
    what: str
    told: str


@dataclass
class Tally:
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, Fault] = field(default_factory=dict)
    half_written: dict[str, str] = field(default_factory=dict)

    def report(self) -> str:
        lines = [f"{self.requests} requests, answers {dict(sorted(self.statuses.items()))}"]
        lines += [f"{key}: {one.what}\n{one.told}" for key, one in self.faults.items()]
        lines += [f"half written: {key}: {what}" for key, what in self.half_written.items()]
        return "\n".join(lines)


def _counting() -> str:
    tables = sorted(model._meta.db_table for model in apps.get_models())
    kept = [table for table in tables if not ON_THE_SIDE.search(table) and table != "core_auditrow"]
    quote = connection.ops.quote_name
    parts = [f"SELECT '{table}', COUNT(*) FROM {quote(table)}" for table in kept]
    refusals = ", ".join(f"'{action}'" for action in NOTED_REFUSALS)
    parts.append(f"SELECT 'audit', COUNT(*) FROM core_auditrow WHERE action NOT IN ({refusals})")
    return " UNION ALL ".join(parts)


class Visitor:
    """Somebody (or nobody) with a browser that keeps its first cookies."""

    def __init__(self, name: str, client: Client, tally: Tally) -> None:
        client.raise_request_exception = False
        self.name, self.client, self.tally = name, client, tally
        self._jar = copy.copy(client.cookies)
        self._sql = _counting()
        self._raised: list[str] = []

    def keep_cookies(self) -> None:
        self._jar = copy.copy(self.client.cookies)

    def send(
        self, method: str, address: str, body: bytes = b"", kind: str = "", *, part: bool = False
    ) -> Any:
        self.client.cookies = copy.copy(self._jar)
        headers = {"HX-Request": "true"} if part else {}
        path, _mark, query = address.partition("?")
        self._raised.clear()
        with transaction.atomic():
            answer: Any = self.client.generic(
                method, path, body, content_type=kind or "application/x-www-form-urlencoded",
                headers=headers, QUERY_STRING=query,
            )  # fmt: skip
            if getattr(answer, "streaming", False):
                b"".join(answer.streaming_content)
            changed = self._left_behind() if answer.status_code >= 400 else ""
            transaction.set_rollback(True)
        self._note(method, address, body, answer, changed)
        return answer

    def _left_behind(self) -> str:
        if connection.needs_rollback:
            return ""
        with connection.cursor() as cursor:
            cursor.execute(self._sql)
            now = dict(cursor.fetchall())
        return ", ".join(
            f"{name} {self.before[name]} → {n}" for name, n in now.items() if n != self.before[name]
        )

    def look(self) -> None:
        """Remember how many rows there are; a refused request must leave as many."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql)
            self.before = dict(cursor.fetchall())

    def note_exception(self, **told: Any) -> None:
        import traceback

        self._raised.append("".join(traceback.format_exc().splitlines(keepends=True)[-9:]))

    def _note(self, method: str, address: str, body: bytes, answer: Any, changed: str) -> None:
        tally = self.tally
        tally.requests += 1
        tally.statuses[answer.status_code] += 1
        where = f"{method} {view_of(address)}"
        what = f"{self.name} {method} {address[:300]} {body[:300]!r}"
        if answer.status_code >= 500:
            told = self._raised[-1] if self._raised else "no exception"
            last = told.strip().splitlines()[-1][:150]
            tally.faults.setdefault(f"{answer.status_code} {where}: {last}", Fault(what, told))
        for told in _unsafe(answer):
            tally.faults.setdefault(f"{where}: {told}", Fault(what, told))
        if changed:
            tally.half_written.setdefault(f"{where} {answer.status_code}", f"{changed}: {what}")


# Sent as text; as markup it must never come back.
_MARKUP = re.compile(r"<script>alert\(1\)|<img src=x onerror|<svg[^>]* onload", re.I)


def _unsafe(answer: Any) -> Iterator[str]:
    """What no answer may be, whatever it was asked."""
    to = answer.headers.get("Location", "").replace("\\", "/")
    if to and (not to.startswith("/") or to.startswith("//")):
        yield f"leads away to {to[:80]}"
    html = "html" in answer.headers.get("Content-Type", "")
    if html and not answer.streaming and _MARKUP.search(answer.content.decode("utf-8", "replace")):
        yield "sends markup back as it came"
    if "default-src" not in answer.headers.get("Content-Security-Policy", ""):
        yield "carries no content policy"


def view_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except (Resolver404, ValueError):
        return "?"


@dataclass
class Found:
    """What a walk saw: addresses by view, parameters by view, forms by what they are."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    parameters: dict[str, set[str]] = field(default_factory=dict)
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = field(default_factory=dict)

    def add_address(self, address: str) -> bool:
        """Whether it is worth opening."""
        view = view_of(address)
        query = urlsplit(address).query
        self.parameters.setdefault(view, set()).update(name for name, _v in parse_qsl(query, True))
        known = self.addresses.setdefault(view, [])
        if address in known or len(known) >= LINKS_PER_ADDRESS:
            return False
        known.append(address)
        return True

    def add_form(self, form: Form) -> bool:
        key = (form.method, view_of(form.action), tuple(sorted(form.names())))
        if key in self.forms:
            return False
        self.forms[key] = form
        return True


def walk(visitor: Visitor, start: Iterable[str], found: Found) -> Iterator[Form]:
    """Open every kind of page this visitor can reach; the forms nobody has seen yet."""
    waiting = list(start)
    while waiting:
        address = waiting.pop(0)
        view = view_of(address)
        if (
            view == "?"
            or view.startswith("api")
            or view in NOT_FOLLOWED
            or not found.add_address(address)
        ):
            continue
        for part in (False, True):
            answer = visitor.send("GET", address, part=part)
            if answer.status_code in {301, 302}:
                waiting.append(answer.headers["Location"])
            if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
                continue
            page = Page(answer.content.decode(), address)
            waiting += page.own_links()
            for form in page.forms:
                if found.add_form(form):
                    yield form


def urlencoded(pairs: Pairs) -> bytes:
    return b"&".join(f"{quote_plus(n)}={quote_plus(v)}".encode() for n, v in pairs)


BOUNDARY = "zhikefuzz"


def multipart(pairs: Pairs, files: Iterable[tuple[str, str, bytes]] = ()) -> bytes:
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (n.encode(), v) for n, v in pairs
    ]
    parts += [
        b'Content-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: image/png\r\n\r\n%s'
        % (n.encode(), name.encode(), data)
        for n, name, data in files
    ]
    line = f"--{BOUNDARY}".encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def spoiled(
    form: Form, random: Random, count: int
) -> Iterator[tuple[Pairs, list[tuple[str, str, bytes]]]]:
    """The form as it stands, then with one field wrong at a time, then with everything wrong."""
    good: Pairs = [(name, value.encode()) for name, value in form.sends()]
    files = [one.name for one in form.inputs if one.kind == "file"]
    yield good, []
    yield [], []
    for name in form.names():
        rest = [pair for pair in good if pair[0] != name]
        yield rest, []
        if name in files:
            for file_name, data in random.sample(hostile.FILES, min(count, len(hostile.FILES))):
                yield rest, [(name, file_name, data)]
            continue
        for value in hostile.some(random, count):
            yield [*rest, (name, value)], []
        yield [*rest, (name, b"1"), (name, b"2"), (name, random.choice(hostile.ALL))], []
    for _n in range(count):
        yield [(name, random.choice(hostile.ALL)) for name in form.names()], []


def send_spoiled(visitor: Visitor, form: Form, random: Random, count: int) -> None:
    for number, (pairs, files) in enumerate(spoiled(form, random, count)):
        part = number % 3 == 2
        if form.method == "GET":
            join = "&" if "?" in form.action else "?"
            visitor.send("GET", f"{form.action}{join}{urlencoded(pairs).decode()}", part=part)
        elif form.multipart or files:
            body = multipart(pairs, files)
            visitor.send(
                form.method,
                form.action,
                body,
                f"multipart/form-data; boundary={BOUNDARY}",
                part=part,
            )
        else:
            visitor.send(form.method, form.action, urlencoded(pairs), part=part)


def broken_bodies() -> Iterator[tuple[bytes, str]]:
    """Bodies that are no form at all."""
    yield b"\xff" * 50, "application/x-www-form-urlencoded"
    yield b"a=1", "application/x-www-form-urlencoded; charset=nonsense"
    yield b"a=%", "application/x-www-form-urlencoded; charset=utf-16"
    yield b"x", "multipart/form-data"
    yield (
        b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
        "multipart/form-data; boundary=b",
    )
    yield b'{"a": [', "application/json"
    yield b"&".join(b"f%d=1" % n for n in range(6000)), "application/x-www-form-urlencoded"
    yield b"a=" + b"x" * 5_000_000, "application/x-www-form-urlencoded"


def templates(patterns: list[Any], space: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, address with <kind:part> in it) of everything outside the API."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if pattern.namespace != "api":
                yield from templates(pattern.url_patterns, inner, f"{prefix}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", f"/{prefix}{pattern.pattern}"


def all_templates() -> list[tuple[str, str]]:
    return list(templates(get_resolver().url_patterns))


_PARTS = re.compile(r"(<[^>]+>)")


# What most forms and buttons of the program send.
USUAL_FIELDS = (
    "text",
    "reason",
    "value",
    "name",
    "user",
    "to",
    "version",
    "ids",
    "kind",
    "code",
    "once",
)


def likely_address(template: str) -> str:
    """An address of this kind that may lead to something: the first row, the last case."""
    case = Case.objects.order_by("-pk").values_list("number", flat=True).first() or ""
    made = {"int": "1", "uuid": str(UUID(int=1)), "str": case, "slug": case, "path": case}

    def part(piece: str) -> str:
        kind = piece.strip("<>").partition(":")[0]
        return made.get(kind, case) if piece.startswith("<") else piece

    return "".join(part(piece) for piece in _PARTS.split(template))


def hostile_addresses(template: str, random: Random, count: int) -> Iterator[str]:
    """The address with nonsense for each of its parts; those that no pattern takes answer 404."""
    if "<" not in template:
        return
    others = [value for value in hostile.IN_PATHS if value != hostile.NUL]
    for value in [hostile.NUL, *random.sample(others, min(count, len(others)))]:
        yield "".join(value if part.startswith("<") else part for part in _PARTS.split(template))


def listen(visitors: Iterable[Visitor]) -> None:
    for visitor in visitors:
        got_request_exception.connect(visitor.note_exception)
