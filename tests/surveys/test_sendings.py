"""A sending from the draw to the answer: who is drawn, who may be asked, what leaves, what comes back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.cast import SETUP, Cast, everybody
from tests.guards import given
from tests.surveys.sending_scene import (  # noqa: F401
    AFTERNOON,
    NIGHT,
    TEXT,
    Post,
    deliver,
    everything_leaves,
    invite,
    path_in,
    people,
    person,
    post_fixture,
    province,
    questionnaire,
    start,
)
from zhike.channels.webform.pacing import forget_tries
from zhike.core import clock, outbox
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, OutboxMessage, OutboxState
from zhike.core.outbox import Refused, Uncertain
from zhike.customers import services as customers
from zhike.customers.models import Consent, ContactRules, Outreach
from zhike.surveys.choices import SurveyState
from zhike.surveys.invited import ref_of, signed
from zhike.surveys.models import Invitation, Link, Response, Sending, Survey
from zhike.surveys.sampling import Sampling, draw
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services import sendings
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.sendings import Message
from zhike.surveys.services.taking_back import take_back

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_tries()


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    return questionnaire(cast)


def states(sending: Sending) -> dict[str, int]:
    return dict(figures_of(sending).by_state)


def answer(path: str, score: str = "5") -> Any:
    browser = Client(enforce_csrf_checks=True)
    html = browser.get(path, follow=True).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    return browser.post(path, {**fields, "q1": score})


def count() -> None:
    while count_some():
        pass


# Whom it goes to


def test_only_those_with_an_address_can_be_drawn(cast: Cast, survey: Survey) -> None:
    people(cast, 3)
    person(cast, "无邮箱")
    sample = draw(cast.admin.grants, Sampling("", "all", None, 1))
    assert (sample.frame, len(sample.drawn)) == (3, 3)
    assert sample.without_address == 2  # Chen of the cast beside them


def test_the_filter_is_that_of_the_list_of_customers(cast: Cast, survey: Survey) -> None:
    people(cast, 2, tier="vip")
    people(cast, 3, tier="key")
    assert draw(cast.admin.grants, Sampling("tab=key", "all", None, 1)).frame == 3
    with pytest.raises(RuleError) as refused:
        draw(cast.admin.grants, Sampling("tire=key", "all", None, 1))
    assert refused.value.code == "filter_unknown"
    assert "tire" in str(refused.value)


@pytest.mark.parametrize("plan", ["random", "systematic", "tier", "region"])
def test_the_same_seed_draws_the_same_people(cast: Cast, survey: Survey, plan: str) -> None:
    north, south = province("北省"), province("南省")
    people(cast, 12, tier="vip", region_id=north)
    people(cast, 6, tier="key", region_id=south)
    first, again, *others = (
        draw(cast.admin.grants, Sampling("", plan, 9, seed)) for seed in (5, 5, *range(6, 12))
    )
    assert first.drawn == again.drawn
    assert any(first.drawn != other.drawn for other in others)
    assert len({one.customer_id for one in first.drawn}) == 9
    if plan in ("tier", "region"):
        assert [(one.size, one.quota) for one in first.strata] == [(12, 6), (6, 3)]
        assert sum(one.tier == "vip" for one in first.drawn) == 6


@pytest.mark.parametrize(("plan", "wanted"), [("random", 4), ("random", None), ("random", 0)])
def test_a_sample_fits_its_list(cast: Cast, survey: Survey, plan: str, wanted: int | None) -> None:
    people(cast, 3)
    with pytest.raises(RuleError) as refused:
        start(cast, survey, sampling=Sampling("", plan, wanted, 1))
    assert refused.value.code == "sample_size"
    assert not Sending.objects.exists()
    assert not Link.objects.filter(is_personal=True).exists()


def test_people_out_of_reach_are_not_drawn(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    with pytest.raises(RuleError) as refused:
        draw(cast.zhou.grants, Sampling("", "all", None, 1))
    assert refused.value.code == "frame_empty"


# What is written


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("", TEXT, "subject"),
        ("两\n行", TEXT, "subject"),
        ("请评价", "没有地址", "text_link"),
        ("请评价", "{link} {link}", "text_link"),
        ("请评价", "{link} {phone}", "text_marks"),
        ("{name}请评价", "{link}", "text_marks"),
        ("请评价", "{link}" + "长" * 4000, "text"),
    ],
)
def test_a_message_that_cannot_be_sent(
    cast: Cast, survey: Survey, subject: str, text: str, code: str
) -> None:
    people(cast, 1)
    with pytest.raises(RuleError) as refused:
        start(cast, survey, message=Message(subject, text))
    assert refused.value.code == code


def test_words_of_the_list_are_asked_about(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    message = Message("请评价", "陈先生，您可能不太明白。{link}")
    with pytest.raises(RuleError) as refused:
        start(cast, survey, message=message)
    assert refused.value.code == "phrases_flagged"
    start(cast, survey, message=message, why_kept="上级要求原样记录")
    row = AuditRow.objects.get(action="surveys.sending.start")
    assert row.reason == "上级要求原样记录"


def test_nothing_starts_before_mail_and_address_are_set_up(
    cast: Cast, survey: Survey, settings: Any
) -> None:
    people(cast, 1)
    settings.ZHIKE_PUBLIC_URL = ""
    with pytest.raises(Conflict):
        start(cast, survey)
    assert "ZHIKE_PUBLIC_URL" in sendings.lacking()


def test_a_closed_questionnaire_invites_nobody(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    with given():
        Survey.objects.update(state=SurveyState.CLOSED)
    with pytest.raises(Conflict):
        start(cast, survey)


def test_pressed_twice_it_is_one_sending(cast: Cast, survey: Survey) -> None:
    people(cast, 2)
    first = start(cast, survey, submit_key="k")
    assert start(cast, survey, submit_key="k").pk == first.pk
    assert Invitation.objects.count() == 2
    assert AuditRow.objects.filter(action="surveys.sending.start").count() == 1


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


# What comes back


def test_one_answer_by_each_link_whatever_the_browser(
    cast: Cast,
    survey: Survey,
    post: Post,
) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    everything_leaves()
    path = path_in(post.letters[0])
    assert answer(path, "2").status_code == 303
    second = Client().get(path)
    assert second.status_code == 302
    assert second["Location"].endswith("/2/")
    invitation = Invitation.objects.get()
    row = Response.objects.get()
    assert (row.invitation_id, row.ref) == (invitation.pk, ref_of(invitation.pk))
    count()
    # The second page is not sent in yet; another telephone does it.
    assert states(sending) == {"sent": 1}
    assert answer(path).status_code == 303
    count()
    assert states(sending) == {"answered": 1}
    assert Response.objects.get().answers == {"q1": 2}


@pytest.mark.parametrize("token", ["1", "1.x", "1:abc", "x" * 5000, "1.ü"])
def test_a_link_that_was_not_signed_here(survey: Survey, token: str) -> None:
    for end in ("", "stop/", "thanks/", "1/"):
        assert Client().get(f"/q/i/{token}/{end}").status_code == 404
    assert Client().post(f"/q/i/{token}/stop/").status_code == 404


def test_the_link_of_another_is_not_reached_by_its_ref(
    cast: Cast,
    survey: Survey,
    post: Post,
) -> None:
    people(cast, 2)
    start(cast, survey)
    everything_leaves()
    mine, other = (path_in(letter) for letter in post.letters)
    stranger = ref_of(int(other.split("/")[3].partition(".")[0]))
    browser = Client()
    html = browser.get(mine).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    browser.post(mine, {**fields, "ref": stranger, "q1": "1"})
    assert Response.objects.get().ref != stranger


# Not again


def test_looking_at_the_page_changes_nothing_the_button_does(
    cast: Cast,
    survey: Survey,
    post: Post,
) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey, message=Message("请您评价", TEXT, reminders=1))
    everything_leaves()
    stop = path_in(post.letters[0], "stop")
    assert Client().get(stop).status_code == 200
    assert not Consent.objects.exists()
    assert Client(enforce_csrf_checks=True).post(stop).status_code == 200
    assert Client(enforce_csrf_checks=True).post(stop).status_code == 200
    no = Consent.objects.get()
    assert (no.customer_id, no.is_given, no.purpose.code, no.channel) == (
        one.pk, False, "survey", "web",
    )  # fmt: skip
    assert states(sending) == {"opted_out": 1}
    assert Invitation.objects.get().due_at is None
    assert figures_of(sending).opted_out == 1
    assert AuditRow.objects.get(action="customers.consent.withdraw").actor_kind == "customer"


def test_a_mail_program_says_it_in_one_click(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    start(cast, survey)
    everything_leaves()
    head = post.letters[0].text.split("\n")[1]
    path = head.removeprefix("https://desk.example.com")
    answered = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answered.status_code == 200
    assert Consent.objects.get().channel == "email"


def test_who_says_so_before_it_left_gets_no_mail(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    invite()
    row = Invitation.objects.get()
    assert Client().post(f"/q/i/{signed(row.pk)}/stop/").status_code == 200
    deliver()
    assert not post.letters
    assert OutboxMessage.objects.get().state == OutboxState.VOID
    assert states(sending) == {"opted_out": 1}


def test_who_has_answered_stays_counted(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    everything_leaves()
    answer(path_in(post.letters[0]))
    count()
    Client().post(path_in(post.letters[0], "stop"))
    assert states(sending) == {"answered": 1}
    assert figures_of(sending).opted_out == 1


# Who answers


def test_small_groups_are_not_told_apart(cast: Cast, survey: Survey, post: Post) -> None:
    people(cast, 6, tier="vip", region_id=province("北省"))
    people(cast, 7, tier="key", region_id=province("北省"))
    people(cast, 2, tier="careful", region_id=province("南省"))
    sending = start(cast, survey)
    everything_leaves()
    tiers = {one.label: one.rate for one in figures_of(sending).tiers}
    assert [rate.sent if rate else None for rate in tiers.values()] == [None, 7, None]
    regions = {one.label: one.rate for one in figures_of(sending).regions}
    assert regions == {"北省": None, "南省": None}


# The database says so too


def test_one_invitation_for_each_customer(cast: Cast, survey: Survey) -> None:
    (one,) = people(cast, 1)
    sending = start(cast, survey)
    with given(), transaction.atomic(), pytest.raises(IntegrityError):
        Invitation.objects.create(sending=sending, customer=one, tier="vip")


def test_a_foreign_sending_is_not_there(cast: Cast, survey: Survey) -> None:
    people(cast, 1)
    sending = start(cast, survey)
    with pytest.raises((NotFound, RuleError)):
        sendings.stop(**cast.zhou.acting, sending_id=sending.pk)


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
