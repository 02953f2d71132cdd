"""What every installation starts with: figures training courses state, paraphrased, each with base and origin.

None of them comes with a source one could look up, and several contradict one another; so they say who says it,
stand side by side, and can be changed or ended. They are never rules of the program.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PERCENT = "percent"

# What is measured, in the order of the list.
MEASURES: dict[str, Any] = {
    "unhappy_heard": _("Unhappy customers who are heard"),
    "unhappy_lost": _("Unhappy customers who are lost"),
    "loyal_after_solution": _("Customers who become loyal after a good solution"),
    "unhappy_tells": _("People an unhappy customer tells"),
    "unhappy_tells_on": _("People each of those told tells on, bad news"),
    "happy_tells": _("People a happy customer tells"),
    "happy_tells_on": _("People each of those told tells on, good news"),
    "leave_indifference": _("Why customers leave: indifferent staff"),
    "leave_product": _("Why customers leave: the product"),
    "leave_price": _("Why customers leave: cheaper elsewhere"),
    "leave_friends": _("Why customers leave: advice of friends"),
    "leave_taste": _("Why customers leave: another taste"),
    "leave_moved": _("Why customers leave: moved away"),
    "leave_natural": _("Why customers leave: natural causes"),
    "winning_cost": _("Cost of winning a customer"),
    "keeping_cost": _("Cost of keeping a customer"),
    "replacing_lost": _("New customers needed for one lost"),
    "loyal_purchases": _("Lifetime purchases of a loyal customer"),
    "old_customer_worth": _("Worth of an old customer"),
    "profit_loyalty_down": _("Profit lost when loyalty falls"),
    "profit_retention_up": _("Profit gained when more customers stay"),
    "earnings_trust_up": _("Earnings gained when trust rises"),
    "sale_existing": _("Sales talks that succeed with existing customers"),
    "sale_new": _("Sales talks that succeed with new customers"),
    "new_by_referral": _("New customers who come by referral"),
    "willing_content": _("Willingness of a content buyer"),
    "growth_good": _("Yearly growth of firms with good service"),
    "growth_bad": _("Yearly growth of firms with bad service"),
    "share_good": _("Market share won by firms with good service"),
    "share_bad": _("Market share lost by firms with bad service"),
    "returning_bookshop": _("Returning customers of an online bookshop"),
    "lifetime_pizza": _("Lifetime worth of a pizza customer"),
    "lifetime_car": _("Lifetime worth of an owner of a luxury car"),
}
UNITS: dict[str, Any] = {
    PERCENT: "%",
    "times": pgettext_lazy("unit", "times"),
    "people": pgettext_lazy("unit", "people"),
    "usd": pgettext_lazy("unit", "US dollars"),
}
_ONE = _("One set of training courses; they name no source")
_ANOTHER = _("Another set of training courses; they name no source")
_A_THIRD = _("A third set of training courses; they name no source")
_UNHAPPY = _("of all unhappy customers")
_LEFT = _("of the customers who left")


@dataclass(frozen=True)
class Seed:
    """A built-in value. Its texts are translated until somebody writes others."""

    measure: str
    low: str = ""
    high: str = ""
    unit: str = PERCENT
    base: Any = ""
    said_by: Any = _ONE
    note: Any = ""


SEEDS: dict[str, Seed] = {
    "heard_spoken": Seed("unhappy_heard", "4", base=_UNHAPPY, note=_("They speak up.")),
    "heard_complaints": Seed(
        "unhappy_heard", "4", base=_("of all complaints"), said_by=_ANOTHER,
        note=_("They are heard by the firm."),
    ),
    "lost_silent": Seed("unhappy_lost", "96", base=_UNHAPPY, note=_("They leave without a word.")),
    "lost_complaining": Seed(
        "unhappy_lost", "81", base=_("of the customers who complain"), said_by=_ANOTHER,
        note=_("They do not come back."),
    ),
    "loyal": Seed("loyal_after_solution", "95", base=_("of those whose complaint was solved well")),
    "tells_range": Seed("unhappy_tells", "10", "20", "people"),
    "tells_ten": Seed(
        "unhappy_tells", "10", unit="people", said_by=_ANOTHER,
        note=_("A fifth of them tell it on."),
    ),
    "tells_six": Seed("unhappy_tells", "6", unit="people", said_by=_A_THIRD),
    "tells_on_twenty": Seed(
        "unhappy_tells_on", "20", unit="people", said_by=_ANOTHER,
        note=_("Only the fifth who tell it on."),
    ),
    "tells_on_five": Seed("unhappy_tells_on", "5", unit="people", said_by=_A_THIRD),
    "happy_five": Seed("happy_tells", "5", unit="people"),
    "happy_on_three": Seed("happy_tells_on", "3", unit="people"),
    "indifference_68": Seed("leave_indifference", "68", base=_LEFT),
    "indifference_70": Seed("leave_indifference", "70", base=_LEFT, said_by=_ANOTHER),
    "product_10": Seed("leave_product", "10", base=_LEFT),
    "product_15": Seed("leave_product", "15", base=_LEFT, said_by=_ANOTHER),
    "price_9": Seed("leave_price", "9", base=_LEFT),
    "price_15": Seed("leave_price", "15", base=_LEFT, said_by=_ANOTHER),
    "friends": Seed("leave_friends", "5", base=_LEFT),
    "taste": Seed("leave_taste", "4", base=_LEFT),
    "moved": Seed("leave_moved", "3", base=_LEFT),
    "natural": Seed("leave_natural", "1", base=_LEFT),
    "winning_five": Seed("winning_cost", "5", "6", "times", _("the cost of keeping one")),
    "winning_ten": Seed(
        "winning_cost", "10", unit="times", base=_("the cost of keeping one"), said_by=_ANOTHER
    ),
    "keeping": Seed("keeping_cost", "20", base=_("of the cost of winning one")),
    "replacing": Seed("replacing_lost", "10", unit="people"),
    "loyal_buys": Seed("loyal_purchases", "10", unit="times", base=_("the first purchase")),
    "old_worth": Seed(
        "old_customer_worth", "20", unit="times", base=_("what they buy themselves"),
        note=_("Word of mouth included."),
    ),
    "loyalty_down": Seed(
        "profit_loyalty_down", "25", base=_("of profit, when loyalty falls by 5%")
    ),
    "retention_up": Seed(
        "profit_retention_up", high="85",
        base=_("of profit, when 5 percentage points more customers stay"),
    ),
    "trust_up": Seed("earnings_trust_up", "25", "80", base=_("of earnings, when trust rises by 5%")),
    "existing": Seed("sale_existing", "50", base=_("of sales talks with existing customers")),
    "new": Seed("sale_new", "15", base=_("of sales talks with new customers")),
    "referral": Seed("new_by_referral", "60", base=_("of new customers")),
    "willing": Seed(
        "willing_content", "6", unit="times", base=_("that of a buyer who is not content")
    ),
    "growth_12": Seed("growth_good", "12", base=_("of turnover, a year")),
    "growth_1": Seed("growth_bad", "1", base=_("of turnover, a year")),
    "share_6": Seed("share_good", "6", base=_("of the market")),
    "share_2": Seed("share_bad", "2", base=_("of the market")),
    "bookshop": Seed("returning_bookshop", "65", base=_("of its customers")),
    "pizza": Seed("lifetime_pizza", "8000", unit="usd"),
    "car": Seed("lifetime_car", "332000", unit="usd"),
}  # fmt: skip


def first_rows() -> Iterator[dict[str, Any]]:
    """Columns of the built-in values, as the first migration plants them."""
    places = {key: 10 * place for place, key in enumerate(MEASURES, 1)}
    for code, seed in SEEDS.items():
        yield {
            "code": code,
            "measure": seed.measure,
            "place": places[seed.measure],
            "low": Decimal(seed.low) if seed.low else None,
            "high": Decimal(seed.high) if seed.high else None,
            "unit": seed.unit,
        }
