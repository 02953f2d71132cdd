from io import BytesIO

import pytest
from django.core.files.base import File

from zhike.core.errors import RuleError, TooLarge
from zhike.core.files import file_path, sniff_type, store_file
from zhike.core.models import StoredFile


def upload(data: bytes) -> File:
    return File(BytesIO(data), name="x")


@pytest.mark.django_db
def test_equal_bytes_are_stored_once(given) -> None:
    with given():
        first, second = store_file(upload(b"hello")), store_file(upload(b"hello"))
    assert first.pk == second.pk
    assert file_path(first.digest).read_bytes() == b"hello"


@pytest.mark.django_db
def test_an_empty_file_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(RuleError) as refused:
        store_file(upload(b""))
    assert refused.value.code == "file_empty"
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_a_file_over_the_limit_is_refused_and_leaves_nothing(settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10
    before = set(file_path("00").parent.parent.iterdir())
    with pytest.raises(TooLarge):
        store_file(upload(b"x" * 11))
    assert {p for p in file_path("00").parent.parent.iterdir() if p.is_file()} <= before


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<script>alert(1)</script>", "text/plain"),
        ("三轮车".encode(), "text/plain"),
        ("三轮车".encode()[:-1], "text/plain"),
        (b"MZ\x90\x00\x03", "application/octet-stream"),
        (b"\x00\x01", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_bytes_show(head: bytes, kind: str) -> None:
    assert sniff_type(head) == kind
