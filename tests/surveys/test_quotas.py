"""At most so many, to the last one: many at once, changes afterwards, and quotas set when answers were there."""

from functools import partial
from typing import Any

import pytest

from tests.cast import make_cast
from tests.desk.conftest import _planted  # noqa: F401 — the kinds of case and the calendar
from tests.desk.test_races import at_once
from tests.surveys.scene import document, options, page, publish, published, question
from tests.surveys.test_answers import sent
from tests.transactions import real_transactions  # noqa: F401
from zhike.surveys.models import Link, QuotaPlace, Response
from zhike.surveys.services.answers import new_ref, save, way_of

pytestmark = pytest.mark.django_db(transaction=True)


def asked(most: int) -> dict[str, Any]:
    quotas = [{"question": "sex", "value": "f", "most": most}] if most else []
    return document(
        page("s1", question("sex", "multiple", options=options("f", "m"))), quotas=quotas
    )


@pytest.fixture
def link(real_transactions: None, _planted: None) -> Link:  # noqa: F811
    return published(make_cast().zhoukou, asked(3))


def answer(link: Link, ref: str, *sex: str) -> Any:
    way = way_of(link.token)
    return save(way, ref, way.version_id, sent(sex=list(sex)))


def states() -> list[str]:
    return sorted(Response.objects.values_list("state", flat=True))


def test_of_eight_at_once_three_find_a_place(link: Link) -> None:
    refs = [new_ref() for _one in range(8)]
    results = at_once([partial(answer, link, ref, "f") for ref in refs])
    assert not [one for one in results if isinstance(one, Exception)]
    assert states() == ["complete"] * 3 + ["full"] * 5
    assert QuotaPlace.objects.get().taken == 3


def test_the_same_answer_sent_twice_at_once_takes_one_place(link: Link) -> None:
    ref = new_ref()
    at_once([lambda: answer(link, ref, "f") for _time in range(2)])
    assert states() == ["complete"]
    assert QuotaPlace.objects.get().taken == 1


def test_a_change_gives_the_place_back_and_another_takes_it(link: Link) -> None:
    refs = [new_ref() for _one in range(3)]
    for ref in refs:
        answer(link, ref, "f")
    answer(link, refs[0], "m")
    assert QuotaPlace.objects.get().taken == 2
    assert answer(link, new_ref(), "f").state == "complete"
    # No place is left to come back to: thanked, and not counted.
    assert answer(link, refs[0], "f").state == "full"
    assert states() == ["complete"] * 3 + ["full"]


def test_what_was_answered_before_there_was_a_quota_counts(link: Link) -> None:
    publish(link.survey, asked(0))
    for _one in range(2):
        answer(link, new_ref(), "f")
    publish(link.survey, asked(3))
    assert [answer(link, new_ref(), "f").state for _one in range(2)] == ["complete", "full"]
    assert answer(link, new_ref(), "m").state == "complete"


def test_without_quotas_an_answer_stays_one_statement(
    link: Link, django_assert_num_queries: Any
) -> None:
    publish(link.survey, asked(0))
    way = way_of(link.token)
    with django_assert_num_queries(1):
        save(way, new_ref(), way.version_id, sent(sex=["f"]))
    assert not QuotaPlace.objects.exists()
