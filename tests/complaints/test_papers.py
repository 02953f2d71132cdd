"""A paper for each archived round: it stays when a new round begins, on the page and over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.test_api import Caller
from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast, make_cast
from tests.complaints.conftest import open_complaint
from tests.guards import given
from tests.transactions import real_transactions  # noqa: F401
from zhike.care.data.scripts import plant
from zhike.care.selectors import script_for
from zhike.care.services import Outcome, record_result
from zhike.complaints import papers
from zhike.complaints.models import ArchivePaper, Complaint, WayOutRule
from zhike.complaints.selectors.paper import paper_of
from zhike.complaints.tasks import print_archive
from zhike.core import clock
from zhike.core.calendar import seeds
from zhike.core.jobs import rows
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow
from zhike.core.printing import PrintingUnavailable
from zhike.desk import services as desk
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.models import Case, CaseType


@pytest.fixture(autouse=True)
def _printer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing takes seconds; what is printed is asked elsewhere. Each paper has bytes of its own."""
    monkeypatch.setattr(papers, "pdf_of", lambda html: b"%PDF " + html.encode()[-4000:])


def archived(cast: Cast, case: Case | None = None) -> Case:
    """Through the steps, closed, found content; the paper made."""
    case = case or open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)
    visit = visit_of(case)
    outcome = Outcome(result="content", words="很满意。")
    record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=outcome)
    papers.make_archive(case.pk)
    return case


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def again(cast: Cast, case: Case, reason: str = "又坏了") -> Case:
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason=reason)
    return case


@pytest.mark.django_db
def test_each_archived_round_keeps_its_paper(cast: Cast) -> None:
    case = again(cast, archived(cast))
    assert Complaint.objects.get(pk=case.pk).archived_at is None
    (first,) = ArchivePaper.objects.filter(complaint_id=case.pk)
    assert first.round == 1
    archived(cast, case)
    rounds = list(ArchivePaper.objects.filter(complaint_id=case.pk).order_by("round"))
    assert [one.round for one in rounds] == [1, 2]
    assert rounds[0].pk == first.pk
    assert rounds[0].file.digest != rounds[1].file.digest
    assert AuditRow.objects.filter(action="complaints.archive_paper").count() == 2
    # Asked for once more, nothing is made anew.
    papers.make_archive(case.pk)
    assert ArchivePaper.objects.count() == 2


@pytest.mark.django_db
def test_a_machine_that_cannot_print_makes_the_paper_once_it_can(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, frozen_clock: Any
) -> None:
    frozen_clock(clock.now())
    case = open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)

    def lacks_pango(html: str) -> bytes:
        raise PrintingUnavailable("printing_unavailable", "没有安装：Pango")

    with monkeypatch.context() as lacking:
        lacking.setattr(papers, "pdf_of", lacks_pango)
        outcome = Outcome(result="content", words="很满意。")
        record_result(**cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=outcome)
        run_pending_jobs()
    (job,) = rows.Row.objects.filter(task_path=print_archive.module_path)
    assert (job.status, job.worker_ids) == (rows.READY, [])
    assert not ArchivePaper.objects.exists()
    frozen_clock(clock.now() + timedelta(hours=1, seconds=1))
    run_pending_jobs()
    assert ArchivePaper.objects.filter(complaint_id=case.pk).count() == 1


@pytest.mark.django_db
def test_a_round_that_begins_while_the_paper_is_printed_takes_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)
    outcome = Outcome(result="content", words="很满意。")
    record_result(**cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=outcome)

    def slow(_html: str) -> bytes:
        again(cast, case)
        return b"%PDF slow"

    monkeypatch.setattr(papers, "pdf_of", slow)
    papers.make_archive(case.pk)
    assert [one.round for one in ArchivePaper.objects.all()] == [1]


@pytest.mark.django_db
def test_a_round_that_begins_before_the_job_has_started_takes_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)
    outcome = Outcome(result="content", words="很满意。")
    record_result(**cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=outcome)
    archived_at = Complaint.objects.get(pk=case.pk).archived_at
    again(cast, case, "灯又坏了，第二轮")
    printed: list[str] = []

    def late(html: str) -> bytes:
        printed.append(html)
        return b"%PDF late"

    monkeypatch.setattr(papers, "pdf_of", late)
    # As the job of the first archive finds it.
    papers.make_archive(case.pk, 1)
    (kept,) = ArchivePaper.objects.all()
    assert (kept.round, kept.archived_at) == (1, archived_at)
    assert "很满意。" in printed[0]
    assert "本文件记到第 1 轮归档为止" in printed[0]
    assert "灯又坏了" not in printed[0]
    # The second round is not archived: nothing to print, and the first is not printed again.
    papers.make_archive(case.pk, 2)
    papers.make_archive(case.pk, 1)
    assert ArchivePaper.objects.count() == 1


@pytest.mark.django_db
def test_the_page_shows_every_rounds_paper(cast: Cast) -> None:
    case = again(cast, archived(cast))
    client = cast.lin.client()
    page = client.get(f"/complaints/{case.number}/archive/").content.decode()
    (first,) = ArchivePaper.objects.all()
    assert first.file.digest in page
    assert f"/complaints/{case.number}/archive-1.pdf" in page
    archived(cast, case)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/complaints/{case.number}/archive/").content.decode()
    assert sum('"complaints_archivepaper"' in q["sql"] for q in queries) == 1
    kept = {}
    for paper in ArchivePaper.objects.all():
        assert paper.file.digest in page
        answer = client.get(f"/complaints/{case.number}/archive-{paper.round}.pdf")
        assert answer["Content-Type"] == "application/pdf"
        kept[paper.round] = content_of(answer)
    assert kept[1] != kept[2]
    # Without a round: the last there is.
    newest = client.get(f"/complaints/{case.number}/archive.pdf")
    assert content_of(newest) == kept[2]


