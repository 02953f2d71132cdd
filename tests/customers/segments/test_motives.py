"""What a segment weighs: its priority, and motives typed in or taken from answers."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.customers.segments.scene import made
from tests.satisfaction.scene import answer
from tests.surveys.scene import document, options, page, published, question
from zhike.core.errors import Forbidden, RuleError
from zhike.core.models import AuditRow
from zhike.customers.segments import by_priority
from zhike.customers.services.segments import save_matrix, take_motives, weighed

pytestmark = pytest.mark.django_db

# Priority and motives


def test_a_priority_is_its_own_or_that_of_its_place(cast: Cast) -> None:
    loyal = made(cast)
    tried = made(cast, name="观望的", standing="potential", loyalty="attentive")
    own = made(cast, name="要紧的", loyalty="switching", priority=5)
    shown = {row.name: row.shown_priority for row in by_priority([tried, own, loyal])}
    assert shown == {"老主顾": 5, "要紧的": 5, "观望的": 4}
    save_matrix(**cast.admin.acting, wanted={("potential", "attentive"): 1})
    assert by_priority([tried])[0].shown_priority == 1
    assert AuditRow.objects.filter(action="customers.segment.matrix").count() == 1
    save_matrix(**cast.admin.acting, wanted={("potential", "attentive"): 1})
    assert AuditRow.objects.filter(action="customers.segment.matrix").count() == 1
    with pytest.raises(Forbidden):
        save_matrix(**cast.wang.acting, wanted={("potential", "attentive"): 2})


def test_weights_are_kept_in_per_cent_the_weightiest_first() -> None:
    rows = weighed([("价格", 1), ("省油", 3)])
    assert rows == [{"text": "省油", "weight": 75.0}, {"text": "价格", "weight": 25.0}]
    assert weighed([]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [("价格", 0)],
        [("价格", -1)],
        [("价格", float("nan"))],
        [("价格", float("inf"))],
        [("", 1)],
        [("价格", 1), ("价格", 2)],
        [("长" * 61, 1)],
        [(f"第{n}", 1) for n in range(21)],
    ],
)
def test_what_is_no_list_of_motives_is_refused(wrong: list[tuple[str, float]]) -> None:
    with pytest.raises(RuleError):
        weighed(wrong)


ASKED = document(
    page(
        "s1",
        question("share", "points", rows=options("x", "y", "z")),
        question("order", "rank", options=options("a", "b")),
        question("one", "single", options=options("a", "b")),
        question("words", "text"),
    )
)


def answered(cast: Cast, n: int) -> int:
    link = published(cast.zhoukou, ASKED)
    rows = [
        {
            "share": {"x": 60, "y": 40, "z": 0},
            "order": ["b", "a"],
            "one": "a" if at else "b",
        }
        for at in range(n)
    ]
    answer(link, *rows)
    return link.survey_id


def test_motives_come_from_what_people_answered(cast: Cast) -> None:
    survey_id = answered(cast, 6)
    row = made(cast)

    def taken(key: str) -> dict[str, float]:
        found = take_motives(
            **cast.wang.acting, segment_id=row.pk, source="surveys", choice=f"{survey_id}.{key}"
        )
        return {one["text"]: round(one["weight"], 1) for one in found.motives}

    # A row nobody gave a point to is no motive.
    assert taken("share") == {"选项 x": 60.0, "选项 y": 40.0}
    assert taken("order") == {"选项 b": 66.7, "选项 a": 33.3}
    assert taken("one") == {"选项 a": 83.3, "选项 b": 16.7}
    row.refresh_from_db()
    assert row.motives_from["n"] == 6
    for wrong in ("words", "none"):
        with pytest.raises(RuleError):
            taken(wrong)


def test_four_answers_say_nothing_of_motives(cast: Cast) -> None:
    survey_id = answered(cast, 4)
    row = made(cast)
    with pytest.raises(RuleError) as caught:
        take_motives(
            **cast.wang.acting, segment_id=row.pk, source="surveys", choice=f"{survey_id}.share"
        )
    assert caught.value.code == "too_few_answers"
    client = cast.wang.client()
    shown = client.get(reverse("customers:segment-motives", args=[row.pk]))
    assert f"{survey_id}.share" not in shown.content.decode()


def test_motives_are_typed_a_line_each(cast: Cast, client: Client) -> None:
    row = made(cast)
    url = reverse("customers:segment-motives", args=[row.pk])
    assert client.post(url, {"lines": "省油"}).status_code == 422
    assert client.post(url, {"lines": "省 油 3\n价格 1", "version": 1}).status_code == 302
    row.refresh_from_db()
    assert row.motives[0] == {"text": "省 油", "weight": 75.0}
    # Based on what was there before.
    assert client.post(url, {"lines": "价格 1", "version": 1}).status_code == 409
