"""The complaint journey as another program walks it through nginx, looking again when an answer was cut off."""

import http.client
import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from tests.complaints.test_api_journey import ANSWER, CLOSING, ROUND
from tests.deployed.services import NAME, Deployment
from zhike.core import clock

# What nginx says when a process died with a request that may have had its effect.
CUT_OFF = 502
PATIENCE_SECONDS = 90.0


class Program:
    """Sends what is cut off again: the same Idempotency-Key, or a refusal, tells that it had its effect."""

    def __init__(self, site: Deployment, token: str) -> None:
        self.site = site
        self.token = token
        self.gets: list[int] = []
        self.cut_off = 0

    def get(self, path: str) -> Any:
        status, body, _ = self.send("GET", path)
        self.gets.append(status)
        assert status < 500, f"GET {path}: {status} {body!r}"
        return json.loads(body)

    def post(self, path: str, body: Any, *, key: str = "", form: bytes = b"") -> tuple[int, Any]:
        """The status and what was answered; 409 after a cut-off answer is a success, and has its words."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        sent = form or json.dumps(body).encode()
        if form:
            headers["Content-Type"] = "multipart/form-data; boundary=journey"
        for _ in range(8):
            status, answer, _ = self.send("POST", path, sent, headers)
            if status != CUT_OFF:
                assert status < 500, f"POST {path}: {status} {answer!r}"
                return status, json.loads(answer)
            self.cut_off += 1
        raise AssertionError(f"POST {path} was cut off eight times")

    def send(
        self, method: str, path: str, body: bytes = b"", more: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = self.site.connect()
        headers = {
            "Host": f"{NAME}:{self.site.nginx.port}",
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": "zh-hans",
            # Not to be believed: nginx says who calls.
            "X-Forwarded-For": "203.0.113.9",
            **({"Content-Type": "application/json"} if body else {}),
            **(more or {}),
        }
        try:
            connection.request(method, f"/api/v1{path}", body or None, headers)
            got = connection.getresponse()
            found = {name.lower(): value for name, value in got.getheaders()}
            return got.status, got.read(), found
        finally:
            connection.close()


def until(look: Callable[[], Any], what: str) -> Any:
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {PATIENCE_SECONDS:g} s in vain: {what}")


def form_of(fields: dict[str, str], file: str) -> bytes:
    parts = [
        f'--journey\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        '--journey\r\nContent-Disposition: form-data; name="file"; filename="reviews.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{file}\r\n--journey--\r\n"
    )
    return "".join(parts).encode()


def imported(wang: Program, reviews: list[str]) -> None:
    """Each review once, whatever is killed meanwhile."""
    file = "评价,星级\n" + "".join(f"{text},0\n" for text in reviews)
    fields = {
        "kind": "feedback",
        "columns": json.dumps({"text": "评价", "rating": "星级"}),
        "constants": json.dumps({"rating_scale": "0-1"}),
    }
    _, run = wang.post("/imports", None, form=form_of(fields, file))
    path = f"/imports/{run['id']}"
    until(lambda: wang.get(path)["state"] == "checked", "the trial of the import")
    wang.post(f"{path}/begin", {"policy": "all"})
    done = until(lambda: _ended(wang.get(path)), "the import")
    assert (done["state"], done["created_count"]) == ("done", len(reviews))


def _ended(run: dict[str, Any]) -> dict[str, Any] | None:
    return run if run["state"] not in {"checked", "running"} else None


def case_of_feedback(wang: Program, words: str) -> str:
    (said,) = wang.get(f"/feedback?q={quote(words)}")["items"]
    status, case = wang.post(f"/feedback/{said['id']}/case", {"type": "complaint"})
    if status == 201:
        return str(case["number"])
    assert status == 409
    (said,) = wang.get(f"/feedback?q={quote(words)}")["items"]
    (found,) = [c for c in wang.get("/cases?limit=100")["items"] if c["id"] == said["case_id"]]
    return str(found["number"])


def walk(programs: dict[str, Program], scene: dict[str, Any], words: str) -> str:
    """From a review to the archive, with a department's answer and a supervisor's approval; the case's number."""
    lin, wang, zhang = programs["lin"], programs["wang"], programs["zhang"]
    number = case_of_feedback(wang, words)
    path, complaint = f"/cases/{number}", f"/complaints/{number}"
    wang.post(f"{path}/customer", {"customer": {"phone": "13812346027"}})
    wang.post(f"{path}/handover", {"to_user_id": scene["ids"]["lin"], "reason": "由林静跟进"})
    until(lambda: lin.get(path)["owner_id"] == scene["ids"]["lin"], "the handover")
    lin.post(f"{complaint}/steps", {"steps": ROUND[:3], "expected_round": 1})
    assert lin.get(complaint)["step"] == 4

    sent = {"person_id": scene["ids"]["zhang"], "text": "骑手送凉了，请查原因。"}
    lin.post(f"{path}/notices", sent)
    (notice,) = [one for one in zhang.get("/notices")["items"] if one["state"] == "sent"]
    due = f"{clock.today() + timedelta(days=3):%Y-%m-%d}"
    zhang.post(f"/notices/{notice['number']}/answer", ANSWER | {"action_due": due})
    assert zhang.get(f"/notices/{notice['number']}")["state"] == "answered"

    offer = {"kind": "compensation", "text": "赔付货损", "amount_cents": 30_000, "why": "货损 300"}
    lin.post(f"{path}/remedies", offer)
    (remedy,) = lin.get(f"{path}/remedies")["items"]
    (approval,) = wang.get("/approvals?state=open")["items"]
    wang.post(f"/approvals/{approval['id']}/decide", {"grant": True})
    lin.post(f"/remedies/{remedy['id']}/carry-out", {"proof": "转账单", "cost_cents": 30_000})
    (remedy,) = lin.get(f"{path}/remedies")["items"]
    assert (remedy["state"], remedy["cost_cents"]) == ("carried_out", 30_000)

    lin.post(f"{complaint}/steps", {"steps": ROUND[3:], "expected_round": 1})
    lin.post(f"{path}/close", CLOSING)
    assert lin.get(path)["closed_at"] is not None
    due_visits = [one for one in lin.get("/follow-ups")["items"] if one["case"] == number]
    (visit,) = [one for one in due_visits if one["state"] == "due"]
    content = {"result": "content", "words": "这次热的，谢谢。"}
    lin.post(f"/follow-ups/{visit['id']}/result", content)
    until(lambda: lin.get(complaint)["archive_digest"], "the paper of the archive")
    return number


def signed_in_page(site: Deployment, cookie: str, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = site.connect()
    try:
        headers = {"Host": f"{NAME}:{site.nginx.port}", "Cookie": cookie}
        connection.request("GET", path, headers=headers)
        got = connection.getresponse()
        return got.status, {k.lower(): v for k, v in got.getheaders()}, got.read()
    except http.client.HTTPException as error:
        raise AssertionError(f"GET {path}: {error!r}") from error
    finally:
        connection.close()
