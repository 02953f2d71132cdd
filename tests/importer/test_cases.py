from datetime import timedelta

import pytest

from tests.cast import make_cast
from tests.importer.scene import IMPORTER, counts, tried, uploaded, whole, worked
from zhike.core import clock
from zhike.core.access import everything
from zhike.core.calendar.recounts import RECOUNTS, PlanScope
from zhike.core.errors import Conflict
from zhike.core.importer import services
from zhike.core.importer.issues import shown_issue
from zhike.core.models import ImportIssue
from zhike.core.work import Actor
from zhike.desk import services as desk
from zhike.desk.choices import EventKind
from zhike.desk.models import Case
from zhike.desk.services.handling import handling

pytestmark = pytest.mark.django_db
SHEET = (
    "工单号,类型,内容,客户电话,客户姓名,受理时间,处理结果,处理说明\n"
    "GD-1,投诉,左后轮异响,13812346027,陈志强,2026-10-08 14:20,,\n"
    "GD-2,报修,电池不耐用,13900002222,许红梅,2026.10.9,已解决,换了电池\n"
    "GD-3,,想问一下保养,,,,,\n"
)


@pytest.fixture
def cast():
    return make_cast()


def test_cases_come_in_with_their_customers_days_and_endings(cast) -> None:
    run = whole("cases", SHEET, cast.zhoukou.pk)
    assert counts(run) == (3, 0, 0, 0, 0), [
        shown_issue(i, run, True) for i in ImportIssue.objects.all()
    ]
    first, second, third = Case.objects.order_by("pk")
    assert first.customer_id == cast.chen.pk
    assert (first.type_id, first.opened_at.isoformat()) == (
        "complaint",
        "2026-10-08T06:20:00+00:00",
    )
    assert first.owner_id is None
    assert (second.outcome, second.customer_name, second.is_ended) == ("solved", "许红梅", True)
    assert (third.type_id, third.customer_id) == ("inquiry", None)
    assert counts(whole("cases", SHEET, cast.zhoukou.pk)) == (0, 0, 3, 0, 0)


def test_undo_voids_all_but_those_somebody_has_worked_on(cast) -> None:
    run = whole("cases", SHEET, cast.zhoukou.pk)
    first = Case.objects.order_by("pk")[0]
    desk.add_note(**cast.lin.acting, case_id=first.pk, text="已联系")
    services.undo(actor=IMPORTER, run=run)
    run = worked(run)
    assert [line for line, _pk, _why in run.kept] == [2]
    assert list(Case.objects.filter(voided_at__isnull=True)) == [first]
    assert counts(whole("cases", SHEET, cast.zhoukou.pk)) == (2, 0, 1, 0, 0)


def test_what_the_program_wrote_itself_does_not_keep_an_import_from_being_undone(cast) -> None:
    """A due time passed, and the record says who was told: nobody has worked on the case."""
    run = whole("cases", SHEET, cast.zhoukou.pk)
    open_ones = list(Case.objects.filter(closed_at=None).order_by("pk"))
    for case in open_ones:
        with handling(
            "alarm", actor=Actor.system("due times"), grants=everything("x"), case_id=case.pk
        ) as act:
            act.append(EventKind.DUE, data={"moved": [], "plan": "x"})
    services.undo(actor=IMPORTER, run=run)
    assert worked(run).kept == []
    assert not Case.objects.filter(voided_at__isnull=True).exists()


def test_a_recount_finds_what_an_import_wrote_lately_however_old_it_is(cast) -> None:
    whole("cases", SHEET, cast.zhoukou.pk)
    kind = RECOUNTS.get("cases")
    assert kind is not None
    written = kind.written_since(kind.rows((PlanScope(),)), clock.now() - timedelta(minutes=10))
    assert [case.opened_at.year for case in written.order_by("pk")][:1] == [2026]
    assert set(written) == set(Case.objects.filter(closed_at=None))


def test_a_word_that_came_after_the_look_keeps_the_case(cast) -> None:
    """Asked under the lock of the case: between the look and the turn somebody may answer."""
    whole("cases", SHEET, cast.zhoukou.pk)
    first = Case.objects.order_by("pk")[0]
    seen = first.seq
    desk.reply(**cast.lin.acting, case_id=first.pk, text="已联系", expected_seq=None)
    with pytest.raises(Conflict) as refused:
        desk.void_case(
            actor=IMPORTER,
            grants=everything("imports"),
            case_id=first.pk,
            untouched_since=seen,
        )
    assert refused.value.code == "worked_on"
    assert Case.objects.get(pk=first.pk).voided_at is None


def test_a_name_without_a_number_and_a_day_to_come_are_refused(cast) -> None:
    run = tried(uploaded("cases", "内容,姓名,时间\n甲,许红梅,\n乙,,2099-01-01\n", cast.zhoukou.pk))
    assert counts(run) == (0, 0, 0, 2, 0)


def test_a_case_from_a_hotline_is_refused_before_it_opens_a_file(cast) -> None:
    text = "内容,客户电话,客户姓名\n转办：路灯不亮,12345,政务热线\n电池不耐用,,\n"
    run = whole("cases", text, cast.zhoukou.pk)
    assert counts(run) == (1, 0, 0, 1, 0)
    [issue] = ImportIssue.objects.all()
    assert shown_issue(issue, run, True).reason == "这是热线或短号，不是客户自己的电话。"
    assert [case.title for case in Case.objects.all()] == ["电池不耐用"]
