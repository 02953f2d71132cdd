"""Two people at one questionnaire at the same moment, with real transactions."""

from typing import Any

import pytest

from tests.cast import Cast, make_cast
from tests.desk.test_races import at_once
from tests.surveys.conftest import make, whole_draft
from tests.transactions import real_transactions  # noqa: F401
from zhike.core.errors import Conflict
from zhike.surveys import services
from zhike.surveys.models import SurveyVersion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(real_transactions: None, given: Any) -> Cast:  # noqa: F811
    with given():
        from django.apps import apps

        from zhike.core.calendar import seeds

        seeds.plant(apps)
    return make_cast()


def titled(title: str) -> dict[str, Any]:
    return {**whole_draft(), "title": {"zh-hans": title}}


def test_of_two_changes_of_one_draft_one_is_kept_and_the_other_told(town: Cast) -> None:
    survey = make(town.wang, town.zhoukou.pk)

    def saving(who: dict[str, Any], title: str) -> Any:
        return lambda: services.save_draft(
            **who, survey_id=survey.pk, document=titled(title), expected_seq=1
        )

    results = at_once([saving(town.wang.acting, "王的"), saving(town.admin.acting, "管理员的")])
    assert [one.code for one in results if isinstance(one, Conflict)] == ["draft_changed"]
    survey.refresh_from_db()
    assert survey.draft_seq == 2
    assert survey.title in ("王的", "管理员的")


def test_two_who_publish_at_once_make_one_version(town: Cast) -> None:
    survey = make(town.wang, town.zhoukou.pk)

    def publishing(who: dict[str, Any]) -> Any:
        return lambda: services.publish(**who, survey_id=survey.pk, expected_seq=1)

    results = at_once([publishing(town.wang.acting), publishing(town.admin.acting)])
    assert all(isinstance(one, SurveyVersion | Conflict) for one in results)
    assert SurveyVersion.objects.filter(survey=survey).count() == 1


def test_a_draft_changed_while_it_is_published_is_not_what_is_published(town: Cast) -> None:
    survey = make(town.wang, town.zhoukou.pk)
    results = at_once(
        [
            lambda: services.publish(**town.wang.acting, survey_id=survey.pk, expected_seq=1),
            lambda: services.save_draft(
                **town.admin.acting, survey_id=survey.pk, document=titled("新的"), expected_seq=1
            ),
        ]
    )
    assert not [
        one for one in results if isinstance(one, Exception) and not isinstance(one, Conflict)
    ]
    survey.refresh_from_db()
    assert (survey.title, survey.draft_seq) == ("新的", 2)
    for version in SurveyVersion.objects.filter(survey=survey):
        assert version.definition["title"]["zh-hans"] == "车主调查"
