"""Scenes of the public pages: a company, its kinds of case, a visitor, a matter that was sent in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.desk.conftest import _planted  # noqa: F401 — the kinds of case and the calendar
from zhike.desk.models import Case


@dataclass(frozen=True)
class Sent:
    """What the visitor got on the last page, and the visitor's own browser."""

    case: Case
    code: str
    link: str
    client: Client


Send = Callable[..., Sent]


@pytest.fixture(autouse=True)
def _within_the_hour(frozen_clock: Callable[[datetime], None]) -> None:
    """Visitors are counted by the hour and the quarter of one; none of them ends during a test."""
    frozen_clock(datetime(2026, 11, 24, 6, 26, tzinfo=UTC))


def form_data(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "once": "0123456789abcdef0123456789abcdef",
        "kind": "complaint",
        "text": "车到了三天，电机有异响。希望来看看。",
        "name": "周女士",
        "phone": "139 1234 5678",
        "homepage": "",
    }
    return data | changes


def upload(name: str = "照片.png", content: bytes = b"\x89PNG\r\n\x1a\n0000") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.fixture
def send(cast: Any) -> Send:
    """Fills in the form as a visitor does and reads the receipt."""

    def fill(**changes: Any) -> Sent:
        client = Client()
        answer = client.post("/s/", form_data(**changes))
        assert answer.status_code == 302, answer.content.decode()[:2000]
        receipt = client.get(answer.headers["Location"]).context["receipt"]
        case = Case.objects.get(number=receipt["number"])
        return Sent(case, receipt["code"], receipt["link"].replace("http://testserver", ""), client)

    return fill
