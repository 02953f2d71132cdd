"""An empty house says how to begin, to those who may."""

import pytest
from django.test import Client

from tests.cast import Cast, Staff, make_staff
from zhike.accounts.services.setup import set_up_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(db: None) -> Staff:
    """Whoever set the house up a moment ago."""
    user = set_up_company(
        company="老王电动车行", staff_number="1", name="王老板", password="wang-2026-desk", ip=""
    )
    return Staff(user)


@pytest.fixture
def agent(first: Staff) -> Client:
    return make_staff("2", "小李", first.user.unit).client()


def test_the_administrator_of_an_empty_house_is_shown_the_way(first: Staff) -> None:
    page = first.client().get("/").content.decode()
    assert "导入您的客户" in page
    for address in ("/imports/new/?kind=customers", "/account/people/new/", "/cases/new/", "/s/"):
        assert f'href="{address}"' in page


def test_nobody_is_sent_where_they_may_not_go(agent: Client) -> None:
    assert "导入您的客户" not in agent.get("/").content.decode()


def test_the_steps_go_when_there_are_customers(cast: Cast) -> None:
    assert "导入您的客户" not in cast.admin.client().get("/").content.decode()


def test_an_empty_list_of_customers_leads_to_the_import(first: Staff) -> None:
    page = first.client().get("/customers/").content.decode()
    assert "导入表格" in page
