"""Two at once, with real transactions and threads of their own connections."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from tests.cast import Cast, Staff, make_cast, make_staff
from tests.transactions import real_transactions  # noqa: F401
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import CountRow, LiveEvent
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent, CaseLink
from zhike.desk.services.handling import METRIC

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], Any]


@pytest.fixture
def town(real_transactions: None, _planted: None) -> Cast:  # noqa: F811
    return make_cast()


def at_once(acts: list[Act]) -> list[Any]:
    """What each call returned or raised, all started at the same moment, and by the clock of the test."""
    start = Barrier(len(acts), timeout=20)
    contexts = [copy_context() for _act in acts]

    def run(act: Act) -> Any:
        try:
            start.wait()
            return act()
        except Conflict as conflict:
            return conflict
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(lambda context, act: context.run(run, act), contexts, acts))


def take_in(by: Staff, **known: Any) -> services.Opened:
    fields: dict[str, Any] = {"type_code": "repair", "channel": "letter", "text": "后桥异响"}
    return services.open_case(**by.acting, new=services.NewCase(**(fields | known)))


def conflicts(results: list[Any]) -> Iterator[Conflict]:
    return (result for result in results if isinstance(result, Conflict))


def test_of_several_who_take_one_case_exactly_one_gets_it(town: Cast):
    people = [town.lin, town.wang, *(make_staff(f"11{n}", f"坐席{n}", town.zhoukou) for n in "123")]
    case = take_in(town.lin, keep=False).case
    acting = [(one.actor, one.grants) for one in people]
    results = at_once(
        [
            lambda who=who: services.claim(actor=who[0], grants=who[1], case_id=case.pk)  # type: ignore[misc]  # bound now
            for who in acting
        ]
    )
    case.refresh_from_db()
    lost = list(conflicts(results))
    assert len(lost) == len(people) - 1
    # Everybody else learns who has it.
    assert {c.extra["owner_name"] for c in lost} == {case.owner_name}
    assert CaseEvent.objects.filter(case=case, kind="claim").count() == 1
    counted = CountRow.objects.filter(metric=METRIC).values_list("state", "owner_id", "n")
    cells: Counter[tuple[str, int | None]] = Counter()
    for state, owner_id, n in counted:
        cells[state, owner_id] += n
    assert {key: n for key, n in cells.items() if n} == {("open", case.owner_id): 1}


def test_of_two_replies_on_one_version_one_is_held(town: Cast):
    case = take_in(town.lin).case
    acting = [(one.actor, one.grants) for one in (town.lin, town.wang)]
    results = at_once(
        [
            lambda who=who: services.reply(  # type: ignore[misc]  # bound now
                actor=who[0],
                grants=who[1],
                case_id=case.pk,
                text=f"{who[0].name}：明天到",
                expected_seq=case.seq,
            )
            for who in acting
        ]
    )
    (held,) = conflicts(results)
    (sent,) = CaseEvent.objects.filter(kind="reply")
    assert held.code == "news"
    assert [n["text"] for n in held.extra["news"]] == [sent.text]
    numbers = LiveEvent.objects.filter(topic=case.topic).order_by("seq")
    assert [e.seq for e in numbers] == list(range(1, case.seq + 2))


def test_one_form_sent_by_several_clicks_makes_one_case(town: Cast):
    who = (town.lin.actor, town.lin.grants)
    new = services.NewCase("repair", "web", "充电器不亮", submit_key="same")
    results = at_once(
        [lambda: services.open_case(actor=who[0], grants=who[1], new=new) for _ in range(5)]
    )
    assert Case.objects.count() == 1
    assert len({opened.case.number for opened in results}) == 1
    assert sum(opened.is_new for opened in results) == 1


def test_numbers_are_given_once_each_and_without_gap(town: Cast):
    acting = [(one.actor, one.grants) for one in (town.lin, town.wang, town.zhou, town.admin)]

    def several(who: Any) -> list[str]:
        return [
            services.open_case(
                actor=who[0], grants=who[1], new=services.NewCase("return", "letter", "退车")
            ).case.number
            for _ in range(8)
        ]

    results = at_once([lambda who=who: several(who) for who in acting])  # type: ignore[misc]  # bound now
    numbers = sorted(number for given in results for number in given)
    assert len(numbers) == 32
    assert [int(number[-4:]) for number in numbers] == list(range(1, 33))
    assert len({number[:-4] for number in numbers}) == 1


def test_handing_over_and_closing_at_once_do_not_both_happen(town: Cast):
    case = take_in(town.lin).case
    lin, wang = (town.lin.actor, town.lin.grants), (town.wang.actor, town.wang.grants)
    lin_id, wang_id = town.lin.user.pk, town.wang.user.pk

    def hand_over() -> Any:
        return services.hand_over(
            actor=lin[0],
            grants=lin[1],
            case_id=case.pk,
            to_user_id=wang_id,
            reason="外出",
            expected_owner_id=lin_id,
        )

    def take_over() -> Any:
        return services.hand_over(
            actor=wang[0],
            grants=wang[1],
            case_id=case.pk,
            to_user_id=wang_id,
            reason="急",
            expected_owner_id=lin_id,
        )

    at_once([hand_over, take_over])
    case.refresh_from_db()
    assert (case.owner_id, case.handover_count) == (wang_id, 1)


def test_two_merges_crosswise_end_in_one_case(town: Cast):
    one, two = take_in(town.wang).case, take_in(town.wang).case
    who = (town.wang.actor, town.wang.grants)

    def merge(into: Case, gone: Case) -> Any:
        return services.merge_cases(actor=who[0], grants=who[1], into_id=into.pk, from_id=gone.pk)

    results = at_once([lambda: merge(one, two), lambda: merge(two, one)])
    assert len(list(conflicts(results))) == 1
    assert Case.objects.filter(state="merged").count() == 1


def test_a_link_undone_from_both_sides_at_once_is_undone_once(town: Cast):
    one, two = take_in(town.lin).case, take_in(town.lin).case
    who: dict[str, Any] = {"actor": town.wang.actor, "grants": town.wang.grants}
    services.link_cases(**who, case_id=one.pk, other=two.number)

    def unlink(here: Case, there: Case) -> str:
        try:
            services.unlink_cases(**who, case_id=here.pk, other=there.number)
        except RuleError as refused:
            return refused.code
        return "undone"

    results = at_once([lambda: unlink(one, two), lambda: unlink(two, one)])
    assert sorted(results) == ["not_linked", "undone"]
    assert not CaseLink.objects.exists()
    assert CaseEvent.objects.filter(kind="link", data__has_key="from").count() == 1
