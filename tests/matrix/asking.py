"""Calling an address as somebody, and looking at what came of it: the answer, the rows, the words in it."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.matrix.declared import Line
from tests.matrix.half import Half
from tests.matrix.scene import Scene, undone

# Sessions are noted as used, refused tokens and sign-ins are counted: that is no business.
_TAG = re.compile(r"<[^>]*>")
_WRITE = re.compile(r'^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.I)
SELF_KEPT = ("accounts_session", "accounts_attempt", "accounts_apitoken", "core_stamp")
REFUSED = frozenset({401, 403, 404})


@dataclass(frozen=True)
class Answer:
    status: int
    to: str
    text: str
    wrote: tuple[str, ...]

    @property
    def refused(self) -> bool:
        return self.status in REFUSED or self.to.startswith("/account/sign-in/?next=")


def address_of(line: Line, scene: Scene, half: Half, owner: str) -> str:
    """The path with its query; `owner` says whose, for things that belong to a person."""
    args = filled(line.args, half)
    if line.of in half.things:
        args |= half.things[line.of]
    elif line.of in scene.house:
        args |= scene.house[line.of]
    elif line.of:
        args |= scene.own[owner][line.of]
    query = filled(line.query, half)
    is_api = line.address.startswith("/")
    if line.of == "unit" or (line.of == "measure" and not is_api):
        query = {"unit_id" if is_api else "unit": half.unit.pk} | query
    if is_api:
        path = "/api/v1" + re.sub(r"\{(\w+)\}", lambda name: _part(name[1], args), line.address)
    else:
        path = reverse(line.address, kwargs=args)
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{path}?{asked}" if asked else path


def filled(given: dict[str, Any], half: Half) -> dict[str, Any]:
    return {
        name: half.words.get(value, value) if isinstance(value, str) else value
        for name, value in given.items()
    }


def _part(name: str, args: dict[str, Any]) -> str:
    """The API says `customer_id` and `identity_id` where pages say `pk` and `row`."""
    if name in args:
        return str(args[name])
    return str(args["row"] if name == "identity_id" else args["pk"])


@contextmanager
def writes_noted() -> Iterator[list[str]]:
    """The tables written while inside, what is no business left out."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        match = _WRITE.match(sql)
        if match and not match[1].startswith(SELF_KEPT):
            seen.append(match[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def ask(line: Line, scene: Scene, half: Half, role: str, owner: str) -> Answer:
    """One call, taken back afterwards."""
    path, send = address_of(line, scene, half, owner), filled(line.send, half)
    with undone(), writes_noted() as wrote:
        if line.address.startswith("/"):
            response = _call_api(line, path, send, scene.tokens.get(role, ""))
        else:
            client = scene.clients[role]
            client.cookies = scene.cookies[role].copy()
            response = client.get(path) if line.method == "GET" else client.post(path, send)
        text = read(response)
    return Answer(response.status_code, response.headers.get("Location", ""), text, tuple(wrote))


def _call_api(line: Line, path: str, send: dict[str, Any], token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = Client(raise_request_exception=False)
    if line.method == "GET":
        return client.get(path, headers=headers)
    if line.files:
        file = SimpleUploadedFile("附件.csv", "姓名,手机\n某,13611110000".encode())
        return client.post(path, {**send, line.files: file}, headers=headers)
    return client.generic(
        line.method, path, json.dumps(send), content_type="application/json", headers=headers
    )


def read(response: Any) -> str:
    """All an answer says, a workbook unpacked and JSON with its characters as they are."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    text = body.decode(errors="replace")
    if "json" in response.headers.get("Content-Type", "") and text:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return text


def without_tags(text: str) -> str:
    """Search puts tags around what was asked for, in the midst of a text."""
    return _TAG.sub("", text)


def leaked(text: str, half: Half, asked: dict[str, Any] | None = None) -> list[str]:
    """The marks in an answer; those the asker sent themselves come back in addresses and forms."""
    plain = without_tags(text)
    sent = " ".join(map(str, (asked or {}).values()))
    return [
        name
        for name, mark in half.marks.items()
        if (mark in text or mark in plain) and mark not in sent
    ]


def digest() -> str:
    """Of every row of every table of ours."""
    summed = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.db_table):
        table = model._meta.db_table
        if table.startswith((*SELF_KEPT, "django_session")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            summed.update(table.encode())
            for row in cursor:
                summed.update(repr(row).encode())
    return summed.hexdigest()
