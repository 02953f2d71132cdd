"""Erasing a person: nothing readable stays anywhere, the figures do, and the log still holds."""

from typing import Any

import pytest
from django.db.models import Count, Sum

from tests.cast import CHEN_PHONE, Cast
from tests.complaints.conftest import open_complaint
from tests.complaints.test_remedies import propose
from tests.guards import given
from tests.privacy.conftest import NUMBERS, PHONE, SIGN, Planted, every_text, where
from zhike.care.models import FollowUp
from zhike.complaints.models import Complaint, Notice, Remedy, StepRecord
from zhike.core import audit_chain, counts
from zhike.core.access import Forbidden
from zhike.core.erasing import ERASED, PLACES
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow, CountRow, ImportRun, PersonKey
from zhike.customers import services
from zhike.customers.models import Customer, Erasure, TimelineEntry
from zhike.customers.selectors import customer_by_identity
from zhike.customers.services import erasing
from zhike.customers.services.erasing import erase_customer
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent
from zhike.listening.models import Feedback
from zhike.satisfaction.models import Delivery

pytestmark = pytest.mark.django_db
WHY = "本人书面要求删除"


def erase(cast: Cast, planted: Planted) -> Erasure:
    record = erase_customer(**cast.admin.acting, customer_id=planted.customer.pk, reason=WHY)
    run_pending_jobs()
    return Erasure.objects.get(pk=record.pk)


def test_nothing_of_an_erased_person_can_be_read_anywhere(cast: Cast, planted: Planted) -> None:
    assert len(where(SIGN)) > 40
    record = erase(cast, planted)
    assert record.is_done
    assert where(SIGN) == []
    assert where(*NUMBERS) == []
    gone = {place.key for place in PLACES} - record.counts.keys()
    # Names of theirs on other files: a test of its own.
    assert gone <= {
        *("customers.named_on_timeline", "customers.named_in_changes"),
        *("customers.named_as_company", "desk.named_elsewhere"),
    }


def figures() -> dict[str, Any]:
    """What reports are made of: counts by every code, amounts, durations."""
    counts.fold()

    def by(model: Any, *names: str) -> list[Any]:
        return sorted(map(str, model.objects.values_list(*names).annotate(n=Count("pk"))))

    return {
        "cases": by(Case, "type_id", "state", "outcome", "channel", "opened_at", "closed_at"),
        "events": by(CaseEvent, "kind", "visibility", "at"),
        "complaints": by(Complaint, "verdict", "severity", "cause_id", "way_out", "archived_at"),
        "steps": by(StepRecord, "step", "minutes", "done_at"),
        "notices": by(Notice, "state", "answer_minutes", "cause_id", "unit_id"),
        "remedies": by(Remedy, "kind", "state", "cost_cents"),
        "visits": by(FollowUp, "result", "attempts"),
        "feedback": by(Feedback, "rating", "said_on"),
        "deliveries": by(Delivery, "unit_id", "delivered_at"),
        "spent": Remedy.objects.aggregate(Sum("cost_cents")),
        "imports": list(ImportRun.objects.values_list("created_count", "error_count")),
        "cells": sorted(
            CountRow.objects.exclude(metric="customers").values_list("metric", "state", "kind", "n")
        ),
    }


def test_the_figures_stay_as_they_were(cast: Cast, planted: Planted) -> None:
    before = figures()
    erase(cast, planted)
    after = figures()
    # The visit still due is called off: nobody calls a customer who is no longer known.
    calm = ("visits", "cells")
    assert {k: v for k, v in after.items() if k not in calm} == {
        k: v for k, v in before.items() if k not in calm
    }
    assert FollowUp.objects.filter(call_off="erased").count() == 1
    assert FollowUp.objects.filter(result="content").count() == 1
    assert CountRow.objects.filter(metric="customers").aggregate(n=Sum("n"))["n"] == 1


def test_the_log_still_holds_and_keeps_ciphertext(cast: Cast, planted: Planted) -> None:
    sealed = AuditRow.objects.filter(subject_key_id=planted.customer.key_id).count()
    audit_chain.lengthen()
    erase(cast, planted)
    audit_chain.lengthen()
    assert audit_chain.verify().fault is None
    rows = AuditRow.objects.filter(subject_key_id=planted.customer.key_id)
    assert rows.count() == sealed > 10
    assert all(row.payload.startswith("v1:") and row.reason == "" for row in rows)
    page = cast.admin.client().get(f"/audit/{rows[0].pk}/")
    assert page.status_code == 200
    assert not PersonKey.objects.filter(
        pk__in=(planted.customer.key_id, planted.absorbed.key_id), destroyed_at=None
    ).exists()


