"""What becomes of invitations and named answers when a person is erased, asks for a copy, or time runs out."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.guards import given
from tests.surveys.scene import ZH
from tests.surveys.sending_scene import (
    AFTERNOON,
    Post,
    count,
    everything_leaves,
    people,
    start,
)
from zhike.core.erasing import ERASED, HOLDS, Person
from zhike.core.errors import NotFound
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.retention import CLASSES, ENDED
from zhike.customers.models import Customer
from zhike.customers.services.erasing import erase_customer
from zhike.surveys import erasing
from zhike.surveys.choices import InvitationState
from zhike.surveys.cutting import cut
from zhike.surveys.invited import ref_of, signed
from zhike.surveys.models import Invitation, Response, Survey, Tally
from zhike.surveys.personal_data import _rows
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services.answers import Sent, _update, begun, invited_way_of, save
from zhike.surveys.services.inviting import invite_some

pytestmark = pytest.mark.django_db
WORDS = "车斗焊缝又裂了"


def answer_in_words(invitation: Invitation) -> Response:
    way = invited_way_of(signed(invitation.pk))
    pages: list[dict[str, Any]] = [{"q1": 1}, {"why": WORDS}]
    for page, answers in enumerate(pages):
        save(way, "", way.version_id, Sent(frozenset(answers), answers, ZH, page))
    count()
    return Response.objects.get(invitation=invitation)


def tallies() -> Counter[Any]:
    rows = Tally.objects.values_list("part", "value", "count", "amount")
    return Counter(rows)


def erase(cast: Cast, customer: Customer) -> None:
    erase_customer(**cast.admin.acting, customer_id=customer.pk, reason="本人要求")
    run_pending_jobs()


def test_erasing_cuts_the_way_from_the_answers_to_the_person(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey)
    everything_leaves()
    invitation = Invitation.objects.get()
    answered, before = answer_in_words(invitation), tallies()
    erase(cast, one)
    row = Response.objects.get(pk=answered.pk)
    assert row.invitation_id is None
    assert row.ref != ref_of(invitation.pk)
    assert row.answers == {"q1": 1, "why": ERASED}
    count()
    assert tallies() == before
    found = figures_of(sending)
    assert (found.sent, found.answered) == (1, 1)
    for end in ("", "stop/", "thanks/"):
        assert Client().get(f"/q/i/{signed(invitation.pk)}/{end}").status_code == 404


def test_nobody_answers_while_their_answers_are_gone_through(
    cast: Cast, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = people(cast, 1)
    start(cast, survey)
    everything_leaves()
    invitation = Invitation.objects.get()
    answer_in_words(invitation)

    def parted(rows: Any, mark: str, unit: Any) -> None:
        cut(rows, mark, unit)
        with pytest.raises(NotFound):
            answer_in_words(invitation)

    monkeypatch.setattr(erasing, "cut", parted)
    erase(cast, one)
    row = Response.objects.get()
    assert (row.invitation_id, row.answers) == (None, {"q1": 1, "why": ERASED})


def test_a_page_that_is_being_saved_brings_no_words_back(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    start(cast, survey)
    everything_leaves()
    invitation = Invitation.objects.get()
    answer_in_words(invitation)
    way = invited_way_of(signed(invitation.pk))
    read, before = begun(way, ""), tallies()
    erase(cast, one)
    assert read is not None
    assert _update(way, read, Sent(frozenset({"why"}), {"why": WORDS}, ZH, 1)) is None
    assert Response.objects.get().answers == {"q1": 1, "why": ERASED}
    count()
    assert tallies() == before


def test_words_changed_since_they_were_counted_go_too(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    start(cast, survey)
    everything_leaves()
    invitation = Invitation.objects.get()
    answer_in_words(invitation)
    way = invited_way_of(signed(invitation.pk))
    save(way, "", way.version_id, Sent(frozenset({"why"}), {"why": f"还是{WORDS}"}, ZH, 1))
    erase(cast, one)
    row = Response.objects.get()
    assert WORDS not in f"{row.answers}{row.counted_answers}"


def test_who_is_erased_before_the_mail_gets_none(cast: Cast, survey: Survey, post: Post) -> None:
    one, _other = people(cast, 2)
    sending = start(cast, survey)
    erase(cast, one)
    everything_leaves()
    assert len(post.letters) == 1
    assert [reason.code for reason in figures_of(sending).refused] == ["no_file"]


def test_a_mail_on_its_way_stands_against_erasing(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    start(cast, survey)
    invite_some()
    assert Invitation.objects.get().state == InvitationState.ON_WAY
    person = Person((one.pk,), (one.key_id,), (one.name,))
    reasons = [reason.code for hold in HOLDS for reason in hold.reasons(person)]
    assert "invitation_on_its_way" in reasons


def test_a_copy_holds_what_they_answered(cast: Cast, survey: Survey) -> None:
    one, _other = people(cast, 2)
    start(cast, survey)
    everything_leaves()
    for row in Invitation.objects.order_by("pk"):
        answer_in_words(row)
    rows = list(_rows([one.pk]))
    assert [row["answer"] for row in rows] == ["1 / 5", WORDS]


def test_after_the_time_that_was_set_the_names_go(
    cast: Cast, survey: Survey, frozen_clock: Any
) -> None:
    people(cast, 1)
    start(cast, survey)
    everything_leaves()
    answer_in_words(Invitation.objects.get())
    kind = CLASSES.get("surveys.named_answers")
    assert kind is not None
    assert kind.rows is not None
    assert kind.end is not None
    assert not kind.rows(AFTERNOON - timedelta(days=1)).exists()
    due = kind.rows(AFTERNOON + timedelta(days=1))
    with given():
        kind.end(list(due), None)
    assert Response.objects.get().answers == {"q1": 1, "why": ENDED}
    assert not kind.rows(AFTERNOON + timedelta(days=1)).exists()
