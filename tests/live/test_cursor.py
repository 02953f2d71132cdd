import pytest

from zhike.core.access import Grants
from zhike.core.live import TOPIC_RIGHTS, TopicRight, cursor, rights


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("case:15:12", {"case:15": 12}),
        ("case:15:12,user:3:0", {"case:15": 12, "user:3": 0}),
        ("desk:7", {"desk": 7}),
        ("case:15:", {"case:15": None}),
    ],
)
def test_a_position_is_a_number_per_topic(text: str, parsed: dict[str, int | None]):
    assert cursor.parse(text) == parsed


def test_a_position_survives_its_way_through_the_browser():
    position = {"case:15": 12, "user:3": 0}
    assert cursor.parse(cursor.text(position)) == position


@pytest.mark.parametrize(
    "text",
    ["", "case", "case:x:y:z", "case:15:-1", "CASE:1:1", "case:1:1;drop", "a b:1", "x:1," * 51],
)
def test_anything_else_is_refused(text: str):
    with pytest.raises(cursor.BadCursor):
        cursor.parse(text)


def test_a_topic_nobody_answers_for_is_closed(monkeypatch):
    monkeypatch.setattr(TOPIC_RIGHTS, "_items", {})
    TOPIC_RIGHTS.fill(TopicRight("case", lambda grants, rest: int(rest) == grants.user_id))
    asked = ["case:7", "case:8", "case:", "case:abc", "other:7", "case"]
    assert rights.allowed(Grants(user_id=7), asked) == {"case:7"}
