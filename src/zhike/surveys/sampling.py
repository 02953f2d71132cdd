"""Whom a sending goes to: a list of customers, narrowed, and a draw from it that anybody can do again.

The list is the list of customers as its writer sees it; only files with an e-mail address can be drawn.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers.choices import Channel, Tier
from zhike.customers.listing import customer_listing, listed_definitions
from zhike.customers.models import Identity, Region
from zhike.customers.selectors import visible_customers
from zhike.methods.sampling import quotas, stratified_draw, systematic_draw
from zhike.surveys.choices import Plan

LONGEST_FILTER = 2000
MOST = 10_000
SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Sampling:
    """`filter` is the address of the list of customers after its question mark; `wanted` is left out for all."""

    filter: str
    plan: str
    wanted: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Drawn:
    customer_id: int
    tier: str
    region_id: int | None


@dataclass(frozen=True, slots=True)
class Stratum:
    label: str
    size: int
    quota: int


@dataclass(frozen=True, slots=True)
class Sample:
    frame: int
    without_address: int
    drawn: Sequence[Drawn]
    strata: Sequence[Stratum]


def draw(grants: Grants, sampling: Sampling) -> Sample:
    """Raises RuleError for a filter the list does not know, nobody to draw from, or more wanted than there are."""
    everybody, reachable = _frame(grants, sampling.filter)
    if not reachable:
        raise RuleError(
            "frame_empty",
            _("Nobody in this list has an e-mail address. Please choose another one."),
            field="filter",
        )
    wanted = _wanted(sampling, len(reachable))
    strata = _strata(sampling.plan, reachable)
    shares: dict[str, int] = {}
    if sampling.plan == Plan.ALL:
        positions: Sequence[int] = range(len(reachable))
    elif sampling.plan == Plan.SYSTEMATIC:
        positions = systematic_draw(len(reachable), wanted, seed=sampling.seed).positions
    else:
        shares = quotas(wanted, Counter(strata)).quotas
        positions = stratified_draw(strata, shares, seed=sampling.seed).positions
    return Sample(
        frame=len(reachable),
        without_address=everybody - len(reachable),
        drawn=[reachable[position] for position in positions],
        strata=_told(strata, shares) if sampling.plan in (Plan.TIER, Plan.REGION) else [],
    )


def _frame(grants: Grants, text: str) -> tuple[int, list[Drawn]]:
    """How many there are, and those with an address, in an order that spreads over tiers and regions."""
    listing = customer_listing(listed_definitions(), grants)
    asked = QueryDict(text[:LONGEST_FILTER])
    ignored = listing.ignored(asked, grants)
    if ignored or len(text) > LONGEST_FILTER:
        raise RuleError(
            "filter_unknown",
            _("The list of customers does not know this condition: %(what)s")
            % {"what": ", ".join(ignored) or text[:40]},
            field="filter",
        )
    if asked.get("q"):
        # It would stay in the record of the sending, a name perhaps.
        raise RuleError(
            "filter_words",
            _("Words searched for cannot be part of a sending. Please choose by groups."),
            field="filter",
        )
    rows = listing.select(asked, visible_customers(grants), grants).order_by()
    everybody = rows.values("pk").distinct().count()
    has_address = Identity.objects.filter(
        customer_id=OuterRef("pk"), channel=Channel.EMAIL, voided_at__isnull=True
    )
    found = rows.filter(Exists(has_address)).order_by("tier", "region__path", "pk")
    tops = dict(Region.objects.values_list("pk", "path"))
    reachable = {
        pk: Drawn(pk, tier, _top(tops.get(region_id, "")))
        for pk, tier, region_id in found.values_list("pk", "tier", "region_id")
    }
    return everybody, list(reachable.values())


def _top(path: str) -> int | None:
    """The region at the root: provinces are compared, not villages."""
    first = path.strip("/").partition("/")[0]
    return int(first) if first else None


def _wanted(sampling: Sampling, frame: int) -> int:
    wanted = frame if sampling.plan == Plan.ALL else sampling.wanted or 0
    if not 1 <= wanted <= frame:
        raise RuleError(
            "sample_size",
            _("Please draw at least 1 and at most %(frame)s: so many can be written to.")
            % {"frame": frame},
            field="wanted",
        )
    if wanted > MOST:
        raise RuleError(
            "sample_too_large",
            _("One sending goes to at most %(most)s people. Please draw a sample.")
            % {"most": MOST},
            field="wanted",
        )
    return wanted


def _strata(plan: str, reachable: Sequence[Drawn]) -> list[str]:
    if plan == Plan.TIER:
        return [one.tier for one in reachable]
    if plan == Plan.REGION:
        return [str(one.region_id or "") for one in reachable]
    return [""] * len(reachable)


def _told(strata: Sequence[str], shares: Mapping[str, int]) -> list[Stratum]:
    names = stratum_names()
    sizes = Counter(strata)
    return [
        Stratum(names.get(key, key), size, shares.get(key, 0)) for key, size in sizes.most_common()
    ]


def stratum_names() -> dict[str, str]:
    regions = Region.objects.filter(parent__isnull=True).values_list("pk", "name")
    return {
        **{tier.value: str(tier.label) for tier in Tier},
        **{str(pk): name for pk, name in regions},
        "": _("Without a region"),
    }
