"""Self-assessments: points of points possible as worked out by hand, beside whom they may stand, and on paper."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client

from tests.cast import Cast
from tests.guards import given
from zhike.core import clock
from zhike.core.errors import NotFound
from zhike.satisfaction.assessing import form_of, told_apart
from zhike.satisfaction.assessments import assessment_of, rounds_before, told_people
from zhike.satisfaction.disclosure import Cells
from zhike.surveys import services
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import read
from zhike.surveys.library import ready
from zhike.surveys.models import Link, Survey
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.counting import count_some

pytestmark = pytest.mark.django_db

ZH = "zh-hans"
MANAGER, STAFF = "a", "b"
NOW, BEFORE = datetime(2026, 5, 4, 3, tzinfo=UTC), datetime(2025, 5, 4, 3, tzinfo=UTC)


@pytest.fixture
def survey(cast: Cast) -> Survey:
    made = services.make_survey(
        **cast.wang.acting,
        document=ready("customer_orientation").document,
        unit_id=cast.zhoukou.pk,
        origin="customer_orientation",
        kept=False,
    )
    services.publish(**cast.wang.acting, survey_id=made.pk)
    made.refresh_from_db()
    return made


def link_of(cast: Cast, survey: Survey, name: str, unit_id: int | None = None) -> Link:
    with given():
        return Link.objects.create(
            survey=survey, token=f"tok{name}", name=name, unit_id=unit_id, made_at=clock.now()
        )


def answered(
    link: Link, times: int, role: str, value: int, *, at: datetime = NOW, **one: int
) -> None:
    """Every item by `value`, those of `one` (q2 …) by theirs."""
    way = way_of(link.token)
    with clock.override(at):
        for _time in range(times):
            ref = new_ref()
            for page, section in enumerate(way.definition.sections):
                (asked,) = section.questions
                answer: Any = role
                if asked.rows:
                    answer = {row.key: one.get(asked.key, value) for row in asked.rows}
                save(
                    way,
                    ref,
                    way.version_id,
                    Sent(frozenset({asked.key}), {asked.key: answer}, ZH, page),
                )
    while count_some():
        pass


def percent(score: Any) -> float:
    return round(100 * score.share, 4)


def test_the_two_ready_ones_have_the_groups_and_points_of_the_method() -> None:
    found = []
    for code in ("customer_orientation", "crm_readiness"):
        definition = read(ready(code).document)
        form = form_of(definition, lambda text: text.get(ZH, ""))
        assert form is not None
        found.append((len(form.parts), form.possible, [one.possible for one in form.groups]))
    assert found == [
        (40, 200, [35, 25, 20, 35, 20, 35, 30]),
        (24, 120, [15] * 8),
    ]


def test_points_and_shares_are_those_worked_out_by_hand(cast: Cast, survey: Survey) -> None:
    link = link_of(cast, survey, "one")
    answered(link, 5, MANAGER, 4, q2=5)
    answered(link, 15, STAFF, 3, q2=2)
    found = assessment_of(survey, ZH)
    assert found is not None
    assert found.whole is not None
    # Beliefs, 7 items of 35: 5 × 35 and 15 × 14 points over 20 people are 19.25 of 35, 55 %.
    assert (found.whole.groups[0].points, percent(found.whole.groups[0])) == (19.25, 55.0)
    # Partner, 5 items of 25: 5 × 20 and 15 × 15 are 16.25 of 25, 65 %.
    assert (found.whole.groups[1].points, percent(found.whole.groups[1])) == (16.25, 65.0)
    # All: managers 35 + 33 × 4 = 167, staff 14 + 33 × 3 = 113; (5 × 167 + 15 × 113) / 20 = 126.5 of 200.
    assert (found.whole.whole.points, percent(found.whole.whole)) == (126.5, 63.25)
    managers, staff = found.roles
    assert (managers.n, percent(managers.whole), percent(managers.groups[0])) == (5, 83.5, 100.0)
    assert (staff.n, percent(staff.whole), percent(staff.groups[0])) == (15, 56.5, 40.0)
    assert {one.group for one in found.weakest} == {"信念与风气"}
    # 5 × 5 and 15 × 2 over 20 people.
    assert [(one.mean, one.top) for one in found.weakest] == [(2.75, 5)] * 5


def test_fewer_than_five_managers_are_not_told_nor_found_by_subtraction(
    cast: Cast, survey: Survey
) -> None:
    link = link_of(cast, survey, "one")
    answered(link, 4, MANAGER, 5)
    answered(link, 9, STAFF, 3)
    found = assessment_of(survey, ZH)
    assert found is not None
    # Staff alone beside the whole would tell the four.
    assert (found.roles, found.hidden) == ([], 2)
    assert found.whole is not None
    assert found.whole.n == 13


def test_units_and_years_stand_beside_one_another(cast: Cast, survey: Survey) -> None:
    here = link_of(cast, survey, "here", cast.zhoukou.pk)
    there = link_of(cast, survey, "there", cast.shangqiu.pk)
    for link in (here, there):
        answered(link, 6, STAFF, 2, at=BEFORE)
    answered(here, 6, STAFF, 3)
    answered(there, 6, STAFF, 4)
    found = assessment_of(survey, ZH)
    assert found is not None
    assert (found.year, found.years) == (2026, [2026, 2025])
    assert found.whole is not None
    assert found.before is not None
    assert (percent(found.whole.whole), percent(found.before.whole)) == (70.0, 40.0)
    assert sorted(percent(one.whole) for one in found.units) == [60.0, 80.0]
    earlier = assessment_of(survey, ZH, 2025)
    assert earlier is not None
    assert earlier.before is None
    assert sorted(percent(one.whole) for one in earlier.units) == [40.0, 40.0]
    with pytest.raises(NotFound):
        assessment_of(survey, ZH, 2024)


def test_a_closed_round_stands_beside_the_next_which_tells_nothing_before_it_is_closed(
    cast: Cast, survey: Survey
) -> None:
    acting = cast.wang.acting
    services.keep_results(**acting, survey_id=survey.pk, kept=True)
    answered(link_of(cast, survey, "one"), 6, STAFF, 2, at=BEFORE)
    services.change_state(**acting, survey_id=survey.pk, state=SurveyState.CLOSED)
    again = services.copy_survey(**acting, survey_id=survey.pk)
    services.publish(**acting, survey_id=again.pk)
    answered(link_of(cast, again, "two"), 8, STAFF, 3)
    wang = cast.wang.client()
    page, paper = f"/satisfaction/assessments/{again.pk}/", "paper/?year=2026"
    for content in (wang.get(page), wang.get(f"{page}paper/")):
        assert "8" in content.content.decode()
        assert "60.0%" not in content.content.decode()
    assert wang.get(f"{page}{paper}").status_code == 409
    services.change_state(**acting, survey_id=again.pk, state=SurveyState.CLOSED)
    again.refresh_from_db()
    assert [one.pk for one in rounds_before(cast.wang.grants, again)] == [survey.pk]
    found = assessment_of(again, ZH, rounds=rounds_before(cast.wang.grants, again))
    assert found is not None
    assert found.whole is not None
    assert found.before is not None
    assert (found.before.title, found.before.n) == ("2025", 6)
    assert (percent(found.whole.whole), percent(found.before.whole)) == (60.0, 40.0)
    shown = wang.get(page).content.decode()
    assert f'href="/satisfaction/assessments/{survey.pk}/"' in shown
    assert "40.0%" in shown
    assert wang.get(f"{page}{paper}").content.startswith(b"%PDF")
    # Whoever does not see the first round is not told of it.
    survey.unit = cast.shangqiu
    with given():
        survey.save(update_fields=["unit"])
    assert rounds_before(cast.lin.grants, again) == []


def test_a_year_of_three_people_is_not_told(cast: Cast, survey: Survey) -> None:
    link = link_of(cast, survey, "one")
    answered(link, 3, STAFF, 2, at=BEFORE)
    answered(link, 8, STAFF, 3)
    found = assessment_of(survey, ZH)
    assert found is not None
    # The results page tells all eleven: with 2026 apart, the three of 2025 would be the rest.
    assert (found.years, found.year) == ([], None)


def test_an_index_beside_it_knows_whom_the_page_tells_apart(cast: Cast, survey: Survey) -> None:
    link = link_of(cast, survey, "one")
    answered(link, 6, MANAGER, 4)
    answered(link, 8, STAFF, 3)
    # The year, the managers and the staff.
    assert sorted(len(ids) for ids in told_people(survey)) == [6, 8, 14]
    survey.origin = "visitor"
    assert told_people(survey) == []


def test_who_left_an_item_out_is_counted_and_not_used(cast: Cast, survey: Survey) -> None:
    link = link_of(cast, survey, "one")
    answered(link, 6, STAFF, 3)
    way = way_of(link.token)
    ref = new_ref()
    with clock.override(NOW):
        for page, section in enumerate(way.definition.sections):
            (asked,) = section.questions
            answer: Any = {asked.rows[0].key: 5} if asked.rows else STAFF
            save(
                way,
                ref,
                way.version_id,
                Sent(frozenset({asked.key}), {asked.key: answer}, ZH, page),
            )
    found = assessment_of(survey, ZH)
    assert found is not None
    assert found.left_out == 1


def test_the_pages_and_the_paper(cast: Cast, survey: Survey) -> None:
    client = Client()
    client.force_login(cast.wang.user)
    empty = client.get(f"/satisfaction/assessments/{survey.pk}/").content.decode()
    assert "满 5 份" in empty or "5" in empty
    assert client.get(f"/satisfaction/assessments/{survey.pk}/paper/").status_code == 404
    link = link_of(cast, survey, "one")
    answered(link, 5, MANAGER, 4)
    answered(link, 5, STAFF, 2)
    assert survey.title in client.get("/satisfaction/assessments/").content.decode()
    page = client.get(f"/satisfaction/assessments/{survey.pk}/").content.decode()
    for shown in ("60.0%", "80.0%", "40.0%", "120.0 / 200", "主动找问题、解决问题"):
        assert shown in page
    paper = client.get(f"/satisfaction/assessments/{survey.pk}/paper/?year=2026")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    for wrong in ("1999", "20x6", "123456"):
        assert client.get(f"/satisfaction/assessments/{survey.pk}/?year={wrong}").status_code == 404
    other = Client()
    other.force_login(cast.zhou.user)
    assert other.get(f"/satisfaction/assessments/{survey.pk}/").status_code in (403, 404)


def test_what_is_told_is_chosen_once_for_all_pages() -> None:
    years = {2025: np.array([True] * 12 + [False] * 12), 2026: np.array([False] * 12 + [True] * 12)}
    roles = {"m": np.array([True] * 3 + [False] * 9 + [True] * 6 + [False] * 6)}
    roles["s"] = ~roles["m"]
    cells = Cells(24, told=[np.ones(24, np.bool_)])
    apart = told_apart(cells, years, roles, {})
    assert set(apart.years) == {2025, 2026}
    assert set(apart.roles) == {(2026, "m"), (2026, "s")}
