"""The plans of the law, and a case of Chen's they apply to."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.apps import apps

from tests.cast import Cast
from tests.desk.legal.scene import MONDAY, opened
from tests.guards import given
from zhike.core.calendar import seeds
from zhike.desk.models import Case


@pytest.fixture(autouse=True)
def _laws_planted(db: None) -> None:
    with given():
        seeds.plant_legal_plans(apps)


@pytest.fixture
def case(cast: Cast, frozen_clock: Callable[[datetime], None]) -> Case:
    frozen_clock(MONDAY)
    return opened(cast)
