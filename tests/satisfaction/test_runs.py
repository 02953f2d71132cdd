"""Indicator systems and their indexes as they are made, computed and kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.cast import Cast, make_staff
from tests.satisfaction.scene import PARTS, SCENIC, answer, item, visitors
from tests.surveys.scene import ZH, document, page, published, question
from zhike.core import clock
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.satisfaction import services
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.services.improvements import Plan, plan_improvement
from zhike.surveys.models import Link, Response
from zhike.surveys.services import move_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, SCENIC)


def make(cast: Cast, link: Link) -> IndicatorSystem:
    return services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")


def run(cast: Cast, system: IndicatorSystem, **more: Any) -> IndexRun:
    asked = services.ask_for_run(**cast.wang.acting, system_id=system.pk, **more)
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    return asked


def test_from_questionnaire_to_index(cast: Cast, link: Link) -> None:
    answer(link, *visitors(40), {"env1": 5})
    system = make(cast, link)
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="pca")
    found = run(cast, system)
    assert (found.state, found.n, found.number) == ("done", 40, 1)
    assert found.index_low < found.index < found.index_high
    assert found.result["excluded"] == 1
    assert set(AuditRow.objects.values_list("action", flat=True)) >= {
        "satisfaction.make",
        "satisfaction.weigh",
        "satisfaction.compute",
    }
    # The same answers, the same figures.
    again = run(cast, system)
    assert (again.digest, again.result) == (found.digest, found.result)


def test_a_computed_index_is_never_changed(cast: Cast, link: Link, given: Any) -> None:
    answer(link, *visitors(6))
    found = run(cast, make(cast, link))
    services.carry_out_run(found.pk, "zh-hans")
    for act in (
        lambda: IndexRun.objects.filter(pk=found.pk).update(index=99.0),
        lambda: IndexRun.objects.filter(pk=found.pk).delete(),
    ):
        with given(), pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_one_at_a_time(cast: Cast, link: Link) -> None:
    answer(link, *visitors(6))
    system = make(cast, link)
    services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    with pytest.raises(Conflict):
        services.ask_for_run(**cast.wang.acting, system_id=system.pk)


def test_weights_by_hand(cast: Cast, link: Link) -> None:
    answer(link, *visitors(6))
    system = make(cast, link)
    given = dict.fromkeys(PARTS, 0.0) | {"env1": 2.0, "val1": 2.0}
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="hand", by_hand=given)
    weights = {one["part"]: one["weight"] for one in run(cast, system).result["items"]}
    assert weights == dict.fromkeys(PARTS, 0.0) | {"env1": 0.5, "val1": 0.5}
    for wrong in ({}, dict.fromkeys(PARTS, 0.0), given | {"env2": -1.0}, given | {"env2": 1001.0}):
        with pytest.raises(RuleError) as refused:
            services.set_weighing(
                **cast.wang.acting, system_id=system.pk, weighing="hand", by_hand=wrong
            )
        assert refused.value.status == 422
    with pytest.raises(RuleError):
        services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="magic")
    system.refresh_from_db()
    assert system.by_hand == given


def test_items_that_do_not_count(cast: Cast) -> None:
    whole = page("whole", item("all", "总的来说"), title={ZH: "总的感受"})
    link = published(
        cast.zhoukou, SCENIC | {"sections": [*SCENIC["sections"], whole]}, token="whole0000000"
    )
    answer(link, *({**row, "all": 3} for row in visitors(12)))
    system = make(cast, link)
    # A question alone on its page asks about the whole: beside the parts it does not count.
    assert system.left_out == ["all"]
    assert [one["part"] for one in run(cast, system).result["items"]] == PARTS
    services.set_weighing(
        **cast.wang.acting, system_id=system.pk, weighing="equal", counting=["env1", "all"]
    )
    found = run(cast, system).result
    assert [one["title"] for one in found["dimensions"]] == ["环境", "总的感受"]
    assert found["n"] == 12
    for wrong in (["env1"], [], ["env1", "nothing"]):
        with pytest.raises(RuleError) as refused:
            services.set_weighing(
                **cast.wang.acting, system_id=system.pk, weighing="equal", counting=wrong
            )
        assert refused.value.code == "too_few_items"


@pytest.mark.parametrize(
    ("count", "weighing", "words"),
    [(4, "equal", "只有 4 份"), (8, "pca", "只有 8 份答完，满 13 份")],
)
def test_what_cannot_be_computed_says_why(
    cast: Cast, link: Link, count: int, weighing: str, words: str
) -> None:
    answer(link, *visitors(count))
    system = make(cast, link)
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing=weighing)
    found = run(cast, system)
    assert found.state == "refused"
    assert words in found.problem
    # Another way of weighing goes on.
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="equal")
    assert run(cast, system).state == ("refused" if count < 5 else "done")


def test_an_item_answered_alike_by_all_is_named(cast: Cast, link: Link) -> None:
    answer(link, *({**row, "ser2": 4} for row in visitors(30)))
    system = make(cast, link)
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="entropy")
    assert "“讲解”" in run(cast, system).problem


def test_two_indexes_do_not_tell_one_person_apart(cast: Cast, link: Link) -> None:
    answer(link, *visitors(10))
    system = make(cast, link)
    assert run(cast, system).state == "done"
    answer(link, *visitors(3, seed=9))
    refused = run(cast, system)
    assert refused.state == "refused"
    assert "还需要 2 份" in refused.problem
    answer(link, *visitors(2, seed=10))
    assert run(cast, system).n == 15


def test_a_link_of_few_is_not_told_apart(cast: Cast, link: Link, given: Any) -> None:
    from zhike.core import clock

    with given():
        other = Link.objects.create(
            survey=link.survey, token="other0000000", name="后门", made_at=clock.now()
        )
    answer(link, *visitors(8))
    answer(other, *visitors(3))
    system = make(cast, link)
    for pk in (other.pk, link.pk, 987654):
        with pytest.raises(RuleError) as refused:
            services.ask_for_run(**cast.wang.acting, system_id=system.pk, link_id=pk)
        assert refused.value.code == "link_not_told"
    answer(other, *visitors(2))
    found = run(cast, system, link_id=other.pk)
    assert (found.n, found.link_name) == (5, "后门")


def test_without_scales_there_is_no_index(cast: Cast) -> None:
    link = published(cast.zhoukou, document(page("s1", question("q", "nps"))))
    with pytest.raises(RuleError) as refused:
        make(cast, link)
    assert refused.value.code == "no_items"
    assert not IndicatorSystem.objects.exists()


def test_whose_it_is(cast: Cast, link: Link) -> None:
    answer(link, *visitors(6))
    system = make(cast, link)
    # Lin may not, Zhou works elsewhere.
    with pytest.raises(Forbidden):
        services.ask_for_run(**cast.lin.acting, system_id=system.pk)
    foreign = cast.zhou.acting
    with pytest.raises((NotFound, Forbidden)):
        services.set_weighing(**foreign, system_id=system.pk, weighing="equal")
    with pytest.raises((RuleError, Forbidden)):
        services.make_system(**foreign, survey_id=link.survey_id, title="x")
    assert IndicatorSystem.objects.count() == 1
    assert Response.objects.count() == 6


def test_a_computation_that_broke_off_does_not_stand_in_the_way(
    cast: Cast, link: Link, frozen_clock: Any
) -> None:
    answer(link, *visitors(20))
    system = make(cast, link)
    lost = services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    page = f"/satisfaction/{system.pk}/"
    assert "disabled" in cast.wang.client().get(page).content.decode()
    # Its job failed for good, or somebody called it off.
    frozen_clock(clock.now() + timedelta(hours=2))
    assert "disabled" not in cast.wang.client().get(page).content.decode()
    assert run(cast, system).state == "done"
    lost.refresh_from_db()
    assert (lost.state, lost.problem) == (
        "refused",
        "这次计算中断了，什么也没有算出来。请重新计算。",
    )
    # Should it come to after all, it is over.
    services.carry_out_run(lost.pk, ZH)
    lost.refresh_from_db()
    assert lost.state == "refused"


def test_an_index_goes_with_its_questionnaire(cast: Cast, link: Link) -> None:
    answer(link, *visitors(20))
    system = make(cast, link)
    done = run(cast, system)
    plan = Plan("加划车位", cast.lin.user.pk, clock.today())
    row = plan_improvement(
        **cast.wang.acting, system_id=system.pk, number=done.number, part="val4", plan=plan
    )
    move_survey(**cast.admin.acting, survey_id=link.survey_id, unit_id=cast.shangqiu.pk)
    with pytest.raises(NotFound):
        services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    there = make_staff("1077", "商丘站长", cast.shangqiu, "supervisor")
    for who, seen in ((cast.wang, 404), (there, 200)):
        for shown in (f"/satisfaction/{system.pk}/", f"/satisfaction/improvements/{row.pk}/"):
            assert who.client().get(shown).status_code == seen
