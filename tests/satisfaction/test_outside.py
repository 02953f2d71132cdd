"""Indexes of rivals and bodies: by file, beside ours, contradicting one another, taken out again."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.cast import Cast
from tests.importer.scene import IMPORTER, counts, whole, worked
from tests.satisfaction.scene import SCENIC, answer, visitors
from tests.surveys.scene import published
from zhike.core.importer import services as importing
from zhike.satisfaction import services
from zhike.satisfaction.models import IndexRun, IndicatorSystem, OutsideIndex

pytestmark = pytest.mark.django_db

HEAD = "指标体系,名称,开始日期,结束日期,得分,样本量,调查对象,来源\n"
FIRST = "景区,云台山,2026-01-01,2026-06-30,78.4,412,入园游客,省旅协年报\n"
OTHER = "景区,云台山,2026-04-01,2026-06-30,71,,网友,某点评网\n"


@pytest.fixture
def system(cast: Cast) -> IndicatorSystem:
    link = published(cast.zhoukou, SCENIC)
    answer(link, *visitors(20))
    found = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    run = services.ask_for_run(**cast.wang.acting, system_id=found.pk)
    services.carry_out_run(run.pk, "zh-hans")
    return found


def test_beside_ours_and_against_one_another(cast: Cast, system: IndicatorSystem) -> None:
    assert counts(whole("outside_index", HEAD + FIRST + OTHER, cast.zhoukou.pk)) == (2, 0, 0, 0, 0)
    html = cast.wang.client().get(f"/satisfaction/{system.pk}/").content.decode()
    assert html.count("说法不一") == 2
    assert "不是我们的测量结果" in html
    ours = IndexRun.objects.get().index
    assert f"{78.4 - ours:+.1f}" in html
    # The same file again changes nothing; a corrected score changes the figure of that origin alone.
    assert counts(whole("outside_index", HEAD + FIRST + OTHER, cast.zhoukou.pk)) == (0, 0, 2, 0, 0)
    run = whole("outside_index", HEAD + FIRST.replace("78.4", "79"), cast.zhoukou.pk)
    assert counts(run) == (0, 1, 0, 0, 0)
    assert OutsideIndex.objects.get(origin="省旅协年报").score == 79
    importing.undo(actor=IMPORTER, run=run)
    worked(run)
    assert OutsideIndex.objects.get(origin="省旅协年报").score == 78.4


def test_what_cannot_be_used_names_its_cell(cast: Cast, system: IndicatorSystem) -> None:
    wrong = (
        FIRST.replace("景区", "没有"),
        FIRST.replace("78.4", "178"),
        FIRST.replace("412", "0"),
        FIRST.replace("2026-06-30", "2025-06-30"),
        FIRST.replace("省旅协年报", ""),
        FIRST.replace("2026-01-01", "昨天"),
    )
    run = whole("outside_index", HEAD + "".join(wrong), cast.zhoukou.pk)
    assert counts(run) == (0, 0, 0, 6, 0)
    assert not OutsideIndex.objects.exists()


def test_taken_out_by_those_who_may(cast: Cast, system: IndicatorSystem, given: Any) -> None:
    whole("outside_index", HEAD + FIRST, cast.zhoukou.pk)
    row = OutsideIndex.objects.get()
    url = f"/satisfaction/{system.pk}/outside/{row.pk}/end/"
    assert cast.lin.client().post(url).status_code == 403
    assert cast.zhou.client().post(url).status_code in (403, 404)
    assert cast.wang.client().post(url).status_code == 302
    assert "云台山" not in cast.wang.client().get(f"/satisfaction/{system.pk}/").content.decode()
    assert cast.wang.client().post(url).status_code == 404
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        OutsideIndex.objects.update(score=101)