@pytest.mark.django_db
def test_the_paper_shows_each_rounds_visit_in_its_round(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)
    visit = visit_of(case)
    script = script_for("complaint")
    assert script is not None
    asked = script.questions.get(place=1)
    first = Outcome(
        result="partly",
        words="换了还是断电。",
        missing="没有查线束",
        answers={str(asked.pk): False},
        script_id=script.pk,
    )
    record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=first)
    archived(cast, again(cast, case))
    page = cast.lin.client().get(f"/complaints/{case.number}/archive/").content.decode()
    one, two = page.index("第 1 轮</h2>"), page.index("第 2 轮</h2>")
    for words in ("换了还是断电。", "没有查线束", asked.text, "再次回访", "已取消"):
        assert words in page[one:two], words
    assert "很满意。" in page[two : page.index("逐条记录" if "逐条记录" in page else "</main>")]
    assert 'class="acts"><a class="btn btn-primary"' in page
    assert "zk-head-acts" not in page
    html = papers.paper_html(paper_of(Complaint.objects.select_related("case").get(pk=case.pk)))
    assert html.count("换了还是断电。") >= 2


@pytest.mark.django_db
def test_the_head_of_an_archived_case_says_so(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    through_steps(cast.lin, case)
    client = cast.lin.client()

    def badges() -> str:
        page = client.get(f"/cases/{case.number}/").content.decode()
        return page[page.index("dk-badges") : page.index("</p>", page.index("dk-badges"))]

    assert "已结案" in badges()
    assert "已归档" not in badges()
    record_result(
        **cast.lin.acting, follow_up_id=visit_of(case).pk, outcome=Outcome(result="content")
    )
    assert "已归档" in badges()
    assert "已结案" not in badges()
    again(cast, case)
    assert "已归档" not in badges()


@pytest.mark.django_db
def test_papers_are_for_who_sees_the_case(cast: Cast) -> None:
    case = archived(cast)
    for path in ("archive/", "archive.pdf", "archive-1.pdf"):
        assert cast.zhou.client().get(f"/complaints/{case.number}/{path}").status_code == 404
        assert Client().get(f"/complaints/{case.number}/{path}").status_code == 302
    missing = cast.lin.client().get(f"/complaints/{case.number}/archive-2.pdf")
    assert missing.status_code == 404


@pytest.mark.django_db
def test_the_interface_lists_and_hands_out_papers(cast: Cast) -> None:
    lin, zhou = Caller(cast.lin), Caller(cast.zhou)
    case = again(cast, archived(cast))
    status, detail = lin.get(f"/complaints/{case.number}")
    (paper,) = ArchivePaper.objects.all()
    assert (status, detail["archive_digest"]) == (200, None)
    assert detail["papers"] == [
        {
            "round": 1,
            "digest": paper.file.digest,
            "size_bytes": paper.file.size_bytes,
            "archived_at": detail["papers"][0]["archived_at"],
            "made_at": detail["papers"][0]["made_at"],
        }
    ]
    archived(cast, case)
    detail = lin.get(f"/complaints/{case.number}")[1]
    assert [one["round"] for one in detail["papers"]] == [2, 1]
    assert detail["archive_digest"] == detail["papers"][0]["digest"]
    path = f"/api/v1/complaints/{case.number}/papers/1"
    answer = lin.client.get(path, headers={"Authorization": f"Bearer {lin.token}"})
    assert content_of(answer).startswith(b"%PDF")
    assert lin.get(f"/complaints/{case.number}/papers/3")[0] == 404
    assert zhou.get(f"/complaints/{case.number}/papers/1")[0] == 404


@pytest.mark.django_db(transaction=True)
def test_papers_there_were_are_carried_over(real_transactions: None) -> None:  # noqa: F811
    """Back to one file a complaint and forward again: the present one comes from its column, one that a new
    round had put out of sight from the log."""
    with given():
        seeds.plant(apps)
        seeds.plant_complaint_plans(apps)
        for place, kind in enumerate(BUILTIN_TYPES, 1):
            CaseType.objects.get_or_create(
                code=kind.code,
                defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
            )
        WayOutRule.objects.get_or_create(pk=1, defaults={"attempts": 3, "days": 2})
        plant(apps, clock.now())
        cast = make_cast()
    stays, reopened = archived(cast), again(cast, archived(cast))
    columns = ("complaint_id", "round", "file_id", "archived_at")
    before = set(ArchivePaper.objects.values_list(*columns))
    assert {(one[0], one[1]) for one in before} == {(stays.pk, 1), (reopened.pk, 1)}
    last = MigrationExecutor(connection).loader.graph.leaf_nodes("complaints")
    with given():
        MigrationExecutor(connection).migrate([("complaints", "0006_watched_causes")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT case_id FROM complaints_complaint WHERE archive_id IS NOT NULL")
            assert cursor.fetchall() == [(stays.pk,)]
        MigrationExecutor(connection).migrate(last)
    assert set(ArchivePaper.objects.values_list(*columns)) == before
