"""How often strangers may try: exact across processes, told in plain words, noted once."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.cast import PASSWORD, Cast, make_cast
from tests.guards import given
from tests.transactions import real_transactions  # noqa: F401 — a fixture
from zhike.channels.webform.services.throttle import note_try
from zhike.config.limits import USUAL, public_limits
from zhike.core.models import AuditRow
from zhike.desk.selectors.tracking import MOST_PER_NUMBER

# Tries are counted by the hour or the quarter of one, and none ends while a test counts.
AT = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
FORM = {"kind": "complaint", "text": "电池不耐用", "name": "许红梅", "phone": "13900001111"}


@pytest.fixture(autouse=True)
def _within_the_hour(frozen_clock: Any) -> None:
    frozen_clock(AT)


@pytest.fixture
def narrow(settings: Any) -> None:
    settings.PUBLIC_LIMITS = {"form": 2, "words": 2, "links": 2, "files": 2}


def refused(answer: Any) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    html = answer.content.decode()
    assert "请在" in html
    assert "以后再" in html


@pytest.mark.django_db
def test_links_that_lead_nowhere_are_tried_in_vain_only_so_often(cast: Cast, narrow: None) -> None:
    client = Client()
    answers = [client.get(f"/t/nothing-{n}/") for n in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 429, 429]
    refused(answers[-1])
    # A real link opens all the same: it cannot be guessed, and many share an address.
    sent = Client()
    sent.post("/s/", FORM)
    link = sent.get("/s/done/").context["receipt"]["token"]
    assert client.get(f"/t/{link}/").status_code == 200


@pytest.mark.django_db
def test_a_refused_address_is_noted_once_an_hour(cast: Cast, narrow: None) -> None:
    client = Client()
    answers = [client.post("/s/", FORM) for _n in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 429, 429, 429]
    refused(answers[-1])
    (row,) = AuditRow.objects.filter(action="webform.limit")
    assert "Refused" not in str(row)
    page = cast.admin.client().get("/audit/").content.decode()
    assert "公开页面" in page


@pytest.mark.django_db
def test_files_and_words_are_limited_each_on_its_own(cast: Cast, narrow: None) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    client.post("/s/", {**FORM, "files": SimpleUploadedFile("a.txt", b"abc")})
    link = client.get("/s/done/").context["receipt"]["token"]
    url = client.get(f"/t/{link}/").context["view"].messages[0].files[0].url
    files = [client.get(url) for _n in range(3)]
    assert [answer.status_code for answer in files] == [200, 200, 429]
    assert [answer.getvalue() for answer in files[:2]] == [b"abc", b"abc"]
    words = [client.post(f"/t/{link}/message/", {"text": f"第 {n} 次"}) for n in range(3)]
    assert [answer.status_code for answer in words] == [302, 302, 429]
    refused(words[-1])


@pytest.mark.django_db
def test_whoever_is_locked_out_is_told_until_when(cast: Cast) -> None:
    client = Client()
    for _n in range(5):
        answer = client.post("/account/sign-in/", {"staff_number": "1001", "password": "x"})
    answer = client.post("/account/sign-in/", {"staff_number": "1001", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30 * 60
    for _n in range(MOST_PER_NUMBER):
        client.post("/t/", {"number": "TS202611230017", "code": "AAAAAA"})
    answer = client.post("/t/", {"number": "TS202611230017", "code": "AAAAAB"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60


@pytest.mark.django_db
def test_a_form_sent_before_anybody_works_here_is_told_so() -> None:
    answer = Client().post("/s/", FORM)
    assert answer.status_code == 409
    assert "请直接致电" in answer.content.decode()


def test_limits_come_from_the_environment_or_stop_the_start() -> None:
    assert public_limits("") == USUAL
    assert public_limits("form=5, files=9") == {**USUAL, "form": 5, "files": 9}
    for wrong in ("form", "form=", "form=0", "form=-1", "form=x", "pages=3", "form=２"):
        with pytest.raises(ValueError, match="ZHIKE_PUBLIC_LIMITS"):
            public_limits(wrong)


TRIES = """
import json, os, sys
from django.conf import settings
settings.DATABASES["default"].update(json.loads(sys.argv[1]))
import django
django.setup()
from datetime import datetime, timedelta
from zhike.channels.webform.services.throttle import note_try
from zhike.core import clock
from zhike.core.errors import NotFound, TooOften
from zhike.desk.selectors.tracking import find_by_number_and_code
print("ready", flush=True)
sys.stdin.readline()
looked_at = 0
with clock.override(datetime.fromisoformat(sys.argv[3])):
    counts = [note_try("form", "10.0.0.9", timedelta(hours=1)) for _n in range(40)]
    for n in range(10):
        try:
            find_by_number_and_code(sys.argv[2], f"WRONG{n}", address="10.0.0.9")
        except NotFound:
            looked_at += 1
        except TooOften:
            pass
print(json.dumps([counts, looked_at]))
"""


def test_two_processes_count_together(real_transactions: None) -> None:  # noqa: F811
    """The counts lie in the database: what one worker counted, the other knows."""
    with given():
        make_cast()
    own = connection.settings_dict
    where = {name: str(own[name]) for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": os.getcwd(),
    }
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TRIES, json.dumps(where), "TS202611230017", AT.isoformat()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for _process in range(2)
    ]  # fmt: skip
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    counts = sorted(count for tries, _looked_at in told for count in tries)
    assert counts == list(range(1, 81))
    assert note_try("form", "10.0.0.9", timedelta(hours=1)) == 81
    # And of twenty guesses at one number, no more are looked at than one process would have.
    assert sum(looked_at for _counts, looked_at in told) == MOST_PER_NUMBER
