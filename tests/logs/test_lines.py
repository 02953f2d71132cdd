"""The log: what a line holds, of a request and of a job, for people and for machines."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.jobs.sample import fail_with
from zhike.config.urls import urlpatterns
from zhike.core.jobs import rows, runner
from zhike.core.logs.bound import bound, code_of
from zhike.core.logs.configure import log_settings
from zhike.core.logs.lines import JsonLines, TextLines
from zhike.core.redaction import RedactedHandler
from zhike.core.tasks import fold_counters

pytestmark = pytest.mark.django_db
OWN_ID = "5f2c9a7e51d04c0bb1b26a3c77aa0001"


class Log:
    """What is written by the handler and the format of the settings."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        self.handler = RedactedHandler(self.stream)
        self.handler.setFormatter(formatter)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log(JsonLines())
    loggers = [logging.getLogger(name) for name in ("zhike", "django")]
    kept = [(one, one.level) for one in loggers]
    for one in loggers:
        one.addHandler(made.handler)
        one.setLevel(logging.INFO)
    yield made
    for one, level in kept:
        one.removeHandler(made.handler)
        one.setLevel(level)


def test_a_page_has_one_line_with_who_what_and_how_long(cast: Cast, log: Log):
    client = cast.lin.client()
    answer = client.get("/cases/", headers={"X-Request-ID": OWN_ID}, query_params={"q": "秘密"})
    assert answer.headers["X-Request-ID"] == OWN_ID
    (line,) = log.of("zhike.request")
    assert (line["request"], line["route"], line["method"], line["status"]) == (
        *(OWN_ID, "desk:queue", "GET"),
        200,
    )
    assert line["user"] == cast.lin.user.pk
    assert line["statements"] > 0
    assert line["ms"] > 0
    assert line["code"] == code_of(OWN_ID)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])
    # Neither the path nor what was searched for.
    assert "秘密" not in log.stream.getvalue()


def test_a_program_that_calls_is_known_too(cast: Cast, log: Log):
    lin = Caller(cast.lin)
    assert lin.get("/cases")[0] == 200
    line = log.of("zhike.request")[-1]
    assert (line["user"], line["status"]) == (cast.lin.user.pk, 200)
    assert line["route"].startswith("api:")


@pytest.mark.parametrize("given", ["", "short", "a b c d e f", "x" * 65, "13800138000", "é" * 9])
def test_an_id_that_could_hold_anything_is_replaced(given: str, log: Log):
    answer = Client().get("/account/sign-in/", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert log.of("zhike.request")[0]["request"] == answer.headers["X-Request-ID"]


def test_the_code_on_the_page_of_an_error_stands_in_the_log(log: Log):
    def fails(request: HttpRequest) -> HttpResponse:
        raise ValueError("it broke")

    class Address:
        urlpatterns = [path("account/sign-in/fails", fails, name="fails"), *urlpatterns]
        handler500 = "zhike.web.views.errors.server_error"

    client = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF=Address):
        page = client.get("/account/sign-in/fails", headers={"X-Request-ID": OWN_ID})
    assert page.status_code == 500
    assert code_of(OWN_ID) in page.content.decode()
    assert page.headers["X-Request-Code"] == code_of(OWN_ID)
    told = [line for line in log.lines if line.get("code") == code_of(OWN_ID)]
    (broken,) = [line for line in told if "error" in line]
    assert "ValueError: it broke" in broken["error"]
    (line,) = [line for line in told if line["logger"] == "zhike.request"]
    assert (line["level"], line["status"], line["route"]) == ("warning", 500, "fails")


def test_an_error_of_the_api_carries_the_id(cast: Cast):
    status, body = Caller(cast.lin).get("/cases/TS000")
    assert status == 404
    assert re.fullmatch("[0-9a-f]{32}", body["error"]["request_id"])


def test_machines_that_look_every_second_are_not_noted(log: Log):
    assert Client().get("/healthz").status_code == 200
    assert log.of("zhike.request") == []


def test_a_job_has_its_id_in_every_line(log: Log, given: Any):
    with given():
        fold_counters.enqueue()
        fail_with.enqueue("a reason")
        claimed = [rows.claim("w", ["default"]) for _ in range(2)]
        for row in claimed:
            runner.run_row(row, lambda: False)
    ids = [str(row.pk) for row in claimed]
    ends = {line["kind"]: line for line in log.of("zhike.jobs") if "outcome" in line}
    done, failed = ends[fold_counters.module_path], ends[fail_with.module_path]
    assert (done["outcome"], done["attempt"], done["job"] in ids) == ("done", 1, True)
    assert (failed["outcome"], failed["job"] in ids) == ("failed", True)
    (broken,) = [line for line in log.lines if "error" in line]
    assert broken["job"] == failed["job"]


def test_text_is_for_people():
    log = Log(TextLines())
    record = logging.makeLogRecord(
        {"name": "zhike.jobs", "levelname": "INFO", "msg": "job %s", "args": ("fold",), "ms": 3.5}
    )
    with bound(job="j1"):
        log.handler.handle(record)
    written = log.stream.getvalue()
    assert written.endswith("INFO zhike.jobs job fold ms=3.5 job=j1\n")


def test_settings_choose_format_level_and_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def chosen() -> tuple[str, str]:
        made = log_settings()
        return made["formatters"]["line"]["()"].rsplit(".")[-1], made["root"]["level"]

    assert chosen() == ("TextLines", "WARNING")
    monkeypatch.setenv("ZHIKE_LOG_FORMAT", "JSON")
    assert chosen() == ("JsonLines", "INFO")
    monkeypatch.setenv("ZHIKE_LOG_LEVEL", "error")
    assert chosen() == ("JsonLines", "ERROR")
    monkeypatch.setenv("ZHIKE_LOG_LEVEL", "loud")
    with pytest.raises(ValueError, match=r"ZHIKE_LOG_LEVEL must be one of: DEBUG"):
        log_settings()


def test_a_log_file_that_was_moved_away_is_begun_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    file = tmp_path / "zhike.log"
    monkeypatch.setenv("ZHIKE_LOG_FILE", str(file))
    settings = log_settings()["handlers"]["log"]
    assert settings["class"] == "zhike.core.redaction.RedactedFile"
    from zhike.core.redaction import RedactedFile

    handler = RedactedFile(settings["filename"], encoding=settings["encoding"])
    handler.setFormatter(JsonLines())
    try:
        handler.handle(logging.makeLogRecord({"msg": "one, password=hunter22"}))
        file.rename(tmp_path / "zhike.log.1")
        handler.handle(logging.makeLogRecord({"msg": "two"}))
    finally:
        handler.close()
    assert json.loads((tmp_path / "zhike.log.1").read_text())["text"] == "one, password=***"
    assert json.loads(file.read_text())["text"] == "two"
