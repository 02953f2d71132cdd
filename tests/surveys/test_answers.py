"""Responses as they are kept and counted, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import Cast
from tests.surveys.scene import (
    AFTER_CONTACT,
    ZH,
    document,
    options,
    page,
    publish,
    published,
    question,
)
from zhike.core import clock
from zhike.core.errors import NotFound, RuleError
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Link, Response, Tally
from zhike.surveys.services.answers import Sent, begun, new_ref, save, way_of
from zhike.surveys.services.counting import AT_ONCE, count_some

pytestmark = pytest.mark.django_db


def sent(number: int = 0, **answers: Any) -> Sent:
    return Sent(frozenset(answers), {k: v for k, v in answers.items() if v is not None}, ZH, number)


def answer(link: Link, *pages: Sent, ref: str = "") -> Response:
    way, ref = way_of(link.token), ref or new_ref()
    for one in pages:
        save(way, ref, way.version_id, one)
    return Response.objects.get(ref=ref)


def tallies(link: Link) -> dict[tuple[str, str], tuple[int, float]]:
    rows = Tally.objects.filter(survey_id=link.survey_id).exclude(count=0)
    return {(row.part, row.value): (row.count, row.amount) for row in rows}


def count() -> int:
    found = 0
    while some := count_some():
        found += some
    return found


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, AFTER_CONTACT)


def test_one_click_is_one_complete_response(link: Link, django_assert_num_queries: Any) -> None:
    way = way_of(link.token)
    with django_assert_num_queries(1):
        save(way, new_ref(), way.version_id, sent(q1=5))
    row = Response.objects.get()
    assert (row.state, row.answers, row.language, row.revision) == ("complete", {"q1": 5}, ZH, 1)
    assert count() == 1
    assert tallies(link) == {
        ("", "complete"): (1, 0.0),
        ("q1", ""): (1, 5.0),
        ("q1", "5"): (1, 0.0),
    }
    assert count() == 0


def test_whoever_is_not_content_is_asked_why(link: Link) -> None:
    ref = new_ref()
    row = answer(link, sent(q1=2), ref=ref)
    assert row.state == "partial"
    count()
    assert tallies(link) == {("", "partial"): (1, 0.0)}
    row = answer(link, sent(q1=2), sent(1, why="等了太久"), ref=ref)
    assert (row.state, row.answers) == ("complete", {"q1": 2, "why": "等了太久"})
    count()
    assert tallies(link) == {
        ("", "complete"): (1, 0.0),
        ("q1", ""): (1, 2.0),
        ("q1", "2"): (1, 0.0),
        ("why", ""): (1, 0.0),
    }


def test_a_page_sent_twice_is_one_response(link: Link) -> None:
    ref = new_ref()
    answer(link, sent(q1=5), sent(q1=5), ref=ref)
    count()
    assert Response.objects.count() == 1
    assert tallies(link)["", "complete"] == (1, 0.0)


def test_changed_answers_are_counted_once_as_they_stand(link: Link) -> None:
    ref = new_ref()
    answer(link, sent(q1=5), ref=ref)
    count()
    answer(link, sent(q1=4), ref=ref)
    answer(link, sent(q1=2), ref=ref)
    row = answer(link, sent(1, why="想了想"), ref=ref)
    assert (row.counted_revision, row.revision, row.counted_answers) == (1, 4, {"q1": 5})
    count()
    assert tallies(link) == {
        ("", "complete"): (1, 0.0),
        ("q1", ""): (1, 2.0),
        ("q1", "2"): (1, 0.0),
        ("why", ""): (1, 0.0),
    }
    # Back to content: the page on which they said why is off the way, and so is what stood there.
    row = answer(link, sent(q1=5), ref=ref)
    assert row.answers == {"q1": 5}
    count()
    assert tallies(link) == {
        ("", "complete"): (1, 0.0),
        ("q1", ""): (1, 5.0),
        ("q1", "5"): (1, 0.0),
    }


def test_an_answer_can_be_taken_back(link: Link) -> None:
    ref = new_ref()
    answer(link, sent(q1=2), sent(1, why="等了太久"), ref=ref)
    row = answer(link, sent(1, why=None), ref=ref)
    assert row.answers == {"q1": 2}


def test_hundreds_are_counted_a_hundred_at_a_time(link: Link) -> None:
    for number in range(AT_ONCE + 7):
        answer(link, sent(q1=1 + number % 2 + 3))
    assert [count_some(), count_some(), count_some()] == [AT_ONCE, 7, 0]
    assert tallies(link)["", "complete"][0] == AT_ONCE + 7


def test_answers_settle_after_two_days(link: Link, frozen_clock: Any) -> None:
    ref = new_ref()
    answer(link, sent(q1=5), ref=ref)
    later = clock.now() + timedelta(hours=48)
    frozen_clock(later - timedelta(seconds=1))
    answer(link, sent(q1=4), ref=ref)
    frozen_clock(later + timedelta(seconds=1))
    with pytest.raises(RuleError) as refused:
        answer(link, sent(q1=1), ref=ref)
    assert (refused.value.status, refused.value.code) == (409, "answers_settled")
    assert Response.objects.get().answers == {"q1": 4}


def test_begun_ones_may_be_finished_for_two_weeks(link: Link, frozen_clock: Any) -> None:
    ref = new_ref()
    answer(link, sent(q1=2), ref=ref)
    frozen_clock(clock.now() + timedelta(days=13))
    assert answer(link, sent(1, why="x"), ref=ref).state == "complete"


def test_what_was_begun_may_be_finished_after_closing_and_nothing_new_begun(link: Link) -> None:
    ref = new_ref()
    answer(link, sent(q1=2), ref=ref)
    link.survey.state = SurveyState.CLOSED
    link.survey.save()
    assert answer(link, sent(1, why="x"), ref=ref).state == "complete"
    with pytest.raises(RuleError) as refused:
        answer(link, sent(q1=5))
    assert refused.value.status == 410
    assert Response.objects.count() == 1


@pytest.fixture(autouse=True)
def _scene(given: Any) -> Any:
    """Closing and publishing are services of their own; here they set the scene."""
    with given():
        yield


def test_a_response_keeps_the_version_it_began_with(link: Link) -> None:
    ref, way = new_ref(), way_of(link.token)
    save(way, ref, way.version_id, sent(q1=2))
    first = way.version_id
    publish(link.survey, document(page("s1", question("other", "nps")), title={ZH: "新的"}))
    way = way_of(link.token)
    assert way.version_id != first
    row = save(way, ref, way.version_id, sent(1, why="x"))
    assert (row.version_id, row.state, row.answers) == (first, "complete", {"q1": 2, "why": "x"})
    # The page drawn before the new version came is taken as what it was.
    assert save(way, new_ref(), first, sent(q1=5)).version_id == first


def test_the_secret_of_another_link_opens_nothing(cast: Cast, link: Link) -> None:
    ref = new_ref()
    answer(link, sent(q1=5), ref=ref)
    other = published(cast.shangqiu, AFTER_CONTACT, token="other0000000")
    way = way_of(other.token)
    assert begun(way, ref) is None
    with pytest.raises(NotFound):
        save(way, ref, way.version_id, sent(q1=1))
    with pytest.raises(NotFound):
        save(way, new_ref(), way_of(link.token).version_id, sent(q1=1))
    with pytest.raises(NotFound):
        save(way, new_ref(), way.version_id, sent(1, why="ohne Anfang"))
    for bad in ("", "x", "0" * 31, "G" * 32, "0" * 33):
        with pytest.raises(NotFound):
            save(way, bad, way.version_id, sent(q1=1))
    assert list(Response.objects.values_list("answers", flat=True)) == [{"q1": 5}]


def test_without_a_published_version_there_is_nothing(link: Link) -> None:
    link.survey.current = None
    link.survey.save()
    for token in (link.token, "nothing", "%00", "'"):
        with pytest.raises(NotFound):
            way_of(token)


def test_a_full_quota_thanks_and_counts_apart(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(
            page("s1", question("sex", "single", options=options("f", "m"))),
            page("s2", question("nps", "nps")),
            quotas=[{"question": "sex", "value": "f", "most": 2}],
        ),
    )
    for _number in range(2):
        answer(link, sent(sex="f"), sent(1, nps=9))
    count()
    assert answer(link, sent(sex="f")).state == "full"
    assert answer(link, sent(sex="m")).state == "partial"
    count()
    assert tallies(link)["", "full"] == (1, 0.0)
    assert tallies(link)["sex", "f"] == (2, 0.0)
    ref = Response.objects.get(state="full").ref
    with pytest.raises(RuleError):
        answer(link, sent(1, nps=1), ref=ref)


def test_two_published_versions_are_counted_together(link: Link) -> None:
    answer(link, sent(q1=5))
    publish(link.survey, AFTER_CONTACT | {"thanks": {ZH: "再次感谢"}})
    answer(link, sent(q1=5))
    count()
    assert tallies(link)["q1", "5"] == (2, 0.0)
