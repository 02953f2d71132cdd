"""Rows of the queue are drawn once for all who look at the same, and never tell what is no longer so."""

from datetime import timedelta

import pytest

from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core import clock
from zhike.desk import services
from zhike.desk.models import Case
from zhike.web.templating import kept_rows

pytestmark = pytest.mark.django_db
QUEUE = "/cases/?tab=all"


@pytest.fixture(autouse=True)
def _nothing_kept():
    kept_rows._kept.clear()
    yield
    kept_rows._kept.clear()


def shown(client, path: str = QUEUE) -> str:
    return client.get(path).content.decode()


def test_a_second_look_draws_nothing_and_shows_the_same(cast: Cast, open_case: OpenCase):
    open_case(title="第一件")
    with clock.override(clock.now()):
        first = shown(cast.lin.client())
        kept = dict(kept_rows._kept)
        second = shown(cast.wang.client())
    assert len(kept) == 1
    assert dict(kept_rows._kept) == kept
    assert "第一件" in first
    assert "第一件" in second


def test_a_changed_case_is_drawn_anew(cast: Cast, open_case: OpenCase):
    case = open_case(title="第一件")
    assert "新标题" not in shown(cast.lin.client())
    services.set_title(**cast.lin.acting, case_id=case.pk, title="新标题")
    assert "新标题" in shown(cast.lin.client())


def test_time_that_passes_is_told(cast: Cast, open_case: OpenCase):
    case = open_case()
    assert case.due_at is not None
    with clock.override(case.due_at - timedelta(minutes=30)):
        before = shown(cast.lin.client())
    with clock.override(case.due_at + timedelta(minutes=30)):
        after = shown(cast.lin.client())
    assert 'class="zk-due over"' not in before
    assert 'class="zk-due over"' in after


def test_who_may_not_take_up_sees_no_button(cast: Cast, open_case: OpenCase):
    case = open_case(keep=False)
    reader = make_staff("9001", "钱阅", cast.company, "trainer", "all")
    address = f'formaction="/cases/{case.number}/claim/"'
    assert address in shown(cast.lin.client())
    assert address not in shown(reader.client())


def test_columns_one_has_chosen_are_ones_own(cast: Cast, open_case: OpenCase):
    case = open_case()
    wide, narrow = cast.lin.client(), cast.wang.client()
    shown(wide, f"{QUEUE}&cols=-due")
    assert f'datetime="{case.due_at:%Y}' in shown(narrow).split("<tbody>")[1]


def test_taken_up_from_the_list_one_comes_back_to_it(cast: Cast, open_case: OpenCase):
    case = open_case(keep=False)
    client = cast.lin.client()
    assert '<input type="hidden" name="back" value="/cases/?tab=all">' in shown(client)
    answer = client.post(f"/cases/{case.number}/claim/", {"back": QUEUE})
    assert answer.headers["Location"] == QUEUE
    assert Case.objects.get(pk=case.pk).owner_id == cast.lin.user.pk


def test_each_language_has_rows_of_its_own(cast: Cast, open_case: OpenCase):
    open_case(keep=False)
    chinese = cast.lin.client()
    assert "认领" in shown(chinese)
    english = cast.wang.client()
    english.cookies["django_language"] = "en"
    assert "Take up" in english.get(QUEUE, headers={"accept-language": "en"}).content.decode()


def test_only_so_many_are_kept(cast: Cast, open_case: OpenCase, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kept_rows, "MOST_KEPT", 2)
    for n in range(4):
        open_case(title=f"第 {n} 件")
    page = shown(cast.lin.client())
    assert all(f"第 {n} 件" in page for n in range(4))
    assert len(kept_rows._kept) == 2
