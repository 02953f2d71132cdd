"""How long data are kept: what ends, what stays, what a hold keeps, and the proof of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.cast import Cast, make_staff
from tests.importer.scene import Upload, whole
from zhike.accounts.models import Role
from zhike.core import audit_chain, clock, retention
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.files import file_path, store_file
from zhike.core.models import (
    AuditRow,
    ImportRun,
    Notification,
    RetentionPolicy,
    RetentionRun,
    StoredFile,
)
from zhike.core.notify import notify
from zhike.core.retention import rounds
from zhike.core.work import unit
from zhike.customers.services.erasing import erase_customer, preview_erasure
from zhike.desk import services as desk
from zhike.desk.models import Attachment, Case, CaseEvent
from zhike.insight import services as insight
from zhike.insight.models import SettledFigure
from zhike.listening.models import Feedback
from zhike.privacy.services.holding import end_hold, place_hold

pytestmark = pytest.mark.django_db
SIGN = "灯芯草"
YEARS = timedelta(days=6 * 365)


def closed_case(cast: Cast) -> Case:
    opened = desk.open_case(
        **cast.lin.acting,
        new=desk.NewCase("inquiry", "phone", f"{SIGN}问价", customer_id=cast.chen.pk),
    ).case
    desk.add_note(**cast.lin.acting, case_id=opened.pk, text=f"{SIGN}备注")
    desk.add_attachment(
        **cast.lin.acting,
        case_id=opened.pk,
        files=[desk.NewFile(store_file(Upload(f"{SIGN}照片")), f"{SIGN}.txt")],
    )
    desk.close_case(**cast.wang.acting, case_id=opened.pk, outcome="solved", text=f"{SIGN}答复")
    return Case.objects.get(pk=opened.pk)


def on(cast: Cast, key: str, days: int) -> RetentionPolicy:
    return retention.save_policy(**cast.admin.acting, key=key, days=days, is_on=True)


def words_of(case: Case) -> list[str]:
    return [event.text for event in case.events.order_by("seq") if SIGN in event.text]


def test_words_and_files_of_closed_cases_end_and_the_figures_stay(cast: Cast, frozen_clock) -> None:
    case = closed_case(cast)
    start = clock.now()
    frozen_clock(start + timedelta(days=1))
    insight.settle_day(**cast.admin.acting, day=clock.local(start).date())
    settled = list(SettledFigure.objects.order_by("pk").values_list("key", "numerator", "digest"))
    lines = list(case.events.order_by("seq").values_list("seq", "kind", "at", "actor_name"))
    on(cast, "desk.words", 5 * 365)
    on(cast, "desk.files", 3 * 365)
    assert rounds.run_all() == 0
    frozen_clock(start + YEARS)
    assert len(words_of(case)) == 3
    assert rounds.run_all() == 4
    assert words_of(case) == []
    stored = StoredFile.objects.get(pk=Attachment.objects.get(case=case).file_id)
    assert Attachment.objects.get(case=case).name == retention.ENDED
    assert stored.removed_at is not None
    case.refresh_from_db()
    assert (case.state, case.outcome, case.title) == ("closed", "solved", f"{SIGN}问价")
    assert lines == list(case.events.order_by("seq").values_list("seq", "kind", "at", "actor_name"))
    assert settled == list(
        SettledFigure.objects.order_by("pk").values_list("key", "numerator", "digest")
    )
    page = cast.lin.client().get(f"/cases/{case.number}/").content.decode()
    assert "已过保存期限" in page
    assert f"{SIGN}答复" not in page
    while audit_chain.lengthen():
        pass
    assert audit_chain.verify().fault is None
    assert rounds.run_all() == 0


def test_open_cases_and_younger_ones_are_left_alone(cast: Cast, frozen_clock) -> None:
    opened = desk.open_case(
        **cast.lin.acting,
        new=desk.NewCase("inquiry", "phone", f"{SIGN}问价", customer_id=cast.chen.pk),
    ).case
    on(cast, "desk.words", 3 * 365)
    frozen_clock(clock.now() + YEARS)
    fresh = closed_case(cast)
    assert rounds.run_all() == 0
    assert words_of(opened)
    assert words_of(fresh)


@pytest.mark.parametrize("what", ["customer", "case"])
def test_a_legal_hold_keeps_a_customer_or_a_case_until_it_ends(
    cast: Cast, frozen_clock, what: str
) -> None:
    case = closed_case(cast)
    asked: dict[str, Any] = (
        {"customer_id": cast.chen.pk} if what == "customer" else {"case_number": case.number}
    )
    hold = place_hold(**cast.admin.acting, reason="诉讼中", **asked)
    with pytest.raises(Conflict):
        place_hold(**cast.admin.acting, reason="诉讼中", **asked)
    on(cast, "desk.words", 3 * 365)
    on(cast, "desk.files", 3 * 365)
    frozen_clock(clock.now() + YEARS)
    assert rounds.run_all() == 0
    reasons = preview_erasure(**_reading(cast), customer_id=cast.chen.pk).reasons
    assert {one.code for one in reasons} == {"legal_hold"}
    with pytest.raises(Conflict) as refused:
        erase_customer(**cast.admin.acting, customer_id=cast.chen.pk, reason="本人书面要求")
    assert refused.value.code == "erasure_held"
    end_hold(**cast.admin.acting, hold_id=hold.pk)
    with pytest.raises(NotFound):
        end_hold(**cast.admin.acting, hold_id=hold.pk)
    assert rounds.run_all() == 4


def test_a_hold_on_a_case_keeps_what_was_merged_into_it(cast: Cast, frozen_clock) -> None:
    into, case = (
        desk.open_case(
            **cast.lin.acting,
            new=desk.NewCase("inquiry", "phone", f"{SIGN}问价", customer_id=cast.chen.pk),
        ).case
        for _n in range(2)
    )
    desk.merge_cases(**cast.wang.acting, from_id=case.pk, into_id=into.pk, reason="同一件事")
    desk.close_case(**cast.wang.acting, case_id=into.pk, outcome="solved", text=f"{SIGN}答复")
    hold = place_hold(**cast.admin.acting, reason="诉讼中", case_number=into.number)
    on(cast, "desk.words", 3 * 365)
    frozen_clock(clock.now() + YEARS)
    assert rounds.run_all() == 0
    (reason,) = preview_erasure(**_reading(cast), customer_id=cast.chen.pk).reasons
    assert reason.code == "legal_hold"
    assert case.number in reason.sentence
    assert into.number in reason.sentence
    end_hold(**cast.admin.acting, hold_id=hold.pk)
    assert rounds.run_all() > 2
    assert words_of(case) == []


def _reading(cast: Cast) -> dict[str, Any]:
    return {"grants": cast.admin.grants}


def test_feedback_imports_and_bells_end(cast: Cast, frozen_clock) -> None:
    run = whole("feedback", f"内容,评分\n{SIGN}很好,5\n", cast.zhoukou.pk, {"rating_scale": "1-5"})
    with unit(cast.admin.actor) as work:
        notify(work, user_id=cast.lin.user.pk, kind="import.done", values={"name": SIGN, "n": 1})
    for key, days in (("listening.words", 365), ("core.imports", 90), ("core.bells", 180)):
        on(cast, key, days)
    path = file_path(run.file.digest)
    assert path.exists()
    frozen_clock(clock.now() + timedelta(days=4 * 365))
    assert rounds.run_all() == 3
    said = Feedback.objects.get()
    assert (said.text, str(said.rating)) == (retention.ENDED, "5.00")
    kept = ImportRun.objects.get(pk=run.pk)
    assert (kept.file_name, kept.created_count) == (retention.ENDED, 1)
    assert not Notification.objects.filter(kind="import.done").exists()
    assert StoredFile.objects.get(pk=run.file_id).removed_at is not None


def test_a_killed_round_goes_on_where_it_was_and_its_proof_is_the_same(
    cast: Cast, frozen_clock, given, monkeypatch
) -> None:
    now = clock.now()
    with given():
        Notification.objects.bulk_create(
            Notification(user_id=cast.lin.user.pk, kind="x", made_at=now) for _n in range(7)
        )
    ids = list(Notification.objects.filter(kind="x").order_by("pk").values_list("pk", flat=True))
    monkeypatch.setattr(rounds, "CHUNK", 3)
    on(cast, "core.bells", 180)
    frozen_clock(now + timedelta(days=200))
    whole_end = rounds._chunk
    calls = []

    def dies(kind: Any, run_id: int) -> int:
        calls.append(run_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole_end(kind, run_id)

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "_chunk", dies)
        with pytest.raises(KeyboardInterrupt):
            rounds.run_all()
    run = RetentionRun.objects.get()
    assert (run.rows, run.done_at) == (3, None)
    frozen_clock(now + timedelta(days=201))
    assert rounds.run_all() == 4
    run.refresh_from_db()
    assert (run.rows, run.cutoff) == (7, now + timedelta(days=20))
    assert run.done_at is not None
    assert run.digest == _digest("core.bells", [ids[:3], ids[3:6], ids[6:]])
    audit = AuditRow.objects.get(action="core.retention.round")
    assert run.digest in audit.payload


def _digest(key: str, chunks: list[list[int]]) -> str:
    import hashlib

    digest = ""
    for chunk in chunks:
        told = f"{digest}|{key}|{','.join(map(str, chunk))}"
        digest = hashlib.sha256(told.encode()).hexdigest()
    return digest


def test_the_proof_is_never_changed(cast: Cast, frozen_clock, given) -> None:
    closed_case(cast)
    on(cast, "desk.words", 3 * 365)
    frozen_clock(clock.now() + YEARS)
    rounds.run_all()
    for act in (
        lambda: RetentionRun.objects.update(rows=1),
        lambda: RetentionRun.objects.all().delete(),
    ):
        with given(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()


def test_periods_below_the_least_are_refused_by_service_and_database(cast: Cast, given) -> None:
    for key, days, code in (
        ("desk.words", 3 * 365 - 1, "retention_days"),
        ("core.imports", 7, "retention_days"),
        ("core.bells", 40_000, "retention_days"),
        ("core.audit", 400, "retention_fixed"),
        ("core.exports", 2, "retention_fixed"),
    ):
        with pytest.raises(RuleError) as refused:
            on(cast, key, days)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        on(cast, "nonsense", 90)
    with pytest.raises(Forbidden):
        retention.save_policy(**cast.wang.acting, key="core.bells", days=90, is_on=True)
    stale = RetentionPolicy(
        key="core.audit", days=182, is_on=True, changed_at=clock.now(), changed_by_name="x"
    )
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        stale.save()
    assert not RetentionPolicy.objects.exists()


def test_what_nobody_switched_on_does_not_end(cast: Cast, frozen_clock) -> None:
    case = closed_case(cast)
    frozen_clock(clock.now() + YEARS)
    rounds.run_all()
    assert words_of(case)
    assert CaseEvent.objects.filter(text__contains=SIGN).exists()


def test_the_pages_count_first_then_save_and_show_the_proof(cast: Cast, frozen_clock) -> None:
    closed_case(cast)
    client = cast.admin.client()
    assert cast.wang.client().get("/retention/").status_code == 403
    assert "已办结工单的往来内容" in client.get("/retention/").content.decode()
    frozen_clock(clock.now() + YEARS)
    counted = client.get("/retention/desk.words/?days=1825").content.decode()
    assert "有 3 条已超过期限" in counted
    assert not RetentionPolicy.objects.exists()
    for wrong in ({"days": "12"}, {"days": "x"}, {"days": "99999999999999999999"}):
        assert client.post("/retention/desk.words/", wrong).status_code == 422
    saved = client.post("/retention/desk.words/", {"days": "1825", "is_on": "on"})
    assert saved.status_code == 302
    rounds.run_all()
    assert RetentionRun.objects.get().digest[:16] in client.get("/retention/").content.decode()
    assert client.get("/retention/core.audit/").status_code == 404
    assert client.get("/retention/nonsense/").status_code == 404


def test_holds_over_the_pages(cast: Cast) -> None:
    case = closed_case(cast)
    client = cast.admin.client()
    for wrong in ("999999", "TS1", "a b", "９"):
        asked = {"number": wrong, "reason": "诉讼"}
        assert client.post("/retention/holds/", asked).status_code == 422
    for number in ("138-1234-6027", case.number):
        asked = {"number": number, "reason": "消协调解中"}
        assert client.post("/retention/holds/", asked).status_code == 302
        assert client.post("/retention/holds/", asked).status_code == 422
    page = client.get("/retention/holds/").content.decode()
    assert "陈志强" in page
    assert case.number in page


def test_audit_places_holds_on_what_it_may_not_see(cast: Cast, given) -> None:
    case = closed_case(cast)
    audit = make_staff("6002", "审计", cast.shangqiu, "audit_administrator")
    client = audit.client()
    for number in ("138-1234-6027", case.number):
        asked = {"number": number, "reason": "消协调解中"}
        assert client.post("/retention/holds/", asked).status_code == 302
    page = client.get("/retention/holds/").content.decode()
    assert "陈志强" not in page
    assert f'客户档案 · <span class="num">{cast.chen.pk}</span>' in page
    assert f"/cases/{case.number}/" not in page
    assert case.number in page
    with given():
        Role.objects.filter(code="audit_administrator").update(levels={"phone": "hidden"})
    for number in ("13812346027", "13900000000"):
        answer = client.post("/retention/holds/", {"number": number, "reason": "消协调解中"})
        assert answer.status_code == 422
        assert "您的岗位看不到“电话" in answer.content.decode()
