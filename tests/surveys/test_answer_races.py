"""The same response from two windows, and two workers counting, with real transactions."""

from typing import Any

import pytest

from tests.cast import make_cast
from tests.desk.conftest import _planted  # noqa: F401 — the kinds of case and the calendar
from tests.desk.test_races import at_once
from tests.surveys.scene import AFTER_CONTACT, published
from tests.surveys.test_answers import sent, tallies
from tests.transactions import real_transactions  # noqa: F401
from zhike.surveys.models import Link, Response
from zhike.surveys.services.answers import new_ref, save, way_of
from zhike.surveys.services.counting import count_some

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link(real_transactions: None, _planted: None) -> Link:  # noqa: F811
    return published(make_cast().zhoukou, AFTER_CONTACT)


def sending(link: Link, ref: str, value: int) -> Any:
    way = way_of(link.token)
    return lambda: save(way, ref, way.version_id, sent(q1=value))


def test_one_response_sent_from_two_windows(link: Link) -> None:
    ref = new_ref()
    results = at_once([sending(link, ref, 4), sending(link, ref, 5)])
    assert not [one for one in results if isinstance(one, Exception)]
    row = Response.objects.get()
    assert row.revision == 2
    assert row.answers in ({"q1": 4}, {"q1": 5})


def test_two_workers_count_each_response_once(link: Link) -> None:
    for value in (4, 5, 5):
        sending(link, new_ref(), value)()
    results = at_once([count_some, count_some, count_some])
    assert not [one for one in results if isinstance(one, Exception)]
    while count_some():
        pass
    assert tallies(link) == {
        ("", "complete"): (3, 0.0),
        ("q1", ""): (3, 14.0),
        ("q1", "4"): (1, 0.0),
        ("q1", "5"): (2, 0.0),
    }


def test_a_change_while_it_is_counted_is_neither_lost_nor_doubled(link: Link) -> None:
    ref = new_ref()
    sending(link, ref, 4)()
    for _round in range(5):
        at_once([sending(link, ref, 5), count_some])
        at_once([sending(link, ref, 4), count_some])
    while count_some():
        pass
    stands = Response.objects.get().answers["q1"]
    assert tallies(link) == {
        ("", "complete"): (1, 0.0),
        ("q1", ""): (1, float(stands)),
        ("q1", str(stands)): (1, 0.0),
    }