def test_somebody_elses_data_stay(cast: Cast, planted: Planted) -> None:
    before = [one for one in every_text() if "陈志强" in one[1]]
    erase(cast, planted)
    after = [one for one in every_text() if "陈志强" in one[1]]
    assert sorted(map(str, before)) == sorted(map(str, after))
    found = customer_by_identity("phone", CHEN_PHONE)
    assert found is not None
    assert found.pk == cast.chen.pk


def test_their_name_goes_from_files_of_others(cast: Cast) -> None:
    """Of whom they were the company or the referrer, of a file once merged, of a case once thought theirs."""
    lin = cast.lin.acting
    firm = services.create_customer(**lin, name=f"{SIGN}商行", kind="organisation", phone=PHONE)
    staff = services.create_customer(**lin, name="店员", organisation_id=firm.pk)
    friend = services.create_customer(**lin, name="朋友")
    services.update_customer(**lin, customer_id=friend.pk, referrer_id=firm.pk)
    twin = services.create_customer(**lin, name="双生", kind="organisation")
    journal = services.merge_customers(**cast.wang.acting, keep_id=twin.pk, drop_id=firm.pk)
    services.undo_merge(**cast.wang.acting, journal_id=journal.pk)
    case = open_complaint(cast.lin, firm.pk)
    desk.name_customer(**lin, case_id=case.pk, customer_id=cast.chen.pk)
    assert len(where(SIGN)) > 5
    record = erase_customer(**cast.admin.acting, customer_id=firm.pk, reason=WHY)
    run_pending_jobs()
    assert where(SIGN) == []
    done = Erasure.objects.get(pk=record.pk).counts
    assert {"customers.named_on_timeline", "customers.named_in_changes"} <= done.keys()
    assert {"customers.named_as_company", "desk.named_elsewhere"} <= done.keys()
    assert Customer.objects.get(pk=staff.pk).organisation_name == ERASED


def test_the_number_is_free_again(cast: Cast, planted: Planted) -> None:
    erase(cast, planted)
    assert customer_by_identity("phone", PHONE) is None
    again = services.create_customer(**cast.lin.acting, name="另一人", phone=PHONE)
    assert again.pk != planted.customer.pk


# Refused


