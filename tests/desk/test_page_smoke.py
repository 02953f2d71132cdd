"""Every page of the desk opens for those who may, within its budget of statements."""

import pytest
from django.test import Client

from tests.budgets import Budget
from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db
ACTIONS = (
    "handover", "wait", "close", "edit", "link", "parent", "merge", "split", "name-customer", "code",
)  # fmt: skip


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # a user
    return client


def test_the_queue_opens(cast: Cast, waiting_case: Case, query_budget: Budget) -> None:
    client = signed_in(cast.wang.user)
    with query_budget("desk:queue"):
        answer = client.get("/cases/")
    assert answer.status_code == 200
    assert waiting_case.number in answer.content.decode()


def test_the_case_page_opens(cast: Cast, open_case: OpenCase, query_budget: Budget) -> None:
    case = open_case()
    client = signed_in(cast.lin.user)
    with query_budget("desk:case"):
        answer = client.get(f"/cases/{case.number}/")
    assert answer.status_code == 200
    assert case.title in answer.content.decode()


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_a_page_and_a_part(cast: Cast, open_case: OpenCase, action: str) -> None:
    case = open_case()
    client = signed_in(cast.wang.user)
    page = client.get(f"/cases/{case.number}/do/{action}/")
    part = client.get(f"/cases/{case.number}/do/{action}/", headers={"HX-Request": "true"})
    assert page.status_code == part.status_code == 200
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize("path", ["new/", "new/who/?phone=13800000000"])
def test_intake_opens(cast: Cast, path: str, query_budget: Budget) -> None:
    client = signed_in(cast.lin.user)
    with query_budget(f"desk:{path.split('?')[0]}"):
        answer = client.get(f"/cases/{path}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["events/?since=0", "person/", "do/handover/", "do/split/", "?write=note"]
)
def test_parts_of_the_case_page_stay_cheap(
    cast: Cast, open_case: OpenCase, path: str, query_budget: Budget
) -> None:
    case = open_case()
    client = signed_in(cast.wang.user)
    client.get(f"/cases/{case.number}/")
    with query_budget(f"desk:case/{path.split('?')[0]}"):
        answer = client.get(f"/cases/{case.number}/{path}")
    assert answer.status_code == 200


def test_a_longer_list_costs_no_more(cast: Cast, open_case: OpenCase, query_budget: Budget) -> None:
    for number in range(12):
        open_case(text=f"第 {number} 件", keep=bool(number % 2))
    client = signed_in(cast.wang.user)
    with query_budget("desk:queue"):
        assert len(client.get("/cases/").context["list"].rows) == 12
