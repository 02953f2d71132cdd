"""Secrets never reach a log: planted in requests, in failures and in jobs, and looked for in what was written."""

import io
import logging
import logging.config
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.test import Client, override_settings
from django.urls import path
from django.utils.module_loading import import_string

from tests.cast import CHEN_PHONE, PASSWORD, Cast
from tests.jobs.sample import fail_with
from zhike.config.settings import LOGGING as CONFIGURED
from zhike.config.urls import handler400, handler403, handler404, handler500, urlpatterns
from zhike.core.jobs import rows, runner
from zhike.core.redaction import (
    RedactedHandler,
    redacted,
    redacted_record,
    redacted_value,
)

LOGGING: dict[str, Any] = dict(CONFIGURED)
__all__ = ["handler400", "handler403", "handler404", "handler500"]

TOKEN = "zk_" + "Ab3_-" * 8
LINK = "q1W2e3R4t5Y6u7I8o9P0aQ"
SESSION = "n3v3rshownsessionkey0123456789ab"
CODE = "7KMQ2X"
CARD = "41272419850617803X"
MAIL = "chen.zhiqiang@example.com"
SECRETS = (TOKEN, LINK, SESSION, CODE, CARD, CHEN_PHONE, MAIL, "s3cr3t-horse", PASSWORD)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Authorization: Bearer {TOKEN}", "Authorization: ***"),
        (f"wrong token {TOKEN} from 10.0.0.8", "wrong token *** from 10.0.0.8"),
        (f"bearer abc.{SESSION}", "bearer ***"),
        ("password=s3cr3t-horse&next=/cases/", "password=***&next=/cases/"),
        ("{'new_password': 's3cr3t-horse', 'age': 3}", "{'new_password': '***', 'age': 3}"),
        ('{"password": "s3cr3t-\\"horse", "a": 1}', '{"password": "***", "a": 1}'),
        ("secret='s3cr3t-horse", "secret='***'"),
        (f"Codes(token='{LINK}', query_code='{CODE}')", "Codes(token='***', query_code='***')"),
        (f"code: {CODE}", "code: ***"),
        ("{'code': '482913'}", "{'code': '***'}"),
        ("code=not_found status 404", "code=not_found status 404"),
        (f"Not Found: /t/{LINK}/message/", "Not Found: /t/***/message/"),
        ("Not Found: /t/mine/files/3/", "Not Found: /t/mine/files/3/"),
        ("postgresql://desk:s3cr3t-horse@db:5432/z", "postgresql://desk:***@db:5432/z"),
        (f"Cookie: zhike_session={SESSION}; django_language=en", "Cookie: ***"),
        (f"'zhike_session': '{SESSION}'", "'zhike_session': '***'"),
        (f"Key (phone)=(+86{CHEN_PHONE}) already exists.", "Key (phone)=(+861******6027) already exists."),
        (f"/customers/?q={CHEN_PHONE}", "/customers/?q=138****6027"),
        ("q=１３８-1234-6027", "q=１３８-****-6027"),
        (f"card {CARD}", "card 412***********803X"),
        (f"mail to {MAIL} failed", "mail to c***@example.com failed"),
        ("job 7 (zhike.care.tasks.remind) failed, attempt 2", None),
        ("TS202611230017 took 1732877312345 ms at 2026-11-29T10:50:23", None),
        ("E-3FA9C2 GET /cases/TS202611230017/ (part)", None),
    ],
)  # fmt: skip
def test_what_is_secret_is_masked_and_nothing_else(text: str, kept: str | None) -> None:
    assert redacted(text) == (text if kept is None else kept)
    assert redacted(redacted(text)) == redacted(text)


def test_values_beside_the_message_are_cleaned_by_name_and_by_content() -> None:
    given = {
        "password": "x", "count": 3, "ratio": 0.5, "is_ok": True, "none": None, "seen": [CHEN_PHONE],
        "phone": int(CHEN_PHONE), "nested": {"query_code": CODE, "path": f"/t/{LINK}/"}, "token": "",
        "page": f"/q/i/{LINK}/2/", "open": "/q/abcdefghjkmn/",
    }  # fmt: skip
    assert redacted_value(given) == {
        "password": "***", "count": 3, "ratio": 0.5, "is_ok": True, "none": None, "seen": ["138****6027"],
        "phone": "138****6027", "nested": {"query_code": "***", "path": "/t/***/"}, "token": "",
        "page": "/q/i/***/2/", "open": "/q/abcdefghjkmn/",
    }  # fmt: skip


