"""Each list is served by an index that already has its order: nothing is sorted, nothing is walked through.

Plans at a million rows are the bench's; here the databases are asked whether the index *can* serve the list.
"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet

from tests.cast import Cast
from zhike.core.access import Grants
from zhike.desk import selectors
from zhike.desk.models import Case

Rows = QuerySet[Case]

LISTS: dict[str, tuple[str, Callable[[Grants], Rows]]] = {
    "all open": ("case_open_queue", lambda g: selectors.queue(g)),
    "one tab": ("case_state_queue", lambda g: selectors.queue(g, states=["new"])),
    "one unit's tab": ("case_unit_queue", lambda g: selectors.queue(g, states=["open"], unit_id=2)),
    "own tab": ("case_owner_queue", lambda g: selectors.queue(g, states=["open"], owner_id=3)),
    "newest": ("case_newest", lambda g: selectors.newest(g)),
    "closed": ("case_state_newest", lambda g: selectors.newest(g).filter(state="closed")),
    "of a unit": ("case_unit_newest", lambda g: selectors.newest(g).filter(unit_id=2)),
    "of a person": ("case_owner_newest", lambda g: selectors.newest(g).filter(owner_id=2)),
    "of a kind": ("case_type_newest", lambda g: selectors.newest(g).filter(type__code="return")),
    "by opening": (
        "case_opened",
        lambda g: selectors.visible_cases(g).order_by("-opened_at", "-id"),
    ),
    "of a customer": (
        "case_customer",
        lambda g: selectors.visible_cases(g).filter(customer_id=2).order_by("-id"),
    ),
}


def plan_of(rows: Rows) -> str:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            # An empty table would be read whole; so that way is closed.
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; "
                "SET LOCAL enable_sort = off"
            )
    return rows[:51].explain()


@pytest.mark.parametrize("name", LISTS)
def test_lists_come_in_order_out_of_an_index(cast: Cast, name: str):
    index, rows = LISTS[name]
    plan = plan_of(rows(cast.admin.grants))
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    if connection.vendor == "sqlite":
        assert index in plan, plan
    else:
        # On an empty table PostgreSQL may take another index that has the same order.
        assert "Index Scan" in plan, plan


def test_lists_join_nothing(cast: Cast):
    for _index, rows in LISTS.values():
        assert "JOIN" not in str(rows(cast.admin.grants).query)
        assert "JOIN" not in str(rows(cast.lin.grants).query)


def test_lists_leave_the_heavy_columns_behind(cast: Cast):
    sql = str(selectors.queue(cast.lin.grants).query)
    for column in ("folded", "bigrams", "clocks"):
        assert column not in sql
