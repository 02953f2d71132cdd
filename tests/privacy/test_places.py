"""The table of places is whole, true, and what docs/personal-data.md says; each place is looked into."""

import ast
import os
from pathlib import Path

import pytest

from tests.cast import Cast
from tests.privacy import places
from tests.privacy.conftest import NUMBERS, SIGN, Planted, every_text
from tests.privacy.places import COLUMNS, ELSEWHERE, Held, columns_held, text_columns
from tests.privacy.test_erasing import erase
from zhike.core.erasing import ERASED
from zhike.customers.models import Customer
from zhike.customers.rules import name_key

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "personal-data.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
# Made from others, so that nothing can be planted in them; what they are afterwards is asked below.
DERIVED = {"customers_customer.tags_text", "customers_customer.name_key"}


def test_every_text_column_has_its_line() -> None:
    present = text_columns()
    unsaid = [
        f"{label}.{name} is in no line of tests/privacy/places.py: say whether it can hold a number, an address or"
        " words about a customer, and blank it in its room's erasing.py if it can."
        for label, names in present.items()
        for name in names
        if label not in COLUMNS or name not in COLUMNS[label].by_column()
    ]
    assert not unsaid, "\n".join(unsaid)
    gone = [
        f"{label}.{name}"
        for label, table in COLUMNS.items()
        for name in table.by_column()
        if name not in present.get(label, ())
    ]
    assert not gone, f"No longer a text column: {gone}"


def test_what_is_kept_in_clear_has_its_reason() -> None:
    for label, table in COLUMNS.items():
        assert bool(table.excluded) == bool(table.why), label


def test_each_place_elsewhere_is_looked_into_by_a_test_that_exists() -> None:
    folders = (ROOT / "tests" / "privacy", ROOT / "tests" / "backup")
    present = {
        node.name
        for folder in folders
        for path in folder.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {one.test for one in ELSEWHERE} <= present


def test_the_page_says_what_the_table_says() -> None:
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _old, after = rest.split(END)
    told = f"{before}{BEGIN}\n{places.as_markdown()}\n{END}{after}"
    if os.environ.get("ZHIKE_REWRITE_PLACES") == "1":
        PAGE.write_text(told, "utf-8")
    assert told == PAGE.read_text("utf-8"), "ZHIKE_REWRITE_PLACES=1 rewrites it."


@pytest.mark.django_db
def test_words_lie_where_the_table_says_and_nowhere_else(cast: Cast, planted: Planted) -> None:
    found = {place for place, value in every_text() if SIGN in value}
    declared = columns_held(Held.BLANKED)
    assert found <= declared
    assert declared - found == DERIVED
    erase(cast, planted)
    gone = Customer.objects.get(pk=planted.customer.pk)
    assert (gone.tags_text, gone.name_key) == ("", name_key(ERASED))


@pytest.mark.django_db
def test_numbers_lie_in_clear_only_in_words_people_wrote(cast: Cast, planted: Planted) -> None:
    found = {place for place, value in every_text() if any(one in value for one in NUMBERS)}
    assert found <= columns_held(Held.BLANKED)
    # The search columns hold blind tokens in their place.
    assert not [place for place in found if place.endswith((".folded", ".bigrams"))]