def test_the_record_itself_stays_whole_for_others() -> None:
    record = logging.makeLogRecord({"msg": "to %s", "args": (CHEN_PHONE,), "who": MAIL})
    clean: Any = redacted_record(record)
    assert (clean.getMessage(), clean.who) == ("to 138****6027", "c***@example.com")
    assert record.getMessage() == f"to {CHEN_PHONE}"
    broken = logging.makeLogRecord({"msg": "%s and %s", "args": (f"password={PASSWORD}",)})
    assert PASSWORD not in redacted_record(broken).getMessage()


@pytest.mark.parametrize("part", ["a-", "a.", "token", "/t/x", "1 3 8 ", "aa:", "http://", "\"'"])
def test_a_long_line_does_not_hang_the_log(part: str) -> None:
    started = time.perf_counter()
    redacted(part * (200_000 // len(part)))
    assert time.perf_counter() - started < 5


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as an installation writes it: the handler and format of the settings, into memory."""
    written = io.StringIO()
    own = LOGGING["handlers"]["log"]
    config = {
        **LOGGING,
        "handlers": {"stderr": {**own, "stream": written}},
        "root": {"handlers": [], "level": "WARNING"},
    }
    config["loggers"] = {
        name: {"handlers": ["stderr"], "level": "DEBUG", "propagate": False}
        for name in ("django", "zhike")
    }
    before = {name: logging.getLogger(name) for name in ("django", "zhike")}
    kept = {name: (one.handlers[:], one.level, one.propagate) for name, one in before.items()}
    root = logging.getLogger()
    root_kept = (root.handlers[:], root.level)
    logging.config.dictConfig(config)
    root.handlers[:], root.level = root_kept
    try:
        yield written
    finally:
        for name, (handlers, level, propagate) in kept.items():
            one = before[name]
            one.handlers[:], one.propagate = handlers, propagate
            one.setLevel(level)


def _fails(request: Any) -> None:
    password, phone = "s3cr3t-horse", CHEN_PHONE
    raise ValueError(
        f"password={password} phone {phone} card {CARD} link /t/{LINK}/ {TOKEN} query_code={CODE} {MAIL}"
    )


class _Address:
    urlpatterns = [path("api/fails/", _fails), path("t/<str:key>/fails/", _fails), *urlpatterns]


def test_requests_that_fail_leave_no_secret(cast: Cast, log: io.StringIO) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["zhike_session"] = SESSION
    with override_settings(ROOT_URLCONF=_Address):
        hidden: Any = {
            "headers": {"Authorization": f"Bearer {TOKEN}"},
            "query_params": {"q": CHEN_PHONE},
        }
        assert client.get("/api/fails/", **hidden).status_code == 500
        assert client.post(f"/t/{LINK}/fails/", {"password": PASSWORD}).status_code == 500
    assert client.get(f"/t/{LINK}/").status_code == 404
    assert client.get(f"/t/{LINK}/nothing/?phone={CHEN_PHONE}").status_code == 404
    assert (
        client.get("/api/v1/cases", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401
    )
    client.post("/account/sign-in/", {"staff_number": "1001", "password": "s3cr3t-horse"})
    client.post("/t/", {"number": "TS202611230017", "code": CODE})
    Client(enforce_csrf_checks=True).post(f"/t/{LINK}/message/", {"text": CHEN_PHONE})
    written = log.getvalue()
    # It was heard at all, and says what one needs to find the fault.
    assert "Traceback" in written
    assert "ValueError" in written
    assert "/t/***/" in written
    assert [secret for secret in SECRETS if secret in written] == []


def test_a_job_that_fails_leaves_no_secret(cast: Cast, log: io.StringIO, given: Any) -> None:
    with given():
        fail_with.enqueue(f"password={PASSWORD} {TOKEN} {CHEN_PHONE}")
    row = rows.claim("secret-test", ["default"])
    assert row is not None
    with given():
        runner.run_row(row, lambda: False)
    written = log.getvalue()
    assert "failed, attempt 1" in written
    row.refresh_from_db()
    assert "Traceback" in row.traceback
    for place in (written, row.traceback):
        assert [secret for secret in SECRETS if secret in place] == []


def test_every_handler_of_the_settings_is_redacted() -> None:
    for handler in LOGGING["handlers"].values():
        assert issubclass(import_string(handler["class"]), RedactedHandler)


def test_no_listener_of_failures_writes_on_its_own() -> None:
    # Whoever adds one (a mailer of errors, say) must clean what it tells.
    assert [str(receiver[1]) for receiver in got_request_exception.receivers] == []
