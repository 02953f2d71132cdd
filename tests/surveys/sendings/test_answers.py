"""What comes back of a sending: one answer by each link, “not again”, and who answers."""

import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.surveys.sending_scene import (
    TEXT,
    Post,
    answer,
    count,
    deliver,
    everything_leaves,
    invite,
    path_in,
    people,
    province,
    start,
    states,
)
from zhike.core.models import AuditRow, OutboxMessage, OutboxState
from zhike.customers.models import Consent
from zhike.surveys.invited import ref_of, signed
from zhike.surveys.models import Invitation, Response, Survey
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services.sendings import Message

pytestmark = pytest.mark.django_db


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
