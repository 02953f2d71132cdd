"""Taking in, the queue, batches, kinds of case: by the forms of the pages."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import CHEN_PHONE, Cast
from tests.desk.conftest import OpenCase
from zhike.customers.models import Customer
from zhike.desk import services
from zhike.desk.models import Attachment, Case, CaseType

pytestmark = pytest.mark.django_db


def filled(cast: Cast, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "once": "f" * 32,
        "channel": "counter",
        "phone": "137 0000 1234",
        "name": "孙师傅",
        "type": "repair",
        "text": "仪表不亮，来店里看过了。希望今天能修好。",
        "title": "",
        "unit": cast.zhoukou.pk,
        "priority": 2,
        "keep": "on",
    }
    return data | changes


# Intake


def test_a_new_face_gets_a_file_a_number_and_a_code(cast: Cast) -> None:
    client = cast.lin.client()
    page = client.post("/cases/new/", filled(cast), follow=True)
    case = Case.objects.get()
    html = page.content.decode()
    assert case.number.startswith("BX")
    assert case.owner_id == cast.lin.user.pk
    assert case.customer_name == "孙师傅"
    assert case.title.startswith("仪表不亮")
    code = page.context["code"]
    assert case.number in html
    assert code in html
    assert Client().post("/t/", {"number": case.number, "code": code}).status_code == 302
    link = re.search(r"http://testserver(/t/[^\"/]+/)", html)
    assert link is not None
    assert Client().get(link[1]).status_code == 200


def test_the_receipt_is_shown_once(cast: Cast) -> None:
    client = cast.lin.client()
    receipt = client.post("/cases/new/", filled(cast), follow=True).content.decode()
    # Printed for the customer: what staff click on is not on the paper.
    assert '<div class="zk-form-foot no-print">' in receipt
    number = Case.objects.get().number
    again = client.get(f"/cases/{number}/receipt/")
    assert again.status_code == 302
    assert again.headers["Location"] == f"/cases/{number}/"


def test_two_clicks_make_one_case(cast: Cast) -> None:
    client = cast.lin.client()
    for _click in range(2):
        assert client.post("/cases/new/", filled(cast)).status_code == 302
    assert Case.objects.count() == 1
    assert Customer.objects.filter(name="孙师傅").count() == 1


@pytest.mark.parametrize("phone", [CHEN_PHONE, "+86 138 1234 6027", "１３８１２３４６０２７"])
def test_ten_spellings_find_the_same_customer(cast: Cast, phone: str) -> None:
    cast.lin.client().post("/cases/new/", filled(cast, phone=phone, name=""))
    assert Case.objects.get().customer_id == cast.chen.pk


def test_while_typing_the_number_says_who_it_is(cast: Cast) -> None:
    client = cast.lin.client()
    known = client.get("/cases/new/who/", {"phone": CHEN_PHONE}).content.decode()
    assert "陈志强" in known
    assert CHEN_PHONE not in known
    assert "zk-note" in client.get("/cases/new/who/", {"phone": "13700001234"}).content.decode()
    assert client.get("/cases/new/who/", {"phone": "137"}).content.strip() == b""


def test_another_unit_hears_name_and_mask_alone(cast: Cast) -> None:
    html = cast.zhou.client().get("/cases/new/who/", {"phone": CHEN_PHONE}).content.decode()
    assert "陈志强" in html
    assert f"/customers/{cast.chen.pk}" not in html
    assert "VIP" not in html


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"phone": "1370000123"},
        {"phone": "12345"},
        {"phone": "", "name": "只有姓名"},
        {"type": "nonsense"},
        {"channel": "api"},
        {"priority": 9},
        {"title": "长" * 201},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(cast: Cast, change: dict[str, Any]) -> None:
    answer = cast.lin.client().post("/cases/new/", filled(cast, **change))
    assert answer.status_code == 422
    assert Case.objects.count() == 0
    assert not Customer.objects.filter(name="孙师傅").exists()


def test_another_units_queue_cannot_be_filled(cast: Cast) -> None:
    answer = cast.lin.client().post("/cases/new/", filled(cast, unit=cast.shangqiu.pk))
    assert answer.status_code == 422
    assert Case.objects.count() == 0


def test_files_come_along(cast: Cast) -> None:
    file = SimpleUploadedFile("仪表.jpg", b"\xff\xd8\xff0000")
    cast.lin.client().post("/cases/new/", filled(cast, files=[file]))
    assert Attachment.objects.get().content_type == "image/jpeg"


# The queue


def test_tabs_carry_the_counters(cast: Cast, open_case: OpenCase) -> None:
    open_case()
    open_case(keep=False)
    page = cast.wang.client().get("/cases/")
    counts = {tab.key: tab.count.value for tab in page.context["list"].tabs}
    assert counts["open"] == 2
    assert counts["to_take_up"] == 1
    assert counts["in_hand"] == 1


def test_each_sees_the_cases_of_their_units(cast: Cast, open_case: OpenCase) -> None:
    mine, theirs = open_case(), open_case(by=cast.zhou)
    lin = cast.lin.client().get("/cases/").content.decode()
    assert mine.number in lin
    assert theirs.number not in lin
    boss = cast.admin.client().get("/cases/").content.decode()
    assert mine.number in boss
    assert theirs.number in boss


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=断电", True),
        ("q=没有这个词", False),
        ("owner=me", True),
        ("owner=none", False),
        ("type=complaint", True),
        ("type=repair", False),
        ("channel=phone", True),
        ("tier=vip", True),
        ("tab=closed", False),
        ("tab=all", True),
        ("opened=today", True),
        ("unread=1", False),
        ("sort=-updated", True),
    ],
)
def test_conditions_narrow_the_list(
    cast: Cast, open_case: OpenCase, query: str, found: bool
) -> None:
    case = open_case()
    page = cast.lin.client().get(f"/cases/?{query}")
    assert (case in page.context["list"].rows) is found


def test_the_number_typed_whole_finds_the_case(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    page = cast.lin.client().get(f"/cases/?q={case.number.lower()}")
    assert page.context["list"].rows == [case]


def test_an_empty_desk_says_what_to_do(cast: Cast) -> None:
    assert "/cases/new/" in cast.lin.client().get("/cases/").content.decode()


# Batches


def test_handing_over_several_names_those_refused(cast: Cast, open_case: OpenCase) -> None:
    first, second = open_case(type_code="repair"), open_case(type_code="repair")
    services.close_case(**cast.lin.acting, case_id=second.pk, outcome="solved", text="好了")
    client = cast.wang.client()
    ask = client.post("/cases/batch/handover/", {"id": [first.pk, second.pk]})
    assert ask.status_code == 200
    data = {"id": [first.pk, second.pk], "to": cast.wang.user.pk, "reason": "轮休"}
    page = client.post("/cases/batch/handover/", data, follow=True).content.decode()
    assert Case.objects.get(pk=first.pk).owner_id == cast.wang.user.pk
    assert second.number in page


def test_types_and_merges_in_one_go(cast: Cast, open_case: OpenCase) -> None:
    ids = [open_case().pk, open_case().pk]
    client = cast.wang.client()
    client.post("/cases/batch/type/", {"id": ids, "type": "repair"})
    assert Case.objects.filter(type__code="repair").count() == 2
    client.post("/cases/batch/merge/", {"id": ids, "into": ids[0]})
    assert Case.objects.get(pk=ids[1]).merged_into_id == ids[0]


def test_an_agent_merges_nothing(cast: Cast, open_case: OpenCase) -> None:
    ids = [open_case().pk, open_case().pk]
    answer = cast.lin.client().post("/cases/batch/merge/", {"id": ids, "into": ids[0]})
    assert answer.status_code == 403
    assert not Case.objects.filter(merged_into__isnull=False).exists()


def test_foreign_ids_in_a_batch_are_dropped(cast: Cast, open_case: OpenCase) -> None:
    theirs = open_case(by=cast.zhou)
    cast.wang.client().post("/cases/batch/type/", {"id": [theirs.pk], "type": "repair"})
    assert Case.objects.get(pk=theirs.pk).type_id == "complaint"


# Export and kinds


def test_the_export_needs_a_reason_and_follows_the_filter(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    other = open_case(type_code="repair", text="换灯")
    client = cast.wang.client()
    assert client.post("/cases/export/", {"format": "csv", "reason": ""}).status_code == 422
    data = {"format": "csv", "reason": "周例会"}
    answer = client.post("/cases/export/?type=complaint", data)
    text = b"".join(answer).decode("utf-8-sig")
    assert case.number in text
    assert other.number not in text
    assert cast.lin.client().post("/cases/export/", data).status_code == 403


def test_a_kind_of_ones_own(cast: Cast) -> None:
    client = cast.admin.client()
    assert client.get("/cases/types/").status_code == 200
    client.post("/cases/types/new/", {"name": "安装", "prefix": "az"})
    kind = CaseType.objects.get(name="安装")
    assert (kind.prefix, kind.code) == ("AZ", "an_zhuang")
    client.post(f"/cases/types/{kind.code}/", {"name": "上门安装"})
    client.post(f"/cases/types/{kind.code}/", {"active": "0"})
    kind.refresh_from_db()
    assert (kind.name, kind.is_active) == ("上门安装", False)
    assert client.post("/cases/types/new/", {"name": "x", "prefix": "1"}).status_code == 422
    assert cast.wang.client().post("/cases/types/new/", {"name": "y"}).status_code == 403


def test_a_case_begun_from_the_file_needs_no_number(cast: Cast) -> None:
    client = cast.lin.client()
    page = client.get(f"/cases/new/?customer={cast.chen.pk}")
    assert "陈志强" in page.content.decode()
    client.post("/cases/new/", filled(cast, customer=cast.chen.pk, phone="", name=""))
    assert Case.objects.get().customer_id == cast.chen.pk


def test_another_units_file_is_not_named_by_its_id(cast: Cast) -> None:
    client = cast.zhou.client()
    assert "陈志强" not in client.get(f"/cases/new/?customer={cast.chen.pk}").content.decode()
    data = filled(cast, customer=cast.chen.pk, phone="", name="", unit=cast.shangqiu.pk)
    assert client.post("/cases/new/", data).status_code == 404
    assert Case.objects.count() == 0


def test_moving_to_another_unit_leaves_the_desk(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    data = {"unit": cast.shangqiu.pk, "reason": "车在商丘"}
    answer = cast.lin.client().post(f"/cases/{case.number}/do/unit/", data)
    assert answer.headers["Location"] == "/cases/"
    moved = Case.objects.get(pk=case.pk)
    assert (moved.unit_id, moved.owner_id) == (cast.shangqiu.pk, None)
