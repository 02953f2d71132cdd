"""Times of the law on the pages, in the record, the list and the API."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.desk.legal.scene import AUTHORITY, OFFICE, REFUND, TODAY, end, opened, start
from zhike.core.access import Forbidden
from zhike.desk import services
from zhike.desk.models import Case, LegalClock
from zhike.desk.services import LegalStart

pytestmark = pytest.mark.django_db


def test_the_page_of_due_times_shows_and_takes_them(cast: Cast, case: Case):
    client = cast.lin.client()
    page = reverse("desk:clocks", args=[case.number])
    assert "尚未登记" in client.get(page).content.decode()
    url = reverse("desk:legal-start", args=[case.number])
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": REFUND, "since": "2026-11-24"}).status_code == 422
    assert client.post(url, {"kind": "other", "since": "2026-11-23"}).status_code == 422
    answer = client.post(url, {"kind": REFUND, "since": "2026-11-23"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = client.get(page).content.decode()
    assert "2026-11-30 17:30" in shown
    assert "第二十五条" in shown
    assert (
        "退款（法定） 11-30 止"
        in client.get(reverse("desk:case", args=[case.number])).content.decode()
    )
    row = LegalClock.objects.get()
    ending = reverse("desk:legal-end", args=[case.number, row.pk])
    assert client.get(ending).status_code == 200
    assert client.post(ending, {"result": "not_applicable"}).status_code == 422
    assert client.post(ending, {"result": "done", "done_on": "2026-11-23"}).status_code == 302
    assert "按期办结" in client.get(page).content.decode()
    assert client.post(ending, {"result": "done", "done_on": "2026-11-23"}).status_code == 409
    other = reverse("desk:legal-end", args=[opened(cast).number, row.pk])
    assert client.get(other).status_code == 404


def test_who_may_only_read_sees_no_button(cast: Cast, case: Case):
    start(cast, case)
    reader = cast.zhou.client()
    assert reader.get(reverse("desk:legal-start", args=[case.number])).status_code == 404
    with pytest.raises(Forbidden):
        services.start_legal_clock(
            actor=cast.lin.actor,
            grants=replace(cast.lin.grants, codes=frozenset({"cases.view"})),
            case_id=case.pk,
            start=LegalStart(REFUND, TODAY),
        )


def test_the_record_tells_it_in_words(cast: Cast, case: Case):
    row = start(cast, case, AUTHORITY, reference="12号")
    end(cast, row)
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    assert "林静 登记了法定期限“答复受理机关”" in page
    assert f"{OFFICE} 12号" in page
    assert "未超期限" in page


def test_the_same_over_the_api(cast: Cast, case: Case):
    lin = Caller(cast.lin)
    path = f"/cases/{case.number}/legal-clocks"
    body = {"kind": AUTHORITY, "since": "2026-11-23", "authority": OFFICE, "reference": "12号"}
    status, row = lin.post(path, body)
    assert (status, row["due_at"], row["is_owed"]) == (201, "2026-12-02T09:30:00Z", True)
    assert lin.post(path, body)[0] == 409
    assert lin.post(path, {"kind": REFUND, "since": "2027-01-01"})[0] == 422
    assert lin.get(f"/cases/{case.number}")[1]["legal_due_at"] == "2026-12-02T09:30:00Z"
    end_path = f"{path}/{row['id']}/end"
    assert lin.post(end_path, {"result": "done"})[0] == 422
    status, ended = lin.post(end_path, {"result": "done", "done_on": "2026-11-23"})
    assert (status, ended["result"], ended["is_late"]) == (200, "done", False)
    assert ended["due_at"] == "2026-12-02T09:30:00Z"
    assert [one["id"] for one in lin.get(path)[1]] == [row["id"]]
    assert Caller(cast.zhou).get(path)[0] == 404


def test_the_list_sorts_by_it(cast: Cast, case: Case):
    start(cast, case)
    other = opened(cast)
    start(cast, other, since=date(2026, 11, 20))
    client, url = cast.lin.client(), reverse("desk:queue")
    assert client.get(f"{url}?what={REFUND}").status_code == 200
    page = client.get(f"{url}?sort=due_legal").content.decode()
    assert 0 < page.index(other.number) < page.index(case.number)


def test_services_ask_nothing_more_of_a_case_without(cast: Cast, case: Case):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            services.set_priority(**cast.lin.acting, case_id=case.pk, priority=next(levels))
        return len(seen)

    levels = iter((3, 4, 1))
    statements()
    before = statements()
    start(cast, case)
    assert statements() == before
