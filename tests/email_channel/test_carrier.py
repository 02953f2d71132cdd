"""Mails of the outbox through a real mail server: what they look like, and what each answer comes to."""

import email
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
from django.test import override_settings

from tests.insight.post_office import Office, open_office
from tests.server import free_port
from zhike.channels.email.carrier import CARRIER, answer_to, deliver
from zhike.channels.email.message import as_html
from zhike.config.mail import email_settings
from zhike.core import sealing, work
from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox import (
    CARRIERS,
    Away,
    Later,
    Letter,
    Outgoing,
    Refused,
    Sent,
    Uncertain,
    put,
    read_letter,
)
from zhike.core.outbox.delivering import send_due
from zhike.core.smtp import OutcomeUnknown

Opening = Callable[..., str]
STOP = "https://desk.example.com/q/i/7.abc/stop/"
LETTER = Letter(
    "请您评价：周口站的服务",
    "陈老板，您好：\n两分钟。\n\nhttps://desk.example.com/q/i/7.abc/\n\n谢谢。",
    STOP,
)


@contextmanager
def through(port: int, **asked: str) -> Iterator[None]:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    url = f"smtp://127.0.0.1:{port}?from=desk@example.com{more}"
    with override_settings(**email_settings(url), ZHIKE_EMAIL_URL=url):
        yield


@pytest.fixture
def office() -> Iterator[tuple[Office, int]]:
    office = Office()
    controller = open_office(office)
    yield office, controller.port
    controller.stop()


def outgoing(text: str = "", address: str = "chen@example.com", **more: Any) -> Outgoing:
    return Outgoing(
        **{
            "id": 1,
            "kind": "email",
            "address": address,
            "text": text or LETTER.text(),
            "dedup_key": "surveys.invitation:7:0",
            "subject_type": "",
            "subject_id": None,
            "attempt": 1,
            "timeout_seconds": 60.0,
            **more,
        }
    )


def read(office: Office) -> Message:
    (letter,) = office.letters
    assert isinstance(letter.content, bytes)
    return email.message_from_bytes(letter.content)


def head(message: Message, name: str) -> str:
    return str(make_header(decode_header(message[name])))


def bodies(message: Message) -> dict[str, str]:
    found = {}
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found[part.get_content_type()] = payload.decode()
    return found


def test_a_mail_has_both_parts_and_every_head(office: tuple[Office, int]) -> None:
    post, port = office
    with through(port, reply_to="help@example.com"):
        answer = deliver(outgoing())
    assert isinstance(answer, Sent)
    (letter,) = post.letters
    assert (letter.mail_from, letter.rcpt_tos) == ("desk@example.com", ["chen@example.com"])
    message = read(post)
    assert head(message, "Subject") == LETTER.subject
    assert message["From"] == "desk@example.com"
    assert message["Reply-To"] == "help@example.com"
    assert message["Message-ID"] == answer.receipt
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    texts = bodies(message)
    assert texts["text/plain"].replace("\r\n", "\n").strip() == LETTER.body
    assert "<br>" in texts["text/html"]
    assert 'href="https://desk.example.com/q/i/7.abc/"' in texts["text/html"]


def test_each_try_has_the_same_message_id_and_each_message_its_own(
    office: tuple[Office, int],
) -> None:
    _post, port = office
    with through(port):
        first, again = deliver(outgoing()), deliver(outgoing(attempt=2))
        other = deliver(outgoing(dedup_key="surveys.invitation:8:0"))
    assert isinstance(first, Sent)
    assert isinstance(again, Sent)
    assert isinstance(other, Sent)
    assert first.receipt == again.receipt != other.receipt


def test_without_an_unsubscribe_address_there_is_no_such_head(office: tuple[Office, int]) -> None:
    post, port = office
    with through(port):
        deliver(outgoing("您的诉求有回复\n\n请看进度页。"))
    message = read(post)
    assert message["List-Unsubscribe"] is None
    assert message["Reply-To"] is None
    assert head(message, "Subject") == "您的诉求有回复"


