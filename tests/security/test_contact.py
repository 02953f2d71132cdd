"""Whom finders of a fault may tell."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from zhike.config.contact import Contact, security_contact
from zhike.core import checkup
from zhike.core.checkup import Said

PATH = "/.well-known/security.txt"


def test_contact_and_day_come_from_the_environment_or_stop_the_start() -> None:
    assert security_contact("", "") is None
    told = security_contact("mailto:security@example.com", "2027-11-30")
    assert told == Contact("mailto:security@example.com", date(2027, 11, 30))
    for address, day in (
        ("security@example.com", "2027-11-30"),
        ("mailto:a@example.com\nX: y", "2027-11-30"),
        ("mailto:security@example.com", ""),
        ("", "2027-11-30"),
        ("https://example.com/", "30.11.2027"),
    ):
        with pytest.raises(ValueError, match="ZHIKE_SECURITY_CONTACT"):
            security_contact(address, day)


@pytest.mark.django_db
def test_the_file_tells_it_until_it_runs_out(settings: Any, frozen_clock: Any) -> None:
    settings.SECURITY_CONTACT = None
    assert Client().get(PATH).status_code == 404
    assert checkup.contact().said == Said.CONTACT_NONE

    settings.SECURITY_CONTACT = Contact("mailto:security@example.com", date(2026, 12, 31))
    frozen_clock(datetime(2026, 12, 31, 3, tzinfo=UTC))
    answer = Client().get(PATH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:security@example.com",
        "Expires: 2026-12-31T23:59:59Z",
        "Preferred-Languages: zh, en",
        f"Canonical: http://testserver{PATH}",
    ]
    assert checkup.contact().is_good

    frozen_clock(datetime(2027, 1, 2, tzinfo=UTC))
    assert Client().get(PATH).status_code == 404
    assert (checkup.contact().said, checkup.contact().is_good) == (Said.CONTACT_OLD, False)
