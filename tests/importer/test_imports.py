"""An import from upload to undo, with customers' words as rows."""

from datetime import date, timedelta

import pytest

from tests.cast import make_cast, make_unit
from tests.importer import scene
from tests.importer.scene import IMPORTER, counts, imported, tried, uploaded, whole, worked
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.errors import Conflict, Forbidden, RuleError, TooLarge
from zhike.core.importer import services, sifting
from zhike.core.importer.issues import groups_of, shown_issue
from zhike.core.models import (
    AuditRow,
    ErrorPolicy,
    ImportedRow,
    ImportFix,
    ImportIdentity,
    ImportIssue,
    ImportRun,
    ImportState,
    MappingMemory,
)
from zhike.listening.models import Feedback

pytestmark = pytest.mark.django_db
REVIEWS = "label,review\n1,很快，好吃\n0,送餐太慢\n1,很快，好吃\n"
SCALE = {"rating_scale": "0-1"}


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def unit_id() -> int:
    return make_unit("周口大区").pk


def test_the_reviews_come_in_with_their_scale_and_the_day_of_the_import(unit_id) -> None:
    run = whole("feedback", REVIEWS, unit_id, SCALE)
    assert run.state == ImportState.DONE
    assert counts(run) == (3, 0, 0, 0, 0)
    rows = list(Feedback.objects.order_by("pk"))
    assert [row.text for row in rows] == ["很快，好吃", "送餐太慢", "很快，好吃"]
    assert {(str(row.rating_min), str(row.rating_max)) for row in rows} == {("0.00", "1.00")}
    assert {row.said_on for row in rows} == {clock.today()}
    assert [row.rating_ratio for row in rows] == [1.0, 0.0, 1.0]
    assert {row.import_run_id for row in rows} == {run.pk}


def test_the_same_file_again_adds_nothing_and_equal_texts_stay_two(unit_id) -> None:
    whole("feedback", REVIEWS, unit_id, SCALE)
    again = whole("feedback", REVIEWS, unit_id)
    assert again.is_remembered
    assert counts(again) == (0, 0, 3, 0, 0)
    assert Feedback.objects.count() == 3
    other_bytes = whole("feedback", REVIEWS + "1,还不错\n", unit_id, SCALE)
    assert counts(other_bytes) == (4, 0, 0, 0, 0)


def test_an_external_id_is_known_in_any_later_file(unit_id) -> None:
    whole("feedback", "编号,内容,来源\nA1,好,美团\nA2,差,美团\n", unit_id)
    later = whole(
        "feedback", "编号,内容,来源\nA2,差得很,美团\nA3,行,美团\nA2,另一家,饿了么\n", unit_id
    )
    assert counts(later) == (2, 0, 1, 0, 0)
    assert Feedback.objects.get(external_id="A2", source="美团").text == "差"


def test_a_rating_without_scale_stops_at_the_columns(unit_id) -> None:
    run = uploaded("feedback", REVIEWS, unit_id)
    assert run.mapping == {"text": 1, "rating": 0}
    problems = services.choose_columns(
        actor=IMPORTER, run=run, mapping=run.mapping, constants={"rating_scale": "高"}
    )
    assert [p.field for p in problems] == ["rating_scale"]
    assert run.state == ImportState.MAPPING
    with pytest.raises(Conflict):
        services.begin(actor=IMPORTER, run=run, policy="skip")


FAULTY = (
    "内容,评分,日期,客户手机\n"
    "很好,5,2026.10.8,138-1234-6027\n"
    ",4,2026-10-08,\n"
    "一般,9,昨天,\n"
    "差,1,2026-10-09,13900001111\n"
    "行,3,2026-10-09,,多出一格\n"
)


@pytest.fixture
def faulty(unit_id, cast) -> ImportRun:
    return tried(uploaded("feedback", FAULTY, unit_id), constants={"rating_scale": "1-5"})


