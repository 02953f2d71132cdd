"""Words of complaints, notices, remedies, visits and old values of files end by time; facts and figures stay."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from tests.cast import Cast
from tests.privacy.conftest import PHONE, Planted, every_text
from zhike.care import services as care
from zhike.complaints.models import ArchivePaper, Notice, StepRecord
from zhike.core import audit_chain, clock, retention
from zhike.core.erasing import ERASED
from zhike.core.files import file_path
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import RetentionRun
from zhike.core.retention import rounds
from zhike.customers.services.erasing import erase_customer
from zhike.desk import services as desk
from zhike.desk.models import Attachment
from zhike.privacy.services.holding import place_hold

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=11 * 365)
CLASSES = (
    "complaints.wishes",
    "complaints.steps",
    "complaints.notices",
    "complaints.remedies",
    "complaints.approvals",
    "complaints.papers",
    "care.visits",
    "care.tries",
    "customers.history",
)
TABLES = (
    "complaints_complaint",
    "complaints_steprecord",
    "complaints_notice",
    "complaints_remedy",
    "complaints_approval",
    "care_followup",
    "care_followupattempt",
    "customers_changerow",
)
# What figures, lists and proofs are made of.
FACTS: dict[str, tuple[str, ...]] = {
    "complaints.Complaint": ("round", "step", "verdict", "severity", "cause_id", "archived_at"),
    "complaints.StepRecord": ("step", "done_at", "minutes", "is_skipped", "done_by_name"),
    "complaints.Notice": ("number", "state", "cause_id", "answer_minutes", "due_at"),
    "complaints.Remedy": ("kind", "state", "amount_cents", "cost_cents", "carried_out_at"),
    "complaints.Approval": ("state", "decided_at", "limit_cents"),
    "care.FollowUp": ("state", "result", "attempts", "done_at", "customer_name"),
    "care.FollowUpAttempt": ("at", "by_name", "reached"),
    "customers.ChangeRow": ("field", "at", "author_name", "version"),
    "insight.SettledFigure": ("key", "numerator", "denominator", "digest"),
}


def facts() -> dict[str, list[Any]]:
    return {
        name: list(apps.get_model(name).objects.order_by("pk").values_list(*columns))
        for name, columns in FACTS.items()
    }


def told_in() -> set[str]:
    return {
        place.partition(".")[0]
        for place, value in every_text()
        if PHONE in value and place.partition(".")[0] in TABLES
    }


def switch_on(cast: Cast) -> None:
    for key in CLASSES:
        days = retention.CLASSES.get(key).default_days
        retention.save_policy(**cast.admin.acting, key=key, days=days, is_on=True)


def test_words_end_facts_stay_and_every_page_still_stands(
    cast: Cast, planted: Planted, frozen_clock
) -> None:
    # A visit still to be made is not over.
    care.call_off(
        **cast.admin.acting,
        follow_up_id=planted.repair.follow_ups.get().pk,
        reason=f"不用，{PHONE}",
    )
    before = facts()
    paper = ArchivePaper.objects.get(complaint=planted.complaint.pk)
    digest = paper.file.digest
    assert file_path(digest).exists()
    switch_on(cast)
    assert rounds.run_all() == 0
    frozen_clock(clock.now() + YEARS)
    assert told_in() == set(TABLES)
    over = {key: retention.count_over(key, 3 * 365) for key in CLASSES}
    assert all(over.values()), over
    ended = rounds.run_all()
    assert told_in() == set()
    assert facts() == before
    proofs = {run.key: run.rows for run in RetentionRun.objects.all()}
    assert {key: proofs[key] for key in CLASSES} == over
    assert ended == sum(proofs.values())
    stored = ArchivePaper.objects.get(pk=paper.pk).file
    assert stored.digest == digest
    assert stored.removed_at is not None
    assert rounds.run_all() == 0
    while audit_chain.lengthen():
        pass
    assert audit_chain.verify().fault is None
    _pages_stand(cast, planted)


def test_a_paper_put_on_a_case_ends_with_the_last_file_of_these_bytes(
    cast: Cast, planted: Planted, frozen_clock, given
) -> None:
    paper = ArchivePaper.objects.get(complaint=planted.complaint.pk)
    with given():
        copy = Attachment.objects.create(
            case=planted.complaint, event=planted.complaint.events.first(), file=paper.file,
            name="归档.pdf", content_type="application/pdf", size_bytes=1,
        )  # fmt: skip
    retention.save_policy(**cast.admin.acting, key="complaints.papers", days=10 * 365, is_on=True)
    frozen_clock(clock.now() + YEARS)

    def ends() -> bool:
        rounds.run_all()
        paper.file.refresh_from_db()
        return paper.file.removed_at is not None

    assert retention.count_over("complaints.papers", 10 * 365) == 0
    assert not ends()
    for name in (retention.ENDED, ERASED):
        with given():
            Attachment.objects.filter(pk=copy.pk).update(name=name)
        assert retention.count_over("complaints.papers", 10 * 365) == 1
    assert ends()


def _pages_stand(cast: Cast, planted: Planted) -> None:
    client, case = cast.admin.client(), planted.complaint
    visit = case.follow_ups.get()
    notice = Notice.objects.get(case=case)
    for address in (
        reverse("desk:case", args=[case.number]),
        reverse("care:visit", args=[visit.pk]),
        reverse("notices:notice", args=[notice.number]),
        reverse("customers:file", args=[planted.customer.pk]) + "?tab=changes",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert "已过保存期限" in text, address


@pytest.mark.parametrize("what", ["customer", "case"])
def test_a_hold_keeps_all_of_it(cast: Cast, planted: Planted, frozen_clock, what: str) -> None:
    asked: dict[str, Any] = (
        {"customer_id": planted.customer.pk}
        if what == "customer"
        else {"case_number": planted.complaint.number}
    )
    place_hold(**cast.admin.acting, reason="诉讼中", **asked)
    switch_on(cast)
    frozen_clock(clock.now() + YEARS)
    rounds.run_all()
    kept = set(TABLES) if what == "customer" else set(TABLES) - {"customers_changerow"}
    assert told_in() == kept
    assert ArchivePaper.objects.get(complaint=planted.complaint.pk).file.removed_at is None


def test_a_case_opened_again_is_not_over(cast: Cast, planted: Planted, frozen_clock) -> None:
    switch_on(cast)
    frozen_clock(clock.now() + YEARS)
    desk.reopen(**cast.admin.acting, case_id=planted.complaint.pk, reason="又坏了")
    rounds.run_all()
    assert "complaints_steprecord" in told_in()
    assert "care_followup" in told_in()


def test_what_was_erased_stays_said_to_be_erased(
    cast: Cast, planted: Planted, frozen_clock
) -> None:
    visit = planted.repair.follow_ups.get()
    care.call_off(**cast.admin.acting, follow_up_id=visit.pk, reason="不用")
    erase_customer(**cast.admin.acting, customer_id=planted.customer.pk, reason="本人要求")
    run_pending_jobs()
    switch_on(cast)
    frozen_clock(clock.now() + YEARS)
    rounds.run_all()
    told = [
        value
        for row in StepRecord.objects.all()
        for value in row.evidence.values()
        if isinstance(value, str)
    ]
    assert "已按要求删除" in told
    assert retention.ENDED not in told
