"""A scenic area's questionnaire: three dimensions, twelve items, and visitors who answer it."""

import random
import re
from typing import Any

from tests.surveys.scene import ZH, document, page
from zhike.accounts.models import User
from zhike.core import clock
from zhike.satisfaction.models import Improvement, IndicatorSystem
from zhike.surveys.models import Link, Survey
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.counting import count_some

DIMENSIONS = {
    "environment": ("环境", ["卫生", "绿化", "安静", "指路牌"]),
    "service": ("服务", ["售票", "讲解", "投诉处理", "态度"]),
    "value": ("价值", ["门票", "餐饮", "纪念品", "停车"]),
}


def item(key: str, text: str) -> dict[str, Any]:
    return {"key": key, "kind": "scale", "points": 5, "text": {ZH: text}, "required": False}


SCENIC = document(
    *(
        page(
            name,
            *(item(f"{name[:3]}{number}", text) for number, text in enumerate(texts, 1)),
            title={ZH: title},
        )
        for name, (title, texts) in DIMENSIONS.items()
    ),
    title={ZH: "景区游客满意度"},
)
PARTS = [
    f"{name[:3]}{number}"
    for name, (_title, texts) in DIMENSIONS.items()
    for number in range(1, len(texts) + 1)
]


def visitors(count: int, seed: int = 3) -> list[dict[str, int]]:
    """Answers that hang together within a dimension, the service best."""
    chance = random.Random(seed)
    found = []
    for _number in range(count):
        row = {}
        for name, base in (("env", 3.4), ("ser", 4.2), ("val", 2.8)):
            mood = chance.gauss(base, 0.8)
            for number in range(1, 5):
                row[f"{name}{number}"] = min(5, max(1, round(mood + chance.gauss(0, 0.6))))
        found.append(row)
    return found


def answer(link: Link, *rows: dict[str, Any]) -> None:
    """Each on the pages of the questionnaire, one after the other; then counted."""
    way = way_of(link.token)
    for row in rows:
        ref = new_ref()
        for number, section in enumerate(way.definition.sections):
            keys = {one.key for one in section.questions}
            given = {key: value for key, value in row.items() if key in keys}
            save(way, ref, way.version_id, Sent(frozenset(keys), given, ZH, number))
    while count_some():
        pass


def make_improvement(survey: Survey, user: User, title: str = "停车", **more: Any) -> Improvement:
    """Of a system without figures: what stands in the day of somebody."""
    system = IndicatorSystem.objects.create(
        title=title, survey=survey, unit_id=survey.unit_id, structure=[], made_at=clock.now(),
        changed_at=clock.now(),
    )  # fmt: skip
    return Improvement.objects.create(
        system=system, unit_id=survey.unit_id, part="val4", item_title=title, run_number=1,
        index_then=51.5, gain_then=3.2, what=f"{title}：加划车位", responsible=user,
        responsible_name=user.name, due=clock.today(), made_at=clock.now(), **more,
    )  # fmt: skip


def words(html: str) -> set[str]:
    """Whole words and numbers alone: a token of 64 letters may hold any three of them."""
    return set(re.findall(r"[\w.]+", html.lower()))