def test_a_trial_writes_nothing_and_names_line_column_value_and_reason(faulty, cast) -> None:
    assert faulty.state == ImportState.CHECKED
    assert counts(faulty) == (1, 0, 0, 4, 0)
    assert not Feedback.objects.exists()
    assert not ImportedRow.objects.exists()
    shown = [
        shown_issue(issue, faulty, reveal=False)
        for issue in ImportIssue.objects.order_by("line", "id")
    ]
    assert sorted((i.line, i.heading, i.value) for i in shown) == [
        (3, "内容", ""),
        (4, "日期", "昨天"),
        (4, "评分", "9"),
        (5, "客户手机", "139****1111"),
        (6, "", ""),
    ]
    assert shown_issue(ImportIssue.objects.get(line=5), faulty, True).value == "13900001111"
    assert {group.lines for group in groups_of(faulty)} == {1}


def test_a_planted_phone_is_nowhere_in_clear(faulty) -> None:
    for model in (ImportRun, ImportIssue, ImportFix, ImportedRow, ImportIdentity, MappingMemory):
        for row in model.objects.values():
            assert "13900001111" not in str(row)
            assert "138-1234-6027" not in str(row)
    for audit in AuditRow.objects.all():
        assert "13900001111" not in audit.payload


def test_cells_are_mended_in_place_lines_left_out_and_the_rest_imported(faulty, cast) -> None:
    services.correct(
        actor=IMPORTER,
        run=faulty,
        cells={
            (3, 0): "还可以",
            (4, 1): "4",
            (4, 2): "2026-10-08",
            (5, 3): "１３８１２３４６０２７",
        },
        leave_out=frozenset({6}),
    )
    run = worked(faulty)
    assert counts(run) == (4, 0, 0, 0, 1)
    run = imported(run, ErrorPolicy.ALL_OR_NOTHING)
    assert counts(run) == (4, 0, 0, 0, 1)
    texts = Feedback.objects.order_by("pk").values_list("text", "said_on", "customer_id")
    assert list(texts) == [
        ("很好", date(2026, 10, 8), cast.chen.pk),
        ("还可以", date(2026, 10, 8), None),
        ("一般", date(2026, 10, 8), None),
        ("差", date(2026, 10, 9), cast.chen.pk),
    ]


def test_all_or_nothing_refuses_faults_and_skipping_leaves_them_out(faulty) -> None:
    with pytest.raises(RuleError):
        services.begin(actor=IMPORTER, run=faulty, policy="all")
    run = imported(faulty)
    assert (run.state, counts(run)) == (ImportState.DONE, (1, 0, 0, 4, 0))
    assert ImportIssue.objects.count() == 5


def test_all_or_nothing_finds_what_went_wrong_since_the_trial(unit_id, cast) -> None:
    run = tried(uploaded("feedback", "内容,客户\n好,13812346027\n", unit_id))
    chen = cast.chen.identities.get()
    chen.voided_at = clock.now()
    from tests.guards import given

    with given():
        chen.save()
    run = imported(run, ErrorPolicy.ALL_OR_NOTHING)
    assert (run.state, run.error_count) == (ImportState.CHECKED, 1)
    assert not Feedback.objects.exists()


def test_two_clicks_import_once(unit_id) -> None:
    run = tried(uploaded("feedback", REVIEWS, unit_id), constants=SCALE)
    same = ImportRun.objects.get(pk=run.pk)
    services.begin(actor=IMPORTER, run=run, policy="skip")
    with pytest.raises(Conflict):
        services.begin(actor=IMPORTER, run=same, policy="skip")
    worked(run)
    assert Feedback.objects.count() == 3


def test_undo_voids_and_the_file_can_come_again(unit_id) -> None:
    run = whole("feedback", REVIEWS, unit_id, SCALE)
    services.undo(actor=IMPORTER, run=run)
    run = worked(run)
    assert (run.state, run.kept) == (ImportState.UNDONE, [])
    assert Feedback.objects.filter(voided_at__isnull=True).count() == 0
    assert Feedback.objects.count() == 3
    again = whole("feedback", REVIEWS, unit_id)
    assert counts(again) == (3, 0, 0, 0, 0)
    with pytest.raises(Conflict):
        services.undo(actor=IMPORTER, run=run)


