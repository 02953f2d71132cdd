"""The tab of a customer's file about what they agreed to, and who has looked at their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from zhike.accounts.permissions import VIEW_AUDIT
from zhike.core.access import Grants
from zhike.core.models import AuditRow
from zhike.core.sealing import SealBroken, unseal
from zhike.customers.consent_forms import ConsentForm
from zhike.customers.contact_policy import (
    SENTENCES,
    Decision,
    decisions_for,
    file_ids_of,
    latest_consents,
)
from zhike.customers.models import Consent, ConsentChannel, ConsentPurpose, Customer
from zhike.customers.permissions import EDIT
from zhike.customers.services.looking import LOOK

SHOWN = 50


@dataclass(frozen=True)
class PurposeLine:
    """Where one purpose stands with this customer."""

    purpose: ConsentPurpose
    latest: Consent | None
    decision: Decision

    @property
    def sentence(self) -> Any:
        return SENTENCES[self.decision.verdict]

    @property
    def is_given(self) -> bool:
        return self.latest is not None and self.latest.is_given

    @property
    def can_withdraw(self) -> bool:
        """What was given; and what needs no consent can be refused all the same."""
        return self.is_given or (self.latest is None and not self.purpose.needs_consent)


@dataclass(frozen=True)
class LedgerLine:
    row: Consent
    proof: str


def consent_panel(request: HttpRequest, customer: Customer, grants: Grants) -> Mapping[str, Any]:
    ids = list(file_ids_of([customer.pk]))
    said = latest_consents([customer.pk]).get(customer.pk, {})
    purposes = list(ConsentPurpose.objects.all())
    rows = Consent.objects.filter(customer_id__in=ids).select_related("purpose", "notice")
    # A letter rings nobody: the hour is left out of it.
    decisions = decisions_for(customer, purposes, "letter")
    sees_looks = grants.allows(VIEW_AUDIT)
    return {
        "purpose_lines": [
            PurposeLine(row, said.get(row.pk), decisions[row.pk])
            for row in purposes
            if row.is_active or row.pk in said
        ],
        "ledger": [LedgerLine(row, _proof(row)) for row in rows.order_by("-at", "-pk")[:SHOWN]],
        "consent_form": ConsentForm(purposes=purposes, auto_id="consent_%s")
        if grants.allows(EDIT)
        else None,
        "by_phone": ConsentChannel.PHONE.value,
        "sees_looks": sees_looks,
        "looks": _looks(ids) if sees_looks else [],
    }


def _proof(row: Consent) -> str:
    try:
        return unseal(row.proof_sealed)
    except SealBroken:
        return ""


def _looks(ids: list[int]) -> list[AuditRow]:
    """Who had the full number or address shown to them, newest first."""
    rows = AuditRow.objects.filter(
        object_type=Customer._meta.label_lower, object_id__in=ids, action=LOOK
    )
    return list(rows.order_by("-pk")[:SHOWN])
