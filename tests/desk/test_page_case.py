"""The case page by its forms, as a browser without script sends them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import CHEN_PHONE, Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core.models import Notification
from zhike.desk import services
from zhike.desk.models import Attachment, Case, CaseEvent, Draft

pytestmark = pytest.mark.django_db


def url(case: Case, tail: str = "") -> str:
    return f"/cases/{case.number}/{tail}"


def say(client: Client, case: Case, kind: str = "reply", **data: Any) -> Any:
    fresh = Case.objects.get(pk=case.pk)
    filled = {"seen": fresh.seq, "once": "once-1", "text": "您好，马上安排。"} | data
    return client.post(url(case, f"say/{kind}/"), filled)


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))


# Who may


@pytest.mark.parametrize("path", ["", "events/?since=0", "person/", "do/close/", "people/?q="])
def test_another_units_case_looks_like_a_missing_one(
    cast: Cast, open_case: OpenCase, path: str
) -> None:
    case = open_case()
    theirs = cast.zhou.client().get(url(case, path))
    missing = cast.zhou.client().get(f"/cases/TS202001010001/{path}")
    assert theirs.status_code == missing.status_code == 404


@pytest.mark.parametrize("path", ["", "new/", "export/", "types/"])
def test_nobody_sees_nothing(cast: Cast, open_case: OpenCase, path: str) -> None:
    case = open_case()
    for address in (f"/cases/{path}", url(case)):
        answer = Client().get(address)
        assert answer.status_code in (302, 403)
        assert case.title not in answer.content.decode()


def test_nobody_and_strangers_change_nothing(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(keep=False)
    before = Case.objects.values().get(pk=case.pk)
    reader = make_staff("9001", "钱阅", cast.company, "trainer", "all")
    for client in (Client(), cast.zhou.client(), reader.client()):
        for path, data in (
            ("say/reply/", {"text": "x", "seen": 99}),
            ("say/note/", {"text": "x"}),
            ("say/call/", {"text": "x"}),
            ("claim/", {}),
            ("resume/", {}),
            ("do/close/", {"outcome": "solved", "text": "x"}),
            ("do/handover/", {"to": "queue", "reason": "x"}),
            ("do/code/", {}),
        ):
            assert client.post(url(case, path), data).status_code in (302, 403, 404), path
    assert Case.objects.values().get(pk=case.pk) == before


def test_a_reader_sees_no_editor(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    reader = make_staff("9001", "钱阅", cast.company, "trainer", "all")
    html = reader.client().get(url(case)).content.decode()
    assert case.title in html
    assert "data-editor" not in html
    assert "do/handover/" not in html


def test_posting_by_get_is_refused(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    assert cast.lin.client().get(url(case, "claim/")).status_code == 405


# Taking up


def test_taking_up_from_the_queue_leads_back_there(cast: Cast, waiting_case: Case) -> None:
    answer = cast.lin.client().post(url(waiting_case, "claim/"), {"back": "/cases/?tab=in_hand"})
    assert answer.headers["Location"] == "/cases/?tab=in_hand"
    assert Case.objects.get(pk=waiting_case.pk).owner_id == cast.lin.user.pk


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_no_way_back_leads_out_of_the_house(cast: Cast, waiting_case: Case, back: str) -> None:
    answer = cast.lin.client().post(url(waiting_case, "claim/"), {"back": back})
    assert answer.headers["Location"] == url(waiting_case)


def test_the_second_one_learns_who_has_it(cast: Cast, waiting_case: Case) -> None:
    cast.wang.client().post(url(waiting_case, "claim/"))
    client = cast.lin.client()
    html = client.post(url(waiting_case, "claim/"), follow=True).content.decode()
    assert "王建国" in html
    assert Case.objects.get(pk=waiting_case.pk).owner_id == cast.wang.user.pk


# Talking


def test_a_reply_a_note_and_a_call(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    client = cast.lin.client()
    assert say(client, case).status_code == 302
    assert say(client, case, "note", once="2", text="请 @王建国 看一下").status_code == 302
    assert say(client, case, "call", once="3", text="约好明天").status_code == 302
    assert kinds(case)[-3:] == ["reply", "note", "call"]
    assert Notification.objects.filter(user_id=cast.wang.user.pk, kind="desk.mention").exists()


def test_sending_twice_says_it_once(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    for _twice in range(2):
        assert say(cast.lin.client(), case).status_code == 302
    assert kinds(case).count("reply") == 1


def test_a_reply_on_old_news_is_held_with_everything_kept(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    seen = Case.objects.get(pk=case.pk).seq
    services.receive_message(
        **cast.admin.acting, case_id=case.pk, text="算了，明天我自己开过去", channel="tracking"
    )
    client = cast.lin.client()
    file = SimpleUploadedFile("方案.txt", "换新".encode())
    held = say(client, case, seen=seen, text="明天上门", then="waiting_customer", files=[file])
    html = held.content.decode()
    assert held.status_code == 409
    assert "算了，明天我自己开过去" in html
    assert "明天上门" in html
    assert "方案.txt" in html
    assert "reply" not in kinds(case)
    editor, news = held.context["editor"], held.context["held"]
    again = say(
        client, case, seen=editor.seen, read=news["seen"], text="明天上门", kept=editor.kept
    )
    assert again.status_code == 302
    assert kinds(case)[-1] == "reply"
    assert Attachment.objects.get(case=case).name == "方案.txt"


def test_reading_once_does_not_cover_later_news(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    first = Case.objects.get(pk=case.pk).seq
    for text in ("一", "二"):
        services.receive_message(
            **cast.admin.acting, case_id=case.pk, text=text, channel="tracking"
        )
    held = say(cast.lin.client(), case, seen=first, read=first + 1)
    assert held.status_code == 409
    assert [entry.text for entry in held.context["held"]["news"]] == ["二"]


def test_nothing_written_is_said(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    answer = say(cast.lin.client(), case, text="  ")
    assert answer.status_code == 422
    assert answer.context["editor"].errors


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"0" * (20 * 1024 * 1024 + 1), 413)], ids=["0", "20MB+"]
)
def test_a_bad_file_keeps_the_text(
    cast: Cast, open_case: OpenCase, content: bytes, status: int
) -> None:
    case = open_case()
    answer = say(cast.lin.client(), case, files=[SimpleUploadedFile("a.bin", content)])
    assert answer.status_code == status
    assert "您好，马上安排。" in answer.content.decode()
    assert "reply" not in kinds(case)


def test_forged_kept_files_are_ignored(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    assert say(cast.lin.client(), case, kept="1:forged").status_code == 302
    assert not Attachment.objects.filter(case=case).exists()


def test_closing_after_the_reply_asks_how_it_ended(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    answer = say(cast.lin.client(), case, then="close")
    assert answer.headers["Location"] == url(case, "do/close/")
    assert kinds(case)[-1] == "reply"


def test_a_draft_is_kept_and_shown_again(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    client = cast.lin.client()
    client.post(url(case, "draft/reply/"), {"text": "写到一半", "seen": case.seq})
    assert "写到一半" in client.get(url(case)).content.decode()
    say(client, case)
    assert not Draft.objects.exists()


def test_markup_stays_text_everywhere(cast: Cast, open_case: OpenCase) -> None:
    evil = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"
    case = open_case(text=evil, title=evil)
    client = cast.lin.client()
    say(client, case, text=evil)
    say(client, case, "note", once="2", text=evil)
    client.post(url(case, "do/wait/"), {"reason": evil})
    for page in (url(case), "/cases/", url(case, "events/?since=0"), url(case, "do/split/")):
        html = client.get(page).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


# What is done


def test_a_crafted_close_of_a_waiting_department_case_is_refused(
    cast: Cast, open_case: OpenCase
) -> None:
    case = open_case()
    services.change_state(**cast.lin.acting, case_id=case.pk, target="waiting_department")
    answer = cast.lin.client().post(url(case, "do/close/"), {"outcome": "solved", "text": "好了"})
    assert answer.status_code == 422
    assert Case.objects.get(pk=case.pk).state == "waiting_department"


@pytest.mark.parametrize("then", ["closed", "merged", "nonsense"])
def test_a_crafted_state_after_the_reply_is_refused(
    cast: Cast, open_case: OpenCase, then: str
) -> None:
    case = open_case()
    answer = say(cast.lin.client(), case, then=then)
    assert answer.status_code == 422
    assert "reply" not in kinds(case)


def test_handing_over_counts_and_names_the_reason(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    data = {"to": cast.wang.user.pk, "reason": "要主管定", "owner": cast.lin.user.pk}
    client = cast.lin.client()
    assert client.post(url(case, "do/handover/"), data).status_code == 302
    html = cast.wang.client().get(url(case)).content.decode()
    assert "要主管定" in html
    assert Case.objects.get(pk=case.pk).handover_count == 1


def test_handing_over_what_just_changed_hands_is_refused(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    data = {"to": cast.wang.user.pk, "reason": "x", "owner": ""}
    answer = cast.wang.client().post(url(case, "do/handover/"), data)
    assert answer.status_code == 409
    assert Case.objects.get(pk=case.pk).handover_count == 0


def test_wait_go_on_close_reopen(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="repair")
    client = cast.lin.client()
    states = []
    for path, data in (
        ("do/wait/", {"reason": "要照片"}),
        ("resume/", {}),
        ("do/close/", {"outcome": "solved", "text": "换了新件"}),
        ("do/reopen/", {"reason": "又坏了"}),
    ):
        assert client.post(url(case, path), data).status_code == 302
        states.append(Case.objects.get(pk=case.pk).state)
    assert states == ["waiting_customer", "open", "closed", "open"]


def test_naming_by_phone_finds_the_file(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(customer_id=None)
    client = cast.lin.client()
    wrong = client.post(url(case, "do/name-customer/"), {"phone": "1381234602"})
    assert wrong.status_code == 422
    client.post(url(case, "do/name-customer/"), {"phone": "138-1234-6027"})
    assert Case.objects.get(pk=case.pk).customer_id == cast.chen.pk


def test_a_merged_number_leads_to_where_it_went(cast: Cast, open_case: OpenCase) -> None:
    one, other = open_case(), open_case(text="同一件事又来电")
    client = cast.wang.client()
    answer = client.post(url(one, "do/merge/"), {"number": other.number, "reason": "同一件"})
    assert answer.headers["Location"] == url(other)
    page = client.get(url(one), follow=True)
    assert page.redirect_chain[-1][0] == url(other)
    assert "爬坡时突然断电" in page.content.decode()


def test_splitting_takes_the_chosen_words_along(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    words = CaseEvent.objects.get(case=case, kind="message_in")
    data = {"events": [words.pk], "title": "另一件", "type": "inquiry"}
    answer = cast.wang.client().post(url(case, "do/split/"), data)
    made = Case.objects.get(title="另一件")
    assert answer.headers["Location"] == url(made)


def test_a_new_code_is_shown_once(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    client = cast.lin.client()
    page = client.post(url(case, "do/code/"), {})
    code = page.context["code"]
    assert code in page.content.decode()
    assert code not in client.get(url(case)).content.decode()
    assert Client().post("/t/", {"number": case.number, "code": code}).status_code == 302


def test_a_dialog_gets_its_answers_as_parts(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="repair")
    client, part = cast.lin.client(), {"HX-Request": "true"}
    refused = client.post(url(case, "do/close/"), {"text": "办好了"}, headers=part)
    assert refused.status_code == 422
    told = refused.content.decode().strip()
    assert told.startswith('<div class="dk-act">')
    assert "办好了" in told
    code = client.post(url(case, "do/code/"), {}, headers=part)
    shown = code.content.decode().strip()
    assert shown.startswith('<div class="dk-act">')
    assert code.context["code"] in shown
    assert "data-dialog-close" in shown
    done = client.post(
        url(case, "do/close/"), {"outcome": "solved", "text": "办好了"}, headers=part
    )
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, url(case))


# Files and live parts


def test_files_open_for_readers_of_the_case_alone(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    evil = SimpleUploadedFile("a.html", b"<script>alert(1)</script>", content_type="text/html")
    say(cast.lin.client(), case, files=[evil])
    file = Attachment.objects.get(case=case)
    answer = cast.lin.client().get(f"/cases/files/{file.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert cast.zhou.client().get(f"/cases/files/{file.pk}/").status_code == 404
    assert Client().get(f"/cases/files/{file.pk}/").status_code in (302, 403)


def test_news_brings_lines_and_the_last_number(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    seq = Case.objects.get(pk=case.pk).seq
    client = cast.wang.client()
    assert client.get(url(case, f"events/?since={seq}")).status_code == 204
    say(cast.lin.client(), case)
    html = client.get(url(case, f"events/?since={seq}")).content.decode()
    assert "您好，马上安排。" in html
    assert f'data-last-seq="{seq + 1}"' in html


def test_the_card_of_an_unknown_caller_asks_for_a_name(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(customer_id=None)
    html = cast.lin.client().get(url(case)).content.decode()
    assert "do/name-customer/" in html


def test_the_card_hides_the_number(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    for page in (url(case), url(case, "person/")):
        html = cast.lin.client().get(page).content.decode()
        assert CHEN_PHONE not in html
        assert "陈志强" in html
