"""Leaving how to be reached: sealed, taken back, listed for few, and nobody else found out by it."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from tests.cast import Cast
from tests.guards import given
from tests.surveys.scene import ZH, document, page, published, question
from tests.webform.test_questionnaire import hidden, opened, phone, send
from zhike.channels.webform.pacing import forget_tries
from zhike.core import events
from zhike.core.access import Forbidden
from zhike.core.errors import NotFound
from zhike.core.models import AuditRow, PersonKey, StoredFile
from zhike.customers.models import Customer
from zhike.desk.models import Case
from zhike.satisfaction.models import ContactCase
from zhike.satisfaction.services import contact_cases
from zhike.surveys.contact_selectors import contact_of, unsealed
from zhike.surveys.events import ContactLeft
from zhike.surveys.figures import results_of
from zhike.surveys.models import AnswerContact, Link, Response
from zhike.surveys.services import contacts
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.counting import count_some

pytestmark = pytest.mark.django_db

NUMBER, ADDRESS = "13712345678", "chen.yulan@example.com"
WITH_CONTACT = document(
    page("s1", question("q1", "scale", required=True), question("why", "text")),
    page("s2", question("reach", "contact", asks=["name", "phone", "email"])),
)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_tries()


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, WITH_CONTACT)


def answer(link: Link, **fields: Any) -> Client:
    """To the end, as one browser."""
    browser = phone()
    send(browser, link, opened(browser, link), q1="2", why="等了太久")
    send(browser, link, opened(browser, link, "2/"), **fields)
    return browser


def without_name(link: Link, times: int) -> None:
    way = way_of(link.token)
    for _time in range(times):
        ref = new_ref()
        save(way, ref, way.version_id, Sent(frozenset({"q1", "why"}), {"q1": 5}, ZH, 0))
        save(way, ref, way.version_id, Sent(frozenset({"reach"}), {}, ZH, 1))


def everything() -> str:
    """All that stands in clear in the tables of questionnaires and in the log."""
    found = []
    with connection.cursor() as cursor:
        for table in (
            "surveys_response",
            "surveys_answercontact",
            "surveys_tally",
            "core_auditrow",
        ):
            cursor.execute(f"SELECT * FROM {table}")
            found += [json.dumps(row, default=str, ensure_ascii=False) for row in cursor.fetchall()]
    return "\n".join(found)


def test_what_is_left_is_sealed_and_the_answer_only_says_that_there_is_one(link: Link) -> None:
    answer(link, reach__name="陈玉兰", reach__phone="137 1234 5678", reach__email=ADDRESS)
    response = Response.objects.get()
    assert response.answers == {"q1": 2, "why": "等了太久", "reach": ["name", "phone", "email"]}
    stands = everything()
    for secret in ("陈玉兰", NUMBER, "1234567", ADDRESS):
        assert secret not in stands
    found = contact_of(response)
    assert found is not None
    assert (found.name, found.phone, found.email) == ("陈玉兰", NUMBER, ADDRESS)


def test_the_page_says_what_leaving_it_means_and_it_may_be_left_out(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), q1="2")
    html = opened(browser, link, "2/")
    assert "我们就会知道这份答卷是您的" in html
    done = send(browser, link, html)
    assert done.headers["Location"].endswith("/thanks/")
    assert not AnswerContact.objects.exists()
    assert "reach" not in Response.objects.get().answers


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reach__name": "陈玉兰"}, "只留称呼联系不到您"),
        ({"reach__phone": "1371234"}, "这不像电话号码"),
        ({"reach__email": "nobody"}, "邮箱"),
        ({"reach__name": "陈" * 61, "reach__phone": NUMBER}, "60"),
    ],
)
def test_what_reaches_nobody_is_told_and_nothing_is_kept(
    link: Link, fields: dict[str, str], sentence: str
) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), q1="2")
    back = send(browser, link, opened(browser, link, "2/"), **fields)
    assert back.status_code == 422
    assert sentence in back.content.decode()
    assert not AnswerContact.objects.exists()


def test_coming_back_shows_it_masked_keeps_it_and_takes_it_back(link: Link) -> None:
    browser = answer(link, reach__name="陈玉兰", reach__phone=NUMBER)
    html = opened(browser, link, "2/")
    assert "陈*" in html
    assert "137****5678" in html
    assert "陈玉兰" not in html
    assert NUMBER not in html
    # Sent once more as it is, it stays.
    send(browser, link, html)
    assert contact_of(Response.objects.get()) is not None
    key = AnswerContact.objects.get().key_id
    send(browser, link, opened(browser, link, "2/"), reach__phone="13800000001")
    assert AnswerContact.objects.get().phone_mask == "138****0001"
    assert PersonKey.objects.get(pk=key).destroyed_at is not None
    send(browser, link, opened(browser, link, "2/"), reach__remove="1")
    row = AnswerContact.objects.get()
    assert (row.gone_at is not None, row.phone_sealed, row.phone_blind) == (True, "", "")
    assert PersonKey.objects.get(pk=row.key_id).wrapped == ""
    assert "reach" not in Response.objects.get().answers
    assert contact_of(Response.objects.get()) is None


def test_another_way_through_the_questionnaire_takes_it_back_too(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(
            page("s1", question("q1", "scale", required=True)),
            page(
                "s2",
                question("reach", "contact", asks=["phone"]),
                when=[{"question": "q1", "values": ["1", "2"]}],
            ),
        ),
    )
    browser = phone()
    send(browser, link, opened(browser, link), q1="2")
    send(browser, link, opened(browser, link, "2/"), reach__phone=NUMBER)
    send(browser, link, opened(browser, link, "1/"), q1="5")
    assert Response.objects.get().answers == {"q1": 5}
    assert contact_of(Response.objects.get()) is None


def test_who_may_open_a_case_is_told_in_the_same_transaction(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[ContactLeft] = []
    monkeypatch.setattr(
        events, "_handlers", {ContactLeft: [lambda event, unit: heard.append(event)]}
    )
    answer(link, reach__phone=NUMBER)
    response = Response.objects.get()
    assert [(one.response_id, one.survey_id) for one in heard] == [(response.pk, link.survey_id)]


def test_a_contact_that_reaches_nobody_is_refused_by_the_database(link: Link) -> None:
    answer(link, reach__phone=NUMBER)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        AnswerContact.objects.update(phone_sealed="")


def test_a_page_without_such_a_question_costs_no_statement_more(
    link: Link, django_assert_num_queries: Any
) -> None:
    browser = phone()
    html = opened(browser, link)
    fields = hidden(html) | {"q1": "2"}
    with django_assert_num_queries(2):
        browser.post(f"/q/{link.token}/", fields)


def test_results_hide_those_without_a_name_when_the_others_are_known(link: Link) -> None:
    for _time in range(4):
        answer(link, reach__phone=NUMBER)
    without_name(link, 3)
    while count_some():
        pass
    results = results_of(link.survey, ZH)
    # Seven answered; take off the four that are known, and three are left.
    assert (results.complete, results.named, results.is_told) == (7, 4, False)
    without_name(link, 2)
    while count_some():
        pass
    assert results_of(link.survey, ZH).is_told


def test_the_single_answers_show_nobody_and_cannot_be_asked_for_by_the_contact(
    cast: Cast, link: Link
) -> None:
    for _time in range(5):
        answer(link, reach__name="陈玉兰", reach__phone=NUMBER)
    count_some()
    client = Client()
    client.force_login(cast.wang.user)
    html = client.get(f"/surveys/{link.survey_id}/results/answers/").content.decode()
    assert "等了太久" in html
    assert "题 reach" not in html
    assert client.get(f"/surveys/{link.survey_id}/results/answers/?part=reach").status_code == 404


# The list of those who can be reached


def test_the_list_shows_who_it_was_with_what_they_answered_and_each_look_is_written_down(
    cast: Cast, link: Link
) -> None:
    answer(link, reach__name="陈玉兰", reach__phone=NUMBER)
    row = AnswerContact.objects.get()
    client = Client()
    client.force_login(cast.wang.user)
    html = client.get(f"/surveys/{link.survey_id}/contacts/").content.decode()
    for shown in ("陈玉兰", "137****5678", "等了太久"):
        assert shown in html
    assert NUMBER not in html
    full = client.post(f"/surveys/contacts/{row.pk}/reveal/phone/").content.decode()
    assert NUMBER in full
    assert AuditRow.objects.get(action="surveys.contact.reveal").object_id == row.pk
    assert client.post(f"/surveys/contacts/{row.pk}/reveal/email/").status_code == 404


def test_begun_answers_are_not_on_the_list(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(
            page("s1", question("reach", "contact", asks=["phone"])),
            page("s2", question("q1", "scale")),
        ),
    )
    browser = phone()
    send(browser, link, opened(browser, link), reach__phone=NUMBER)
    client = Client()
    client.force_login(cast.wang.user)
    assert "137****5678" not in client.get(f"/surveys/{link.survey_id}/contacts/").content.decode()


def test_who_holds_no_right_to_it_sees_neither_list_nor_number(cast: Cast, link: Link) -> None:
    answer(link, reach__phone=NUMBER)
    row = AnswerContact.objects.get()
    for staff in (cast.lin, cast.zhou):
        client = Client()
        client.force_login(staff.user)
        assert client.get(f"/surveys/{link.survey_id}/contacts/").status_code in (403, 404)
        for path in ("case/", "reveal/phone/"):
            done = client.post(f"/surveys/contacts/{row.pk}/{path}", {"type": "complaint"})
            assert done.status_code in (403, 404)
    assert not ContactCase.objects.exists()
    assert not AuditRow.objects.filter(action="surveys.contact.reveal").exists()
    with pytest.raises(Forbidden):
        contacts.reveal(**cast.lin.acting, contact_id=row.pk, part="phone")


def test_a_case_is_opened_once_with_their_file_and_their_words(cast: Cast, link: Link) -> None:
    answer(link, reach__name="陈玉兰", reach__phone=NUMBER)
    row = AnswerContact.objects.get()
    client = Client()
    client.force_login(cast.wang.user)
    # A kind nobody knows, or none any more: it is told on the list, and nothing is opened.
    for wrong in ("", "no_such_kind"):
        told = client.post(f"/surveys/contacts/{row.pk}/case/", {"type": wrong})
        assert told.headers["Location"] == f"/surveys/{link.survey_id}/contacts/"
    assert not Case.objects.exists()
    for _press in range(2):
        done = client.post(f"/surveys/contacts/{row.pk}/case/", {"type": "complaint"})
        assert done.status_code == 302, done.content.decode()[-2000:]
    case = Case.objects.get()
    assert done.headers["Location"].rstrip("/").endswith(case.number)
    customer = Customer.objects.latest("pk")
    assert (case.customer, customer.name) == (customer, "陈玉兰")
    assert "等了太久" in case.last_text or "等了太久" in case.folded
    row.refresh_from_db()
    assert row.customer == customer
    html = client.get(f"/surveys/{link.survey_id}/contacts/").content.decode()
    assert case.number in html
    assert f"/customers/{customer.pk}/" in html


def test_who_takes_it_back_meanwhile_gets_no_case(
    cast: Cast, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = answer(link, reach__name="陈玉兰", reach__phone=NUMBER)
    row = AnswerContact.objects.get()

    def read(contact: AnswerContact) -> Any:
        found = unsealed(contact)
        send(browser, link, opened(browser, link, "2/"), reach__remove="1")
        return found

    monkeypatch.setattr(contact_cases, "unsealed", read)
    with pytest.raises(NotFound):
        contact_cases.open_contact_case(
            **cast.wang.acting, contact_id=row.pk, type_code="request", language=ZH
        )
    assert not Case.objects.exists()


def test_a_first_page_sent_again_without_its_cookie_leaves_no_contact_behind(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(
            page("s1", question("q1", "scale", required=True)),
            page(
                "s2",
                question("reach", "contact", asks=["phone"]),
                when=[{"question": "q1", "values": ["1", "2"]}],
            ),
        ),
    )
    browser = phone()
    first = opened(browser, link)
    send(browser, link, first, q1="2")
    send(browser, link, opened(browser, link, "2/"), reach__phone=NUMBER)
    send(phone(), link, first, q1="5")
    assert Response.objects.get().answers == {"q1": 5}
    assert contact_of(Response.objects.get()) is None


def test_the_preview_looks_at_contacts_and_files_and_keeps_nothing(cast: Cast) -> None:
    asked = document(
        page("s1", question("photo", "file", most=1)),
        page("s2", question("reach", "contact", asks=["phone"])),
    )
    link = published(cast.zhoukou, asked)
    client = Client()
    client.force_login(cast.wang.user)
    url = f"/surveys/{link.survey_id}/preview/"
    html = client.get(url).content.decode()
    assert 'type="file"' in html
    on = client.post(url, hidden(html) | {"photo": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")})
    html = on.content.decode()
    assert "我们就会知道这份答卷是您的" in html
    refused = client.post(url, hidden(html) | {"reach.phone": "12"})
    assert refused.status_code == 422
    done = client.post(url, hidden(html) | {"reach.phone": NUMBER})
    assert done.status_code == 200
    assert NUMBER not in done.content.decode()
    assert not Response.objects.exists()
    assert not AnswerContact.objects.exists()
    assert not StoredFile.objects.exists()
