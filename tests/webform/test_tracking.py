"""The progress page: by link or by number and code, and by nothing else."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.budgets import Budget
from tests.cast import Cast
from tests.webform.conftest import Send, upload
from zhike.core import clock
from zhike.desk import services
from zhike.desk.models import Attachment, Case, CaseEvent

pytestmark = pytest.mark.django_db


def by_code(number: str, code: str, client: Client | None = None) -> tuple[int, str]:
    answer = (client or Client()).post("/t/", {"number": number, "code": code})
    return answer.status_code, answer.headers.get("Location", "")


def test_number_and_code_open_the_page(send: Send) -> None:
    sent = send()
    client = Client()
    status, where = by_code(sent.case.number.lower(), f" {sent.code.lower()} ", client)
    assert (status, where) == (302, "/t/mine/")
    assert sent.case.number in client.get(where).content.decode()


def test_a_new_code_closes_what_the_old_one_opened(cast: Cast, send: Send) -> None:
    sent = send()
    client = Client()
    by_code(sent.case.number, sent.code, client)
    services.issue_codes(**cast.admin.acting, case_id=sent.case.pk)
    assert client.get("/t/mine/").status_code == 404
    assert sent.client.get(sent.link).status_code == 404
    assert by_code(sent.case.number, sent.code)[0] == 422


def test_a_guessed_number_and_a_wrong_code_sound_alike(send: Send) -> None:
    sent = send()
    wrong_code = Client().post("/t/", {"number": sent.case.number, "code": "AAAAAA"})
    no_number = Client().post("/t/", {"number": "TS209901010001", "code": "AAAAAA"})
    assert wrong_code.status_code == no_number.status_code == 422
    said = [answer.context["form"].non_field_errors() for answer in (wrong_code, no_number)]
    assert said[0] == said[1]
    assert said[0]


def test_guessing_locks_and_the_right_code_waits_too(send: Send) -> None:
    sent = send()
    for _guess in range(6):
        assert by_code(sent.case.number, "AAAAAA")[0] == 422
    assert by_code(sent.case.number, sent.code)[0] == 429


def test_an_expired_link_shows_the_other_way_in(send: Send) -> None:
    sent = send()
    with clock.override(clock.now() + timedelta(days=366)):
        answer = Client().get(sent.link)
        assert answer.status_code == 410
        assert 'name="code"' in answer.content.decode()
        assert sent.case.title not in answer.content.decode()
        assert by_code(sent.case.number, sent.code)[0] == 302


def test_a_mistyped_link_is_not_found(cast: Cast) -> None:
    assert Client().get("/t/nonsense/").status_code == 404
    assert Client().get("/t/mine/").status_code == 404


def test_replies_are_shown_by_name_and_notes_never(cast: Cast, send: Send) -> None:
    sent = send()
    acting = {**cast.admin.acting, "case_id": sent.case.pk}
    services.reply(**acting, text="明天上午到店看车。", expected_seq=None)
    services.add_note(**acting, text="内部：这人去年也来过")
    html = Client().get(sent.link).content.decode()
    assert "明天上午到店看车" in html
    assert "何雨桐" in html
    assert "内部：" not in html
    assert "13912345678" not in html.replace(" ", "")


def test_the_customer_adds_words_and_photos_once(send: Send) -> None:
    sent = send()
    for _twice in range(2):
        answer = sent.client.post(
            f"{sent.link}message/", {"once": "m-1", "text": "补一张照片", "files": [upload()]}
        )
        assert answer.status_code == 302
    assert CaseEvent.objects.filter(case=sent.case, kind="message_in").count() == 2
    file = Attachment.objects.get(case=sent.case)
    picture = sent.client.get(f"{sent.link}files/{file.pk}/")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Type"] == "image/png"
    assert b"".join(picture).startswith(b"\x89PNG")


def test_a_file_of_another_matter_is_not_found(send: Send) -> None:
    one = send(once="one", files=[upload()])
    other = send(once="two", phone="13712345678")
    file = Attachment.objects.get(case=one.case)
    assert Client().get(f"{other.link}files/{file.pk}/").status_code == 404


def test_an_empty_message_is_refused(send: Send) -> None:
    sent = send()
    answer = sent.client.post(f"{sent.link}message/", {"once": "x", "text": "  "})
    assert answer.status_code == 422
    assert CaseEvent.objects.filter(case=sent.case, kind="message_in").count() == 1


def test_hurrying_is_heard_once_in_a_while(send: Send) -> None:
    sent = send()
    for _twice in range(2):
        assert sent.client.post(f"{sent.link}urge/").status_code == 302
    assert CaseEvent.objects.filter(case=sent.case, kind="urge").count() == 1


def test_not_content_reopens_what_was_closed(cast: Cast, send: Send) -> None:
    sent = send(kind="repair")
    acting = {**cast.admin.acting, "case_id": sent.case.pk}
    services.claim(**acting)
    services.close_case(**acting, outcome="solved", text="换了电机")
    closed = sent.client.post(f"{sent.link}urge/")
    assert closed.status_code == 422
    for _twice in range(2):
        answer = sent.client.post(f"{sent.link}unhappy/", {"text": "还是响", "once": "u-1"})
        assert answer.status_code == 302
    case = Case.objects.get(pk=sent.case.pk)
    assert case.state == "open"
    assert case.reopened_count == 1


def test_another_site_cannot_post_for_the_customer(send: Send) -> None:
    sent = send()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{sent.link}urge/").status_code == 403
    assert CaseEvent.objects.filter(case=sent.case, kind="urge").count() == 0


def test_the_progress_page_is_small_and_cheap(send: Send, query_budget: Budget) -> None:
    sent = send(files=[upload()])
    client = Client()
    with query_budget("webform:tracking"):
        page = client.get(sent.link)
    assert len(page.content) < 40_000
    assert "<script" not in page.content.decode()
    with query_budget("webform:form"):
        client.get("/s/")


def test_a_long_talk_is_paged(send: Send) -> None:
    sent = send()
    for number in range(55):
        data = {"once": f"m-{number}", "text": f"第 {number} 句"}
        assert sent.client.post(f"{sent.link}message/", data).status_code == 302
    page = sent.client.get(sent.link)
    assert "车到了三天" not in page.content.decode().split('id="add"')[1]
    older = page.context["view"].earlier
    assert "车到了三天" in sent.client.get(f"{sent.link}?before={older}").content.decode()
