"""Notices on their pages: the short page, the dialog that sends one, what a page may cost."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.budgets import Budget
from tests.cast import Cast, make_staff, make_unit
from tests.complaints.notice_scene import AFTERNOON, Scene, answered, make_scene, send
from zhike.complaints.models import Cause, Notice
from zhike.complaints.notice_page import answer_time
from zhike.complaints.notice_rules import masked_name
from zhike.complaints.services import record_steps
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
        scene.cast.admin.client().get("/notices/causes/")
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