@pytest.mark.parametrize(
    "text",
    [
        "评价\r\nBcc: thief@example.com\r\n\r\n正文",
        "评价\nBcc: thief@example.com\n\n正文",
        "评价\rBcc: thief@example.com\r\r正文",
        Letter("评价\nBcc: thief@example.com", "正文").text(),
        Letter("评价", "正文", "https://x.example/\nBcc: thief@example.com").text(),
    ],
)
def test_a_text_never_becomes_a_head(office: tuple[Office, int], text: str) -> None:
    post, port = office
    with through(port):
        deliver(outgoing(text))
    for letter in post.letters:
        assert letter.rcpt_tos == ["chen@example.com"]
        assert isinstance(letter.content, bytes)
        assert email.message_from_bytes(letter.content)["Bcc"] is None
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "chen",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com, b@example.com",
        "陈 <a@example.com>",
    ],
)
def test_an_address_that_is_none_is_refused_here(office: tuple[Office, int], address: str) -> None:
    post, port = office
    with through(port):
        assert isinstance(deliver(outgoing(address=address)), Refused)
    assert not post.letters


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"rcpt": "450 4.2.0 Greylisted"}, Later),
        ({"rcpt": "550 5.1.1 No such user"}, Refused),
        ({"data": "451 4.3.0 Try again"}, Later),
        ({"data": "554 5.7.1 Spam"}, Refused),
        ({"lost": True}, Uncertain),
    ],
)
def test_what_the_server_says(how: dict[str, Any], expected: type) -> None:
    post = Office(**how)
    controller = open_office(post)
    try:
        with through(controller.port):
            answer = deliver(outgoing())
    finally:
        controller.stop()
    assert isinstance(answer, expected)
    assert "127.0.0.1" in getattr(answer, "words", "")


def test_nobody_there_is_away() -> None:
    with through(free_port()):
        assert isinstance(deliver(outgoing()), Away)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), Away),
        (smtplib.SMTPSenderRefused(550, b"no", "desk@example.com"), Away),
        (smtplib.SMTPServerDisconnected("gone"), Later),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), Refused),
        (ssl.SSLCertVerificationError("who?"), Away),
        (TimeoutError("slow"), Away),
        (OutcomeUnknown("?"), Uncertain),
    ],
)
def test_errors_beside_the_talk(error: Exception, expected: type) -> None:
    with through(25):
        assert isinstance(answer_to(error), expected)


@pytest.mark.django_db
def test_a_lost_answer_is_never_sent_again_by_itself() -> None:
    post = Office(lost=True)
    controller = open_office(post)
    CARRIERS.fill(CARRIER)
    try:
        with through(controller.port):
            with work.unit(work.Actor.system("tests")) as unit:
                key = sealing.new_key(unit.now)
                put(
                    unit,
                    kind="email",
                    address=sealing.seal(key.pk, "a@example.com"),
                    text=LETTER.text(),
                    dedup_key="k",
                )
            for _round in range(3):
                send_due(linger_seconds=0)
    finally:
        CARRIERS._items.pop("email")
        controller.stop()
    assert len(post.letters) == 1
    assert OutboxMessage.objects.get().state == OutboxState.UNKNOWN


def test_a_letter_is_read_as_it_was_written() -> None:
    assert read_letter(LETTER.text()) == LETTER
    plain = Letter("一行", "正文\n\n还有")
    assert read_letter(plain.text()) == plain
    assert read_letter("没有主题的一段话").body == "没有主题的一段话"


def test_html_shows_what_was_written_and_runs_nothing() -> None:
    html = as_html("<script>alert(1)</script> & 您好\n\nhttps://x.example/a?b=1&c=2")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert 'href="https://x.example/a?b=1&amp;c=2"' in html