def test_undo_ends_after_a_week(unit_id, frozen_clock) -> None:
    run = whole("feedback", REVIEWS, unit_id, SCALE)
    frozen_clock(clock.now() + timedelta(days=7, seconds=1))
    assert not services.can_undo(run)


def test_rows_and_cursor_go_together(unit_id, monkeypatch) -> None:
    """A chunk that fails on the way leaves the cursor where it was; the retry adds each row once."""
    from zhike.core.importer import running, walking

    monkeypatch.setattr(walking, "MOST_ROWS", 2)
    text = "内容\n" + "".join(f"第{n}句\n" for n in range(9))
    run = tried(uploaded("feedback", text, unit_id))
    journal = running._journal
    calls = []

    def breaks(*args):
        calls.append(1)
        if len(calls) == 3:
            raise OSError("disk")
        return journal(*args)

    monkeypatch.setattr(running, "_journal", breaks)
    services.begin(actor=IMPORTER, run=run, policy="skip")
    run = worked(run)
    assert run.state == ImportState.RUNNING
    assert run.failure
    assert Feedback.objects.count() == run.rows_done == run.created_count < 9
    from zhike.core.importer.tasks import import_rows

    import_rows.func(run.pk, run.attempt)
    run.refresh_from_db()
    assert (run.state, run.created_count) == (ImportState.DONE, 9)
    texts = list(Feedback.objects.order_by("pk").values_list("text", flat=True))
    assert texts == [f"第{n}句" for n in range(9)]


def test_a_job_of_an_older_attempt_writes_nothing(unit_id) -> None:
    from zhike.core.importer.tasks import import_rows

    run = tried(uploaded("feedback", REVIEWS, unit_id), constants=SCALE)
    services.begin(actor=IMPORTER, run=run, policy="skip")
    services.stop(actor=IMPORTER, run=run)
    import_rows.func(run.pk, run.attempt - 1)
    assert not Feedback.objects.exists()
    services.go_on(actor=IMPORTER, run=run)
    assert worked(run).created_count == 3


def test_rights_are_asked_at_upload_and_again_by_the_job(cast, unit_id) -> None:
    with pytest.raises(Forbidden):
        uploaded("feedback", REVIEWS, unit_id, actor=cast.lin.actor, grants=cast.lin.grants)
    run = uploaded("feedback", REVIEWS, unit_id, actor=cast.wang.actor, grants=cast.wang.grants)
    services.choose_columns(actor=cast.wang.actor, run=run, mapping=run.mapping, constants=SCALE)
    from tests.guards import given

    with given():
        cast.wang.user.assignments.all().delete()
    run = worked(run)
    assert run.state == ImportState.MAPPING
    assert run.failure
    with pytest.raises(Forbidden):
        uploaded("feedback", REVIEWS, unit_id, grants=Grants(user_id=None))


def test_too_large_empty_and_unknown_are_told(unit_id, settings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1000
    with pytest.raises(TooLarge):
        uploaded("feedback", "内容\n" + "好" * 1000, unit_id)
    for data, code in (("", "file_empty"), ("内容\n", "file_without_rows")):
        with pytest.raises(RuleError) as caught:
            uploaded("feedback", data, unit_id)
        assert caught.value.code == code
    assert not ImportRun.objects.exists()


def test_one_that_stands_twice_in_the_file_is_told_with_its_line(unit_id) -> None:
    run = tried(uploaded("feedback", "编号,内容\nA1,好\nA2,差\nA1,再来\n", unit_id))
    assert counts(run) == (2, 0, 0, 1, 0)
    issue = ImportIssue.objects.get()
    assert (issue.line, issue.reason) == (4, sifting.REPEATED)
    assert "2" in shown_issue(issue, run, True).suggestion


def test_markup_in_a_text_stays_text(unit_id) -> None:
    scene.whole("feedback", '内容\n"<script>alert(1)</script>"\n=1+1\n', unit_id)
    assert set(Feedback.objects.values_list("text", flat=True)) == {
        "<script>alert(1)</script>",
        "=1+1",
    }
