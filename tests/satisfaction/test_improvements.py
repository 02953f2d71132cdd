"""From what is most worth improving to somebody's day, and to before and after."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.cast import Cast, Staff
from tests.satisfaction.scene import SCENIC, answer, make_improvement, visitors
from tests.surveys.scene import published
from zhike.core import clock
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow, Notification
from zhike.satisfaction import services
from zhike.satisfaction.models import Improvement, IndexRun, IndicatorSystem
from zhike.satisfaction.services.improvements import (
    Plan,
    change_improvement,
    end_improvement,
    plan_improvement,
)
from zhike.surveys.models import Link
from zhike.web.day import day_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, SCENIC)


@pytest.fixture
def run(cast: Cast, link: Link) -> IndexRun:
    answer(link, *visitors(20))
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    return computed(cast, system)


def computed(cast: Cast, system: IndicatorSystem) -> IndexRun:
    asked = services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    return asked


def planned(cast: Cast, run: IndexRun, who: Staff | None = None, **more: Any) -> Improvement:
    data = {"what": "加划车位", "responsible_id": (who or cast.lin).user.pk,
            "due": clock.today() + timedelta(days=7), **more}  # fmt: skip
    return plan_improvement(
        **cast.wang.acting, system_id=run.system_id, number=run.number, part="val4",
        plan=Plan(**data),
    )  # fmt: skip


def on_day(who: Staff) -> list[str]:
    cards = {card.key: card for card in day_of(who.grants, clock.now()).cards}
    return [item.title for item in cards["improvements"].items] if "improvements" in cards else []


def test_from_an_item_to_somebodys_day_and_back(cast: Cast, link: Link, run: IndexRun) -> None:
    item = next(one for one in run.result["items"] if one["part"] == "val4")
    row = planned(cast, run)
    assert (row.index_then, row.item_title) == (item["index"], "停车")
    assert row.gain_then == pytest.approx((100 - item["index"]) / 12)
    assert on_day(cast.lin) == ["加划车位"]
    assert on_day(cast.wang) == []
    assert Notification.objects.get(user_id=cast.lin.user.pk).kind == "satisfaction.improvement"
    # An agent does not see indexes, but what she is responsible for; and ends it.
    page = cast.lin.client().get(f"/satisfaction/improvements/{row.pk}/")
    assert page.status_code == 200
    assert "/runs/" not in page.content.decode()
    assert cast.lin.client().get("/satisfaction/improvements/").status_code == 403
    ended = cast.lin.client().post(
        f"/satisfaction/improvements/{row.pk}/end/", {"is_done": "1", "result": "多了 40 个车位"}
    )
    assert ended.status_code == 302
    assert on_day(cast.lin) == []
    answer(link, *({**one, "val4": 5} for one in visitors(30, 9)))
    later = computed(cast, run.system)
    html = (
        cast.wang.client()
        .get(f"/satisfaction/{run.system_id}/runs/{later.number}/")
        .content.decode()
    )
    now = next(one for one in later.result["items"] if one["part"] == "val4")["index"]
    assert "前后对比" in html
    assert f"{now - row.index_then:+.1f}" in html
    first = cast.wang.client().get(f"/satisfaction/{run.system_id}/runs/1/").content.decode()
    assert "前后对比" not in first
    assert set(AuditRow.objects.values_list("action", flat=True)) >= {
        "satisfaction.improve",
        "satisfaction.improvement_end",
    }


def test_what_is_refused_leaves_nothing(cast: Cast, run: IndexRun) -> None:
    today = clock.today()
    for wrong, code in (
        ({"what": "  "}, "what_missing"),
        ({"what": "长" * 201}, "text_too_long"),
        ({"responsible_id": 987654}, "responsible_wrong"),
        ({"responsible_id": cast.zhou.user.pk}, "responsible_wrong"),
        ({"due": today - timedelta(days=1)}, "due_wrong"),
        ({"due": today + timedelta(days=400)}, "due_wrong"),
    ):
        with pytest.raises(RuleError) as refused:
            planned(cast, run, **wrong)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        plan_improvement(
            **cast.wang.acting, system_id=run.system_id, number=1, part="nothing",
            plan=Plan("x", cast.lin.user.pk, today),
        )  # fmt: skip
    with pytest.raises(Forbidden):
        plan_improvement(
            **cast.lin.acting, system_id=run.system_id, number=1, part="val4",
            plan=Plan("x", cast.lin.user.pk, today),
        )  # fmt: skip
    assert not Improvement.objects.exists()
    assert planned(cast, run, submit_key="a") == planned(cast, run, submit_key="a")
    assert Improvement.objects.count() == 1


def test_whose_it_is_and_that_it_ends_once(cast: Cast, run: IndexRun) -> None:
    row = planned(cast, run, cast.wang)
    assert not Notification.objects.exists()
    for stranger in (cast.lin, cast.zhou):
        with pytest.raises(NotFound):
            end_improvement(**stranger.acting, improvement_id=row.pk, is_done=True, result="好了")
        assert stranger.client().get(f"/satisfaction/improvements/{row.pk}/").status_code == 404
    new = Plan("请市政来划线", cast.lin.user.pk, clock.today())
    change_improvement(**cast.wang.acting, improvement_id=row.pk, plan=new)
    assert on_day(cast.lin) == ["请市政来划线"]
    with pytest.raises(Forbidden):
        change_improvement(**cast.lin.acting, improvement_id=row.pk, plan=new)
    end_improvement(**cast.wang.acting, improvement_id=row.pk, is_done=False, result="没有地方")
    with pytest.raises(Conflict):
        end_improvement(**cast.wang.acting, improvement_id=row.pk, is_done=True, result="又有了")


def test_a_late_one_is_seen_as_late(cast: Cast, link: Link, given: Any) -> None:
    with given():
        row = make_improvement(link.survey, cast.wang.user)
        Improvement.objects.update(due=clock.today() - timedelta(days=2))
    wang = cast.wang.client()
    assert "已逾期" in wang.get("/satisfaction/improvements/?tab=overdue").content.decode()
    assert "已逾期" in wang.get(f"/satisfaction/improvements/{row.pk}/").content.decode()
    card = next(c for c in day_of(cast.wang.grants, clock.now()).cards if c.key == "improvements")
    assert str(card.items[0].what) in {"逾期", "已逾期", "Overdue"}
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        Improvement.objects.update(state="done")


def test_by_clicks(cast: Cast, run: IndexRun) -> None:
    wang = cast.wang.client()
    page = wang.get(f"/satisfaction/{run.system_id}/runs/1/").content.decode()
    assert "/runs/1/improve/?item=" in page
    url = f"/satisfaction/{run.system_id}/runs/1/improve/?item=val4"
    assert "改进“停车”" in wang.get(url).content.decode()
    assert wang.get(url.replace("val4", "x")).status_code == 404
    form = {"what": "加划车位", "responsible": cast.lin.user.pk, "due": clock.today().isoformat()}
    assert wang.post(url, form | {"due": "2020-01-01"}).status_code == 422
    assert wang.post(url, form | {"responsible": ""}).status_code == 422
    made = wang.post(url, form)
    row = Improvement.objects.get()
    assert made.headers["Location"] == f"/satisfaction/improvements/{row.pk}/"
    own = f"/satisfaction/improvements/{row.pk}/"
    assert wang.post(own, form | {"what": "划线"}).status_code == 302
    assert wang.post(f"{own}end/", {"is_done": "1", "result": ""}).status_code == 422
    assert wang.post(f"{own}end/", {"is_done": "0", "result": "没有地方"}).status_code == 302
    row.refresh_from_db()
    assert (row.what, row.state, row.result) == ("划线", "dropped", "没有地方")
    assert "没有地方" in wang.get(own).content.decode()


def test_nobody_meets_another_ones_by_the_same_key(cast: Cast, run: IndexRun) -> None:
    mine = planned(cast, run, submit_key="1")
    plan = Plan("另找车位", cast.lin.user.pk, clock.today(), "1")
    theirs = plan_improvement(
        **cast.admin.acting, system_id=run.system_id, number=run.number, part="val4", plan=plan
    )
    assert (theirs.what, theirs == mine) == ("另找车位", False)
