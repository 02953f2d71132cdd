"""Scenes of reports: a Tuesday with cases, seen from the Wednesday after."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.care.conftest import _planted as _planted
from tests.care.conftest import close, open_other
from tests.cast import Cast
from tests.cast import cast_fixture as cast_fixture
from tests.complaints.conftest import open_complaint
from zhike.core import clock
from zhike.core.access import everything
from zhike.core.work import Actor
from zhike.desk.models import Case
from zhike.insight import services

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 17, 10, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 18, 0, 5, tzinfo=SHANGHAI)
JOB = Actor.system("insight")


@pytest.fixture
def tuesday(cast: Cast) -> dict[str, Case]:
    """A repair opened and closed, a complaint still open, one case of another station."""
    with clock.override(TUESDAY):
        repair = open_other(cast.lin, cast.chen.pk)
        complaint = open_complaint(cast.lin, cast.chen.pk)
    with clock.override(TUESDAY + timedelta(hours=2)):
        close(cast.lin, repair)
        other = open_other(cast.zhou, None, "inquiry")
    return {"repair": repair, "complaint": complaint, "other": other}


def settle(day: date | None = None) -> None:
    services.settle_day(actor=JOB, grants=everything("tests"), day=day or TUESDAY.date())
