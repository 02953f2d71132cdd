"""The lists of notices as each reader has them, and their figures."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.cast import Cast, make_staff, make_unit
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from zhike.complaints.models import Cause, Notice
from zhike.complaints.selectors.notices import visible_notices
from zhike.complaints.services import notices as service
from zhike.core.models import AuditRow
from zhike.core.search.kinds import SEARCH_KINDS

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


@pytest.fixture
def zhang(scene: Scene) -> Client:
    return scene.zhang.client()


def html(answer: Any) -> str:
    return answer.content.decode()


def page_of(notice: Notice) -> str:
    return reverse("notices:notice", args=[notice.number])


def numbers(answer: Any) -> set[str]:
    return set(re.findall(r"zk-open\" href=\"/notices/(TZ\d+)/", html(answer)))


# The list


def test_each_reader_has_their_own_list(scene: Scene, zhang: Client, frozen_clock: Freeze) -> None:
    deputy = make_staff("4002", "副手", scene.quality, "department_owner")
    mine, theirs = send(scene), send(scene, person_id=deputy.user.pk)
    url = reverse("notices:list")
    assert numbers(zhang.get(url)) == {mine.number}
    assert numbers(zhang.get(url, {"tab": "department"})) == {mine.number, theirs.number}
    lin = scene.cast.lin.client()
    assert numbers(lin.get(url)) == set()
    assert "没有" in html(lin.get(url))
    assert numbers(lin.get(url, {"tab": "sent"})) == {mine.number, theirs.number}
    assert numbers(scene.cast.zhou.client().get(url, {"tab": "all"})) == set()
    answered(scene, mine)
    assert numbers(lin.get(url, {"tab": "answered"})) == {mine.number}
    frozen_clock(theirs.due_at + timedelta(hours=1))
    assert numbers(lin.get(url, {"tab": "overdue"})) == {theirs.number}
    frozen_clock(AFTERNOON + timedelta(days=20))
    assert numbers(lin.get(url, {"tab": "check"})) == {mine.number}


def test_the_case_is_named_only_to_those_who_see_it(scene: Scene, zhang: Client) -> None:
    send(scene)
    url = reverse("notices:list")
    assert scene.case.number not in html(zhang.get(url))
    assert scene.case.number in html(scene.cast.lin.client().get(url, {"tab": "sent"}))


def test_the_list_finds_words_numbers_causes_and_answers(scene: Scene, zhang: Client) -> None:
    first = answered(scene, send(scene))
    second = send(scene, text="仓库发错了货")
    url = reverse("notices:list")

    def found(**asked: Any) -> set[str]:
        return numbers(zhang.get(url, {"tab": "all", **asked}))

    assert found(q="发错") == {second.number}
    assert found(q="密封圈") == {first.number}, "the answer is found too"
    assert found(q=first.number) == {first.number}
    assert found(q=scene.case.number) == set(), "a case out of reach leads nowhere"
    assert found(cause=Cause.objects.get(code="product").pk) == {first.number}
    assert found(answer="in_time") == {first.number}
    assert found(answer="late") == set()
    assert found(state="sent") == {second.number}
    assert found(unit=scene.quality.pk, sent="today") == {first.number, second.number}
    assert found(sent="yesterday") == set()


def test_the_search_box_finds_notices_within_reach(scene: Scene, zhang: Client) -> None:
    notice = send(scene, text="密封圈老化，请查 13812346027")
    page = html(zhang.get(reverse("web:search"), {"q": "密封圈"}))
    assert page_of(notice) in page
    assert "13812346027" not in page
    kind = SEARCH_KINDS.get("notice")
    assert kind is not None
    assert kind.count(scene.zhang.grants, "密封圈") == 1
    assert kind.count(scene.cast.zhou.grants, "密封圈") == 0


def test_the_menu_counts_what_i_owe(scene: Scene, zhang: Client) -> None:
    send(scene)
    send(scene)
    page = html(zhang.get(reverse("notices:list")))
    item = re.search(r'href="/notices/"[^>]*>.*?</a>', page, re.S)
    assert item is not None
    assert ">2<" in item[0]


def test_only_who_keeps_notices_takes_them_away_as_a_file(scene: Scene, zhang: Client) -> None:
    answered(scene, send(scene, text="请查 13812346027"))
    send(scene)
    url = reverse("notices:export")
    assert zhang.get(url).status_code == 403
    wang = scene.cast.wang.client()
    asked = {"format": "csv", "reason": "月度会议"}
    answer = wang.post(f"{url}?tab=all&state=answered", asked)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # streamed
    assert "138****6027" in text
    assert len(text.strip().splitlines()) == 2
    assert AuditRow.objects.filter(action="export.notices").exists()


def test_who_reads_no_notices_at_all(scene: Scene, given) -> None:
    nobody = make_staff("5001", "路人", scene.cast.company, "trainer")
    with given():
        role = nobody.user.assignments.get().role
        role.permissions = []
        role.save()
    client = nobody.client()
    for name in ("list", "departments", "causes"):
        assert client.get(reverse(f"notices:{name}")).status_code == 403
    assert visible_notices(nobody.grants).count() == 0


# Figures


def test_each_figure_leads_to_its_rows(scene: Scene, frozen_clock: Freeze) -> None:
    lin, wang = scene.cast.lin, scene.cast.wang
    in_time = answered(scene, send(scene))
    service.check_notice(**lin.acting, number=in_time.number, held=True)
    late = send(scene)
    withdrawn = send(scene)
    service.withdraw_notice(**lin.acting, number=withdrawn.number, reason="发错了")
    overdue = send(scene)
    frozen_clock(AFTERNOON + timedelta(days=2))
    answered(scene, late)
    fresh = send(scene)
    page = wang.client().get(reverse("notices:departments"))
    (row, cells), *more = page.context["rows"]
    assert more == [], "one department needs no total"
    assert row.name == "品质部"
    figures = dict(zip([column.key for column in page.context["columns"]], cells, strict=True))
    assert {key: cell.value for key, cell in figures.items()} == {
        "sent": "4", "answered": "2", "share": "33%", "hours": figures["hours"].value,
        "overdue": "1", "held": "1", "failed": "0", "unchecked": "1",
    }  # fmt: skip
    assert (row.in_time, row.judged) == (1, 3)
    assert float(figures["hours"].value) > 0
    behind = {key: numbers(wang.client().get(cell.url)) for key, cell in figures.items()}
    assert behind == {
        "sent": {in_time.number, late.number, overdue.number, fresh.number},
        "answered": {in_time.number, late.number},
        "share": {in_time.number},
        "hours": {in_time.number, late.number},
        "overdue": {overdue.number},
        "held": {in_time.number},
        "failed": set(),
        "unchecked": {late.number},
    }
    for column in page.context["columns"]:
        assert str(column.meaning) in html(page)


def test_a_period_without_notices_says_so_and_what_is_overdue_stays(
    scene: Scene, frozen_clock: Freeze
) -> None:
    wang = scene.cast.wang.client()
    assert "这段时间" in html(wang.get(reverse("notices:departments")))
    send(scene)
    frozen_clock(AFTERNOON + timedelta(days=3))
    page = wang.get(reverse("notices:departments"), {"sent": "today"})
    ((row, _cells),) = page.context["rows"]
    assert (row.sent, row.overdue, row.share_percent, row.mean_hours) == (0, 1, None, None)
    for odd in ("2026-13-45..x", "..", "gestern"):
        assert wang.get(reverse("notices:departments"), {"sent": odd}).status_code == 200


def test_figures_stay_within_reach_and_go_into_a_workbook(scene: Scene) -> None:
    other = make_unit("仓储部", scene.cast.company, "department")
    keeper = make_staff("4009", "马超", other, "department_owner")
    send(scene)
    send(scene, person_id=keeper.user.pk)
    url = reverse("notices:departments")
    page = scene.cast.wang.client().get(url)
    assert [str(row.name) for row, _cells in page.context["rows"]][:2] == ["仓储部", "品质部"]
    assert page.context["rows"][-1][0].sent == 2
    page = keeper.client().get(url)
    assert [row.unit_id for row, _cells in page.context["rows"]] == [other.pk]
    assert scene.cast.lin.client().get(url).status_code == 403
    answer = scene.cast.wang.client().post(reverse("notices:departments-export"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # streamed
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == [1.0, 1.0, 2.0]
    assert AuditRow.objects.filter(action="export.notice_departments").count() == 1
