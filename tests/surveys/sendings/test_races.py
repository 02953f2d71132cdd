"""Several workers invite at once, and one who stops the sending meanwhile, with real transactions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.apps import apps

from tests.cast import Cast, make_cast
from tests.desk import test_races as races
from tests.desk.conftest import _planted  # noqa: F401 — the kinds of case and the calendar
from tests.guards import given
from tests.proofs import figure, rounds
from tests.surveys.sending_scene import (
    AFTERNOON,
    Post,
    deliver,
    people,
    post_office,
    questionnaire,
    start,
)
from tests.transactions import real_transactions  # noqa: F401
from zhike.core import clock
from zhike.core.models import OutboxMessage
from zhike.customers.consent_seeds import plant
from zhike.customers.models import Outreach
from zhike.surveys.models import Invitation
from zhike.surveys.services import sendings
from zhike.surveys.services.inviting import invite_some
from zhike.surveys.services.taking_back import take_back

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 24


@pytest.fixture
def post(real_transactions: None, _planted: None, frozen_clock: Any) -> Iterator[Post]:  # noqa: F811
    frozen_clock(AFTERNOON)
    with given():
        plant(apps, AFTERNOON)
    with post_office() as found:
        yield found


@pytest.fixture
def town(post: Post) -> Cast:
    return make_cast()


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """In threads of their own, for which the clock stands as it does here."""

    def stopped(act: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with clock.override(AFTERNOON):
                return act()

        return run

    results = races.at_once([stopped(act) for act in acts])
    assert not [one for one in results if isinstance(one, Exception)]
    return results


def invite_all() -> None:
    while invite_some():
        pass


def test_three_workers_put_each_mail_once(town: Cast, post: Post) -> None:
    people(town, MANY)
    start(town, questionnaire(town))
    at_once([invite_all, invite_all, invite_all])
    assert OutboxMessage.objects.count() == Outreach.objects.count() == MANY
    assert set(Invitation.objects.values_list("state", flat=True)) == {"on_way"}
    deliver()
    assert len(post.letters) == len({one.address for one in post.letters}) == MANY


@pytest.mark.proof
def test_stopped_while_it_invites_nothing_leaves_afterwards(town: Cast, post: Post) -> None:
    times = rounds(short=3, long=50)
    survey = questionnaire(town)
    people(town, MANY)
    for _time in range(times):
        sending = start(town, survey)
        at_once([invite_all, partial(sendings.stop, **town.admin.acting, sending_id=sending.pk)])
        take_back(sending.pk)
        invite_all()
        deliver()
        states = set(sending.invitations.values_list("state", "refusal"))
        assert states <= {("refused", "stopped"), ("refused", "too_often")}
    assert not post.letters
    figure("Stopped while it invites", times)
