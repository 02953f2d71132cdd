"""The list of complaints: a row costs no statement of its own, a tab shows what its figure says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from zhike.complaints import services
from zhike.complaints.rules import BEFORE_CLOSING, Step

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


def test_another_units_complaints_are_not_listed(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    assert case.number not in cast.zhou.client().get("/complaints/").content.decode()
