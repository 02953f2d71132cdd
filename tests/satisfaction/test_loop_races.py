"""Two workers at once, somebody who reopens meanwhile, and a job that dies half-way, with real transactions."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from typing import Any

import pytest

from tests.cast import Cast, make_cast
from tests.desk import test_races as races
from tests.guards import given
from tests.proofs import figure, rounds
from tests.satisfaction import loop_scene
from tests.satisfaction.delivery_scene import delivery_rule, told
from tests.satisfaction.loop_scene import (
    answer,
    cap,
    count,
    ended,
    leave,
    loop_rule,
    questionnaire,
    reopen,
)
from tests.surveys.sending_scene import AFTERNOON, Post, deliver, post_office
from tests.transactions import real_transactions  # noqa: F401
from zhike.core import clock
from zhike.core.models import OutboxMessage, OutboxState
from zhike.customers.models import Erasure, Outreach, TimelineEntry
from zhike.customers.services.erasing import erase_customer
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseLink
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.services import closing_loop
from zhike.satisfaction.services.closing_loop import judge
from zhike.satisfaction.services.deliveries import withdraw_delivery
from zhike.surveys.models import Invitation
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.inviting import invite_some

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(real_transactions: None, frozen_clock: Any) -> Iterator[Post]:  # noqa: F811
    frozen_clock(AFTERNOON)
    with given():
        loop_scene.plant()
    with post_office() as found:
        yield found


@pytest.fixture
def town(post: Post) -> Cast:
    cast = make_cast()
    with given():
        loop_scene.address(cast)
        cap(50)
    loop_rule(cast, questionnaire(cast))
    return cast


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """In threads of their own, for which the clock stands as it does here."""

    def stopped(act: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with clock.override(AFTERNOON):
                return act()

        return run

    return races.at_once([stopped(act) for act in acts])


def one_answer(town: Cast, score: int = 1) -> Ask:
    case = ended(town)
    leave()
    ask = Ask.objects.get(case=case)
    answer(ask, score)
    count()
    return ask


def test_two_workers_put_each_mail_once(town: Cast) -> None:
    for _case in range(6):
        ended(town)
    results = at_once([invite_some, invite_some, invite_some])
    assert not [one for one in results if isinstance(one, Exception)]
    while invite_some():
        pass
    assert OutboxMessage.objects.count() == Outreach.objects.count() == 6
    assert set(Invitation.objects.values_list("state", flat=True)) == {"on_way"}


def test_two_workers_open_one_case(town: Cast) -> None:
    ask = one_answer(town)
    results = at_once([lambda: judge(ask.pk)] * 3)
    assert not [one for one in results if isinstance(one, Exception)]
    ask.refresh_from_db()
    assert ask.opened_id is not None
    assert Case.objects.count() == 2
    assert (
        CaseLink.objects.count() == TimelineEntry.objects.filter(room="satisfaction").count() == 1
    )


def test_changed_while_it_is_seen_to_it_is_one_case_and_the_change_is_not_lost(town: Cast) -> None:
    ask = one_answer(town)
    at_once([lambda: judge(ask.pk), lambda: answer(ask, 5), count_some])
    count()
    judge(ask.pk)
    ask.refresh_from_db()
    assert Case.objects.count() in (1, 2)
    assert ask.judged_revision == ask.invitation.response.revision if ask.invitation else False
    assert (ask.opened_id is not None) == (Case.objects.count() == 2)


@pytest.mark.proof
def test_reopened_while_its_mail_leaves_nothing_is_left_to_be_sent(town: Cast, post: Post) -> None:
    times = rounds(short=3, long=50)
    for _time in range(times):
        case = ended(town)
        results = at_once([invite_some, partial(reopen, town, case)])
        assert not [one for one in results if isinstance(one, Exception)]
        deliver()
        invitation = Ask.objects.get(case=case).invitation
        assert invitation is not None
        assert (invitation.state, invitation.refusal) == ("refused", "overtaken")
    assert not OutboxMessage.objects.filter(state=OutboxState.WAITING).exists()
    assert len(post.letters) == 0
    figure("Reopened while the mail leaves", times)


def test_two_programs_tell_one_delivery_and_two_workers_see_to_it(town: Cast) -> None:
    delivery_rule(town, survey=AskRule.objects.get().survey)
    results = at_once([lambda: told(town, "SO-1")] * 3)
    assert not [one for one in results if isinstance(one, Exception)]
    assert sorted(one.is_new for one in results) == [False, False, True]
    ask = Ask.objects.get(delivery__isnull=False)
    leave()
    answer(ask, 1)
    count()
    results = at_once([lambda: judge(ask.pk)] * 3)
    assert not [one for one in results if isinstance(one, Exception)]
    ask.refresh_from_db()
    assert ask.opened_id is not None
    assert Case.objects.count() == 1


@pytest.mark.proof
def test_withdrawn_while_its_mail_leaves_either_it_stays_or_nothing_is_sent(
    town: Cast, post: Post
) -> None:
    delivery_rule(town, survey=AskRule.objects.get().survey)
    times = rounds(short=3, long=50)
    for number in range(times):
        row = told(town, f"SO-{number}").delivery
        before = len(post.letters)
        acting = town.admin.acting
        results = at_once([invite_some, partial(withdraw_delivery, **acting, delivery_id=row.pk)])
        assert not [one for one in results if isinstance(one, Exception)]
        deliver()
        row.refresh_from_db()
        assert row.withdrawn_at is not None
        assert len(post.letters) == before
    figure("Withdrawn while the mail leaves", times)


def test_whoever_erases_a_person_waits_for_the_case_that_is_opened_about_them(
    town: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits for the case, and then is refused for it as for any open one."""
    ask = one_answer(town)
    real, begun = desk.link_cases, Event()

    def links(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        time.sleep(0.7)
        return real(*args, **kwargs)

    def erases() -> None:
        assert begun.wait(20)
        erase_customer(**town.admin.acting, customer_id=town.chen.pk, reason="本人要求")

    monkeypatch.setattr(desk, "link_cases", links)
    results = at_once([lambda: judge(ask.pk), erases])
    assert [str(one.code) for one in races.conflicts(results)] == ["erasure_held"]
    ask.refresh_from_db()
    assert ask.opened_id is not None
    assert not Erasure.objects.exists()


class Died(BaseException):
    """As a kill: nothing catches it, and the transaction is gone."""


@pytest.mark.parametrize("where", ["open_case", "link_cases", "line"])
def test_a_job_that_died_half_way_left_nothing_and_does_it_all_the_next_time(
    town: Cast, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ask = one_answer(town)
    steps = {
        "open_case": (desk, "open_case"),
        "link_cases": (desk, "link_cases"),
        "line": (closing_loop, "_line"),
    }
    owner, name = steps[where]
    real = getattr(owner, name)

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies)
        with pytest.raises(Died):
            judge(ask.pk)
    ask.refresh_from_db()
    assert (ask.judged_revision, ask.opened_id, Case.objects.count()) == (0, None, 1)
    judge(ask.pk)
    judge(ask.pk)
    ask.refresh_from_db()
    assert ask.opened_id is not None
    assert Case.objects.count() == 2
