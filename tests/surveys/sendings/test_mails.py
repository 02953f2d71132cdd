"""What leaves of a sending: who may be asked, mails and reminders, and that nothing more leaves once it stops."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import SETUP, Cast, everybody
from tests.guards import given
from tests.surveys.sending_scene import (
    AFTERNOON,
    NIGHT,
    TEXT,
    Post,
    answer,
    deliver,
    everything_leaves,
    invite,
    path_in,
    people,
    person,
    start,
    states,
)
from zhike.core import clock, outbox
from zhike.core.models import AuditRow, OutboxMessage, OutboxState
from zhike.core.outbox import Refused, Uncertain
from zhike.customers import services as customers
from zhike.customers.models import ContactRules, Outreach
from zhike.surveys.invited import signed
from zhike.surveys.models import Invitation, Survey
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services import inviting, sendings
from zhike.surveys.services.sendings import Message
from zhike.surveys.services.taking_back import take_back

pytestmark = pytest.mark.django_db


# What leaves


def test_a_mail_with_its_own_link_leaves_once(cast: Cast, survey: Survey, post: Post) -> None:
    chen, _other = people(cast, 2)
    sending = start(cast, survey)
    assert states(sending) == {"waiting": 2}
    invite()
    assert states(sending) == {"on_way": 2}
    everything_leaves()
    everything_leaves()
    assert states(sending) == {"sent": 2}
    assert len(post.letters) == 2
    letter = next(one for one in post.letters if one.address == f"{_mail_of(chen)}")
    assert letter.text.startswith("请您评价\nhttps://desk.example.com/q/i/")
    assert f"{chen.name}，您好" in letter.text
    assert len({path_in(one) for one in post.letters}) == 2
    notes = Outreach.objects.filter(customer=chen)
    assert [(row.purpose.code, row.channel) for row in notes] == [("survey", "email")]


def _mail_of(customer: Any) -> str:
    from zhike.core.sealing import unseal

    return str(unseal(customer.identities.get(channel="email").value_sealed))


def test_the_outbox_holds_no_personal_address(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    start(cast, survey)
    everything_leaves()
    text = OutboxMessage.objects.get().text
    assert "{link}" in text
    assert "{stop}" in text
    assert signed(Invitation.objects.get().pk) not in text
    assert signed(Invitation.objects.get().pk) in post.letters[0].text


def test_the_policy_is_asked_when_the_mail_leaves(cast: Cast, survey: Survey, post: Post) -> None:
    said_no, too_often, merged, fine = people(cast, 4)
    sending = start(cast, survey)
    customers.record_consent(
        actor=SETUP, grants=everybody(), customer_id=said_no.pk, purpose="survey",
        is_given=False, channel="phone",
    )  # fmt: skip
    with given():
        rules = ContactRules.objects.first() or ContactRules(pk=1)
        rules.cap_count, rules.cap_days = 1, 7
        rules.save()
    customers.contact(
        actor=SETUP, grants=everybody(), customer_id=too_often.pk, purpose="survey",
        channel="phone",
    )  # fmt: skip
    with given():
        type(merged).objects.filter(pk=merged.pk).update(voided_at=clock.now())
    everything_leaves()
    assert states(sending) == {"refused": 3, "sent": 1}
    found = figures_of(sending)
    assert {one.code for one in found.refused} == {"withdrawn", "too_often", "no_file"}
    assert [one.address for one in post.letters] == [_mail_of(fine)]
    assert Outreach.objects.filter(customer=said_no).count() == 0


def test_in_the_quiet_hours_mails_wait(
    cast: Cast,
    survey: Survey,
    post: Post,
    frozen_clock: Any,
) -> None:
    people(cast, 1)
    frozen_clock(NIGHT)
    sending = start(cast, survey)
    everything_leaves()
    assert states(sending) == {"waiting": 1}
    assert not post.letters
    due = Invitation.objects.get().due_at
    assert due is not None
    assert clock.local(due).hour == 8
    frozen_clock(due)
    everything_leaves()
    assert len(post.letters) == 1


def test_an_address_that_is_gone_meanwhile(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey)
    with given():
        one.identities.update(voided_at=clock.now())
    everything_leaves()
    assert [reason.code for reason in figures_of(sending).refused] == ["no_address"]


@pytest.mark.parametrize(
    ("said", "state"), [(Refused("550"), "failed"), (Uncertain("?"), "on_way")]
)
def test_what_the_mail_server_says(
    cast: Cast,
    survey: Survey,
    post: Post,
    said: Any,
    state: str,
) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    post.answers = [said]
    everything_leaves()
    assert states(sending) == {state: 1}
    assert len(post.letters) == 1


def test_a_person_settles_what_is_uncertain(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    post.answers = [Uncertain("?")]
    everything_leaves()
    outbox.decide(
        **cast.admin.acting,
        message_id=OutboxMessage.objects.get().pk,
        decision="delivered",
        reason="客户来电说收到了",
    )
    assert states(sending) == {"sent": 1}


def test_stopped_means_that_nothing_more_leaves(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 2)
    sending = start(cast, survey)
    sendings.stop(**cast.admin.acting, sending_id=sending.pk)
    everything_leaves()
    assert not post.letters
    assert [(one.code, one.count) for one in figures_of(sending).refused] == [("stopped", 2)]
    assert AuditRow.objects.filter(action="surveys.sending.stop").count() == 1


def test_a_killed_round_puts_nothing_or_all(
    cast: Cast, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(cast, 3)
    start(cast, survey)

    def die(*_args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr("zhike.surveys.services.inviting.note_outreaches", die)
        with pytest.raises(SystemExit):
            invite()
    assert not OutboxMessage.objects.exists()
    assert not Outreach.objects.exists()
    invite()
    assert OutboxMessage.objects.count() == Outreach.objects.count() == 3


# Reminders


def test_reminders_go_to_those_who_have_not_answered(
    cast: Cast,
    survey: Survey,
    post: Post,
    frozen_clock: Any,
) -> None:
    people(cast, 2)
    start(cast, survey, message=Message("请您评价", TEXT, reminders=2, remind_after_days=4))
    everything_leaves()
    answer(path_in(post.letters[0]))
    for days, letters in ((3, 2), (4, 3), (5, 3), (8, 4), (20, 4)):
        frozen_clock(AFTERNOON + timedelta(days=days))
        everything_leaves()
        assert len(post.letters) == letters, days
    assert {one.address for one in post.letters[2:]} == {post.letters[1].address}
    assert "请您评价" in post.letters[2].text.partition("\n")[0] != "请您评价"
    assert path_in(post.letters[2]) == path_in(post.letters[1])


def test_a_reminder_too_is_asked_for(
    cast: Cast,
    survey: Survey,
    post: Post,
    frozen_clock: Any,
) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey, message=Message("请您评价", TEXT, reminders=1))
    everything_leaves()
    customers.record_consent(
        actor=SETUP, grants=everybody(), customer_id=one.pk, purpose="survey", is_given=False,
        channel="phone",
    )  # fmt: skip
    frozen_clock(AFTERNOON + timedelta(days=3))
    everything_leaves()
    assert len(post.letters) == 1
    found = figures_of(sending)
    assert found.sent == 1
    assert not found.refused
    assert [reason.code for reason in found.unreminded] == ["withdrawn"]


# Send no more


def test_send_no_more_takes_back_what_waits_in_the_outbox(
    cast: Cast, survey: Survey, post: Post
) -> None:
    people(cast, 3)
    sending = start(cast, survey)
    invite()
    assert states(sending) == {"on_way": 3}
    sendings.stop(**cast.admin.acting, sending_id=sending.pk)
    take_back(sending.pk)
    take_back(sending.pk)
    deliver()
    assert not post.letters
    assert states(sending) == {"refused": 3}
    assert [(one.code, one.count) for one in figures_of(sending).refused] == [("stopped", 3)]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {OutboxState.VOID}


def test_what_is_being_sent_when_it_stops_says_of_itself_how_it_ended(
    cast: Cast, survey: Survey, post: Post
) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    invite()
    with given():
        held = {"claim": "c", "lease_until": AFTERNOON + timedelta(hours=1)}
        OutboxMessage.objects.update(state=OutboxState.SENDING, **held)
    sendings.stop(**cast.admin.acting, sending_id=sending.pk)
    take_back(sending.pk)
    assert states(sending) == {"on_way": 1}
    assert OutboxMessage.objects.get().state == OutboxState.SENDING


def test_a_reminder_in_the_outbox_is_taken_back_and_the_mail_stays_sent(
    cast: Cast, survey: Survey, post: Post, frozen_clock: Any
) -> None:
    people(cast, 1)
    sending = start(cast, survey, message=Message("请您评价", TEXT, reminders=1))
    everything_leaves()
    frozen_clock(AFTERNOON + timedelta(days=3))
    invite()
    sendings.stop(**cast.admin.acting, sending_id=sending.pk)
    take_back(sending.pk)
    deliver()
    assert len(post.letters) == 1
    assert states(sending) == {"sent": 1}


def test_whose_invitation_became_anothers_meanwhile_is_asked_in_the_next_round(
    cast: Cast, survey: Survey, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(cast, 2)
    sending = start(cast, survey)
    heir = person(cast, "接手的", address="heir@example.com")
    first = sending.invitations.order_by("pk")[0]
    looked = inviting._once_each

    def moved(rows: Any) -> dict[int, int]:
        found = looked(rows)
        monkeypatch.setattr(inviting, "_once_each", looked)
        with given():
            Invitation.objects.filter(pk=first.pk).update(customer=heir)
        return found

    monkeypatch.setattr(inviting, "_once_each", moved)
    everything_leaves()
    assert states(sending) == {"sent": 2}
    assert "heir@example.com" in {letter.address for letter in post.letters}
