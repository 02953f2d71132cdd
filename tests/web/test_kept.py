"""The mark of a form comes back with the next page once it was saved, and not otherwise."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from zhike.web.kept import COOKIE, MOST

pytestmark = pytest.mark.django_db
MARK = "0123456789abcdef"
WORDS = "要求今天回电。"


@pytest.fixture
def client(cast: Cast) -> Client:
    made = Client()
    sent = {"staff_number": "1002", "password": PASSWORD}
    assert made.post(reverse("accounts:sign-in"), sent).status_code == 302
    return made


def send(client: Client, text: str = WORDS, mark: str = MARK):
    fields = {"text": text, "scale": "1-5", "unit": "", "zk-mark": mark}
    page = client.get(reverse("listening:create"))
    fields["unit"] = next(
        value for value, _ in page.context["form"].fields["unit"].choices if value
    )
    return client.post(reverse("listening:create"), fields)


def test_the_page_after_a_saved_form_repeats_its_mark(client: Client) -> None:
    sent = send(client)
    assert sent.status_code == 302
    cookie = sent.cookies[COOKIE]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (MARK, True, "Lax")
    assert f'data-arrived="{MARK}"' in client.get(sent["Location"]).content.decode()


def test_a_refused_form_comes_back_with_its_mark_and_without_the_cookie(client: Client) -> None:
    sent = send(client, text="")
    assert sent.status_code == 422
    assert COOKIE not in sent.cookies
    html = sent.content.decode()
    assert f'data-answer="{MARK}"' in html
    assert "data-refused" not in html
    assert "data-arrived" not in html


def test_a_redirect_with_a_warning_is_no_arrival(client: Client) -> None:
    sent = client.post(reverse("desk:batch-type"), {"zk-mark": MARK})
    assert sent.status_code == 302
    assert COOKIE not in sent.cookies


def test_a_form_sent_after_the_end_is_no_arrival(cast: Cast) -> None:
    sent = Client().post(reverse("listening:create"), {"text": WORDS, "zk-mark": MARK})
    assert sent["Location"].endswith("&lost=1")
    assert COOKIE not in sent.cookies


@pytest.mark.parametrize("mark", ["", "short", MARK.upper(), f"{MARK}0", '"><script>aaaaa'])
def test_what_is_no_mark_is_not_repeated(client: Client, mark: str) -> None:
    sent = send(client, mark=mark)
    assert sent.status_code == 302
    assert COOKIE not in sent.cookies


def test_a_planted_cookie_says_nothing(client: Client) -> None:
    client.cookies[COOKIE] = '"><script>.' + MARK
    html = client.get(reverse("listening:create")).content.decode()
    assert f'data-arrived="{MARK}"' in html


def test_marks_of_several_tabs_are_kept_and_the_oldest_go(client: Client) -> None:
    marks = [f"{n:016x}" for n in range(MOST + 2)]
    for mark in marks:
        send(client, mark=mark)
    assert client.cookies[COOKIE].value == ".".join(marks[2:])


def test_an_error_page_says_that_nothing_was_saved(client: Client) -> None:
    sent = client.post("/feedback/999999/case/", {"zk-mark": MARK})
    assert sent.status_code == 404
    html = sent.content.decode()
    assert f'data-answer="{MARK}"' in html
    assert "data-refused" in html


def test_the_person_stands_on_the_page_and_on_no_page_for_strangers(
    client: Client, cast: Cast
) -> None:
    html = client.get(reverse("listening:create")).content.decode()
    assert f'data-person="{cast.wang.user.pk}"' in html
    assert "data-person" not in Client().get(reverse("accounts:sign-in")).content.decode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"\xff" * 50, "application/x-www-form-urlencoded; charset=utf-16"),
        (b"x", "multipart/form-data"),
        (b"&".join(b"f%d=1" % n for n in range(6000)), "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("path", ["/cases/new/", "/account/sign-in/"])
def test_a_form_that_cannot_be_read_is_refused_in_plain_words(
    client: Client, path: str, body: bytes, kind: str
) -> None:
    answer = client.generic("POST", path, body, content_type=kind)
    assert answer.status_code in (400, 403)
    assert "没有" in answer.content.decode()
