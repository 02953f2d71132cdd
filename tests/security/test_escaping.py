"""Whatever people wrote is shown as text: planted in every text column, then every page is opened."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.signals import got_request_exception
from django.db import DatabaseError, models, transaction
from django.test import Client

from tests.browser.walking import listed
from tests.guards import given
from tests.security import fuzzing
from tests.security.fuzzing import Found, Tally, Visitor
from zhike.accounts.models import User
from zhike.demo.load import load_demo

# What a template escapes no database decides.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
# Columns in which somebody's own words or names stand; codes, states and digests keep their values.
WRITTEN = frozenset(
    [
        "action",
        "action_text",
        "actor_name",
        "address",
        "answer",
        "apology",
        "best_time",
        "better",
        "cause_text",
        "company",
        "content",
        "customer_name",
        "description",
        "excerpt",
        "help_text",
        "label",
        "last_words",
        "message",
        "name",
        "note",
        "occupation",
        "opening",
        "outcome",
        "owner_name",
        "pattern",
        "proof",
        "reason",
        "remark",
        "responsible",
        "salutation",
        "source",
        "subject",
        "text",
        "title",
        "what",
        "who",
        "why",
        "words",
    ]
)
# The log refuses changes by triggers; its values are words of the program or the same columns' before and after.
UNTOUCHED = frozenset({"core_auditrow", "core_auditseal", "accounts_role"})
PEOPLE = ("1000", "1010", "1001", "1040")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def plant() -> list[str]:
    """Every row of every such column says markup; what is too narrow for it says a part."""
    planted = []
    for model in apps.get_models():
        table = model._meta.db_table
        if not model.__module__.startswith("zhike.") or table in UNTOUCHED:
            continue
        for column in model._meta.concrete_fields:
            is_text = isinstance(column, models.CharField | models.TextField)
            if not is_text or column.name not in WRITTEN or column.choices or column.unique:
                continue
            most = column.max_length or 1000
            rows: Any = model._base_manager.exclude(**{column.name: ""})
            try:
                with transaction.atomic():
                    done = rows.update(**{column.name: MARKUP[:most]})
            except DatabaseError:
                # A constraint holds it to known values: nobody writes freely there.
                continue
            if done:
                planted.append(f"{table}.{column.name}")
    return planted


def test_nothing_anybody_wrote_becomes_markup() -> None:
    with given():
        load_demo(customers=12, cases=15)
        client = Client()
        client.post(
            "/s/", {"kind": "complaint", "text": MARKUP, "name": MARKUP, "phone": "13900001111"}
        )
        planted = plant()
    assert {"desk_case.title", "customers_customer.name", "accounts_user.name"} <= set(planted)
    tally = Tally()
    visitors = []
    for number in PEOPLE:
        signed_in = Client()
        signed_in.force_login(User.objects.get(staff_number=number))
        visitors.append(Visitor(number, signed_in, tally))
    customer = Visitor("customer", client, tally)
    customer.keep_cookies()
    visitors.append(customer)
    fuzzing.listen(visitors)
    starts = [page.path for page in listed() if page.path]
    try:
        for visitor in visitors:
            visitor.look()
            own = ["/s/done/", "/t/", "/s/"] if visitor is customer else [*starts, "/search/?q=img"]
            # Everybody sees other pages, or other parts of them.
            for _form in fuzzing.walk(visitor, own, Found()):
                pass
    finally:
        for visitor in visitors:
            got_request_exception.disconnect(visitor.note_exception)
    assert not tally.faults, tally.report()
    assert tally.statuses[200] > 200