def test_an_open_case_is_in_the_way(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    with pytest.raises(Conflict) as refused:
        erase_customer(**cast.admin.acting, customer_id=cast.chen.pk, reason=WHY)
    assert refused.value.code == "erasure_held"
    assert case.number in str(refused.value)
    assert [one["code"] for one in refused.value.extra["reasons"]] == ["case_open"]
    assert not Erasure.objects.exists()
    assert Customer.objects.get(pk=cast.chen.pk).in_use


def test_a_remedy_that_is_owed_is_in_the_way(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    propose(cast.lin, case)
    person = erasing.person_of([cast.chen.pk])
    codes = {reason.code for reason in erasing.reasons_against(person)}
    assert codes == {"case_open", "remedy_unsettled"}


def test_who_may_not_erase_is_refused_and_a_foreign_file_is_not_found(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        erase_customer(**cast.wang.acting, customer_id=cast.chen.pk, reason=WHY)
    with pytest.raises(NotFound):
        erase_customer(**cast.admin.acting, customer_id=999_999, reason=WHY)


@pytest.mark.parametrize("reason", ["陈志强要求", f"来电 {CHEN_PHONE} 要求", "", "x" * 301])
def test_a_reason_that_names_them_is_refused(cast: Cast, reason: str) -> None:
    with pytest.raises(RuleError) as refused:
        erase_customer(**cast.admin.acting, customer_id=cast.chen.pk, reason=reason)
    assert refused.value.field == "reason"
    assert PersonKey.objects.filter(pk=cast.chen.key_id, destroyed_at=None).exists()


# Twice, and after a kill


def test_asked_twice_it_is_one_erasure(cast: Cast, planted: Planted) -> None:
    first = erase(cast, planted)
    for file_id in (planted.customer.pk, planted.absorbed.pk):
        again = erase_customer(**cast.admin.acting, customer_id=file_id, reason=WHY)
        assert again.pk == first.pk
    assert Erasure.objects.count() == 1


def test_killed_after_any_chunk_it_goes_on(
    cast: Cast, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 3)
    record = erase_customer(**cast.admin.acting, customer_id=planted.customer.pk, reason=WHY)
    kills = 0
    real = erasing._go_on

    class Killed(BaseException):
        pass

    while not Erasure.objects.get(pk=record.pk).is_done:
        steps = 0

        def go_on(*given: Any) -> bool:
            nonlocal steps
            steps += 1
            if steps > 4:
                raise Killed
            return real(*given)

        monkeypatch.setattr(erasing, "_go_on", go_on)
        try:
            erasing.carry_out(record.pk)
        except Killed:
            kills += 1
        assert kills < 300
    assert kills > 10
    assert where(SIGN) == []


def test_going_through_everything_twice_changes_nothing(cast: Cast, planted: Planted) -> None:
    record = erase(cast, planted)

    def rest() -> list[tuple[str, str]]:
        own = ("customers_erasure", "core_", "django_tasks")
        return sorted(one for one in every_text() if not one[0].startswith(own))

    before = rest()
    with given():
        Erasure.objects.filter(pk=record.pk).update(done_at=None, place="", after=0, counts={})
    erasing.carry_out(record.pk)
    assert rest() == before


# Pages


def test_pages_say_erased_instead_of_breaking(cast: Cast, planted: Planted) -> None:
    erase(cast, planted)
    client = cast.admin.client()
    page = client.get(f"/customers/{planted.customer.pk}/")
    assert page.status_code == 410
    assert "已按要求删除" in page.content.decode()
    assert client.get(f"/customers/{planted.absorbed.pk}/").status_code == 410
    visit = FollowUp.objects.filter(result="content").get()
    notice = Notice.objects.get()
    feedback = Feedback.objects.get()
    for path in (
        f"/cases/{planted.complaint.number}/",
        f"/cases/{planted.complaint.number}/person/",
        f"/cases/{planted.repair.number}/",
        "/cases/?state=all",
        f"/cases/{planted.complaint.number}/panels/",
        f"/cases/{planted.complaint.number}/events/?after=0",
        f"/complaints/{planted.complaint.number}/archive/",
        f"/notices/{notice.number}/",
        f"/follow-ups/{visit.pk}/",
        f"/feedback/{feedback.pk}/",
        "/complaints/",
        "/follow-ups/",
        "/feedback/",
        "/audit/",
        "/customers/erasures/",
        f"/customers/erasures/{Erasure.objects.get().pk}/",
    ):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200, path
        assert SIGN not in answer.content.decode(), path
    attachment = planted.complaint.attachments.first()
    assert attachment is not None
    assert attachment.name == ERASED
    gone = client.get(f"/cases/files/{attachment.pk}/")
    assert gone.status_code == 404
    paper = client.get(f"/complaints/{planted.complaint.number}/archive.pdf")
    assert paper.status_code == 404
    assert "已删除" in paper.content.decode()
    assert TimelineEntry.objects.filter(customer_id=planted.customer.pk).exists()


def test_a_case_of_an_erased_person_is_only_looked_at(cast: Cast, planted: Planted) -> None:
    erase(cast, planted)
    with pytest.raises(Conflict) as refused:
        desk.add_note(**cast.lin.acting, case_id=planted.repair.pk, text="还要写")
    assert refused.value.code == "case_erased"


def test_the_page_shows_what_goes_and_wants_the_name(cast: Cast, planted: Planted) -> None:
    client = cast.admin.client()
    path = f"/customers/{planted.customer.pk}/erase/"
    page = client.get(path)
    assert page.status_code == 200
    assert planted.customer.name in page.content.decode()
    wrong = client.post(path, {"reason": WHY, "name": "别人"})
    assert wrong.status_code == 422
    assert not Erasure.objects.exists()
    right = client.post(path, {"reason": WHY, "name": planted.customer.name})
    assert right.status_code == 302
    assert Erasure.objects.get().reason == WHY
    assert cast.wang.client().get(path).status_code in (403, 404)
