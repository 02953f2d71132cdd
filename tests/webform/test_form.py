"""The public form: short, without script, and nothing a stranger types breaks it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, make_staff, make_unit
from tests.webform.conftest import Send, form_data, upload
from zhike.channels.webform.services.reception import reception_unit
from zhike.core.work import Actor
from zhike.customers.models import Customer
from zhike.desk.models import Attachment, Case, CaseEvent
from zhike.web import apps as web_apps

pytestmark = pytest.mark.django_db
STATIC = Path(web_apps.__file__).parent / "static"
ROOM = Path(__file__).parents[2] / "src/zhike/channels/webform/static"


def test_the_form_makes_a_case_in_the_queue_and_shows_number_code_and_link(send: Send) -> None:
    sent = send()
    assert sent.case.number.startswith("TS")
    assert sent.case.channel == "web"
    assert sent.case.owner_id is None
    assert sent.case.customer_name == "周女士"
    assert len(sent.code) >= 6
    assert sent.client.get(sent.link).status_code == 200


def test_those_who_take_cases_in_see_it_in_their_queue(cast: Cast, send: Send) -> None:
    make_staff("1003", "高翔", cast.zhoukou)
    sent = send()
    assert sent.case.unit_id == cast.zhoukou.pk
    assert sent.case.number in cast.lin.client().get("/cases/").content.decode()


def test_without_a_desk_the_company_itself_receives(db: None) -> None:
    company = make_unit("海晨三轮车", kind="company")
    make_staff("0001", "何雨桐", company, "administrator")
    assert reception_unit() is None
    assert Client().post("/s/", form_data()).status_code == 302
    assert Case.objects.get().unit_id == company.pk


def test_the_page_needs_no_script_and_stays_small(cast: Cast) -> None:
    page = Client().get("/s/")
    html = page.content.decode()
    assert "<script" not in html
    assert "style=" not in html
    used = [
        STATIC / "web/tokens.css",
        STATIC / "web/public.css",
        STATIC / "vendor/icons-public.svg",
    ]
    used.append(ROOM / "webform/webform.css")
    total = len(page.content) + sum(path.stat().st_size for path in used)
    assert total < 100_000


def test_sending_twice_makes_one_case_and_the_second_page_still_works(send: Send) -> None:
    first = send()
    second = send()
    assert second.case.pk == first.case.pk
    assert Case.objects.count() == 1
    assert Customer.objects.filter(name="周女士").count() == 1
    assert second.client.get(second.link).status_code == 200


def test_the_number_finds_the_customer_who_is_known(cast: Cast, send: Send) -> None:
    sent = send(phone="＋86 138-1234-6027", name="陈先生")
    assert sent.case.customer_id == cast.chen.pk
    assert sent.case.customer_name == "陈志强"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": "138 0000 602"}, "1"),
        ({"phone": "12345"}, "12345 是热线或短号"),
        ({"phone": ""}, ""),
        ({"name": ""}, ""),
        ({"text": ""}, ""),
        ({"kind": "nonsense"}, ""),
        ({"text": "长" * 5001}, ""),
        ({"homepage": "http://spam.example"}, ""),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(
    cast: Cast, change: dict[str, str], words: str
) -> None:
    before = Customer.objects.count()
    answer = Client().post("/s/", form_data(**change))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "车到了三天" in answer.content.decode() or "text" in change
    assert Case.objects.count() == 0
    assert Customer.objects.count() == before


def test_files_come_along_under_the_type_they_show_themselves(send: Send) -> None:
    sent = send(files=[upload(), upload("说明.txt", "断电".encode())])
    kinds = {file.name: file.content_type for file in Attachment.objects.filter(case=sent.case)}
    assert kinds == {"照片.png": "image/png", "说明.txt": "text/plain"}


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([upload("空.png", b"")], 422),
        ([upload("大.bin", b"0" * (20 * 1024 * 1024 + 1))], 413),
        ([upload(f"{n}.png") for n in range(6)], 422),
    ],
    ids=["empty", "too-large", "too-many"],
)
def test_a_bad_file_is_refused_in_words(cast: Cast, files: list[object], status: int) -> None:
    answer = Client().post("/s/", form_data(files=files))
    assert answer.status_code == status
    assert 'id="id_files' in answer.content.decode()
    assert Case.objects.count() == 0


def test_markup_is_shown_as_it_was_typed(cast: Cast, send: Send) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    sent = send(text=evil, name='<b onmouseover="x">周</b>')
    for page in (
        sent.client.get(sent.link),
        cast.admin.client().get(f"/cases/{sent.case.number}/"),
        cast.admin.client().get("/cases/"),
    ):
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b onmouseover" not in html


def test_one_address_cannot_fill_the_desk(cast: Cast, settings: Any) -> None:
    settings.PUBLIC_LIMITS = {**settings.PUBLIC_LIMITS, "form": 2}
    client = Client()
    answers = [client.post("/s/", form_data(once=f"form-{n}")).status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert Case.objects.count() == 2


def test_the_receipt_belongs_to_this_browser(send: Send) -> None:
    send()
    answer = Client().get("/s/done/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/t/"


@pytest.mark.parametrize("code", ["zh-hans", "zh-hant", "en"])
def test_the_form_speaks_three_languages(cast: Cast, code: str) -> None:
    client = Client()
    client.cookies["django_language"] = code
    answer = client.get("/s/?large=1")
    assert 'class="is-large"' in answer.content.decode()
    assert answer.status_code == 200


def test_large_type_is_remembered(cast: Cast) -> None:
    client = Client()
    client.get("/s/?large=1")
    assert 'class="is-large"' in client.get("/t/").content.decode()
    client.get("/t/?large=0")
    assert 'class="is-large"' not in client.get("/s/").content.decode()


def test_customers_words_carry_no_name_of_ours(send: Send) -> None:
    sent = send()
    words = CaseEvent.objects.get(case=sent.case, kind="message_in")
    assert words.actor_kind == Actor.customer().kind
