"""Forms and pages of a complaint that help: words taken over, hurdles told first, what waits stands on top."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.complaints.conftest import GIVEN
from tests.complaints.notice_scene import AFTERNOON, make_scene, send
from zhike.complaints import services
from zhike.complaints.rules import BEFORE_CLOSING, IN_ONE_CALL
from zhike.core import clock
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db


def test_the_first_step_begins_with_what_the_customer_wrote(cast: Cast, complaint: Case) -> None:
    page = cast.lin.client().get(reverse("complaints:first-call", args=[complaint.number]))
    assert page.context["form"]["words"].value() == "控制器又坏了"
    given = [(step, GIVEN[step]) for step in IN_ONE_CALL]
    services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=given)
    page = cast.lin.client().get(reverse("complaints:step", args=[complaint.number, 1]))
    assert page.context["form"]["words"].value() == "爬坡断电，换过一次又坏了。"


def test_the_closing_form_says_at_once_what_is_missing(cast: Cast, complaint: Case) -> None:
    client, form = cast.lin.client(), reverse("desk:case-act", args=[complaint.number, "close"])
    assert "提出方案" in client.get(form).content.decode()
    given = [(step, GIVEN[step]) for step in BEFORE_CLOSING]
    services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=given)
    assert "dk-hurdles" not in client.get(form).content.decode()


def test_what_waits_stands_above_the_plain_facts(cast: Cast, complaint: Case) -> None:
    page = cast.lin.client().get(reverse("desk:case", args=[complaint.number])).content.decode()
    assert page.index("cp-guide") < page.index('class="dk-panels"') < page.index("基本情况")


def test_a_notice_due_tomorrow_is_not_due_today(cast: Cast) -> None:
    with clock.override(AFTERNOON):
        scene = make_scene(cast)
        notice = send(scene)
        home = scene.zhang.client().get("/")
    assert notice.due_at - AFTERNOON > timedelta(hours=10)
    assert [(block.key, block.count) for block in home.context["blocks"]] == [("later", 1)]
    assert (home.context["due_today"], home.context["owed"]) == (0, "1")
    with clock.override(notice.due_at - timedelta(hours=1)):
        home = scene.zhang.client().get("/")
    assert [block.key for block in home.context["blocks"]] == ["due_today"]
