"""Notices on their pages: the list as each reader has it, the short page, the dialog, figures, causes."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from tests.budgets import Budget
from tests.cast import Cast, Staff, make_staff, make_unit
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from zhike.complaints.models import Cause, Notice
from zhike.complaints.notice_page import answer_time
from zhike.complaints.notice_rules import masked_name
from zhike.complaints.selectors.notices import visible_notices
from zhike.complaints.services import causes as cause_service
from zhike.complaints.services import notices as service
from zhike.complaints.services import record_steps
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow
from zhike.core.search.kinds import SEARCH_KINDS
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]
LONG = "长" * 60
EVIL = "<script>alert(1)</script>"


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


def given(**more: Any) -> dict[str, Any]:
    return {
        "cause": str(Cause.objects.get(code="product.part").pk),
        "cause_text": "",
        "action": "更换密封圈规格",
        "responsible": "张工",
        "action_due": "2026-12-01",
        "check_due": "",
    } | more


def numbers(answer: Any) -> set[str]:
    return set(re.findall(r"zk-open\" href=\"/notices/(TZ\d+)/", html(answer)))


# The short page, for a department that sees no case


def test_a_department_reads_what_it_must_know_and_no_more(scene: Scene, zhang: Client) -> None:
    from tests.complaints.conftest import GIVEN
    from zhike.complaints.rules import IN_ONE_CALL, Field

    steps = [(step, dict(GIVEN[step])) for step in IN_ONE_CALL]
    steps[2][1][Field.PRODUCT] = "H3 电动三轮"
    record_steps(**scene.cast.lin.acting, case_id=scene.case.pk, given=steps)
    notice = send(scene, text=f"请查明 {EVIL}，客户电话 13812346027。")
    page = html(zhang.get(page_of(notice)))
    assert "陈**" in page
    assert "陈志强" not in page
    assert "VIP" in page
    assert "H3 电动三轮" in page
    assert "控制器进水" in page
    assert "138****6027" in page
    assert "13812346027" not in page
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert reverse("desk:case", args=[scene.case.number]) not in page
    assert zhang.get(reverse("desk:case", args=[scene.case.number])).status_code == 404


def test_who_sees_the_case_reads_the_whole_name_and_finds_the_way_there(scene: Scene) -> None:
    page = html(scene.cast.lin.client().get(page_of(send(scene))))
    assert "陈志强" in page
    assert reverse("desk:case", args=[scene.case.number]) in page
    assert "为什么是" in page


def test_the_answer_is_given_on_the_page(scene: Scene, zhang: Client) -> None:
    notice = send(scene)
    page = html(zhang.get(page_of(notice)))
    assert 'value="张工"' in page, "responsible, until somebody else is named"
    done = zhang.post(reverse("notices:answer", args=[notice.number]), given())
    assert done.status_code == 302
    page = html(zhang.get(page_of(notice)))
    assert "更换密封圈规格" in page
    assert "notices:answer" not in page
    assert reverse("notices:answer", args=[notice.number]) not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cause": ""}, "请选择"),
        ({"action": ""}, "必"),
        ({"action_due": "2026-11-23"}, "已经过去"),
        ({"action_due": "32.13.2026"}, "日期"),
        ({"cause": "999999"}, ""),
        ({"responsible": "人" * 61}, ""),
    ],
)
def test_an_answer_that_does_not_do_comes_back_with_what_was_typed(
    scene: Scene, zhang: Client, wrong: dict[str, str], words: str
) -> None:
    notice = send(scene)
    answer = zhang.post(reverse("notices:answer", args=[notice.number]), given(**wrong))
    assert answer.status_code == 422
    assert words in html(answer)
    if "action" not in wrong:
        assert "更换密封圈规格" in html(answer)
    assert Notice.objects.get(pk=notice.pk).state == "sent"


def test_the_page_of_another_department_does_not_exist(scene: Scene) -> None:
    notice = send(scene)
    stores = make_unit("仓储部", scene.cast.company, "department")
    stranger = make_staff("4009", "马超", stores, "department_owner").client()
    missing = stranger.get(reverse("notices:notice", args=["TZ202611249999"]))
    assert stranger.get(page_of(notice)).status_code == missing.status_code == 404
    assert (
        stranger.post(reverse("notices:answer", args=[notice.number]), given()).status_code == 404
    )
    for action in ("remind", "withdraw", "return", "check"):
        url = reverse("notices:act", args=[notice.number, action])
        asked = {"reason": "x", "held": "yes"}
        assert stranger.post(url, asked).status_code == 404
    assert Notice.objects.get(pk=notice.pk).state == "sent"


def test_who_sees_it_but_may_not_answer_is_refused(scene: Scene) -> None:
    notice = send(scene)
    lin = scene.cast.lin.client()
    assert lin.post(reverse("notices:answer", args=[notice.number]), given()).status_code == 403
    assert (
        scene.zhang.client()
        .post(reverse("notices:act", args=[notice.number, "withdraw"]), {"reason": "不想答"})
        .status_code
        == 403
    )
    assert Notice.objects.get(pk=notice.pk).state == "sent"


def test_a_second_answer_says_who_was_first(scene: Scene, zhang: Client) -> None:
    notice = answered(scene, send(scene))
    answer = zhang.post(reverse("notices:answer", args=[notice.number]), given())
    assert answer.status_code == 409
    assert "张工" in html(answer)


def test_the_asking_side_acts_on_the_page(scene: Scene, zhang: Client) -> None:
    lin = scene.cast.lin.client()
    notice = send(scene)

    def act(action: str, **data: str) -> Any:
        return lin.post(reverse("notices:act", args=[notice.number, action]), data)

    assert act("remind").status_code == 302
    early = act("remind")
    assert early.status_code == 409
    assert "1 小时" in html(early)
    assert act("withdraw", reason="").status_code == 422
    assert act("explode").status_code == 404
    answered(scene, notice)
    assert act("return", reason="没说原因").status_code == 302
    answered(scene, notice)
    page = html(lin.get(page_of(notice)))
    assert "没说原因" in page, "the history tells it"
    assert act("check", held="no", note="").status_code == 422
    assert act("check", held="no", note="又来一台").status_code == 302
    page = html(lin.get(page_of(notice)))
    assert f"{reverse('notices:send', args=[scene.case.number])}?after={notice.number}" in page
    again = html(
        lin.get(reverse("notices:send", args=[scene.case.number]), {"after": notice.number})
    )
    assert "又来一台" in again


def test_a_small_number_leads_to_the_page_and_awkward_ones_nowhere(
    scene: Scene, zhang: Client
) -> None:
    notice = send(scene)
    assert zhang.get(f"/notices/{notice.number.lower()}/").status_code == 302
    for number in ("TZ1", "０", "%00", "x" * 300):
        assert zhang.get(f"/notices/{number}/").status_code == 404


# Sending from the case


def test_the_dialog_on_the_case_sends_it(scene: Scene) -> None:
    lin = scene.cast.lin.client()
    url = reverse("notices:send", args=[scene.case.number])
    assert url in html(lin.get(reverse("desk:case", args=[scene.case.number])))
    form = html(lin.get(url, headers={"HX-Request": "true"}))
    assert "<html" not in form
    assert "张工" in form
    assert "11-25" in form, "by when the answer would be due"
    once = re.search(r'name="once" value="(\w+)"', form)
    assert once is not None
    asked = {"person": scene.zhang.user.pk, "unit": "", "text": "请查明原因", "once": once[1]}
    assert lin.post(url, asked).status_code == 302
    assert lin.post(url, asked).status_code == 302
    assert Notice.objects.count() == 1
    panel = html(lin.get(reverse("desk:panels", args=[scene.case.number])))
    assert Notice.objects.get().number in panel
    assert "品质部 · 张工" in panel


def test_a_notice_that_cannot_be_sent_says_why(scene: Scene) -> None:
    lin = scene.cast.lin.client()
    url = reverse("notices:send", args=[scene.case.number])
    for asked in (
        {"person": "", "text": "请查"},
        {"person": scene.zhang.user.pk, "text": ""},
        {"person": scene.zhang.user.pk, "unit": scene.cast.shangqiu.pk, "text": "请查"},
        {"person": "999999", "text": "请查"},
    ):
        assert lin.post(url, asked).status_code == 422
    assert not Notice.objects.exists()
    assert scene.cast.zhou.client().get(url).status_code == 404
    trainer = make_staff("3001", "培训赵", scene.cast.company, "trainer")
    assert trainer.client().get(url).status_code == 403


def test_a_case_without_notices_shows_no_card(scene: Scene) -> None:
    panel = scene.cast.lin.client().get(reverse("desk:panels", args=[scene.case.number]))
    assert 'id="nt-panel"' not in html(panel)


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


# Causes


def admin_of(scene: Scene) -> Staff:
    return scene.cast.admin


def test_the_tree_of_causes_is_the_houses_own(scene: Scene) -> None:
    admin = admin_of(scene).client()
    url = reverse("notices:causes")
    product = Cause.objects.get(code="product")
    assert "零件或材料" in html(admin.get(url))
    assert admin.post(url, {"name": "来料", "parent": product.pk}).status_code == 302
    mine = Cause.objects.get(name="来料")
    assert mine.path == f"{product.path}{mine.pk}/"
    assert admin.post(url, {"name": "来料", "parent": product.pk}).status_code == 422
    assert admin.post(url, {"name": "", "parent": ""}).status_code == 422
    assert admin.post(url, {"name": "x", "parent": "999999"}).status_code == 422
    change = reverse("notices:cause", args=[mine.pk])
    assert admin.post(change, {"do": "rename", "name": EVIL}).status_code == 302
    assert EVIL not in html(admin.get(url))
    assert admin.post(change, {"do": "off"}).status_code == 302
    assert not Cause.objects.get(pk=mine.pk).is_active
    assert admin.post(change, {"do": "on"}).status_code == 302
    assert admin.post(change, {"do": "burn"}).status_code == 404
    assert admin.post(reverse("notices:cause", args=[999_999]), {"do": "off"}).status_code == 404
    assert AuditRow.objects.filter(action__startswith="complaints.cause.").count() == 4
    assert scene.cast.wang.client().get(url).status_code == 403
    assert scene.cast.wang.client().post(change, {"do": "off"}).status_code == 403


def test_a_subtree_moves_with_its_paths_and_never_below_itself(scene: Scene) -> None:
    who = admin_of(scene).acting
    product, service_root = Cause.objects.get(code="product"), Cause.objects.get(code="service")
    part = Cause.objects.get(code="product.part")
    cause_service.move_cause(**who, cause_id=product.pk, parent_id=service_root.pk)
    for row in Cause.objects.all():
        above = row.parent.path if row.parent else "/"
        assert row.path == f"{above}{row.pk}/"
    assert Cause.objects.get(pk=part.pk).path.startswith(service_root.path)
    for target in (part.pk, product.pk):
        with pytest.raises(RuleError) as refused:
            cause_service.move_cause(**who, cause_id=product.pk, parent_id=target)
        assert refused.value.code == "cause_below_itself"
    cause_service.move_cause(**who, cause_id=product.pk, parent_id=None)
    assert Cause.objects.get(pk=part.pk).path == f"/{product.pk}/{part.pk}/"


def test_a_tree_grows_six_levels_and_no_twins(scene: Scene) -> None:
    who = admin_of(scene).acting
    parent: int | None = None
    for level in range(6):
        parent = cause_service.add_cause(**who, name=f"第{level}层", parent_id=parent).pk
    with pytest.raises(RuleError) as deep:
        cause_service.add_cause(**who, name="第七层", parent_id=parent)
    assert deep.value.code == "cause_too_deep"
    with pytest.raises(RuleError) as twin:
        cause_service.add_cause(**who, name=str(Cause.objects.get(code="product").label))
    assert twin.value.code == "cause_taken"
    with pytest.raises(RuleError):
        cause_service.add_cause(**who, name="长" * 61)
    chain = Cause.objects.get(name="第0层")
    with pytest.raises(RuleError) as too_deep:
        cause_service.move_cause(
            **who, cause_id=chain.pk, parent_id=Cause.objects.get(code="product").pk
        )
    assert too_deep.value.code == "cause_too_deep"


def test_a_built_in_cause_takes_its_own_words_back(scene: Scene) -> None:
    who = admin_of(scene).acting
    part = Cause.objects.get(code="product.part")
    assert cause_service.rename_cause(**who, cause_id=part.pk, name="配件").label == "配件"
    row = cause_service.rename_cause(**who, cause_id=part.pk, name=" ")
    assert row.name == ""
    assert str(row.label) != "配件"


# Small things


@pytest.mark.parametrize(
    ("name", "shown"),
    [("陈志强", "陈**"), ("欧阳娜", "欧阳**"), ("", ""), ("J", "J**"), (" 王 ", "王**")],
)
def test_a_masked_name_is_the_family_name(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_a_firm_is_named_in_full(scene: Scene, zhang: Client) -> None:
    from tests.cast import make_customer
    from tests.complaints.conftest import open_complaint

    firm = make_customer(scene.cast.zhoukou, "鹿邑鑫达车行", kind="organisation")
    case = open_complaint(scene.cast.lin, firm.pk, keep=True)
    assert "鹿邑鑫达车行" in html(zhang.get(page_of(send(scene, case=case))))


def test_long_words_and_names_do_not_break_the_page(scene: Scene, zhang: Client) -> None:
    notice = send(scene, text=LONG * 20 + EVIL)
    answered(
        scene, notice, cause_text=EVIL, action=LONG * 20, responsible="名" * 60,
        action_due=date(2028, 1, 1),
    )  # fmt: skip
    for page in (html(zhang.get(page_of(notice))), html(zhang.get("/notices/?tab=all"))):
        assert EVIL not in page
    assert Case.objects.get(pk=scene.case.pk).state == "open"


def test_the_pages_stay_within_their_budgets(
    scene: Scene, zhang: Client, query_budget: Budget
) -> None:
    rows = [send(scene) for _each in range(8)]
    answered(scene, rows[0])
    lin = scene.cast.lin.client()
    lin.get("/notices/")
    zhang.get("/notices/")
    with query_budget("notices:list"):
        assert len(numbers(zhang.get("/notices/"))) == 7
    with query_budget("notices:list/case"):
        lin.get("/notices/", {"tab": "all"})
    with query_budget("notices:notice"):
        zhang.get(page_of(rows[1]))
    with query_budget("notices:send"):
        lin.get(reverse("notices:send", args=[scene.case.number]))
    with query_budget("notices:departments"):
        scene.cast.wang.client().get("/notices/departments/")
    with query_budget("notices:causes"):
        admin_of(scene).client().get("/notices/causes/")
    with query_budget("notices:panel"):
        lin.get(reverse("desk:panels", args=[scene.case.number]))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, ""),
        (0, "用时不到 0.1 工作小时"),
        (2, "用时不到 0.1 工作小时"),
        (3, "用时 0.1 工作小时"),
        (95, "用时 1.6 工作小时"),
    ],
)
def test_an_answer_within_minutes_is_not_said_to_take_nothing(
    minutes: int | None, words: str
) -> None:
    with translation.override("zh-hans"):
        assert answer_time(minutes) == words
