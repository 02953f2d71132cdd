"""Nobody reads codes: what the log shows is Chinese, and no code the program writes lacks its words."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

import zhike
from tests.cast import Cast
from zhike.core.clock import now
from zhike.core.exporter import KINDS
from zhike.core.models import AuditRow
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.services import NewCase
from zhike.web import audit_words

pytestmark = pytest.mark.django_db

ROOT = Path(zhike.__file__).parent
WRITTEN = re.compile(r"\baudit\(\s*\"([a-z_.]+)\"")
ON_CASES = re.compile(r"\bhandling\(\s*\"([a-z_]+)\"|\baction=\"([a-z_]+)\"")
ON_FILES = re.compile(r"\"(customers\.[a-z_.]+)\",\s*(?:\[|changes|made|customer)")


def codes() -> set[str]:
    found = {f"export.{kind.key}" for kind in KINDS} | {"desk.case.open"}
    for path in ROOT.rglob("*.py"):
        text = path.read_text("utf-8")
        found.update(WRITTEN.findall(text))
        if path.parent == ROOT / "desk" / "services":
            found.update(f"desk.case.{a or b}" for a, b in ON_CASES.findall(text))
        if path.parent == ROOT / "customers" / "services":
            found.update(ON_FILES.findall(text))
    return found


def test_every_code_has_its_words() -> None:
    found = codes()
    assert len(found) > 60
    assert found - set(audit_words.ACTIONS) == set()


def test_every_part_of_the_system_has_its_words() -> None:
    parts = {
        part
        for path in ROOT.rglob("*.py")
        for part in re.findall(r"Actor\.system\(\"([^\"]+)\"", path.read_text("utf-8"))
    }
    assert len(parts) > 8
    assert parts - set(audit_words.PARTS) == set()


@pytest.fixture
def log(cast: Cast) -> Client:
    new = NewCase(type_code="complaint", channel="phone", text="断电", customer_id=cast.chen.pk)
    opened = services.open_case(**cast.lin.acting, new=new).case
    services.receive_message(
        actor=Actor.customer(),
        grants=cast.wang.grants,
        case_id=opened.pk,
        text="你们啥时候来？",
        channel="tracking",
    )
    return cast.admin.client()


def test_the_log_is_read_in_chinese(log: Client) -> None:
    page = log.get(reverse("web:audit")).content.decode()
    assert "收到客户来信" in page
    assert "新建工单" in page
    assert "客户页面" in page
    for code in ("desk.case", "customers.create", ">customer<", "public"):
        assert code not in page
    row = AuditRow.objects.filter(action="desk.case.message").get()
    detail = log.get(reverse("web:audit-row", args=[row.pk])).content.decode()
    assert "<h1>收到客户来信</h1>" in detail


def test_the_log_is_searched_by_what_it_shows(log: Client) -> None:
    page = log.get(reverse("web:audit"), {"q": "客户来信"}).content.decode()
    assert "收到客户来信" in page
    assert "新建客户档案" not in page


def test_a_customer_signs_as_customer_in_the_file(cast: Cast) -> None:
    new = NewCase(type_code="complaint", channel="web", text="断电", customer_id=cast.chen.pk)
    services.open_case(actor=Actor.customer(), grants=cast.wang.grants, new=new)
    page = cast.admin.client().get(reverse("customers:file", args=[cast.chen.pk])).content.decode()
    assert re.search(r"· 客户\b", page)
    assert not re.search(r"· customer\b", page)


def test_a_job_is_called_by_its_label(cast: Cast, given) -> None:
    with given():
        DBTaskResult.objects.create(
            task_path="zhike.core.tasks.forget_old_live_events",
            args_kwargs={"args": [], "kwargs": {}},
            queue_name="default",
            backend_name="default",
            run_after=now(),
            exception_class_path="",
            traceback="",
        )
    page = cast.admin.client().get(reverse("web:jobs")).content.decode()
    assert "清理旧的实时消息" in page
    assert not re.search(r">[^<]*forget_old_live_events", page), (
        "a name of the program is for the address alone"
    )
