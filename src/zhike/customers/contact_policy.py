"""Asked before every contact that is not an answer: consent, withdrawal, how often, quiet hours.

`may_contact` answers for one customer, `who_may_be_contacted` for a list with the same few statements.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.core import clock
from zhike.customers.contact_rules import Asked, Decision, Rules, Verdict, decide
from zhike.customers.models import (
    Consent,
    ConsentPurpose,
    ContactRules,
    Customer,
    NoticeText,
    Outreach,
)

__all__ = [
    "SENTENCES",
    "Decision",
    "Verdict",
    "contact_rules",
    "decisions_for",
    "file_ids_of",
    "latest_consents",
    "may_contact",
    "who_may_be_contacted",
]

SENTENCES: dict[str, Any] = {
    Verdict.ALLOWED: _("May be contacted."),
    Verdict.NO_FILE: _("The file is not in use."),
    Verdict.NO_PURPOSE: _("There is no such purpose, or it is no longer used."),
    Verdict.WITHDRAWN: _("The customer has said no to this."),
    Verdict.NO_CONSENT: _("The customer has not agreed to this yet."),
    Verdict.RENEWAL: _("The notice has changed since: the customer must be asked again."),
    Verdict.TOO_OFTEN: _("The customer has been contacted as often as we allow ourselves."),
    Verdict.QUIET: _("It is the time at which we leave customers in peace."),
}


def may_contact(
    customer: Customer | int, purpose: str, channel: str, at: datetime | None = None
) -> Decision:
    """Whether to turn to this customer for this purpose, by this channel, at this moment (now)."""
    customer_id = customer if isinstance(customer, int) else customer.pk
    return who_may_be_contacted([customer_id], purpose, channel, at)[customer_id]


def who_may_be_contacted(
    customer_ids: Collection[int],
    purpose: str,
    channel: str,
    at: datetime | None = None,
    *,
    uncapped: Collection[int] = (),
) -> dict[int, Decision]:
    """A decision for each id given, in a handful of statements.

    `uncapped`: whom a matter under way is taken up with once more. How often is not asked for them; consent,
    withdrawal and quiet hours are, and the contact counts for whoever comes next.
    """
    row = ConsentPurpose.objects.filter(code=purpose, is_active=True).first()
    if row is None:
        return dict.fromkeys(customer_ids, Decision(Verdict.NO_PURPOSE))
    facts = _Facts(customer_ids, at or clock.now())
    return {
        pk: facts.decide(pk, row, channel, is_capped=row.is_capped and pk not in uncapped)
        for pk in customer_ids
    }


def decisions_for(
    customer: Customer, purposes: Collection[ConsentPurpose], channel: str
) -> dict[int, Decision]:
    """By purpose id, for one customer, now."""
    facts = _Facts([customer.pk], clock.now())
    return {
        row.pk: facts.decide(customer.pk, row, channel, is_capped=row.is_capped) for row in purposes
    }


class _Facts:
    """All that decisions about these customers at this moment rest on."""

    def __init__(self, customer_ids: Collection[int], at: datetime) -> None:
        self._at = at
        self._in_use = set(
            Customer.objects.filter(
                pk__in=customer_ids, merged_into__isnull=True, voided_at__isnull=True
            ).values_list("pk", flat=True)
        )
        self._said = latest_consents(self._in_use)
        row = contact_rules()
        self._rules = Rules(row.quiet_from, row.quiet_until, row.cap_count, row.cap_days)
        self._contacts = _contacts(self._in_use, at - timedelta(days=row.cap_days), at)
        asked_anew = NoticeText.objects.filter(needs_renewal=True).order_by("version")
        self._renewed = dict(asked_anew.values_list("purpose_id", "version"))

    def decide(
        self, pk: int, purpose: ConsentPurpose, channel: str, *, is_capped: bool
    ) -> Decision:
        if pk not in self._in_use:
            return Decision(Verdict.NO_FILE)
        latest = self._said.get(pk, {}).get(purpose.pk)
        asked = Asked(
            needs_consent=purpose.needs_consent,
            is_capped=is_capped,
            said=latest.is_given if latest else None,
            version=latest.notice.version if latest and latest.notice else 0,
            renewed_at_version=self._renewed.get(purpose.pk, 0),
            contacts=self._contacts.get(pk, ()),
        )
        return decide(asked, self._rules, channel, self._at, clock.zone())


def contact_rules() -> ContactRules:
    return ContactRules.objects.filter(pk=1).first() or ContactRules(pk=1)


def latest_consents(customer_ids: Collection[int]) -> Mapping[int, dict[int, Consent]]:
    """By customer and purpose id: the last word on each purpose, said on this file or one merged into it."""
    holders = file_ids_of(customer_ids)
    found: dict[int, dict[int, Consent]] = defaultdict(dict)
    rows = Consent.objects.filter(customer_id__in=holders).select_related("notice")
    for row in rows.order_by("at", "pk"):
        found[holders[row.customer_id]][row.purpose_id] = row
    return found


def file_ids_of(customer_ids: Collection[int]) -> dict[int, int]:
    """Every file merged into one of these, and they themselves → the file it stands for now."""
    holders = {pk: pk for pk in customer_ids}
    level = set(holders)
    while level:
        rows = Customer.objects.filter(merged_into_id__in=level).values_list("pk", "merged_into")
        # A file that was merged says into which.
        fresh = {pk: holders[into] for pk, into in rows if into and pk not in holders}
        holders |= fresh
        level = set(fresh)
    return holders


def _contacts(
    customer_ids: Collection[int], since: datetime, until: datetime
) -> Mapping[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = Outreach.objects.filter(
        customer_id__in=customer_ids, at__gt=since, at__lte=until, purpose__is_capped=True
    )
    for pk, at in rows.values_list("customer_id", "at"):
        found[pk].append(at)
    return found
