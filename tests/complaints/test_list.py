"""The list of complaints: a row costs no statement of its own, a tab shows what its figure says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from tests.guards import given
from zhike.complaints import services
from zhike.complaints.models import Cause, Complaint
from zhike.complaints.rules import BEFORE_CLOSING, Step
from zhike.complaints.templating import step_word

pytestmark = pytest.mark.django_db


def test_rows_cost_no_statement_of_their_own(cast: Cast) -> None:
    client = cast.lin.client()
    open_complaint(cast.lin, cast.chen.pk)
    client.get("/complaints/")
    with CaptureQueriesContext(connection) as one:
        client.get("/complaints/")
    for _more in range(5):
        open_complaint(cast.lin, cast.chen.pk)
    with CaptureQueriesContext(connection) as six:
        client.get("/complaints/")
    assert len(six) <= len(one)


@pytest.mark.parametrize(
    ("done", "tab"), [(0, "step1"), (3, "step4"), (5, "ready")], ids=["new", "facts", "agreed"]
)
def test_a_tab_holds_what_its_figure_says(cast: Cast, done: int, tab: str) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    steps: list[Step] = list(BEFORE_CLOSING[:done])
    if steps:
        services.record_steps(
            **cast.lin.acting, case_id=case.pk, given=[(step, GIVEN[step]) for step in steps]
        )
    page = cast.lin.client().get(f"/complaints/?tab={tab}")
    assert case.number in page.content.decode()
    figures = {one.key: one.count for one in page.context["list"].tabs}
    assert (str(figures["open"]), str(figures[tab])) == ("1", "1")


@pytest.mark.parametrize("held_by", ["open_notices", "open_approvals", "open_remedies"])
def test_nothing_is_ready_to_close_while_something_is_open(cast: Cast, held_by: str) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    given_steps = [(step, GIVEN[step]) for step in BEFORE_CLOSING]
    services.record_steps(**cast.lin.acting, case_id=case.pk, given=given_steps)
    rows = Complaint.objects.filter(pk=case.pk)
    assert step_word(rows.get()) == "可以结案"
    with given():
        rows.update(**{held_by: 1})
    client = cast.lin.client()
    figures = {one.key: str(one.count) for one in client.get("/complaints/").context["list"].tabs}
    assert (figures["held"], figures["ready"]) == ("1", "0")
    assert case.number in client.get("/complaints/?tab=held").content.decode()
    ready = client.get("/complaints/?tab=ready").content.decode()
    assert case.number not in ready
    everything = client.get("/complaints/").content.decode()
    assert "五步已完成" in everything
    assert step_word(rows.get()) == "五步已完成"


def test_another_units_complaints_are_not_listed(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    assert case.number not in cast.zhou.client().get("/complaints/").content.decode()


def test_the_cause_is_said_by_its_page_and_stands_in_the_record(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    cause = Cause.objects.get(code="product.part")
    address = f"/complaints/{case.number}/cause/"
    client = cast.lin.client()
    assert client.get(address).status_code == 200
    assert client.post(address, {"cause": cause.pk}).status_code == 302
    assert Complaint.objects.get(pk=case.pk).cause_id == cause.pk
    assert case.events.filter(data__line="complaints.cause").count() == 1
    assert client.post(address, {"cause": 999_999}).status_code == 422
    assert cast.zhou.client().post(address, {"cause": cause.pk}).status_code == 404


def test_steps_skips_and_ways_out_by_their_pages(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    here = f"/complaints/{case.number}"
    lin, wang = cast.lin.client(), cast.wang.client()
    assert lin.get(f"{here}/step/1/").status_code == 200
    assert lin.post(f"{here}/step/1/", {}).status_code == 422
    assert lin.post(f"{here}/step/1/", {"words": "又断电了"}).status_code == 302
    later = {"verdict": "founded", "solution": "换新", "told": "phone"}
    assert lin.post(f"{here}/step/4/", later).status_code == 422
    assert lin.post(f"{here}/skip/2/", {"reason": "说过了"}).status_code == 403
    assert wang.post(f"{here}/skip/2/", {"reason": "说过了"}).status_code == 302
    assert lin.post(f"{here}/way-out/", {"way": "anonymous", "why": "不知道"}).status_code == 422
    assert lin.post(f"{here}/way-out/", {"way": "withdrawn", "why": "不追究"}).status_code == 302
    assert lin.post(f"{here}/way-out/", {"reason": "又来电"}).status_code == 302
    assert Complaint.objects.get(pk=case.pk).way_out == ""
    assert lin.get(f"{here}/step/6/").status_code == 404


def test_the_list_is_narrowed_by_the_day_the_case_was_opened(cast: Cast) -> None:
    # The day stands with the case, not with the complaint.
    case = open_complaint(cast.lin, cast.chen.pk)
    client = cast.lin.client()
    assert case.number in client.get("/complaints/?opened=today").content.decode()
    assert case.number in client.get("/complaints/?opened_from=2026-01-01").content.decode()
    assert case.number not in client.get("/complaints/?opened_to=2026-01-01").content.decode()
