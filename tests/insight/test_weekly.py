"""The weekly summary: figures, sentences, finalising, measures, paper, workbook, e-mail."""

import hashlib
import io
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import translation
from python_calamine import CalamineWorkbook

from tests.budgets import Budget
from tests.care.conftest import open_other
from tests.cast import Cast
from tests.guards import given
from tests.insight.conftest import NIGHT, TUESDAY, settle
from zhike.complaints.models import Notice
from zhike.core import clock, printing
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.exporter.watermark import Watermark
from zhike.core.models import AuditRow, ExportRun
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.insight import mailing, services
from zhike.insight.charts import panel
from zhike.insight.models import Subscription, WeeklyMail, WeekMeasure, WeekReport
from zhike.insight.periods import Week
from zhike.insight.selectors.weekly import week_content
from zhike.insight.sentences import sentences_of
from zhike.insight.services import weeks
from zhike.insight.week_page import Department, Part, Words, _sentence, thresholds, week_page
from zhike.insight.week_paper import week_html

WEEK = Week.of(TUESDAY.date())
MONDAY_AFTER = NIGHT + timedelta(days=5, hours=9)


def cast_stream(answer: Any) -> Iterable[bytes]:
    return answer.streaming_content


def numbers(content: dict, key: str) -> tuple:
    this = content["figures"][key][0]
    return (this["n"], this["of"])


def test_weeks_are_those_of_the_iso_calendar():
    assert WEEK.code == "2026-W47"
    assert Week.parse("2026-W47") == WEEK
    assert Week.parse("2026-W53").sunday == date(2027, 1, 3)
    for wrong in ("2026-W54", "2026-47", "x-W1", "0000-W10", "2026-W00", "２０２６-W47"):
        assert Week.parse(wrong) is None


