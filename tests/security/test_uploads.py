"""Files strangers send: their bytes say what they are, and none of them does anything in a browser of ours."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast
from zhike.core.errors import RuleError
from zhike.core.files import sniff_type
from zhike.core.importer.reading.workbook import read_workbook
from zhike.desk.models import Attachment

pytestmark = pytest.mark.django_db

SCRIPT = b"<html><script>alert(1)</script></html>"
PNG = b"\x89PNG\r\n\x1a\n"
GIF = b"GIF89a/*" + b"\x00" * 8 + b"*/=1;alert(1)//"
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def huge_png() -> bytes:
    """A few bytes that unfold into 60,000 × 60,000 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    return (
        PNG
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


# (name it says, bytes, whether a browser may show it)
SENT = (
    ("a.png", SCRIPT, False),
    ("a.jpg", SVG, False),
    ("a.svg", SVG, False),
    ("a.html", SCRIPT, False),
    ("a.pdf", b"%PDF-1.7\n" + SCRIPT, False),
    ("a.gif", GIF, True),  # shown as a picture, whatever else it could be
    ("a.html", PNG + SCRIPT, True),
    ("a.png", huge_png(), True),
    ("a.exe", b"MZ\x90\x00" + b"\x00" * 60, False),
    ("a.xhtml", b"\xef\xbb\xbf" + SCRIPT, False),
    ("a.zip", b"PK\x03\x04" + SCRIPT, False),
    ("a.webp", b"RIFF\x00\x00\x00\x00WAVE", False),
)


@pytest.fixture
def customer(cast: Cast) -> Client:
    return Client()


def send_and_fetch(client: Client, name: str, data: bytes) -> tuple[Any, Any]:
    file = SimpleUploadedFile(name, data, content_type="text/html")
    words = {
        "kind": "complaint",
        "text": "见附件",
        "name": "陈",
        "phone": "13812346027",
        "files": file,
    }
    assert client.post("/s/", words).status_code == 302
    link = client.get("/s/done/").context["receipt"]["token"]
    shown = client.get(f"/t/{link}/").context["view"].messages[0].files[0]
    answer = client.get(shown.url)
    assert answer.getvalue() == data
    return shown, answer


@pytest.mark.parametrize(("name", "data", "is_shown"), SENT)
def test_a_file_is_sent_as_what_it_is(
    customer: Client, cast: Cast, name: str, data: bytes, is_shown: bool
) -> None:
    _shown, answer = send_and_fetch(customer, name, data)
    row = Attachment.objects.get()
    for one in (answer, cast.wang.client().get(f"/cases/files/{row.pk}/")):
        kind, how = one.headers["Content-Type"], one.headers["Content-Disposition"]
        assert one.status_code == 200
        if is_shown:
            assert kind.startswith("image/")
        else:
            assert kind == "application/octet-stream"
            assert how.startswith("attachment")
        assert "html" not in kind
        assert "svg" not in kind
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        if one is not answer:
            one.getvalue()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "a\r\nSet-Cookie: x=y.png", 'a".html;.png',
     "名" * 300 + ".png", "\u202egnp.exe", "CON"],
)  # fmt: skip
def test_a_name_leads_nowhere(customer: Client, name: str) -> None:
    _shown, answer = send_and_fetch(customer, name, PNG + b"x")
    row = Attachment.objects.get()
    assert "/" not in row.name
    assert "\\" not in row.name
    assert "\n" not in row.name
    assert len(row.name) <= 255
    header = answer.headers["Content-Disposition"]
    assert "\r" not in header
    assert "\n" not in header
    # The bytes lie under their digest, whatever the name.
    assert row.file.digest.isalnum()


def test_a_document_type_is_never_shown() -> None:
    for head in (SCRIPT, SVG, b"%PDF-1.7", b"<?php", b"\xfe\xff\x00<", b"MThd", b"#!/bin/sh"):
        assert not sniff_type(head).startswith(("image/", "text/html"))


def test_a_workbook_that_unfolds_without_end_is_refused_unread(tmp_path: Any) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", '<workbook><sheets><sheet r:id="r1"/></sheets></workbook>')
        book.writestr(
            "xl/_rels/workbook.xml.rels", '<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
        )
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            for _n in range(420):
                part.write(b" " * 1024 * 1024)
    assert file.stat().st_size < 1_000_000
    with pytest.raises(RuleError) as refused:
        read_workbook(file, "")
    assert refused.value.code == "file_unpacks_too_large"


def test_entities_of_a_workbook_are_not_unfolded(tmp_path: Any) -> None:
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(12)
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr(
            "xl/workbook.xml",
            '<workbook><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", '<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f"<!DOCTYPE x [{entities}]><worksheet><sheetData>"
            '<row r="1"><c r="A1" t="inlineStr"><is><t>&e11;</t></is></c>'
            "</row></sheetData></worksheet>",
        )
    file = tmp_path / "entities.xlsx"
    file.write_bytes(stream.getvalue())
    try:
        _names, sheet = read_workbook(file, "")
    except RuleError:
        return
    assert all(len(cell) < 100 for line in sheet.lines for cell in line)
