"""Who this might be already: exact by number, likely by name and what they share."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q

from zhike.core.access import Grants
from zhike.customers import rules
from zhike.customers.choices import Channel
from zhike.customers.models import Identity
from zhike.customers.normal import normal_identity
from zhike.customers.permissions import PHONE, field_of, is_hidden
from zhike.customers.selectors import visible_customers

# A typed name must never cost a walk over the table: each hunt looks at this many files at most.
CANDIDATES = 200
SHOWN = 5
LIKELY = 0.72


@dataclass(frozen=True)
class Duplicate:
    """A file that may be the same customer's. Out of reach, only name and masked number are told."""

    customer_id: int
    name: str
    masked: str
    # phone, email, id_card …: certain. name_digits, name_organisation, name_region, name: likely.
    reason: str
    score: float
    is_in_reach: bool
    organisation_name: str = ""
    region_name: str = ""

    @property
    def is_certain(self) -> bool:
        return self.score >= 1


def possible_duplicates(
    grants: Grants,
    *,
    name: str = "",
    phone: str = "",
    id_card: str = "",
    email: str = "",
    region_id: int | None = None,
    organisation_id: int | None = None,
    exclude_id: int | None = None,
) -> list[Duplicate]:
    """At most five, the surest first."""
    found: dict[int, Duplicate] = {}
    if is_hidden(grants, PHONE):
        # Neither the whole number nor its last digits confirm anything to who may not know it.
        phone = ""
    values = ((Channel.PHONE, phone), (Channel.ID_CARD, id_card), (Channel.EMAIL, email))
    for duplicate in _same_identity(grants, values):
        found.setdefault(duplicate.customer_id, duplicate)
    name = rules.clean_line(name)
    if name:
        digits = "".join(c for c in phone if c.isdigit())[-4:]
        for duplicate in _similar_names(
            grants, name, digits if len(digits) == 4 else "", region_id, organisation_id
        ):
            known = found.get(duplicate.customer_id)
            if known is None or known.score < duplicate.score:
                found[duplicate.customer_id] = duplicate
    if exclude_id is not None:
        found.pop(exclude_id, None)
    return sorted(found.values(), key=lambda d: (-d.score, -d.customer_id))[:SHOWN]


def _same_identity(grants: Grants, values: Iterable[tuple[Channel, str]]) -> Iterable[Duplicate]:
    wanted = Q()
    for channel, value in values:
        if is_hidden(grants, field_of(channel)):
            continue
        normal = normal_identity(channel, value) if value.strip() else None
        if normal is not None:
            wanted |= Q(channel=channel, value_blind=normal.blind)
    if not wanted:
        return
    rows = list(Identity.objects.filter(wanted, voided_at__isnull=True).select_related("customer"))
    ids = [row.customer_id for row in rows]
    reach = set(visible_customers(grants).filter(pk__in=ids).values_list("pk", flat=True))
    for row in rows:
        is_in_reach = row.customer_id in reach
        yield Duplicate(
            row.customer_id,
            row.customer.name,
            row.masked,
            row.channel,
            1.0,
            is_in_reach,
            row.customer.organisation_name if is_in_reach else "",
            row.customer.region_name if is_in_reach else "",
        )


def _similar_names(
    grants: Grants, name: str, last4: str, region_id: int | None, organisation_id: int | None
) -> Iterable[Duplicate]:
    """Names that sound or look alike, among files that share something with the one being typed."""
    rows = visible_customers(grants).only("name", "phone_mask", "organisation_name", "region_name")
    shows_phone = not is_hidden(grants, PHONE)
    hunts = []
    if last4:
        same = Identity.objects.filter(channel=Channel.PHONE, last4=last4, voided_at__isnull=True)
        hunts.append(("name_digits", Q(pk__in=same.values("customer_id")), 0.95))
    if organisation_id is not None:
        hunts.append(("name_organisation", Q(organisation_id=organisation_id), 0.9))
    key = rules.name_key(name)
    hunts.append(("name", Q(name_key=key), 0.8))
    if region_id is not None:
        # The same family name in the same place; no reading begins with "zz", in any collation.
        family = rules.name_key(name[:1])
        alike = Q(region_id=region_id, name_key__gte=family, name_key__lt=family + "zz")
        hunts.append(("name_region", alike, 0.85))
    for reason, condition, weight in hunts:
        for customer in rows.filter(condition).order_by("name_key", "pk")[:CANDIDATES]:
            likeness = name_likeness(name, customer.name)
            if likeness >= LIKELY:
                yield Duplicate(
                    customer.pk,
                    customer.name,
                    customer.phone_mask if shows_phone else "",
                    reason,
                    round(likeness * weight, 3),
                    True,
                    customer.organisation_name,
                    customer.region_name,
                )


def name_likeness(one: str, other: str) -> float:
    """1 for the same name, near 1 for one that sounds the same, else the share of equal signs."""
    first, second = rules.clean_line(one).lower(), rules.clean_line(other).lower()
    if first == second:
        return 1.0
    if rules.pinyin_of(first) == rules.pinyin_of(second) != "":
        return 0.97
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
