"""Scenes of the desk: the cast, the kinds of case, a case taken in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from tests.cast import Cast, Staff, cast_fixture  # noqa: F401
from zhike.core.calendar import seeds
from zhike.desk import services
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.data.phrases import first_rows
from zhike.desk.models import Case, CaseType, Phrase

OpenCase = Callable[..., Case]


@pytest.fixture(autouse=True)
def _planted(db: None) -> None:
    """What the migrations put there; tests with real transactions have emptied it."""
    seeds.plant(apps)
    for place, kind in enumerate(BUILTIN_TYPES, 1):
        CaseType.objects.get_or_create(
            code=kind.code,
            defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
        )
    if not Phrase.objects.exists():
        Phrase.objects.bulk_create(Phrase(**row) for row in first_rows())


@pytest.fixture
def open_case(cast: Cast) -> OpenCase:
    """A case taken in by Lin on the phone for Chen, hers unless told otherwise."""

    def make(by: Staff | None = None, **known: Any) -> Case:
        by = by or cast.lin
        fields: dict[str, Any] = {
            "type_code": "complaint",
            "channel": "phone",
            "text": "爬坡时突然断电，控制器已换过一次仍复发。",
            "customer_id": cast.chen.pk if by is not cast.zhou else None,
        }
        new = services.NewCase(**(fields | known))
        return services.open_case(**by.acting, new=new).case

    return make


@pytest.fixture
def waiting_case(open_case: OpenCase) -> Case:
    """A letter in the queue of Zhoukou, taken up by nobody."""
    return open_case(keep=False, channel="letter")
