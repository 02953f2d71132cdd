"""Scenes of follow-up visits: cases brought to their end, with the visit that makes."""

from typing import Any

import pytest
from django.apps import apps

from tests.cast import Cast, Staff
from tests.cast import cast_fixture as cast_fixture
from tests.complaints.conftest import GIVEN, open_complaint
from zhike.care.data.scripts import plant
from zhike.care.models import FollowUp
from zhike.complaints import services as complaints
from zhike.complaints.models import WayOutRule
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.core import clock
from zhike.core.calendar import seeds
from zhike.desk import services as desk
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.models import Case, CaseType


@pytest.fixture(autouse=True)
def _planted(db: None) -> None:
    """What the migrations put there; tests with real transactions have emptied it."""
    seeds.plant(apps)
    seeds.plant_complaint_plans(apps)
    for place, kind in enumerate(BUILTIN_TYPES, 1):
        CaseType.objects.get_or_create(
            code=kind.code,
            defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
        )
    WayOutRule.objects.get_or_create(pk=1, defaults={"attempts": 3, "days": 2})
    plant(apps, clock.now())


def open_other(by: Staff, customer_id: int | None, type_code: str = "repair") -> Case:
    new = desk.NewCase(
        type_code=type_code, channel="phone", text="后桥异响，跑不起来", customer_id=customer_id
    )
    return desk.open_case(**by.acting, new=new).case


def close(by: Staff, case: Case) -> Case:
    return desk.close_case(
        **by.acting, case_id=case.pk, outcome="solved", text="换了后桥轴承，试车正常。"
    )


def through_steps(by: Staff, case: Case) -> Case:
    """The five steps, then the end."""
    given = [(step, GIVEN[step]) for step in BEFORE_CLOSING]
    complaints.record_steps(**by.acting, case_id=case.pk, given=given)
    return close(by, case)


def visit_of(case: Case, **asked: Any) -> FollowUp:
    """The newest visit of a case."""
    return FollowUp.objects.filter(case=case, **asked).order_by("-round", "-sequence")[:1].get()


@pytest.fixture
def complaint(cast: Cast) -> Case:
    return through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))


@pytest.fixture
def repair(cast: Cast) -> Case:
    return close(cast.lin, open_other(cast.lin, cast.chen.pk))


@pytest.fixture
def visit(complaint: Case) -> FollowUp:
    return visit_of(complaint)


@pytest.fixture
def repair_visit(repair: Case) -> FollowUp:
    return visit_of(repair)
