"""Photos and papers with an answer: looked at, stripped, kept with the answer and no longer, opened by few."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cast import Cast
from tests.surveys.scene import document, page, published, question
from tests.webform.test_questionnaire import hidden, opened, phone
from zhike.channels.webform.pacing import forget_tries
from zhike.core import clock, work
from zhike.core.erasing import ERASED
from zhike.core.files import file_path
from zhike.core.models import StoredFile
from zhike.surveys.cutting import cut
from zhike.surveys.models import AnswerFile, Link, Response
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.files import drop_abandoned
from zhike.surveys.tasks import drop_abandoned_files

pytestmark = pytest.mark.django_db

WITH_FILES = document(
    page(
        "s1",
        question("photos", "file", most=2),
        question("q1", "scale", required=True),
    ),
    page("s2", question("why", "text")),
)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_tries()


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, WITH_FILES)


def picture(shade: int = 0, *, exif: bool = True) -> bytes:
    told = Image.Exif()
    if exif:
        told[0x0132] = "2026:11:29 15:30:00"
        told[0x010F] = "CAMERA-OF-CHEN"
        told[0x0112] = 6
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), (shade, 80, 90)).save(stream, "JPEG", exif=told)
    return stream.getvalue()


def upload(data: bytes, name: str = "IMG_20261129_1530.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def send(browser: Client, link: Link, html: str, **fields: Any) -> Any:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return browser.post(f"/q/{link.token}/", hidden(html) | named)


def stored_bytes() -> list[bytes]:
    return [file_path(one.file.digest).read_bytes() for one in AnswerFile.objects.order_by("pk")]


def test_a_photo_is_kept_without_when_and_where_it_was_taken(link: Link) -> None:
    browser = phone()
    html = opened(browser, link)
    assert 'enctype="multipart/form-data"' in html
    on = send(browser, link, html, photos=[upload(picture())], q1="2")
    assert on.status_code == 303
    row = AnswerFile.objects.get()
    assert Response.objects.get().answers == {"photos": [row.token], "q1": 2}
    (kept,) = stored_bytes()
    for told in (b"2026:11:29", b"CAMERA-OF-CHEN"):
        assert told in picture()
        assert told not in kept
    image = Image.open(io.BytesIO(kept))
    assert dict(image.getexif()) == {0x0112: 6}
    assert image.tobytes() == Image.open(io.BytesIO(picture())).tobytes()


def test_going_back_shows_it_and_takes_it_off_or_adds_another(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), photos=[upload(picture())], q1="2")
    send(browser, link, opened(browser, link, "2/"), go="back")
    html = opened(browser, link, "1/")
    assert "第 1 份" in html
    assert "IMG_2026" not in html
    first = AnswerFile.objects.get()
    send(browser, link, html, photos=[upload(picture(9))], q1="2")
    assert Response.objects.get().answers["photos"][0] == first.token
    assert AnswerFile.objects.count() == 2
    gone = file_path(first.file.digest)
    html = opened(browser, link, "1/")
    assert 'type="file"' not in html
    with pytest.MonkeyPatch.context():
        send(browser, link, html, photos__remove=first.token, q1="3")
    assert AnswerFile.objects.count() == 1
    assert StoredFile.objects.get(digest=first.file.digest).removed_at is not None
    assert gone.name == first.file.digest


def test_what_was_chosen_stays_when_something_else_is_missing(link: Link) -> None:
    browser = phone()
    back = send(browser, link, opened(browser, link), photos=[upload(picture())])
    assert back.status_code == 422
    html = back.content.decode()
    assert "第 1 份" in html
    response = Response.objects.get()
    assert (response.state, list(response.answers)) == ("partial", ["photos"])
    on = send(browser, link, html, q1="4")
    assert on.headers["Location"].endswith("/2/")
    assert AnswerFile.objects.count() == 1
    assert len(Response.objects.get().answers["photos"]) == 1


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([upload(b"", "leer.jpg")], "0 字节"),
        ([upload(b"<script>alert(1)</script>", "bild.jpg")], "JPEG"),
        ([upload(b"PK\x03\x04 something", "liste.xlsx")], "JPEG"),
        ([upload(b"\xff\xd8\xff\xe1\x00", "halb.jpg")], "halb.jpg"),
        ([upload(picture(n)) for n in range(3)], "2 份"),
        ([upload(b"%PDF-1.7 " + b"0" * (10 * 1024 * 1024), "gross.pdf")], "10 MB"),
    ],
)
def test_what_is_no_photo_and_no_pdf_is_refused_in_words(
    link: Link, files: list[Any], sentence: str
) -> None:
    for one in files:
        one.seek(0)
    browser = phone()
    back = send(browser, link, opened(browser, link), photos=files, q1="4")
    assert back.status_code == 422
    assert sentence in back.content.decode()
    assert not AnswerFile.objects.exists()


def test_files_of_answers_nobody_goes_on_with_are_removed(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), photos=[upload(picture())], q1="2")
    assert drop_abandoned() == 0
    with clock.override(clock.now() + timedelta(days=15)):
        drop_abandoned_files.func()
    assert not AnswerFile.objects.exists()
    assert StoredFile.objects.get().removed_at is not None


def test_the_same_bytes_of_somebody_else_stay(link: Link) -> None:
    for _person in range(2):
        browser = phone()
        send(browser, link, opened(browser, link), photos=[upload(picture())], q1="2")
    token = Response.objects.latest("pk").answers["photos"][0]
    send(browser, link, opened(browser, link, "1/"), photos__remove=token, q1="2")
    assert AnswerFile.objects.count() == 1
    assert StoredFile.objects.get().removed_at is None


def test_one_opens_them_from_five_answers_on_and_with_the_right(cast: Cast, link: Link) -> None:
    def one(shade: int) -> None:
        browser = phone()
        send(browser, link, opened(browser, link), photos=[upload(picture(shade))], q1="2")
        send(browser, link, opened(browser, link, "2/"), why="没修好")

    wang, executive = Client(), Client()
    wang.force_login(cast.wang.user)
    executive.force_login(cast.zhou.user)
    for shade in range(4):
        one(shade)
    count_some()
    url = f"/surveys/{link.survey_id}/results/answers/"
    token = AnswerFile.objects.earliest("pk").token
    assert wang.get(f"{url}files/{token}/").status_code == 404
    one(9)
    count_some()
    html = wang.get(f"{url}?part=photos").content.decode()
    assert f"{url}files/{token}/" in html
    found = wang.get(f"{url}files/{token}/")
    assert (found.status_code, found.headers["Content-Type"]) == (200, "image/jpeg")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert 'filename="1.jpg"' in found.headers["Content-Disposition"]
    assert b"".join(found).startswith(b"\xff\xd8")
    assert executive.get(f"{url}files/{token}/").status_code in (403, 404)
    assert wang.get(f"{url}files/{'0' * 16}/").status_code == 404


def test_uploads_are_counted_by_themselves(link: Link, settings: Any, frozen_clock: Any) -> None:
    frozen_clock(clock.now())  # They are counted by the hour, which may end just now.
    settings.PUBLIC_LIMITS = {**settings.PUBLIC_LIMITS, "uploads": 1}
    for expected in (303, 429):
        browser = phone()
        done = send(browser, link, opened(browser, link), photos=[upload(picture())], q1="2")
        assert done.status_code == expected


def test_who_is_erased_leaves_no_file_behind(link: Link) -> None:
    browser = phone()
    send(browser, link, opened(browser, link), photos=[upload(picture())], q1="2")
    send(browser, link, opened(browser, link, "2/"), why="没修好")
    with work.unit(work.Actor.system("test")) as unit:
        cut([Response.objects.get()], ERASED, unit)
    assert not AnswerFile.objects.exists()
    assert StoredFile.objects.get().removed_at is not None
    assert Response.objects.get().answers["why"] == ERASED
