"""Files over the API: attached to a case, as the proof of a remedy, and fetched again."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.complaints.conftest import open_complaint
from zhike.complaints.models import Remedy
from zhike.complaints.services import remedies
from zhike.core.models import AuditRow
from zhike.desk.models import Attachment, Case, CaseEvent

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PROVEN = {"proof": "转账单号 8812", "cost_cents": "12000"}


def send(caller: Caller, path: str, fields: dict[str, Any], key: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {caller.token}", "Accept-Language": "zh-hans"}
    if key:
        headers["Idempotency-Key"] = key
    answer = caller.client.post(f"/api/v1{path}", fields, headers=headers)
    return answer.status_code, answer.json()


def fetch(caller: Caller, pk: int) -> Any:
    return caller.client.get(
        f"/api/v1/attachments/{pk}", headers={"Authorization": f"Bearer {caller.token}"}
    )


def a_file(content: bytes = PNG, name: str = "回单.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.fixture
def complaint(cast: Cast) -> Case:
    return open_complaint(cast.lin, cast.chen.pk)


@pytest.fixture
def remedy(cast: Cast, complaint: Case) -> Remedy:
    return remedies.propose_remedy(
        **cast.lin.acting, case_id=complaint.pk, kind="refund", text="退运费", amount_cents=12_000
    ).remedy


@pytest.fixture
def lin(cast: Cast) -> Caller:
    return Caller(cast.lin)


def proof_path(remedy: Remedy) -> str:
    return f"/remedies/{remedy.pk}/carry-out/with-file"


# The proof of a remedy


def test_carried_out_with_its_proof(cast: Cast, lin: Caller, remedy: Remedy) -> None:
    status, done = send(lin, proof_path(remedy), PROVEN | {"file": a_file()})
    assert (status, done["state"], done["cost_cents"]) == (200, "carried_out", 12_000)
    file = done["proof_file"]
    assert (file["name"], file["size_bytes"], file["content_type"]) == (
        "回单.png", len(PNG), "image/png",
    )  # fmt: skip
    remedy.refresh_from_db()
    assert remedy.proof_file_id == file["id"]
    answer = fetch(lin, file["id"])
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PNG)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert fetch(Caller(cast.zhou), file["id"]).status_code == 404
    line = CaseEvent.objects.get(data__line="complaints.remedy_carried_out")
    assert Attachment.objects.get().event_id == line.pk
    assert AuditRow.objects.filter(action="complaints.remedy.carry_out").count() == 1
    listed = lin.get("/remedies?state=carried_out")[1]["items"]
    assert listed[0]["proof_file"] == file
    status, error = send(lin, proof_path(remedy), PROVEN | {"file": a_file()})
    assert (status, error["error"]["code"]) == (409, "already_carried_out")
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        (PROVEN, 422, "invalid_input"),
        (PROVEN | {"file": b""}, 422, "invalid_input"),
        ({"file": PNG, "cost_cents": "1"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "x"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "  ", "cost_cents": "1"}, 422, "proof_missing"),
        ({"file": PNG, "proof": "x", "cost_cents": "-1"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "x", "cost_cents": "12.5"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "x", "cost_cents": "1e3"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "长" * 501, "cost_cents": "1"}, 422, "invalid_input"),
        ({"file": PNG, "proof": "x", "cost_cents": "99999"}, 422, "cost_above_limit"),
        ({"file": "empty", "proof": "x", "cost_cents": "1"}, 422, "file_empty"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    lin: Caller, remedy: Remedy, fields: dict[str, Any], status: int, code: str
) -> None:
    content = fields.get("file")
    given = dict(fields)
    if content == "empty":
        given["file"] = a_file(b"", "空.png")
    elif isinstance(content, bytes) and content:
        given["file"] = a_file(content)
    answer = send(lin, proof_path(remedy), given)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)
    remedy.refresh_from_db()
    assert (remedy.state, remedy.proof, remedy.proof_file_id) == ("approved", "", None)
    assert not Attachment.objects.exists()


@override_settings(UPLOAD_LIMIT_BYTES=1_000)
def test_too_large_is_413(lin: Caller, remedy: Remedy) -> None:
    status, error = send(lin, proof_path(remedy), PROVEN | {"file": a_file(b"x" * 1_001)})
    assert (status, error["error"]["code"]) == (413, "file_too_large")
    assert not Attachment.objects.exists()


def test_a_page_that_calls_itself_a_picture_is_only_saved(lin: Caller, remedy: Remedy) -> None:
    page = a_file(b"<script>alert(1)</script>", "../../x.png")
    _status, done = send(lin, proof_path(remedy), PROVEN | {"file": page})
    assert (done["proof_file"]["name"], done["proof_file"]["content_type"]) == (
        "x.png", "text/plain",
    )  # fmt: skip
    answer = fetch(lin, done["proof_file"]["id"])
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()


def test_rights_and_reach(cast: Cast, remedy: Remedy) -> None:
    path = proof_path(remedy)
    given = PROVEN | {"file": a_file()}
    assert send(Caller(cast.lin, ("read",)), path, given)[0] == 403
    assert send(Caller(cast.zhou), path, PROVEN | {"file": a_file()})[0] == 404
    assert send(Caller(cast.lin), "/remedies/999999/carry-out/with-file", given)[0] == 404
    assert Caller(cast.lin).client.post(f"/api/v1{path}", given).status_code == 401
    remedy.refresh_from_db()
    assert remedy.state == "approved"


def test_not_before_it_is_approved(cast: Cast, lin: Caller, complaint: Case) -> None:
    asked = remedies.propose_remedy(
        **cast.lin.acting, case_id=complaint.pk, kind="refund", text="退款",
        amount_cents=90_000, why="停业一天",
    ).remedy  # fmt: skip
    status, error = send(lin, proof_path(asked), PROVEN | {"file": a_file()})
    assert (status, error["error"]["code"]) == (422, "not_approved")
    assert not Attachment.objects.exists()


# Files of a case


def test_files_of_a_case(cast: Cast, lin: Caller, complaint: Case) -> None:
    path = f"/cases/{complaint.number}/attachments"
    two = [a_file(), a_file(b"%PDF-1.7", "单据.pdf")]
    status, made = send(lin, path, {"files": two, "public": "true"}, key="k1")
    assert (status, [one["content_type"] for one in made]) == (
        201,
        ["image/png", "application/pdf"],
    )
    assert made[0]["digest"] == hashlib.sha256(PNG).hexdigest()
    event = CaseEvent.objects.get(seq=made[0]["event_seq"], case=complaint)
    assert (event.kind, event.visibility) == ("attachment", "public")
    again = send(lin, path, {"files": [a_file()]}, key="k1")
    assert (again[0], again[1]) == (200, made)
    assert Attachment.objects.count() == 2
    assert lin.get(path)[1] == made
    other = Caller(cast.zhou)
    assert other.get(path)[0] == 404
    assert send(other, path, {"files": [a_file()]})[0] == 404
    assert send(Caller(cast.lin, ("read",)), path, {"files": [a_file()]})[0] == 403
    assert fetch(lin, 10**15).status_code == 404


@pytest.mark.parametrize("bad", ["none", "empty", "six", "second_empty"])
def test_all_or_none(lin: Caller, complaint: Case, bad: str) -> None:
    files = {
        "none": [],
        "empty": [a_file(b"")],
        "six": [a_file(name=f"{n}.png") for n in range(6)],
        "second_empty": [a_file(), a_file(b"", "空.png")],
    }[bad]
    answer = send(lin, f"/cases/{complaint.number}/attachments", {"files": files})
    assert answer[0] == 422
    assert not Attachment.objects.exists()
