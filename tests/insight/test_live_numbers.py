"""Numbers counted by the database in one statement are those of the rows counted one by one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.cast import Cast, make_staff, make_unit
from tests.complaints.conftest import open_complaint
from tests.complaints.notice_scene import Scene, answered, send
from tests.guards import given
from tests.insight.conftest import TUESDAY
from zhike.accounts.models import Unit
from zhike.care.models import FollowUp
from zhike.care.rules import Result
from zhike.complaints.models import Cause, Complaint, Notice
from zhike.complaints.selectors.causes import cause_tree, causes_by_id
from zhike.core import clock
from zhike.core.access import everything
from zhike.core.models import Stamp
from zhike.desk.models import Case
from zhike.insight.counting import ids_now
from zhike.insight.figures import FIGURES
from zhike.insight.periods import Week, one_day
from zhike.insight.selectors.live import numbers_now
from zhike.insight.selectors.reach import counting_grants
from zhike.insight.selectors.week_counts import count_causes, count_notices, count_visits
from zhike.insight.selectors.week_words import read_out
from zhike.listening.models import Feedback

DAY = TUESDAY.date()
WEEK = Week.of(DAY)
# When all of the week is over.
LATER = TUESDAY + timedelta(days=9)
COUNTED = [figure for figure in FIGURES if figure.adds_up or figure.is_stock]


@pytest.fixture
def busy(cast: Cast) -> Scene:
    """A day with a bit of everything, and one of the week before."""
    with clock.override(TUESDAY - timedelta(days=6)):
        quality = make_unit("品质部", cast.company, "department")
        zhang = make_staff("4001", "张工", quality, "department_owner")
        earlier = open_complaint(cast.lin, cast.chen.pk)
        scene = Scene(cast, quality, zhang, earlier)
        send(scene)
    with clock.override(TUESDAY):
        close(cast.lin, open_other(cast.lin, cast.chen.pk))
        first = open_complaint(cast.lin, cast.chen.pk)
        second = open_complaint(cast.lin, cast.chen.pk)
        open_other(cast.zhou, None, "inquiry")
    with clock.override(TUESDAY + timedelta(hours=1)):
        through_steps(cast.lin, first)
        answered(scene, send(scene, case=second))
        late = send(scene, case=second)
    with clock.override(TUESDAY + timedelta(days=1)):
        answered(scene, late)
        visit = visit_of(first)
        with given():
            FollowUp.objects.filter(pk=visit.pk).update(
                state="done",
                result=Result.CONTENT,
                words="可以，处理得还算快。",
                done_at=clock.now(),
                ended_at=clock.now(),
            )
    return replace(scene, case=first)


@pytest.mark.parametrize("unit", ["company", "zhoukou", "shangqiu"])
@pytest.mark.parametrize("moment", [TUESDAY + timedelta(hours=3), LATER])
def test_each_figure_is_its_rows(cast: Cast, busy: Scene, unit: str, moment: datetime):
    place: Unit = getattr(cast, unit)
    with clock.override(moment):
        grants, day = counting_grants(place), one_day(DAY)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = numbers_now([(figure, day) for figure in COUNTED], grants)
        assert len(asked) == 1
        for figure in COUNTED:
            rows = ids_now(figure, grants, day)
            assert (found[figure.key].numerator, found[figure.key].denominator) == (
                rows.numerator,
                rows.denominator,
            ), figure.key
            for counts in found[figure.key].parts.values():
                assert sum(counts.values()) == rows.numerator, figure.key


@pytest.mark.parametrize("unit", ["company", "zhoukou"])
def test_a_week_of_visits_and_notices_is_its_rows(cast: Cast, busy: Scene, unit: str):
    place: Unit = getattr(cast, unit)
    with clock.override(LATER):
        grants = counting_grants(place)
        found = count_visits(grants, WEEK).figures | count_notices(grants, WEEK).figures
        for figure in FIGURES:
            if figure.key not in found:
                continue
            for week, tally in zip((WEEK, WEEK.before), found[figure.key], strict=True):
                rows = ids_now(figure, grants, week.period)
                assert (tally.numerator, tally.denominator) == (rows.numerator, rows.denominator)
        assert count_visits(grants, WEEK).results == {"content": 1, "due": 1}


def test_departments_stand_with_what_they_answered_and_owe(cast: Cast, busy: Scene):
    with clock.override(LATER):
        rows = count_notices(counting_grants(cast.company), WEEK).departments
        assert rows == [
            {
                "unit": busy.quality.pk,
                "sent": 2,
                "in_time": rows[0]["in_time"],
                "judged": 2,
                "waiting": 0,
                # The one of the week before was never answered.
                "overdue": 1,
            }
        ]
        assert count_notices(counting_grants(cast.shangqiu), WEEK).departments == []


def test_a_department_with_nothing_this_week_is_not_named(cast: Cast, busy: Scene):
    with clock.override(TUESDAY - timedelta(days=6) + timedelta(hours=1)):
        grants = counting_grants(cast.company)
        assert len(count_notices(grants, WEEK.before).departments) == 1
        assert count_notices(grants, Week.of(DAY + timedelta(days=70))).departments == []


def test_undone_imports_have_no_visits(cast: Cast, busy: Scene):
    with given():
        Case.objects.filter(pk=busy.case.pk).update(voided_at=TUESDAY)
    with clock.override(LATER):
        grants = counting_grants(cast.company)
        found = count_visits(grants, WEEK)
        # The one of the repair is left.
        assert found.results == {"due": 1}
        assert found.figures["visits_reached"][0].denominator == 1
        assert read_out(grants, WEEK)["visit_words"] == []


def test_words_and_measures_of_the_week(cast: Cast, busy: Scene):
    with given():
        for text, rating in (("挺好", 5), ("太慢了", 1), ("还行", 3), ("没打分", None), ("差", 2)):
            scale = {"rating": rating, "rating_min": 1, "rating_max": 5} if rating else {}
            Feedback.objects.create(
                text=text, said_on=DAY, unit=cast.zhoukou, recorded_at=TUESDAY, **scale
            )
        first, second = Notice.objects.filter(action_due__isnull=False).order_by("pk")
        Notice.objects.filter(pk=first.pk).update(action_due=DAY + timedelta(days=30))
    with clock.override(LATER):
        grants = counting_grants(cast.company)
        found = read_out(grants, WEEK)
        assert found["visit_words"] == [visit_of(busy.case).pk]
        assert found["actions"] == [second.pk, first.pk]
        texts = dict(Feedback.objects.values_list("pk", "text"))
        assert [texts[pk] for pk in found["feedback"]] == ["太慢了", "差", "还行"]
        assert read_out(grants, WEEK.before)["actions"] == []
        assert read_out(counting_grants(cast.shangqiu), WEEK)["feedback"] == []


def test_a_cause_counts_with_those_above_it(cast: Cast, busy: Scene):
    part, slow = (Cause.objects.get(code=code) for code in ("product.part", "service.slow"))
    with given():
        Complaint.objects.filter(pk=busy.case.pk).update(cause=slow)
    with clock.override(LATER):
        rows = {row["cause"]: row for row in count_causes(counting_grants(cast.company), WEEK)}
    for cause in (part, slow):
        assert rows[cause.pk]["this"] == rows[cause.parent_id]["this"] == 1
    assert (rows[None]["this"], rows[None]["last"]) == (0, 1)
    assert list(rows)[-1] is None


def test_a_renamed_cause_is_seen_at_once(cast: Cast, django_assert_num_queries):
    cause = Cause.objects.get(code="product.part")
    grants = replace(everything("tests"), stamp=_stamp())
    cause_tree(grants.stamp)
    with django_assert_num_queries(0):
        assert causes_by_id(grants)[cause.pk].name == ""
    stamp = _stamp()
    with given():
        Cause.objects.filter(pk=cause.pk).update(name="零件")
    assert _stamp() != stamp
    assert causes_by_id(replace(everything("tests"), stamp=_stamp()))[cause.pk].name == "零件"


def _stamp() -> str:
    return Stamp.objects.values_list("value", flat=True).get()
