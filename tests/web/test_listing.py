"""The list-page pattern: what stands in the address, and which rows come of it."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.cast import Cast, make_staff
from tests.web.gallery_urls import PEOPLE
from zhike.accounts.models import User
from zhike.core.access import everything
from zhike.core.listing import (
    Choice,
    Column,
    Count,
    DateRange,
    Flag,
    Keyword,
    Listing,
    ListPage,
    Sort,
    Tab,
    capped_count,
)
from zhike.core.listing.filters import period
from zhike.core.listing.keyset import Order, fetch, read_cursor, write_cursor

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.gallery_urls")]
EVERYBODY = everything("tests")
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def listed(address: str = "", listing: Listing = PEOPLE, **options: Any) -> ListPage:
    request = RequestFactory().get(f"/gallery/people/?{address}")
    return listing.page(request, User.objects.all(), grants=EVERYBODY, **options)


def numbers(page: ListPage) -> list[str]:
    return [row.staff_number for row in page.rows]


@pytest.fixture
def crew(cast: Cast, given) -> list[User]:
    """Twenty-five people, every fourth never signed in, several at the same moment."""
    people = [
        User(
            staff_number=f"P{n:02}",
            name=f"人{n % 7}",
            unit=cast.zhoukou,
            last_login=None if n % 4 == 0 else START + timedelta(hours=n // 3),
            title="主管" if n % 2 else "坐席",
            is_active=n % 5 > 0,
        )
        for n in range(25)
    ]
    with given():
        User.objects.bulk_create(people)
    return list(User.objects.all())


def order_of(text: str) -> Order:
    return Order(PEOPLE.sorts[text.strip("-")], text.startswith("-"))


def pages(order: Order, size: int) -> list[list[int]]:
    """All pages forward; then all the way back, which must show the same rows."""
    rows = User.objects.all()
    part = fetch(rows, order, size, None, backwards=False)
    forward = [part.rows]
    while part.has_next:
        place = read_cursor(write_cursor(part.rows[-1], order), order, rows)
        part = fetch(rows, order, size, place, backwards=False)
        forward.append(part.rows)
    back = [part.rows]
    while part.has_previous:
        place = read_cursor(write_cursor(part.rows[0], order), order, rows)
        part = fetch(rows, order, size, place, backwards=True)
        back.append(part.rows)
    assert back[::-1] == forward
    return [[row.pk for row in rows] for rows in forward]


@pytest.mark.parametrize("sort", ["seen", "-seen", "number", "-number", "name", "-name"])
def test_paging_shows_every_row_once_in_order_and_back_again(crew, sort: str) -> None:
    def key(user: User) -> Any:
        field = {"seen": "last_login", "number": "staff_number", "name": "name"}[sort.strip("-")]
        return getattr(user, field)

    down = sort.startswith("-")
    valued = sorted((u for u in crew if key(u) is not None), key=lambda u: (key(u), u.pk))
    empty = sorted((u for u in crew if key(u) is None), key=lambda u: u.pk)
    expected = (valued[::-1] + empty[::-1]) if down else (valued + empty)
    in_pages = pages(order_of(sort), size=len(crew) // 4)
    assert [pk for page in in_pages for pk in page] == [u.pk for u in expected]
    one_by_one = pages(order_of(sort), size=1)
    assert [pk for page in one_by_one for pk in page] == [u.pk for u in expected]


def test_a_page_continues_where_it_stopped_although_rows_appeared_before_it(crew, cast) -> None:
    first = listed("sort=number&size=20")
    make_staff("A00", "新来的", cast.zhoukou)
    second = listed(first.next_url.partition("?")[2])
    assert set(numbers(first)).isdisjoint(numbers(second))
    assert second.slice.has_previous


def test_all_rows_of_an_address_come_in_the_order_of_its_pages(crew) -> None:
    data = QueryDict("sort=-seen&title=主管")
    selected = PEOPLE.select(data, User.objects.all(), EVERYBODY)
    assert [u.pk for u in selected] == [r.pk for r in listed("sort=-seen&title=主管").rows]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "////",
        "e30",
        "%00",
        "WyJzZWVuIiwiMjAyNiIsMV0",
        base64.urlsafe_b64encode(b'["number","P01",-1]').decode(),
        base64.urlsafe_b64encode(b'["number","P01",99999999999999999999]').decode(),
        base64.urlsafe_b64encode(b'["number",null,1]').decode(),
        base64.urlsafe_b64encode(b'["number","a\\u0000b",1]').decode(),
        base64.urlsafe_b64encode(b'["number","P01",true,1]').decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_broken_place_is_ignored_and_said(crew, token: str) -> None:
    page = listed(f"size=20&after={token}")
    assert [r.kind for r in page.remarks] == ["place"]
    assert not page.slice.has_previous
    assert numbers(page) == numbers(listed("size=20"))


def test_a_place_of_another_order_is_not_taken_for_this_one(crew) -> None:
    place = listed("sort=number&size=20").next_url.partition("after=")[2]
    assert [r.kind for r in listed(f"sort=-number&after={place}").remarks] == ["place"]


def test_a_moment_out_of_range_in_a_place_is_refused(crew) -> None:
    text = json.dumps(["seen", "9999-99-99", 1]).encode()
    token = base64.urlsafe_b64encode(text).decode()
    assert [r.kind for r in listed(f"sort=seen&after={token}").remarks] == ["place"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("tab=nope", "tab"),
        ("sort=pass", "sort"),
        ("sort=--number", "sort"),
        ("size=7", "size"),
        ("size=²", "size"),
        ("title=总裁", "value"),
        ("seen=sometime", "value"),
        ("seen=2026-02-30..", "value"),
        ("seen=0001-01-01..9999-12-31", "value"),
        ("seen_from=tomorrow", "value"),
        ("unseen=2", "value"),
        ("staff_number__startswith=1", "parameter"),
    ],
)
def test_what_nobody_knows_is_left_out_and_said(crew, address: str, kind: str) -> None:
    page = listed(address)
    assert [r.kind for r in page.remarks] == [kind]
    assert not page.is_filtered
    assert len(page.rows) == len(listed().rows)


def test_conditions_narrow_together_and_each_chip_loses_one(crew) -> None:
    page = listed("q=人1&title=主管&title=坐席&unseen=1&tab=working")
    expected = User.objects.filter(name__contains="人1", last_login=None, is_active=True)
    assert {row.pk for row in page.rows} == {u.pk for u in expected}
    assert [c.chip.kind for c in page.chips] == ["keyword", "choice", "flag"]
    without_title = next(c.url for c in page.chips if c.chip.kind == "choice")
    assert "title" not in without_title
    assert "unseen=1" in without_title
    assert "tab=working" in without_title
    assert "q=" not in page.clear_url
    assert "tab=working" in page.clear_url


def test_control_characters_never_reach_the_database(crew) -> None:
    assert listed("q=%00人%0d%0a1").filters[0].text == "人1"
    assert not listed("q=%00").is_filtered


def test_a_single_choice_takes_the_last_of_several(crew) -> None:
    page = listed("language=en&language=zh-hans")
    assert page.query == "language=zh-hans"


def test_ready_made_periods_are_the_companys_days() -> None:
    tuesday = date(2026, 11, 24)
    assert period("today", tuesday) == (tuesday, tuesday)
    assert period("yesterday", tuesday) == (date(2026, 11, 23), date(2026, 11, 23))
    assert period("week", tuesday) == (date(2026, 11, 23), date(2026, 11, 29))
    assert period("month", tuesday) == (date(2026, 11, 1), date(2026, 11, 30))
    assert period("month", date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert period("month", date(2028, 2, 29)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert period("30d", tuesday) == (date(2026, 10, 26), tuesday)


def test_a_day_begins_at_midnight_here_not_in_greenwich(crew, given, frozen_clock) -> None:
    # 00:30 of 24 November in Shanghai is still the 23rd in UTC.
    frozen_clock(datetime(2026, 11, 23, 16, 30, tzinfo=UTC))
    before, after = crew[5], crew[6]
    with given():
        User.objects.update(last_login=None)
        User.objects.filter(pk=before.pk).update(
            last_login=datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
        )
        User.objects.filter(pk=after.pk).update(
            last_login=datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
        )
    assert [r.pk for r in listed("seen=today").rows] == [after.pk]
    assert [r.pk for r in listed("seen=yesterday").rows] == [before.pk]
    assert {r.pk for r in listed("seen=2026-11-23..2026-11-24").rows} == {before.pk, after.pk}
    # Written the wrong way round it means the same.
    assert {r.pk for r in listed("seen_from=2026-11-24&seen_to=2026-11-23").rows} == {
        before.pk,
        after.pk,
    }
    assert [r.pk for r in listed("seen=2026-11-24..").rows] == [after.pk]


def test_counts_are_exact_up_to_the_cap_and_then_say_so(crew) -> None:
    assert capped_count(User.objects.all(), cap=5) == Count(5, is_capped=True)
    assert str(Count(10_000, is_capped=True)) == "10,000+"
    everyone = len(crew)
    assert capped_count(User.objects.all(), cap=everyone) == Count(everyone)


def test_a_counted_tab_spares_the_count_unless_conditions_are_set(crew) -> None:
    counts = lambda: {"all": 7, "working": 3}  # noqa: E731
    assert listed("", counts=counts).total == Count(7)
    assert listed("tab=working", counts=counts).total == Count(3)
    assert listed("title=主管", counts=counts).total == Count(12)


def test_when_nothing_is_found_the_best_way_out_is_offered(crew) -> None:
    page = listed("q=人1&title=主管&unseen=1")
    assert page.rows == []
    assert page.best_relief is not None
    # Without "never signed in" most come back: 人1 of the leaders.
    found = User.objects.filter(name__contains="人1", title="主管").count()
    assert page.best_relief.chip.kind == "flag"
    assert page.best_relief.found == Count(found)


def test_first_use_is_told_from_an_empty_tab_and_from_conditions() -> None:
    assert listed().is_first_use
    assert not listed("tab=left").is_first_use
    assert not listed("q=x").is_first_use


def test_ticked_rows_are_numbers_only_each_once_and_no_more_than_a_page() -> None:
    data = QueryDict("id=3&id=3&id=x&id=-1&id=²&id=99999999999999999999&id=4")
    assert PEOPLE.chosen_ids(data) == [3, 4]
    many = QueryDict("&".join(f"id={n}" for n in range(1, 300)))
    assert len(PEOPLE.chosen_ids(many)) == 100


def test_a_list_declared_wrongly_does_not_start() -> None:
    columns = (Column("a", "A", sort="nope"),)
    with pytest.raises(ValueError, match="unknown sort"):
        Listing("x", columns=columns, sorts=(Sort("id", "pk"),), default_sort="id")
    with pytest.raises(ValueError, match="not one of its sorts"):
        Listing("x", columns=(), sorts=(Sort("id", "pk"),), default_sort="-when")
    twice = (Keyword("q", "", lambda rows, text: rows), Flag("q", "", lambda rows: rows))
    with pytest.raises(ValueError, match="share a parameter"):
        Listing("x", columns=(), sorts=(Sort("id", "pk"),), default_sort="id", filters=twice)
    with pytest.raises(ValueError, match="either field or narrow"):
        Choice("a", "A", [])


def test_whole_days_are_compared_as_days(crew) -> None:
    # A date column has no midnight: the last day counts in full.
    from zhike.core.models import StoredFile

    listing = Listing(
        "x",
        columns=(),
        sorts=(Sort("id", "pk"),),
        default_sort="id",
        filters=(DateRange("d", "D", field="last_login"),),
        tabs=(Tab("a", "A"),),
    )
    bound = listing.filters[0].bind(QueryDict("d=2026-11-01..2026-11-02"), EVERYBODY)
    assert str(bound.narrow(User.objects.all()).query).count("2026-1") == 2
    assert StoredFile is not None


# The page


def test_the_page_shows_rows_total_and_both_ways(crew, cast) -> None:
    client = cast.admin.client()
    page = client.get(reverse("gallery-people"), {"size": "20", "sort": "number"})
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<tr ") == 20
    assert 'rel="next"' in text
    assert 'rel="prev"' not in text
    assert 'aria-sort="ascending"' in text


def test_a_script_gets_the_list_without_the_shell_and_caches_keep_them_apart(crew, cast) -> None:
    client = cast.admin.client()
    part = client.get(reverse("gallery-people"), headers={"HX-Request": "true"})
    assert 'id="zk-list"' in part.content.decode()
    assert "zk-side" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    restored = client.get(
        reverse("gallery-people"),
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )
    assert "zk-side" in restored.content.decode()


def test_signed_out_meanwhile_the_whole_page_goes_to_sign_in(cast) -> None:
    part = Client().get(reverse("gallery-people"), headers={"HX-Request": "true"})
    assert part.status_code == 204
    assert part.headers["HX-Refresh"] == "true"
    elsewhere = cast.lin.client().get("/gallery/away/", headers={"HX-Request": "true"})
    assert elsewhere.headers["HX-Redirect"] == "/gallery/"


def test_the_page_escapes_what_stands_in_the_address(crew, cast) -> None:
    evil = "<script>alert(1)</script>"
    page = cast.admin.client().get(reverse("gallery-people"), {"q": evil, "tab": evil, evil: "1"})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_a_list_page_costs_few_statements(crew, cast, query_budget) -> None:
    client = cast.admin.client()
    client.get(reverse("gallery-people"))
    with query_budget("gallery:people"):
        client.get(reverse("gallery-people"), {"title": "主管"})
