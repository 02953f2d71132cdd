"""Pages that belong to no single room: my day, search, notifications, audit, jobs."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.cast import CHEN_PHONE, Cast
from zhike.core import counts, work
from zhike.core.models import AuditRow, Notification
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.services import NewCase

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast):
    new = NewCase(
        type_code="complaint",
        channel="phone",
        text="爬坡时突然断电，<script>alert(1)</script>差点溜下去",
        customer_id=cast.chen.pk,
    )
    opened = services.open_case(**cast.lin.acting, new=new).case
    services.receive_message(
        actor=Actor.customer(),
        grants=cast.wang.grants,
        case_id=opened.pk,
        text="你们啥时候来？",
        channel="tracking",
    )
    return opened


@pytest.mark.parametrize("name", ["home", "search", "notifications"])
def test_strangers_are_sent_to_sign_in(cast: Cast, name: str) -> None:
    answer = Client().get(reverse(f"web:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign-in"))


@pytest.mark.parametrize("name", ["audit", "jobs"])
def test_an_agent_sees_neither_log_nor_jobs(cast: Cast, name: str) -> None:
    assert cast.lin.client().get(reverse(f"web:{name}")).status_code == 403
    assert cast.admin.client().get(reverse(f"web:{name}")).status_code == 200


def test_my_day_begins_with_one_case_and_why(cast: Cast, case, query_budget) -> None:
    client = cast.lin.client()
    client.get("/")
    with query_budget("web:home"):
        page = client.get("/").content.decode()
    assert "先办这一件" in page
    assert case.number in page
    assert "客户正等您回话" in page
    assert "<script>alert" not in page
    assert case.number not in cast.zhou.client().get("/").content.decode()


def test_every_figure_of_my_day_leads_to_its_rows(cast: Cast, case) -> None:
    client = cast.lin.client()
    assert case.number in client.get("/cases/?waiting=1&owner=me").content.decode()
    for link in ("over=1", "due=1", "unread=1"):
        assert client.get(f"/cases/?{link}&owner=me").status_code == 200


def test_a_role_without_cases_is_welcomed(cast: Cast) -> None:
    from tests.cast import make_staff

    trainer = make_staff("3001", "赵磊", cast.company, "trainer")
    assert trainer.client().get("/").status_code == 200


@pytest.mark.parametrize("query", ["断电", "电", "陈志强", CHEN_PHONE, "6027", "１３８-1234-6027"])
def test_one_box_finds_people_phones_and_words(cast: Cast, case, query: str) -> None:
    page = cast.lin.client().get(reverse("web:search"), {"q": query}).content.decode()
    assert "没有找到" not in page
    elsewhere = cast.zhou.client().get(reverse("web:search"), {"q": query}).content.decode()
    assert "没有找到" in elsewhere


@pytest.mark.parametrize(
    "query",
    ["", " ", "%", "'", '"', "\\", "😀", "a" * 500, "<b>", "NULL", "OR 1=1", "*", "\x00", "退 款"],
)
def test_odd_questions_are_answered(cast: Cast, case, query: str) -> None:
    for extra in ({}, {"kind": "case"}, {"kind": "nonsense"}, {"kind": "message", "before": "-1"}):
        answer = cast.lin.client().get(reverse("web:search"), {"q": query, **extra})
        assert answer.status_code == 200


def test_scripts_in_what_is_found_are_shown_as_text(cast: Cast, case) -> None:
    page = cast.lin.client().get(reverse("web:search"), {"q": "断电"}).content.decode()
    assert "<script>alert" not in page


def test_notifications_are_ones_own(cast: Cast) -> None:
    with work.unit(Actor.system("tests")) as unit:
        notify(unit, user_id=cast.lin.user.pk, kind="desk.mention", url="/cases/")
    note = Notification.objects.get()
    stranger = cast.zhou.client()
    assert stranger.post(reverse("web:notification-open", args=[note.pk]))["Location"] == reverse(
        "web:notifications"
    )
    assert Notification.objects.get().read_at is None
    lin = cast.lin.client()
    assert lin.get(reverse("web:notifications")).status_code == 200
    assert lin.post(reverse("web:notification-open", args=[note.pk]))["Location"] == "/cases/"
    assert Notification.objects.get().read_at is not None


def test_the_page_counts_what_lies_below_its_last_line_too(cast: Cast) -> None:
    with work.unit(Actor.system("tests")) as unit:
        for _ in range(52):
            notify(unit, user_id=cast.lin.user.pk, kind="unheard.of")
    page = cast.lin.client().get(reverse("web:notifications"))
    assert (page.context["unread"], len(page.context["lines"])) == (52, 50)


def test_an_address_for_forms_opened_as_a_page_leads_back(cast: Cast) -> None:
    answer = cast.lin.client().get(reverse("web:notifications-read"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这个地址不是页面" in answer.content.decode()
    assert Client().get(reverse("web:notifications-read")).status_code in (302, 405)


def test_a_text_of_millions_of_letters_is_too_large_not_unreadable(cast: Cast, case) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.lin.user)
    client.get("/")
    answer = client.post(
        reverse("desk:say", args=[case.number, "reply"]),
        "text=" + "x" * 6_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413


def test_all_are_marked_read_at_once(cast: Cast) -> None:
    with work.unit(Actor.system("tests")) as unit:
        for _ in range(3):
            notify(unit, user_id=cast.lin.user.pk, kind="unheard.of")
    cast.zhou.client().post(reverse("web:notifications-read"))
    assert Notification.objects.filter(read_at=None).count() == 3
    cast.lin.client().post(reverse("web:notifications-read"))
    assert not Notification.objects.filter(read_at=None).exists()


def test_the_audit_log_names_who_and_what(cast: Cast, case) -> None:
    page = cast.admin.client().get(reverse("web:audit"), {"q": "林静"}).content.decode()
    assert "林静" in page
    row = AuditRow.objects.filter(subject_key_id=None).exclude(payload="").latest("pk")
    assert cast.admin.client().get(reverse("web:audit-row", args=[row.pk])).status_code == 200
    assert cast.admin.client().get(reverse("web:audit-row", args=[10**9])).status_code == 404


def test_sealed_values_of_the_log_stay_closed_without_the_right(cast: Cast) -> None:
    from tests.cast import make_staff

    boss = make_staff("3002", "陈国栋", cast.company, "executive")
    row = AuditRow.objects.exclude(subject_key_id=None).latest("pk")
    page = boss.client().get(reverse("web:audit-row", args=[row.pk])).content.decode()
    assert "加密保存的个人信息" in page
    # Whose file it is they may know, not what was written there.
    assert "陈志强" not in page.split("加密保存的个人信息")[1]
    assert '<th scope="row">' not in page
    assert (
        "陈志强"
        in cast.admin.client().get(reverse("web:audit-row", args=[row.pk])).content.decode()
    )


def test_a_failed_job_is_started_again_and_a_waiting_one_called_off(cast: Cast) -> None:
    from zhike.core.tasks import fold_counters

    fold_counters.enqueue()
    row = DBTaskResult.objects.get()
    admin = cast.admin.client()
    assert cast.lin.client().post(reverse("web:job-cancel", args=[row.pk])).status_code == 403
    assert DBTaskResult.objects.get().status == "READY"
    admin.post(reverse("web:job-cancel", args=[row.pk]))
    assert DBTaskResult.objects.get().status == "FAILED"
    assert "已取消" in admin.get(reverse("web:jobs")).content.decode()
    admin.post(reverse("web:job-retry", args=[row.pk]))
    assert DBTaskResult.objects.get().status == "READY"
    admin.post(reverse("web:job-retry", args=[row.pk]))
    assert DBTaskResult.objects.get().status == "READY"
    assert admin.post(reverse("web:job-retry", args=[uuid4()])).status_code == 404


def test_counters_shown_are_the_ones_counted(cast: Cast, case) -> None:
    totals = counts.totals_by_state("desk.case", cast.lin.grants)
    assert sum(totals.values()) == 1
