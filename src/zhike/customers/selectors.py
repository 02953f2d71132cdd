"""Reading customer files. Every read starts at `visible_customers`."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from zhike.core.access import Grants
from zhike.core.phones import normal_phone
from zhike.core.sealing import blind
from zhike.customers.errors import customer_missing
from zhike.customers.models import Customer, Identity
from zhike.customers.normal import normal_identity
from zhike.customers.permissions import VIEW

# What one line of a list shows; nothing else is read.
LIST_COLUMNS = (
    "id", "kind", "name", "salutation", "tier", "stage", "organisation_name", "region_name", "tags_text",
    "phone_mask", "completeness", "last_contact_at", "created_at", "unit_id", "name_key",
    "manager__name",
)  # fmt: skip


def in_reach(rows: QuerySet[Customer], grants: Grants) -> QuerySet[Customer]:
    """Only files within somebody's data scope; merged and voided ones included."""
    if not grants.allows(VIEW):
        return rows.none()
    if grants.own_only:
        return rows.filter(
            Q(manager_id=grants.user_id) | Q(manager__isnull=True, created_by_id=grants.user_id)
        )
    if grants.unit_ids is not None:
        return rows.filter(unit_id__in=grants.unit_ids)
    return rows


def visible_customers(grants: Grants) -> QuerySet[Customer]:
    """The files in use that this person may see: the one scope of lists, pages, search, export and API."""
    rows = Customer.objects.filter(merged_into__isnull=True, voided_at__isnull=True)
    return in_reach(rows, grants)


def customers_for_list(grants: Grants) -> QuerySet[Customer]:
    return visible_customers(grants).select_related("manager").only(*LIST_COLUMNS)


def get_customer(grants: Grants, customer_id: int) -> Customer:
    rows = visible_customers(grants).select_related("manager", "referrer", "unit")
    customer = rows.filter(pk=customer_id).first()
    if customer is None:
        raise customer_missing()
    return customer


def file_now_at(customer_id: int) -> int | None:
    """The id of the file a merged one led to, however often it was merged since; None when there is none."""
    current = customer_id
    while True:
        # A merge refuses files that are merged already, so the chain has no ring.
        row = Customer.objects.filter(pk=current).only("merged_into_id", "voided_at").first()
        if row is None:
            return None
        if row.merged_into_id is None:
            return current if row.voided_at is None else None
        current = row.merged_into_id


def merged_target(grants: Grants, customer_id: int) -> Customer | None:
    """Where to send somebody who asks for a merged file; None unless both are within their reach."""
    old = in_reach(Customer.objects.filter(pk=customer_id, merged_into__isnull=False), grants)
    if not old.exists():
        return None
    target = file_now_at(customer_id)
    return visible_customers(grants).filter(pk=target).first() if target else None


def live_identity(channel: str, value: str) -> Identity | None:
    """The identity in use of this value, whatever its spelling; None also for a value that cannot be one."""
    normal = normal_identity(channel, value)
    if normal is None:
        return None
    return (
        Identity.objects.filter(channel=channel, value_blind=normal.blind, voided_at__isnull=True)
        .select_related("customer")
        .first()
    )


def customer_by_identity(channel: str, value: str) -> Customer | None:
    """Whose phone, e-mail or account this is, across all units: callers decide what may be shown."""
    identity = live_identity(channel, value)
    return identity.customer if identity is not None and identity.customer.in_use else None


def customer_by_external_id(external_id: str) -> Customer | None:
    """Follows merges: an import that brings the old id again updates the file it was merged into."""
    found = (
        Customer.objects.filter(external_id=external_id, voided_at__isnull=True).first()
        if external_id
        else None
    )
    if found is None or found.merged_into_id is None:
        return found
    target = file_now_at(found.pk)
    return Customer.objects.filter(pk=target).first() if target else None


def customers_by_phone(texts: Collection[str]) -> dict[str, int]:
    """Text → id of the file in use with this phone number, whichever way it is written, across all units."""
    digests = {
        text: blind("phone", number) for text in texts if (number := normal_phone(text)) is not None
    }
    if not digests:
        return {}
    rows = Identity.objects.filter(
        channel="phone",
        value_blind__in=set(digests.values()),
        voided_at__isnull=True,
        customer__voided_at__isnull=True,
        customer__merged_into__isnull=True,
    )
    files = dict(rows.values_list("value_blind", "customer_id"))
    return {text: files[digest] for text, digest in digests.items() if digest in files}


def customers_by_external_id(texts: Collection[str]) -> dict[str, int]:
    """Text → id of the file in use that has this number in another system, across all units."""
    if not texts:
        return {}
    rows = Customer.objects.filter(
        external_id__in=texts, voided_at__isnull=True, merged_into__isnull=True
    )
    return dict(rows.values_list("external_id", "pk"))
