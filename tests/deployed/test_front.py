"""What the shipped site of nginx does before the program: HTTPS, files, what is closed, who calls, the pause."""

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import time

import psycopg
import pytest

from tests.deployed.conftest import Stage
from tests.deployed.journey import signed_in_page, until
from tests.deployed.services import DEPLOY, NAME
from tests.server import free_port, zhike_command
from tests.serving.listening import EventSource
from zhike.core.models import AuditRow

pytestmark = [pytest.mark.proof, pytest.mark.once]
MEGABYTE = 1024 * 1024


def test_plain_http_leads_to_https(stage: Stage):
    connection = http.client.HTTPConnection("127.0.0.1", stage.site.nginx.plain_port, timeout=20)
    connection.request("GET", "/cases/?q=1", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/cases/?q=1")
    connection.close()


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_what_is_for_those_who_look_after_it_is_closed_outside(stage: Stage, path: str):
    assert signed_in_page(stage.site, stage.scene["cookie"], path)[0] == 404
    text = inside(stage.site.nginx.ports[0], path)
    if path == "/metrics":
        # What the process counted, and what stands in the database.
        assert 'zhike_http_requests_total{method="GET"' in text
        assert "zhike_database_connections_limit" in text
        # A worker that is busy beats late, and one a test before has killed comes back.
        workers = "zhike_workers 2.0"
        until(lambda: workers in inside(stage.site.nginx.ports[0], path), "both workers to beat")


def test_page_assets_come_from_nginx_compressed_and_for_good(stage: Stage):
    began = len(stage.site.nginx.answered)
    page = signed_in_page(stage.site, stage.scene["cookie"], "/cases/")[2].decode()
    path = re.findall(r'href="(/static/[^"]+\.css)"', page)[0]
    # nginx writes its line after the last byte has left: the client may be here first.
    until(lambda: len(stage.site.nginx.answered) > began, "nginx's line of the page")
    before = len(stage.site.nginx.answered)
    connection = stage.site.connect()
    headers = {"Host": NAME, "Accept-Encoding": "gzip"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"{" in gzip.decompress(body)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # The program was not asked: it logs no asset, and nginx's own log leaves them out.
    assert len(stage.site.nginx.answered) == before
    # One that nginx has not is asked of the program.
    assert signed_in_page(stage.site, "", "/static/none.css")[0] == 404


def test_a_page_is_compressed_and_its_cookies_travel_sealed(stage: Stage):
    connection = stage.site.connect()
    connection.request(
        "GET", "/account/sign-in/", headers={"Host": NAME, "Accept-Encoding": "gzip"}
    )
    answer = connection.getresponse()
    page = gzip.decompress(answer.read()).decode()
    connection.close()
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
    form = f"csrfmiddlewaretoken={token}&staff_number={stage.scene['staff_number']}"
    sent = f"{form}&password={stage.scene['password']}".encode()
    headers = {
        "Host": f"{NAME}:{stage.site.nginx.port}",
        "Origin": f"https://{NAME}:{stage.site.nginx.port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie.split(";")[0],
    }
    connection = stage.site.connect()
    connection.request("POST", "/account/sign-in/", sent, headers)
    signed = connection.getresponse()
    signed.read()
    connection.close()
    assert signed.status == 302
    assert "zhike_session" in str(signed.headers)


def test_the_caller_is_who_nginx_saw_whatever_they_claim(stage: Stage):
    lin = stage.program("lin")
    new = {"type": "repair", "text": "报错", "channel": "phone"}
    status, case = lin.post("/cases", new)
    assert status == 201
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        statement = f"SELECT DISTINCT ip FROM {AuditRow._meta.db_table} WHERE via = 'api'"
        assert connection.execute(statement.encode()).fetchall() == [("127.0.0.1",)]
    assert case["number"].startswith("BX")


def test_one_id_stands_in_the_answer_in_nginx_and_in_the_program(stage: Stage):
    _, _, headers = stage.program("lin").send("GET", "/cases?limit=1")
    wanted = headers["x-request-id"]
    # Both write their line after the answer has left: the client may be here first.
    until(lambda: wanted in stage.site.nginx.log, "the line of nginx")
    assert stage.site.nginx.log.count(wanted) == 1

    def told() -> list[dict[str, object]]:
        lines = [line for web in stage.site.web for line in web.log.splitlines() if wanted in line]
        return [json.loads(line) for line in lines]

    (line,) = until(told, "the line of the program")
    assert (line["route"], line["status"]) == ("api:list_cases", 200)
    assert line["user"] == stage.scene["ids"]["lin"]


def test_neither_log_holds_a_query_or_a_customers_link(stage: Stage):
    secret = "geheim-0123456789abcdef"
    signed_in_page(stage.site, "", f"/t/{secret}/?phone=13812346027")
    signed_in_page(stage.site, "", f"/q/i/{secret}/")
    signed_in_page(stage.site, "", f"/static/x.css?t={secret}")
    until(lambda: '"GET /q/i/***"' in stage.site.nginx.log, "the line of the personal link")
    assert '"GET /t/***"' in stage.site.nginx.log
    assert secret not in stage.site.nginx.log
    for log in stage.site.folder.glob("logs/*.log"):
        assert secret not in log.read_text("utf-8")


def inside(port: int, path: str) -> str:
    """Asked of a process itself, as from this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()
    finally:
        connection.close()


def streams(port: int) -> int:
    found = re.search(r"^zhike_live_streams (\d+)", inside(port, "/metrics"), re.M)
    return int(found[1]) if found else 0


def test_an_event_does_not_wait_for_a_buffer(stage: Stage):
    queue = f"queue:{stage.scene['zhoukou']}"
    heard = EventSource(stage.site, f"{queue}:", stage.scene["cookie"])
    until(lambda: heard.last_id, "the stream to open")
    stage.program("lin").post("/cases", {"type": "repair", "text": "报错", "channel": "phone"})
    began = time.monotonic()
    until(lambda: heard.events, "the event")
    assert sum(map(streams, stage.site.nginx.ports)) == 1
    # The poll is 0.2 s; a buffer of nginx would hold it until the sign of life, at 15 s.
    assert time.monotonic() - began < 10
    heard.close()


def test_too_large_is_said_by_the_program_in_the_readers_language(stage: Stage):
    status, body, _ = stage.program("lin").send("POST", "/cases", b"x" * (21 * MEGABYTE + 500_000))
    assert status == 413
    assert "20 MB" in json.loads(body)["error"]["message"]
    assert stage.program("lin").send("POST", "/cases", b"x" * (23 * MEGABYTE))[0] == 413


def test_the_health_check_of_the_container_finds_a_process_well(stage: Stage):
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    found = re.search(r"^ +CMD (\[.+\])$", text, re.M)
    assert found is not None

    def check(port: int) -> int:
        program, *rest = json.loads(found[1].replace(":8000/", f":{port}/"))
        assert program == "python"
        return subprocess.run([sys.executable, *rest], capture_output=True).returncode

    assert check(stage.site.nginx.ports[0]) == 0
    assert check(free_port()) != 0


def test_while_the_program_is_stopped_visitors_read_that_it_will_be_back(stage: Stage):
    for service in stage.site.web:
        service.stop()
    status, headers, body = signed_in_page(stage.site, "", "/cases/")
    assert status == 502
    assert "系统正在维护" in body.decode()
    assert (headers["retry-after"], headers["cache-control"]) == ("30", "no-store")
    for service in stage.site.web:
        service.start()
    until(lambda: all(map(stage.site.answers, stage.site.web)), "both to be back")


def test_the_doctor_finds_this_deployment_well_and_says_what_is_not(stage: Stage):
    site = stage.site
    trusted = {"SSL_CERT_FILE": str(site.nginx.folder / "fullchain.pem")}
    address = f"https://127.0.0.1:{site.nginx.port}"

    def doctor(**changed: str) -> str:
        done = subprocess.run(
            [zhike_command(), "doctor", "--site", address],
            env={**site.environment, **trusted, **changed},
            capture_output=True,
            text=True,
        )
        return done.stdout

    well = doctor()
    for good in (
        f"ok\t{address} answers as browsers need it.",
        "ok\tVisitors are told apart by their own address (1 proxies).",
        "ok\tStyles and scripts of the pages arrive.",
        "ok\tAll processes run version",
        "ok\tFigures for monitoring can be read from this machine (2 addresses).",
    ):
        assert good in well
    # The tests' own server is set up for speed.
    assert "mend\tA power cut may lose or damage data" in well
    assert "X-Forwarded-For" not in well
    untrusting = doctor(SSL_CERT_FILE=os.devnull)
    assert f"mend\t{address} cannot be reached from here" in untrusting
