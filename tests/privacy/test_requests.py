"""Requests about personal data, from the first word to the answer."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.cast import CHEN_PHONE, SETUP, Cast, Staff, everybody
from tests.importer.scene import whole
from zhike.accounts.services.tokens import create_token
from zhike.core import clock
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.exporter import KINDS, begin_export
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow, DuePlan, ExportRun, Notification
from zhike.customers import services as customers
from zhike.customers.contact_policy import may_contact
from zhike.customers.models import Customer, Erasure
from zhike.desk import services as desk
from zhike.privacy import services
from zhike.privacy.choices import Kind, State, StepKind
from zhike.privacy.models import DataRequest, RequestStep
from zhike.privacy.rules import EVIDENCE, fits, state_after
from zhike.privacy.selectors import opened
from zhike.privacy.services.reminding import remind

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WISH = f"我想看看你们存了我什么，电话 {CHEN_PHONE}"


def take(cast: Cast, kind: str = "copy", who: Staff | None = None, **more: Any) -> DataRequest:
    asked = {"channel": "phone", "wish": WISH, **more}
    return services.take_in(
        **(who or cast.lin).acting, customer_id=cast.chen.pk, kind=kind, **asked
    )


def checked(cast: Cast, kind: str = "copy", who: Staff | None = None) -> DataRequest:
    request = take(cast, kind)
    return services.check_identity(
        **(who or cast.wang).acting, number=request.number, how="called_back"
    )


def kinds_of(request: DataRequest) -> list[str]:
    return [step.kind for step in request.steps.all()]


# Rules


def test_every_step_is_allowed_only_where_it_follows() -> None:
    for state in State:
        for step in StepKind:
            after = state_after(state, step)
            if state not in (State.RECEIVED, State.CHECKED):
                assert after is None
            if after is State.DONE:
                assert state is State.CHECKED
    assert {kind for kind in Kind if fits(kind, StepKind.ERASED)} == {Kind.DELETE, Kind.CLOSE}
    for kind in Kind:
        assert fits(kind, StepKind.DONE) == (EVIDENCE[kind] is not StepKind.ERASED)


# Taking in


def test_a_request_is_due_in_fifteen_working_days_from_when_it_was_asked(
    cast: Cast, frozen_clock
) -> None:
    frozen_clock(MONDAY + timedelta(days=2))
    request = take(cast, asked_at=MONDAY)
    assert clock.local(request.due_at) == datetime(2026, 12, 14, 17, 30, tzinfo=clock.zone())
    plan = DuePlan.objects.get(purpose="data_request")
    assert (plan.amount, plan.unit) == (15, "business_days")
    assert "191" in plan.source
    assert request.number.startswith("GX20261125")
    told = Notification.objects.filter(kind="privacy.new")
    assert {row.user_id for row in told} == {cast.wang.user.pk, cast.admin.user.pk}


def test_what_was_said_is_sealed_and_audited_without_it(cast: Cast) -> None:
    request = take(cast)
    assert opened(request.wish_sealed) == WISH
    assert CHEN_PHONE not in request.wish_sealed
    audit = AuditRow.objects.get(action="privacy.request.take_in")
    assert CHEN_PHONE not in audit.payload
    assert request.number in audit.payload


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "erase"}, "request_kind"),
        ({"channel": "import"}, "request_channel"),
        ({"channel": "smoke"}, "request_channel"),
        ({"asked_at": MONDAY + timedelta(days=9000)}, "request_moment"),
        ({"asked_at": MONDAY - timedelta(days=900)}, "request_moment"),
        ({"wish": "x" * 2001}, "too_long"),
    ],
)
def test_what_is_no_request_is_refused(cast: Cast, given: Any, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        take(cast, **given)
    assert refused.value.code == code
    assert not DataRequest.objects.exists()


# Fulfilling


def test_a_copy_holds_what_we_hold_and_nothing_of_others(cast: Cast) -> None:
    case = desk.open_case(
        **cast.lin.acting,
        new=desk.NewCase("repair", "phone", "后桥异响，很难受", customer_id=cast.chen.pk),
    ).case
    desk.reply(**cast.lin.acting, case_id=case.pk, text="明天上门看看", expected_seq=case.seq)
    desk.add_note(**cast.lin.acting, case_id=case.pk, text="同事之间的悄悄话")
    customers.record_preference(**cast.lin.acting, customer_id=cast.chen.pk, value="喝龙井")
    stranger = customers.create_customer(
        actor=SETUP, grants=everybody(), name="旁人甲", unit_id=cast.zhoukou.pk, phone="13900005555"
    )
    whole("feedback", f"内容,客户电话\n等了很久,{CHEN_PHONE}\n", cast.zhoukou.pk)
    request = checked(cast)
    run, chunks = services.make_package(**cast.wang.acting, number=request.number)
    data = b"".join(chunks)
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        told = json.loads(box.read("data.json"))
        book = CalamineWorkbook.from_filelike(io.BytesIO(box.read("data.xlsx")))
        everything = box.read("data.json").decode()
    parts = told["parts"]
    assert parts["ways"][0]["value"].replace(" ", "").replace("-", "") == CHEN_PHONE
    assert [row["title"] for row in parts["cases"]] == ["后桥异响，很难受"]
    assert "明天上门看看" in [row["text"] for row in parts["messages"]]
    assert parts["habits"][0]["value"] == "喝龙井"
    assert "等了很久" in everything
    for kept_back in ("同事之间的悄悄话", stranger.name, "13900005555"):
        assert kept_back not in everything
    assert len(book.sheet_names) == len(parts) + 1
    row = ExportRun.objects.get(number=run.number)
    assert (row.kind, row.customer_id, row.purpose, row.revealed) == (
        "person_package",
        cast.chen.pk,
        "person",
        True,
    )
    assert (row.state, row.rows) == ("ready", sum(len(rows) for rows in parts.values()))
    done = services.complete(**cast.wang.acting, number=request.number, answer="已当面交付")
    assert (done.state, done.ended_by_name) == ("done", "王建国")
    assert kinds_of(done) == ["received", "identity", "package", "done"]
    assert RequestStep.objects.get(kind="package").data == {"export": run.number}


def test_nothing_is_handed_out_before_the_identity_is_checked(cast: Cast) -> None:
    request = take(cast)
    for act in (
        lambda: services.make_package(**cast.wang.acting, number=request.number),
        lambda: services.complete(**cast.wang.acting, number=request.number, answer="好了"),
    ):
        with pytest.raises(Conflict):
            act()
    assert not ExportRun.objects.exists()
    assert kinds_of(request) == ["received"]


def test_a_correction_is_shown_by_the_changes_of_the_file(cast: Cast) -> None:
    request = checked(cast, "correct")
    with pytest.raises(RuleError) as refused:
        services.complete(**cast.wang.acting, number=request.number, answer="改好了")
    assert refused.value.code == "request_evidence"
    customers.update_customer(**cast.lin.acting, customer_id=cast.chen.pk, name="陈志刚")
    done = services.complete(**cast.wang.acting, number=request.number, answer="姓名已更正")
    step = done.steps.get(kind="done")
    assert len(step.data["changes"]) == 1
    page = cast.wang.client().get(f"/data-requests/{request.number}/").content.decode()
    assert "核实身份之后的档案修改" in page


def test_a_withdrawal_stands_in_the_ledger_and_ends_the_contact(cast: Cast) -> None:
    customers.record_consent(
        **cast.lin.acting,
        customer_id=cast.chen.pk,
        purpose="marketing",
        is_given=True,
        channel="sms",
    )
    request = checked(cast, "withdraw")
    services.withdraw_consents(
        **cast.wang.acting, number=request.number, purposes=["marketing", "survey"]
    )
    assert may_contact(cast.chen, "marketing", "email").verdict.value == "withdrawn"
    assert may_contact(cast.chen, "survey", "email").verdict.value == "withdrawn"
    done = services.complete(**cast.wang.acting, number=request.number, answer="不再打扰")
    assert done.state == "done"
    for wrong in ([], ["nonsense"]):
        other = checked(cast, "withdraw")
        with pytest.raises(RuleError):
            services.withdraw_consents(**cast.wang.acting, number=other.number, purposes=wrong)
        assert kinds_of(other) == ["received", "identity"]


@pytest.mark.parametrize("kind", ["delete", "close"])
def test_a_deletion_erases_and_the_request_stays_readable_but_for_the_words(
    cast: Cast, kind: str
) -> None:
    request = checked(cast, kind)
    done = services.erase(**cast.admin.acting, number=request.number)
    run_pending_jobs()
    assert done.state == "done"
    record = Erasure.objects.get(customer=cast.chen)
    assert request.number in record.reason
    assert done.steps.get(kind="erased").data == {"erasure": record.pk}
    assert Customer.objects.get(pk=cast.chen.pk).name == "已按要求删除"
    assert opened(DataRequest.objects.get().wish_sealed) == ""
    page = cast.admin.client().get(f"/data-requests/{request.number}/")
    assert page.status_code == 200
    assert "陈志强" not in page.content.decode()
    assert "删除证明" in page.content.decode()


def test_an_open_case_stands_against_erasing_and_leaves_the_request_open(cast: Cast) -> None:
    request = checked(cast, "delete")
    desk.open_case(
        **cast.lin.acting, new=desk.NewCase("repair", "phone", "异响", customer_id=cast.chen.pk)
    )
    page = cast.admin.client().get(f"/data-requests/{request.number}/").content.decode()
    assert "永久删除" not in page
    with pytest.raises(RuleError):
        services.erase(**cast.admin.acting, number=request.number)
    assert DataRequest.objects.get().state == "checked"
    assert kinds_of(request) == ["received", "identity"]


def test_a_refusal_gives_its_reason_in_words(cast: Cast) -> None:
    request = take(cast, "delete")
    for reason, answer in (("mood", "还有尾款未结"), ("owed", " ")):
        with pytest.raises(RuleError):
            services.refuse(**cast.wang.acting, number=request.number, reason=reason, answer=answer)
    done = services.refuse(
        **cast.wang.acting, number=request.number, reason="owed", answer="还有尾款未结"
    )
    assert (done.state, done.refusal, opened(done.answer_sealed)) == (
        "refused",
        "owed",
        "还有尾款未结",
    )
    with pytest.raises(Conflict):
        services.take_back(**cast.lin.acting, number=request.number)


# Who may


def test_agents_take_in_supervisors_answer_strangers_see_nothing(cast: Cast) -> None:
    request = take(cast)
    with pytest.raises(Forbidden):
        services.check_identity(**cast.lin.acting, number=request.number, how="known")
    with pytest.raises(NotFound):
        services.check_identity(**_as_supervisor(cast.zhou), number=request.number, how="known")
    with pytest.raises(NotFound):
        take(cast, who=cast.zhou)
    services.check_identity(**cast.wang.acting, number=request.number, how="known")
    with pytest.raises(Forbidden):
        services.erase(**cast.wang.acting, number=request.number)
    assert kinds_of(request) == ["received", "identity"]
    assert services.take_back(**cast.lin.acting, number=request.number).state == "taken_back"


def _as_supervisor(staff: Staff) -> dict[str, Any]:
    from dataclasses import replace

    grants = staff.grants
    codes = grants.codes | {"data_requests.handle", "customers.erase"}
    return {"actor": staff.actor, "grants": replace(grants, codes=codes)}


# Records


def test_steps_are_never_changed_and_states_hold_in_the_database(cast: Cast, given) -> None:
    request = take(cast)
    with given(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        RequestStep.objects.update(actor_name="别人")
    with given(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        RequestStep.objects.all().delete()
    rows = DataRequest.objects.filter(pk=request.pk)
    for wrong in (
        {"state": "done", "ended_at": MONDAY},
        {"state": "refused", "ended_at": MONDAY},
        {"ended_at": MONDAY},
    ):
        with given(), pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_the_bell_rings_before_it_is_due_and_once_when_it_is_over(cast: Cast, frozen_clock) -> None:
    frozen_clock(MONDAY)
    request = take(cast)

    def rung() -> list[str]:
        mine = Notification.objects.filter(user_id=cast.wang.user.pk).order_by("pk")
        return list(mine.values_list("kind", flat=True))

    assert remind() == 0
    assert request.warn_at is not None
    frozen_clock(request.warn_at)
    assert (remind(), remind()) == (1, 0)
    frozen_clock(request.due_at + timedelta(minutes=1))
    assert (remind(), remind()) == (1, 0)
    assert rung() == ["privacy.new", "privacy.due", "privacy.overdue"]


def test_the_register_goes_out_without_what_was_written(cast: Cast) -> None:
    checked(cast)
    kind = KINDS.get("data_requests")
    assert kind is not None
    export = begin_export(
        **cast.wang.acting, kind=kind, file_format="csv", reason="监管检查", purpose="authority"
    )
    text = b"".join(export.chunks()).decode()
    assert "陈志强" in text
    assert "我想看看" not in text
    with pytest.raises(Forbidden):
        begin_export(**cast.lin.acting, kind=kind, file_format="csv", reason="看看")


# Pages and API


def test_the_journey_over_the_pages(cast: Cast, query_budget) -> None:
    lin, wang = cast.lin.client(), cast.wang.client()
    new = f"/data-requests/new/?customer={cast.chen.pk}"
    assert lin.get(new).status_code == 200
    asked = {"kind": "copy", "channel": "counter", "wish": "<script>alert(1)</script>"}
    for wrong in ({"kind": "x"}, {"channel": "import"}, {"asked_at": "gestern"}):
        assert lin.post(new, {**asked, **wrong}).status_code == 422
    made = lin.post(new, asked)
    url = made.headers["Location"]
    page = wang.get(url).content.decode()
    assert "&lt;script&gt;" in page
    assert "核实身份" in page
    assert wang.post(f"{url}identity/", {"how": "magic"}).status_code == 422
    assert wang.post(f"{url}identity/", {"how": "document"}).status_code == 302
    sent: Any = wang.post(f"{url}package/")
    assert b"".join(sent.streaming_content).startswith(b"PK")
    assert wang.post(f"{url}complete/", {"answer": ""}).status_code == 422
    assert wang.post(f"{url}erase/").status_code == 403
    assert wang.post(f"{url}complete/", {"answer": "已交付"}).status_code == 302
    assert wang.post(f"{url}complete/", {"answer": "已交付"}).status_code == 422
    listed = lin.get("/data-requests/?tab=all").content.decode()
    assert DataRequest.objects.get().number in listed
    file_tab = f"/customers/{cast.chen.pk}/?tab=data_requests"
    assert DataRequest.objects.get().number in lin.get(file_tab).content.decode()
    assert cast.zhou.client().get(url).status_code == 404
    assert cast.zhou.client().get(new).status_code == 404
    for odd in ("/data-requests/new/", "/data-requests/new/?customer=a", "/data-requests/GX%00/"):
        assert wang.get(odd).status_code == 404
    with query_budget("privacy:list"):
        lin.get("/data-requests/?tab=all")
    with query_budget("privacy:request"):
        wang.get(url)


def test_the_api_takes_in_checks_and_refuses(cast: Cast) -> None:
    _token, text = create_token(
        **cast.admin.acting, user=cast.wang.user, label="官网", scopes=["read", "write"], days=3
    )
    api: Any = Client(headers={"authorization": f"Bearer {text}"})

    def post(path: str, body: dict[str, Any]) -> Any:
        return api.post(f"/api/v1/data-requests{path}", body, content_type="application/json")

    body = {"customer_id": cast.chen.pk, "kind": "delete", "channel": "web", "wish": WISH}
    made = post("", body).json()
    assert made["state"] == "received"
    assert "wish" not in made
    assert post(f"/{made['number']}/identity", {"how": "code"}).json()["state"] == "checked"
    assert post(f"/{made['number']}/complete", {"answer": "删了"}).status_code == 409
    refused = post(f"/{made['number']}/refuse", {"reason": "law", "answer": "票据须保存"})
    assert refused.json()["state"] == "refused"
    listed = api.get("/api/v1/data-requests?state=refused").json()["items"]
    assert [row["number"] for row in listed] == [made["number"]]
    assert api.get("/api/v1/data-requests/GX0").status_code == 404
    assert post("", {**body, "customer_id": 999_999}).status_code == 404
