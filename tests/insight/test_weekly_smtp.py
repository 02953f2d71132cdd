"""The weekly summary through a real mail server: plain, STARTTLS, TLS; refusing, away, slow, breaking off."""

import email
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import override_settings

from tests.cast import Cast, Staff, make_staff
from tests.guards import given
from tests.insight.conftest import NIGHT, TUESDAY
from tests.insight.post_office import (
    PASSWORD,
    USER,
    Office,
    make_certificate,
    open_office,
)
from tests.server import free_port
from zhike.config.mail import email_settings
from zhike.core import clock
from zhike.core.errors import Conflict
from zhike.core.jobs import GiveUp
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow
from zhike.desk.models import Case
from zhike.insight import mailing, services
from zhike.insight.choices import MailProblem
from zhike.insight.models import WeeklyMail
from zhike.insight.periods import Week
from zhike.insight.services import weeks
from zhike.insight.tasks import mail_weeks

pytestmark = [
    pytest.mark.django_db,
    # The server says so of TLS from the first byte too, which it does not count as TLS.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]
WEEK = Week.of(TUESDAY.date())
MONDAY_AFTER = NIGHT + timedelta(days=5, hours=9)
SIGN_IN = f"{USER}:{quote(PASSWORD)}@"
# Opens an office; the answer is its address.
Opening = Callable[..., str]


def subscribe(who: Staff, address: str) -> int:
    who.user.email = address
    with given():
        who.user.save()
    weeks.subscribe(**who.acting, is_on=True)
    return who.user.pk


@pytest.fixture(autouse=True)
def _small_paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing takes a second; one test prints."""
    if request.node.name != "test_plain":
        monkeypatch.setattr(mailing, "week_pdf", lambda page: b"%PDF-1.7 small")


@pytest.fixture
def wang(cast: Cast, tuesday: dict[str, Case]) -> Iterator[int]:
    with clock.override(MONDAY_AFTER):
        services.settle_missing_days()
        yield subscribe(cast.wang, "wang@example.com")


@contextmanager
def through(url: str, timeout: float = 5) -> Iterator[None]:
    with override_settings(
        **{**email_settings(url), "EMAIL_TIMEOUT": timeout}, ZHIKE_EMAIL_URL=url
    ):
        yield


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Opens offices, and closes them when the test is over."""
    controllers = []

    def opening(office: Office, **how: Any) -> str:
        controllers.append(open_office(office, **how))
        return f"127.0.0.1:{controllers[-1].port}"

    yield opening
    for controller in controllers:
        controller.stop()


def read(office: Office) -> Message:
    (letter,) = office.letters
    assert isinstance(letter.content, bytes)
    return email.message_from_bytes(letter.content)


def row() -> WeeklyMail:
    return WeeklyMail.objects.get()


# The ways to a server


def test_plain(wang: int, opened: Opening) -> None:
    office = Office()
    address = opened(office)
    with through(f"smtp://{address}?from=desk@example.com"):
        assert mailing.mail_week(wang, WEEK.monday) is True
        assert mailing.mail_week(wang, WEEK.monday) is False
    message = read(office)
    assert (office.letters[0].mail_from, office.letters[0].rcpt_tos) == (
        "desk@example.com", ["wang@example.com"],
    )  # fmt: skip
    assert WEEK.code in str(make_header(decode_header(message["Subject"])))
    text, pdf = (
        part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()
    )
    assert isinstance(text, bytes)
    assert isinstance(pdf, bytes)
    assert "1. " in text.decode()
    assert pdf.startswith(b"%PDF")
    assert office.tls == [False]
    assert (row().sent_at, row().attempts, row().problem, row().begun_at) == (
        clock.now(), 1, "", None,
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
def test_sealed_and_signed_in(
    wang: int, opened: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    files = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    office = Office()
    address = opened(office, files=files, is_implicit=scheme == "smtps", wants_sign_in=True)
    with through(f"{scheme}://{SIGN_IN}{address}?from=desk@example.com"):
        assert mailing.mail_week(wang, WEEK.monday) is True
    assert read(office)["To"] == "wang@example.com"
    assert (office.tls, office.signed_in) == ([True], [True])


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(
    wang: int, opened: Opening, tmp_path: Path, scheme: str
) -> None:
    office = Office()
    address = opened(office, files=make_certificate(tmp_path), is_implicit=scheme == "smtps")
    with through(f"{scheme}://{address}"), pytest.raises(GiveUp):
        mailing.mail_week(wang, WEEK.monday)
    assert office.letters == []
    assert row().problem == MailProblem.SETUP
    assert "certificate" in row().said.lower()


def test_wrong_password_and_missing_starttls_are_the_set_up(
    wang: int, opened: Opening, cast: Cast
) -> None:
    office = Office()
    strict = opened(office, wants_sign_in=True)
    for url in (f"smtp://{USER}:wrong@{strict}", f"smtp+tls://{opened(office)}"):
        with through(url), pytest.raises(GiveUp):
            mailing.mail_week(wang, WEEK.monday)
        assert row().problem == MailProblem.SETUP
        assert "wrong" not in row().said
        # Mended by tomorrow, it goes out tomorrow.
        with through(url):
            assert mailing.due_mails(clock.today() + timedelta(days=1)) == [wang]
    assert office.letters == []


# Servers that say no


@pytest.mark.parametrize(
    ("office", "problem"),
    [
        (Office(rcpt="550 5.1.1 No such mailbox"), MailProblem.REFUSED),
        (Office(data="554 5.7.1 Looks like spam"), MailProblem.REFUSED),
        (Office(rcpt="450 4.2.0 Greylisted, come back"), MailProblem.AWAY),
        (Office(data="451 4.3.0 Try again"), MailProblem.AWAY),
    ],
    ids=["rcpt 550", "data 554", "rcpt 450", "data 451"],
)
def test_what_it_says_is_kept_and_decides(
    wang: int, opened: Opening, cast: Cast, office: Office, problem: MailProblem
) -> None:
    expected = GiveUp if problem is MailProblem.REFUSED else mailing.NotMailed
    with through(f"smtp://{opened(office)}"):
        with pytest.raises(expected):
            mailing.mail_week(wang, WEEK.monday)
        tomorrow = clock.today() + timedelta(days=1)
        assert mailing.due_mails(tomorrow) == ([] if problem is MailProblem.REFUSED else [wang])
        assert (row().problem, row().sent_at, row().failed_at) == (problem, None, clock.now())
        assert (office.rcpt or office.data)[:3] in row().said
        page = cast.wang.client().get("/reports/weekly/").content.decode()
    assert row().said in page
    assert "立即重发" in page
    assert AuditRow.objects.filter(action="insight.week.mail_failed").count() == 1


def test_away_and_back_again(wang: int, opened: Opening) -> None:
    port, office = free_port(), Office()
    start = clock.now()
    with through(f"smtp://127.0.0.1:{port}"):
        mail_weeks.call()
        run_pending_jobs()
        assert (row().problem, row().attempts) == (MailProblem.AWAY, 1)
        assert "refused" in row().said.lower()
        # Not before its time.
        run_pending_jobs()
        assert row().attempts == 1
        opened(office, port=port)
        with clock.override(start + timedelta(minutes=1)):
            run_pending_jobs()
            assert (row().problem, row().said, row().attempts) == ("", "", 2)
            assert row().sent_at is not None
            mail_weeks.call()
            run_pending_jobs()
    assert len(office.letters) == 1


def test_away_all_day_it_goes_out_the_next_morning(wang: int, opened: Opening) -> None:
    port, office = free_port(), Office()
    moment = clock.now()
    with through(f"smtp://127.0.0.1:{port}"):
        mail_weeks.call()
        for _attempt in range(20):
            with clock.override(moment):
                run_pending_jobs()
            moment += timedelta(minutes=20)
        assert (row().attempts, row().sent_at) == (12, None)
        opened(office, port=port)
        with clock.override(MONDAY_AFTER + timedelta(days=1)):
            mail_weeks.call()
            run_pending_jobs()
    assert len(office.letters) == 1


def test_one_who_cannot_be_reached_does_not_cost_another_a_second_mail(
    cast: Cast, wang: int, opened: Opening
) -> None:
    class Choosy(Office):
        async def handle_RCPT(  # noqa: N802
            self, server: Any, session: Any, envelope: Any, address: str, _options: Any
        ) -> str:
            if address.startswith("admin"):
                return "451 Later"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    subscribe(cast.admin, "admin@example.com")
    office = Choosy()
    start = clock.now()
    with through(f"smtp://{opened(office)}"):
        for minutes in (0, 1, 3, 10):
            with clock.override(start + timedelta(minutes=minutes)):
                mail_weeks.call()
                run_pending_jobs()
    assert [letter.rcpt_tos for letter in office.letters] == [["wang@example.com"]]
    assert {mail.user_id: bool(mail.sent_at) for mail in WeeklyMail.objects.all()} == {
        wang: True, cast.admin.user.pk: False,
    }  # fmt: skip


# Servers that dawdle or break off


def test_slow_but_in_time(wang: int, opened: Opening) -> None:
    office = Office(slow=0.5)
    with through(f"smtp://{opened(office)}", timeout=5):
        assert mailing.mail_week(wang, WEEK.monday) is True
    assert len(office.letters) == 1


@pytest.mark.parametrize("office", [Office(slow=60), Office(lost=True)], ids=["slow", "lost"])
def test_an_answer_that_never_comes_is_not_answered_with_a_second_mail(
    cast: Cast, wang: int, opened: Opening, office: Office
) -> None:
    office.letters.clear()
    start = clock.now()
    with through(f"smtp://{opened(office)}", timeout=3):
        mail_weeks.call()
        for minutes in (0, 1, 5, 30, 24 * 60):
            with clock.override(start + timedelta(minutes=minutes)):
                run_pending_jobs()
                mail_weeks.call()
        page = cast.wang.client().get("/reports/weekly/").content.decode()
    # It had been taken all the while.
    assert len(office.letters) == 1
    assert (row().problem, row().sent_at, row().attempts) == (MailProblem.UNKNOWN, None, 1)
    assert "可能已经送达" in page


def test_who_wants_it_again_gets_it_again(cast: Cast, wang: int, opened: Opening) -> None:
    office = Office(lost=True)
    with through(f"smtp://{opened(office)}"):
        with pytest.raises(GiveUp):
            mailing.mail_week(wang, WEEK.monday)
        office.lost = False
        client = cast.wang.client()
        path = f"/reports/weekly/{WEEK.code}/mail/"
        assert client.post(path).status_code == 302
        run_pending_jobs()
        assert row().sent_at is not None
        # Both carry the same name, so a mailbox shows one.
        names = {email.message_from_bytes(one.content)["Message-ID"] for one in office.letters}  # type: ignore[arg-type]  # bytes
        assert (len(office.letters), len(names)) == (2, 1)
        assert client.post(path).status_code == 409
        with pytest.raises(Conflict):
            mailing.send_again(**cast.admin.acting, week=WEEK)
        run_pending_jobs()
        assert len(office.letters) == 2
        assert cast.lin.client().post(path).status_code == 403


def test_only_one_hands_it_over_at_a_time(wang: int, opened: Opening) -> None:
    office = Office()
    with through(f"smtp://{opened(office)}"):
        assert mailing._claim(wang, WEEK.monday) is True
        with pytest.raises(mailing.NotMailed):
            mailing.mail_week(wang, WEEK.monday)
        assert office.letters == []
        # The one who began it died: after a while another one does it.
        with clock.override(clock.now() + timedelta(minutes=6)):
            assert mailing.mail_week(wang, WEEK.monday) is True
    assert len(office.letters) == 1


def test_who_keeps_the_settings_sees_whom_it_did_not_reach(
    cast: Cast, wang: int, opened: Opening
) -> None:
    with through(f"smtp://{opened(Office(rcpt='550 No such mailbox'))}"):
        with pytest.raises(GiveUp):
            mailing.mail_week(wang, WEEK.monday)
        for_admin = cast.admin.client().get("/reports/weekly/").content.decode()
        second = make_staff("1004", "孙主管", cast.zhoukou, "supervisor")
        for_colleague = second.client().get("/reports/weekly/").content.decode()
    assert "王建国" in for_admin.split('id="in-mail"')[1]
    assert "No such mailbox" in for_admin
    assert "No such mailbox" not in for_colleague


def test_mondays_and_only_mondays_begin_it(wang: int) -> None:
    with through("smtp://127.0.0.1:1"):
        assert mailing.due_mails(clock.today()) == [wang]
        assert mailing.due_mails(clock.today() + timedelta(days=1)) == []
