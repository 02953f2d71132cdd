"""A complaint of Lin's in Zhoukou, and the quality department with Zhang, who sees none of its cases."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from tests.cast import Cast, Staff, make_staff, make_unit
from tests.complaints.conftest import open_complaint
from zhike.accounts.models import Unit
from zhike.complaints.models import Cause, Notice
from zhike.complaints.services.notice_answers import Answer, answer_notice
from zhike.complaints.services.notices import send_notice
from zhike.desk.models import Case

# Tuesday 2026-11-24 14:26 in Shanghai.
AFTERNOON = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
ANSWER = Answer(action="更换密封圈规格", responsible="张工", action_due=date(2026, 12, 1))


@dataclass(frozen=True)
class Scene:
    cast: Cast
    quality: Unit
    zhang: Staff
    case: Case


def make_scene(cast: Cast) -> Scene:
    quality = make_unit("品质部", cast.company, "department")
    zhang = make_staff("4001", "张工", quality, "department_owner")
    return Scene(cast, quality, zhang, open_complaint(cast.lin, cast.chen.pk, keep=True))


def send(
    scene: Scene, *, by: Staff | None = None, case: Case | None = None, **asked: Any
) -> Notice:
    fields: dict[str, Any] = {
        "unit_id": None,
        "person_id": scene.zhang.user.pk,
        "text": "控制器进水，请查明。",
    }
    acting = (by or scene.cast.lin).acting
    return send_notice(**acting, case_id=(case or scene.case).pk, **(fields | asked))


def answered(scene: Scene, notice: Notice, *, by: Staff | None = None, **given: Any) -> Notice:
    if "cause_id" not in given:
        given["cause_id"] = Cause.objects.get(code="product.part").pk
    return answer_notice(
        **(by or scene.zhang).acting, number=notice.number, answer=replace(ANSWER, **given)
    )
