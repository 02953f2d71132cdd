"""Who may do what: refused acts change nothing, and a foreign case looks like a missing one."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core import clock
from zhike.core.access import NOBODY, Grants
from zhike.core.errors import Forbidden, NotFound
from zhike.core.live.rights import allowed
from zhike.core.models import AuditRow, CountRow, LiveEvent, Notification
from zhike.core.work import Actor
from zhike.desk import selectors, services
from zhike.desk.models import Attachment, Case, CaseEvent, CaseLink, Draft
from zhike.desk.selectors import found

MISSING = 999_999_999

ACTS: dict[str, Callable[..., Any]] = {
    "claim": services.claim,
    "hand_over": lambda **k: services.hand_over(
        **k, to_user_id=Case.objects.all()[0].owner_id or 1, reason="x", expected_owner_id=None
    ),
    "give_back": lambda **k: services.give_back(**k, reason="x"),
    "set_unit": lambda **k: services.set_unit(
        **k, unit_id=Case.objects.all()[0].unit_id, reason="x"
    ),
    "reply": lambda **k: services.reply(**k, text="x", expected_seq=None),
    "add_note": lambda **k: services.add_note(**k, text="x"),
    "record_call": lambda **k: services.record_call(**k, text="x"),
    "receive_message": lambda **k: services.receive_message(**k, text="x", channel="api"),
    "urge": services.urge,
    "dissatisfied": services.dissatisfied,
    "change_state": lambda **k: services.change_state(**k, target="waiting_department"),
    "resume": services.resume,
    "wait_for_customer": lambda **k: services.wait_for_customer(**k, reason="x"),
    "close_case": lambda **k: services.close_case(**k, outcome="solved", text="x"),
    "reopen": lambda **k: services.reopen(**k, reason="x"),
    "change_type": lambda **k: services.change_type(**k, type_code="repair"),
    "set_priority": lambda **k: services.set_priority(**k, priority=4),
    "set_title": lambda **k: services.set_title(**k, title="x"),
    "merge_cases": lambda case_id, **k: services.merge_cases(**k, into_id=case_id, from_id=MISSING),
    "split_case": lambda **k: services.split_case(**k, part=services.Part([1], "x", "repair")),
    "link_cases": lambda **k: services.link_cases(**k, other=str(MISSING)),
    "unlink_cases": lambda **k: services.unlink_cases(**k, other=str(MISSING)),
    "set_parent": lambda **k: services.set_parent(**k, parent=None),
    "void_case": services.void_case,
    "name_customer": lambda **k: services.name_customer(**k, customer_id=1),
    "issue_codes": services.issue_codes,
    "mark_read": services.mark_read,
    "save_draft": lambda **k: services.save_draft(**k, text="x", seq=1),
    "start_legal_clock": lambda **k: services.start_legal_clock(
        **k, start=services.LegalStart("legal_refund", clock.today())
    ),
    "end_legal_clock": lambda **k: services.end_legal_clock(
        **k, clock_id=MISSING, end=services.LegalEnd("done", clock.today())
    ),
    "add_attachment": lambda **k: services.add_attachment(**k, files=[object()]),  # type: ignore[list-item]  # refused before it is looked at
}


def state_of_things() -> list[Any]:
    return [
        list(Case.objects.order_by("pk").values()),
        *(m.objects.count() for m in (CaseEvent, AuditRow, CountRow, LiveEvent, Notification)),
        *(m.objects.count() for m in (Draft, Attachment, CaseLink)),
    ]


def test_every_service_is_in_the_matrix():
    acts = {n for n in services.__all__ if n[0].islower()}
    of_no_case = {"open_case", "closing_reasons", "add_type", "change_type_entry"}
    of_words = {"add_phrase", "change_phrase", "switch_phrase"} | {
        "check_texts",
        "check_words",
        "find_words",
    }
    assert acts - of_no_case - of_words == set(ACTS)


@pytest.mark.parametrize("act", ACTS)
def test_outsiders_meet_a_missing_case_and_nobody_a_closed_door(
    cast: Cast, open_case: OpenCase, act: str
):
    case = open_case()
    before = state_of_things()
    strangers: list[tuple[Actor, Grants]] = [
        (cast.zhou.actor, cast.zhou.grants),
        (Actor.customer(), NOBODY),
    ]
    for actor, grants in strangers:
        answers = []
        for case_id in (case.pk, MISSING):
            with pytest.raises((NotFound, Forbidden)) as refused:
                ACTS[act](actor=actor, grants=grants, case_id=case_id)
            answers.append((refused.value.code, str(refused.value)))
        assert answers[0] == answers[1]
    assert state_of_things() == before


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"mark_read"}))
def test_who_may_only_look_may_not_act(cast: Cast, open_case: OpenCase, act: str):
    looker = make_staff("3001", "质检", cast.company, "inspector")
    case = open_case()
    before = state_of_things()
    with pytest.raises((Forbidden, NotFound)):
        ACTS[act](**looker.acting, case_id=case.pk)
    assert state_of_things() == before
    assert selectors.load_case(looker.grants, case.number).pk == case.pk


def test_taking_in_needs_the_right_to(cast: Cast, open_case: OpenCase):
    looker = make_staff("3002", "培训", cast.company, "trainer")
    with pytest.raises(Forbidden):
        open_case(by=looker, customer_id=None)
    assert Case.objects.count() == 0


def test_every_way_to_read_has_the_same_scope(cast: Cast, open_case: OpenCase):
    case = open_case(text="控制器进水")
    message = CaseEvent.objects.get(case=case, kind="message_in")
    for stranger in (cast.zhou.grants, NOBODY):
        assert not selectors.visible_cases(stranger).exists()
        assert not selectors.visible_events(stranger).exists()
        assert not selectors.queue(stranger).exists()
        assert not selectors.newest(stranger).exists()
        assert found.find_cases(stranger, "控制器", 20).newest == []
        assert found.find_messages(stranger, "控制器", 20).newest == []
        assert found.count_messages(stranger, "控制器") == 0
        assert selectors.news_since(stranger, case, 0) == []
        assert allowed(stranger, [case.topic, f"queue:{case.unit_id}"]) == frozenset()
        for key in (case.number, case.pk, str(case.pk)):
            with pytest.raises(NotFound):
                selectors.load_case(stranger, key)
            with pytest.raises(NotFound):
                selectors.case_page(stranger, key)
    assert [h.id for h in found.find_messages(cast.lin.grants, "控制器", 20).newest] == [message.pk]
    assert allowed(cast.lin.grants, [case.topic, f"queue:{case.unit_id}", "case:abc"]) == {
        case.topic,
        f"queue:{case.unit_id}",
    }


def test_an_engineer_sees_own_cases_and_those_they_are_asked_about(cast: Cast, open_case: OpenCase):
    engineer = make_staff("4001", "高翔", cast.zhoukou, "engineer")
    asked, other, given = open_case(), open_case(), open_case()
    assert not selectors.visible_cases(engineer.grants).exists()
    services.add_note(
        **cast.lin.acting, case_id=asked.pk, text="@高翔 看照片", mentions=[engineer.user.pk]
    )
    services.hand_over(
        **cast.lin.acting,
        case_id=given.pk,
        to_user_id=engineer.user.pk,
        reason="上门",
        expected_owner_id=cast.lin.user.pk,
    )
    seen = set(selectors.visible_cases(engineer.grants).values_list("pk", flat=True))
    assert seen == {asked.pk, given.pk}
    assert other.pk not in seen
    assert {e.case_id for e in selectors.visible_events(engineer.grants)} == seen
    # The case stayed where it was: its owner sees it anyway.
    given.refresh_from_db()
    assert given.unit_id == cast.zhoukou.pk


@pytest.mark.parametrize(
    "key", ["", "0", "TS", "9" * 30, "٣", "a\x00b", "ＴＳ１", "-1", "' OR 1=1"]
)
def test_odd_keys_find_nothing(cast: Cast, open_case: OpenCase, key: str):
    open_case()
    with pytest.raises(NotFound):
        selectors.load_case(cast.admin.grants, key)