def test_a_week_is_its_settled_days_and_today(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(TUESDAY + timedelta(hours=3)):
        unsettled = week_content(cast.company, WEEK)
    with clock.override(NIGHT):
        settle()
        settled = week_content(cast.company, WEEK)
    for content in (unsettled, settled):
        assert numbers(content, "received") == (3, None)
        assert numbers(content, "closed") == (1, None)
        assert numbers(content, "open") == (2, None)
        assert content["figures"]["received"][0]["parts"]["type"]["complaint"] == 1
        assert content["trend"][-1]["contacts"] == 3
        assert content["unsettled"] == 0
    with clock.override(NIGHT + timedelta(days=7)):
        assert numbers(week_content(cast.company, WEEK.after), "received") == (0, None)
        last = week_content(cast.company, WEEK.after)["figures"]["received"][1]
        assert last["n"] == 3


def test_a_week_is_opened_on_its_tuesday(cast: Cast, tuesday: dict[str, Case]):
    """By the company's days: Monday 23:30 in Shanghai is Monday still, and 15:30 UTC."""
    client = cast.wang.client()
    shanghai = MONDAY_AFTER.tzinfo
    for at, week in (
        (datetime(2026, 11, 23, 0, 30, tzinfo=shanghai), WEEK),
        (datetime(2026, 11, 23, 23, 30, tzinfo=shanghai), WEEK),
        (datetime(2026, 11, 24, 0, 30, tzinfo=shanghai), WEEK.after),
        (datetime(2026, 11, 29, 23, 30, tzinfo=shanghai), WEEK.after),
    ):
        with clock.override(at):
            assert client.get("/reports/weekly/").context["week"] == week


def test_shares_are_written_one_way(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        page = cast.wang.client().get(f"/reports/weekly/{WEEK.code}/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "98%" in main
    assert not re.search(r"\d %(?![\w(])", main)


def test_too_few_contacts_are_said_in_words(cast: Cast):
    with translation.override("zh-hans"):
        said = _sentence(cast.wang.grants, {"rule": "too_few", "n": 9})
        assert said == "本周只有 9 件来件，先不与前几周比较。"
        assert "不到 30 件" in thresholds()


def test_the_page_shows_it_and_keeps_to_reach(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        client = cast.wang.client()
        answer = client.get("/reports/weekly/")
        assert answer.status_code == 200
        assert answer.context["page"].lines[0].this.numerator == 2
        assert (
            client.get(f"/reports/weekly/{WEEK.code}/?unit={cast.shangqiu.pk}").status_code == 404
        )
        for wrong in ("2026-W60", "2027-W20", "abc"):
            assert client.get(f"/reports/weekly/{wrong}/").status_code == 404
        assert cast.lin.client().get("/reports/weekly/").status_code == 403
        # A department that has nothing sees that it has nothing.
        assert client.get("/reports/weekly/2026-W20/").status_code == 200


def test_a_final_week_stays(cast: Cast, tuesday: dict[str, Case]):
    asked: dict[str, Any] = {"unit_id": cast.zhoukou.pk, "week": WEEK}
    with clock.override(NIGHT):
        with pytest.raises(RuleError) as refused:
            weeks.finalise_week(**cast.wang.acting, **asked)
        assert refused.value.code == "week_not_over"
        assert cast.wang.client().post(f"/reports/weekly/{WEEK.code}/finalise/").status_code == 422
    with clock.override(MONDAY_AFTER):
        with pytest.raises(Conflict):
            weeks.finalise_week(**cast.wang.acting, **asked)
        services.settle_missing_days()
        with pytest.raises(Forbidden):
            weeks.finalise_week(**cast.lin.acting, **asked)
        with pytest.raises(NotFound):
            weeks.finalise_week(**cast.wang.acting, unit_id=cast.shangqiu.pk, week=WEEK)
        client = cast.wang.client()
        assert client.post(f"/reports/weekly/{WEEK.code}/finalise/").status_code == 302
        assert client.post(f"/reports/weekly/{WEEK.code}/finalise/").status_code == 409
        assert WeekReport.objects.count() == 1
        desk.reopen(**cast.lin.acting, case_id=tuesday["repair"].pk, reason="又响了")
        page = week_page(cast.wang.grants, cast.zhoukou, WEEK)
        assert page.content["figures"]["closed"][0]["n"] == 1
        changes = client.get(f"/reports/weekly/{WEEK.code}/changes/")
        assert tuesday["repair"].number in changes.content.decode()
        assert client.get("/reports/weekly/2026-W46/changes/").status_code == 404


def test_measures_are_asked_for_the_week_after(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(MONDAY_AFTER):
        client = cast.wang.client()
        sent = {"what": "密封圈全检", "who": "周敏", "due": "2026-11-25", "submit_key": "k1"}
        for _twice in range(2):
            assert client.post(f"/reports/weekly/{WEEK.code}/measures/", sent).status_code == 302
        (measure,) = weeks.measures_of(cast.zhoukou, WEEK)
        wrong = {"what": " ", "who": "周敏", "due": "2026-11-25"}
        assert client.post(f"/reports/weekly/{WEEK.code}/measures/", wrong).status_code == 422
        early = {"what": "x", "who": "周敏", "due": "2025-11-25"}
        assert client.post(f"/reports/weekly/{WEEK.code}/measures/", early).status_code == 422
        shown = client.get(f"/reports/weekly/{WEEK.after.code}/").content.decode()
        assert "密封圈全检" in shown
        address = f"/reports/measures/{measure.pk}/"
        assert client.post(address, {"is_done": "0", "note": ""}).status_code == 422
        assert cast.lin.client().post(address, {"is_done": "1"}).status_code == 403
        assert client.post("/reports/measures/999999/", {"is_done": "1"}).status_code == 404
        assert client.post(address, {"is_done": "1", "note": "做了"}).status_code == 302
        assert client.post(address, {"is_done": "1"}).status_code == 409
        assert weeks.measures_of(cast.zhoukou, WEEK)[0].is_done is True


def take(cast: Cast, file_format: str, reason: str = "例会"):
    asked = {"format": file_format, "purpose": "analysis", "reason": reason}
    return cast.wang.client().post(f"/reports/weekly/{WEEK.code}/export/", asked)


def test_the_workbook_holds_every_table(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        answer = take(cast, "xlsx")
        content = b"".join(cast_stream(answer))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) == 11
    first = book.get_sheet_by_index(0).to_python()
    assert first[1][1] == 2


def test_the_paper_has_two_pages(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        answer = take(cast, "pdf")
        content = b"".join(cast_stream(answer))
        html = week_html(week_page(cast.wang.grants, cast.zhoukou, WEEK))
    assert answer["Content-Type"] == "application/pdf"
    assert content.startswith(b"%PDF")
    assert len(printing._library().HTML(string=html).render().pages) == 2


def test_a_machine_without_pango_says_so(cast: Cast, monkeypatch):
    def missing():
        raise printing._missing("Pango")

    monkeypatch.setattr(printing, "_library", missing)
    with clock.override(NIGHT):
        answer = take(cast, "pdf")
    assert answer.status_code == 503
    assert "Pango" in answer.content.decode()
    assert not ExportRun.objects.exists()


@pytest.mark.parametrize("file_format", ["xlsx", "pdf"])
def test_a_week_that_leaves_stands_in_the_register_and_says_so_itself(
    cast: Cast, tuesday: dict[str, Case], file_format: str
):
    with clock.override(NIGHT):
        settle()
        refused = take(cast, file_format, reason="")
        assert refused.status_code == 422
        assert not ExportRun.objects.exists()
        answer = take(cast, file_format, reason="周一例会")
        content = b"".join(cast_stream(answer))
        run = ExportRun.objects.get()
    assert (run.kind, run.purpose, run.reason, run.state) == (
        "weekly",
        "analysis",
        "周一例会",
        "ready",
    )
    assert answer["X-Export-Number"] == run.number
    assert run.digest == hashlib.sha256(content).hexdigest()
    assert AuditRow.objects.get(action="export.weekly").object_id == run.pk
    if file_format == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        about = book.get_sheet_by_index(10).to_python()
        assert run.number in str(about)
    with clock.override(NIGHT):
        again = cast.wang.client().post(f"/exports/{run.number}/file/")
        assert b"".join(cast_stream(again)) == content
        html = week_html(week_page(cast.wang.grants, cast.zhoukou, WEEK), Watermark.of(run))
    assert run.number in html


@override_settings(ZHIKE_EMAIL_URL="smtp://mail.example")
def test_the_week_is_mailed_once_to_who_asked(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(MONDAY_AFTER):
        services.settle_missing_days()
        assert mailing.due_mails(clock.today()) == []
        cast.wang.user.email = "wang@example.com"
        with given():
            cast.wang.user.save()
        weeks.subscribe(**cast.wang.acting, is_on=True)
        wang = cast.wang.user.pk
        assert mailing.due_mails(clock.today()) == [wang]
        assert mailing.due_mails(clock.today() + timedelta(days=1)) == []
        assert mailing.mail_week(wang, WEEK.monday) is True
        assert mailing.mail_week(wang, WEEK.monday) is False
        assert WeeklyMail.objects.count() == 1
        (message,) = mail.outbox
        assert message.to == ["wang@example.com"]
        assert message.attachments[0][2] == "application/pdf"
        assert mailing.due_mails(clock.today()) == []
        client = cast.wang.client()
        assert client.post("/reports/weekly/subscription/", {"on": "0"}).status_code == 302
        assert Subscription.objects.get().is_on is False


def test_without_a_server_nothing_is_mailed(cast: Cast):
    with clock.override(MONDAY_AFTER):
        weeks.subscribe(**cast.wang.acting, is_on=True)
        assert mailing.due_mails(clock.today()) == []
        assert "ZHIKE_EMAIL_URL" in cast.wang.client().get("/reports/weekly/").content.decode()


def content_with(trend: list[tuple[int, int]], **figures: tuple[int, int]) -> dict:
    empty = {"n": 0, "of": None, "parts": {}}
    keys = ("received", "closed", "open", "visits_reached", "visits_content", "first_reply",
            "notices_in_time")  # fmt: skip
    cells = {key: [dict(empty), dict(empty)] for key in keys}
    for key, (n, of) in figures.items():
        cells[key][0] = {"n": n, "of": of, "parts": {}}
    rows = [{"contacts": c, "complaints": n, "whole": True, "known": True} for c, n in trend]
    return {"figures": cells, "trend": rows, "causes": []}


def rules_of(content: dict) -> list[str]:
    return [said["rule"] for said in sentences_of(content)]


def test_sentences_say_only_what_crosses_a_threshold():
    steady = [(1000, 10)] * 12
    assert rules_of(content_with(steady)) == ["totals"]
    assert rules_of(content_with([*steady[:11], (1000, 12)])) == ["complaint_rate", "totals"]
    assert rules_of(content_with([*steady[:11], (1000, 11)])) == ["totals"]
    # Fewer complaints because fewer people got in touch.
    assert rules_of(content_with([*steady[:11], (700, 7)])) == ["falling", "totals"]
    assert rules_of(content_with([*steady[:11], (1000, 7)])) == ["totals"]
    assert rules_of(content_with(steady, visits_reached=(9, 10))) == ["below_target", "totals"]
    # A rate over a handful of contacts leaps: it is not compared, and that is said.
    assert rules_of(content_with([*steady[:11], (9, 5)])) == ["too_few", "falling", "totals"]
    assert rules_of(content_with([*steady[:11], (29, 5)]))[0] == "too_few"
    assert rules_of(content_with([*steady[:11], (30, 5)]))[0] == "complaint_rate"
    assert rules_of(content_with([*steady[:10], (20, 6), (9, 1)])) == ["totals"]
    # Four cases say nothing about a share.
    assert rules_of(content_with(steady, visits_reached=(3, 4))) == ["totals"]
    causes = [
        {"cause": 1, "depth": 0, "this": 5, "last": 1},
        {"cause": 2, "depth": 1, "this": 4, "last": 1},
        {"cause": None, "depth": 0, "this": 5, "last": 0},
    ]
    said = sentences_of({**content_with(steady), "causes": causes})[0]
    assert (said["rule"], said["cause"], said["n"], said["of"]) == ("main_cause", 2, 4, 10)


def test_charts_leave_gaps_where_nothing_is_known():
    drawn = panel("t", "rate", ["1", "2", "3"], [1.5, None, 3])
    assert len(drawn.lines) == 2
    assert drawn.largest == "3"
    assert panel("t", "contacts", ["1"], [None]).largest == "0"


def test_the_weekly_page_stays_within_its_budget(
    cast: Cast, tuesday: dict[str, Case], query_budget: Budget
):
    with clock.override(NIGHT):
        settle()
        client = cast.wang.client()
        client.get("/reports/weekly/")
        with query_budget("insight:weekly"):
            client.get("/reports/weekly/")


@override_settings(WEEK_KEPT_SECONDS=60)
def test_a_page_is_counted_once_a_minute_and_says_when(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()

    def received(moment: datetime) -> tuple[int, str]:
        with clock.override(moment):
            answer = cast.wang.client().get(f"/reports/weekly/{WEEK.code}/")
            return answer.context["page"].lines[0].this.numerator, answer.content.decode()

    first, page = received(NIGHT)
    assert "本周进行中，统计到 00:05" in page
    with clock.override(NIGHT + timedelta(seconds=10)):
        open_other(cast.lin, None, "inquiry")
        # What is kept for good or handed on is counted at that moment.
        counted = week_content(cast.zhoukou, WEEK, cast.wang.grants.stamp)
        assert numbers(counted, "received") == (first + 1, None)
    assert received(NIGHT + timedelta(seconds=20))[0] == first
    later, page = received(NIGHT + timedelta(seconds=70))
    assert later == first + 1
    assert "统计到 00:06" in page
    # What is kept of one unit is not shown of another.
    with clock.override(NIGHT + timedelta(seconds=75)):
        whole = cast.admin.client().get(f"/reports/weekly/{WEEK.code}/?unit={cast.company.pk}")
    assert whole.context["page"].lines[0].this.numerator == later + 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_fullest_week_still_takes_two_pages(cast: Cast, language: str):
    long = "密封圈改规格后库存件逐件复检并由班组长每天抽查五件且连续一个月没有复发" * 3
    with clock.override(NIGHT), translation.override(language):
        page = week_page(cast.admin.grants, cast.company, WEEK)
        page.types = page.channels = [Part(long[:12], 99_999, 88_888)] * 12
        page.causes = [Part(long[:30], 99, 88, depth=n % 3) for n in range(40)]
        page.departments = [Department(long[:40], 99, 98, 99, 9, 9, "")] * 30
        notice = Notice(number="TZ202611170001", action=long, responsible=long[:60])
        notice.unit, notice.action_due = cast.company, WEEK.sunday
        page.actions = [notice] * 12
        page.words = [Words(long, long[:40], "")] * 8
        page.carried = page.planned = [
            WeekMeasure(what=long[:200], who=long[:60], due=WEEK.sunday, is_done=False, note=long)
        ] * 10
        page.sentences = [long] * 3
        html = week_html(page)
    assert len(printing._library().HTML(string=html).render().pages) == 2
