"""Notices, remedies and decisions keep the unit of their case wherever it goes; it says who may see them."""

import pytest

from tests.cast import Cast
from tests.complaints.conftest import open_complaint
from tests.complaints.notice_scene import Scene, make_scene, send
from tests.guards import given
from zhike.care.models import FollowUp
from zhike.complaints.models import Approval, Notice, Remedy
from zhike.complaints.selectors.notices import visible_notices
from zhike.complaints.selectors.remedies import visible_approvals, visible_remedies
from zhike.complaints.services.remedies import propose_remedy
from zhike.core import clock
from zhike.core.counts import totals_by_state
from zhike.desk import services as desk
from zhike.desk.models import Case

MODELS = (Notice, Remedy, Approval)
YUAN = 100


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """A complaint of Zhoukou with a notice, a remedy and an open decision."""
    made = make_scene(cast)
    send(made)
    propose_remedy(
        **cast.lin.acting,
        case_id=made.case.pk,
        kind="compensation",
        text="补偿货损",
        amount_cents=900 * YUAN,
        why="耽误一天生意",
    )
    return made


def units_of(case: Case) -> set[int]:
    return {
        unit
        for model in MODELS
        for unit in model.objects.filter(case=case).values_list("case_unit_id", flat=True)
    }


def seen_by_zhou(cast: Cast) -> list[int]:
    """How many of each the agent of the other unit sees."""
    grants = cast.zhou.grants
    rows = (visible_notices(grants), visible_remedies(grants), visible_approvals(grants))
    return [found.count() for found in rows]


def test_they_begin_in_the_unit_of_their_case(cast: Cast, scene: Scene) -> None:
    assert units_of(scene.case) == {cast.zhoukou.pk}
    assert seen_by_zhou(cast) == [0, 0, 0]


def test_they_move_with_it(cast: Cast, scene: Scene) -> None:
    # An owner who reaches the other unit too: from one who does not, a waiting case is not taken.
    desk.hand_over(
        **cast.admin.acting,
        case_id=scene.case.pk,
        to_user_id=cast.admin.user.pk,
        reason="转区",
        expected_owner_id=cast.lin.user.pk,
    )
    assert units_of(scene.case) == {cast.zhoukou.pk}
    desk.set_unit(
        **cast.admin.acting, case_id=scene.case.pk, unit_id=cast.shangqiu.pk, reason="归商丘"
    )
    assert units_of(scene.case) == {cast.shangqiu.pk}
    assert seen_by_zhou(cast) == [1, 1, 1]


def test_handed_to_another_unit_they_go_along(cast: Cast, scene: Scene) -> None:
    with given():
        FollowUp.objects.create(
            case=scene.case,
            round=1,
            unit=cast.zhoukou,
            type_code="complaint",
            customer=cast.chen,
            made_at=clock.now(),
            due_at=clock.now(),
            plan_at=clock.now(),
        )
    desk.hand_over(
        **cast.admin.acting,
        case_id=scene.case.pk,
        to_user_id=cast.zhou.user.pk,
        reason="请接手",
        expected_owner_id=cast.lin.user.pk,
    )
    scene.case.refresh_from_db()
    assert scene.case.unit_id == cast.shangqiu.pk
    assert units_of(scene.case) == {cast.shangqiu.pk}
    assert FollowUp.objects.get().unit_id == cast.shangqiu.pk
    assert seen_by_zhou(cast) == [1, 1, 1]
    # What waits for a decision is counted where it waits.
    assert totals_by_state("complaints.approval", cast.zhou.grants).get("open") == 1


def test_merged_they_stand_in_the_unit_of_the_case_that_stays(cast: Cast, scene: Scene) -> None:
    stays = open_complaint(cast.zhou)
    desk.merge_cases(**cast.admin.acting, into_id=stays.pk, from_id=scene.case.pk)
    assert not any(model.objects.filter(case=scene.case).exists() for model in MODELS)
    assert units_of(stays) == {cast.shangqiu.pk}


def test_of_an_undone_import_nothing_is_seen(cast: Cast, scene: Scene) -> None:
    with given():
        Case.objects.filter(pk=scene.case.pk).update(voided_at=clock.now())
    grants = cast.admin.grants
    assert not visible_notices(grants).exists()
    assert not visible_remedies(grants).exists()
    assert not visible_approvals(grants).exists()
