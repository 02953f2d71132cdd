"""The list of customers: what it shows, by what it is narrowed and ordered."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core import counts
from zhike.core.access import Grants
from zhike.core.listing import Batch, Column, Keyword, Listing, Sort, Tab
from zhike.customers.choices import Tier
from zhike.customers.listing_filters import file_filters, listed_definitions
from zhike.customers.models import CustomFieldDefinition
from zhike.customers.permissions import EDIT, MERGE, PHONE, is_hidden
from zhike.customers.searching import matching
from zhike.customers.segments import segment_choice
from zhike.customers.services.recording import COUNTER

__all__ = ["customer_listing", "listed_definitions", "tab_counts"]


def _of_tier(tier: Tier) -> Any:
    return lambda rows: rows.filter(tier=tier)


def customer_listing(definitions: Sequence[CustomFieldDefinition], grants: Grants) -> Listing:
    """Made per request: the company's own filterable fields belong to it, and what the reader is shown."""
    phone = () if is_hidden(grants, PHONE) else (Column("phone", _("Phone")),)
    return Listing(
        "customers",
        columns=(
            Column("name", _("Customer"), sort="name", always=True),
            *phone,
            Column("organisation", _("Organisation"), shown=False),
            Column("region", pgettext_lazy("place", "Region")),
            Column("stage", _("Stage")),
            Column("manager", _("Account manager")),
            Column("tags", _("Tags")),
            Column("completeness", _("File complete"), number=True, shown=False),
            Column("contact", _("Last contact"), sort="contact", number=True),
            Column("created", _("On file since"), sort="created", number=True),
        ),
        tabs=(
            Tab("all", _("All")),
            *(Tab(tier.value, tier.label, _of_tier(tier)) for tier in Tier),
        ),
        filters=(
            Keyword(
                "q",
                _("Name, phone or last four digits, tag, habit"),
                lambda rows, text: matching(rows, text, grants),
            ),
            *file_filters(definitions, grants),
            segment_choice("pk"),
        ),
        sorts=(
            Sort("contact", "last_contact_at", nullable=True),
            Sort("created", "created_at"),
            Sort("name", "name_key"),
        ),
        default_sort="-created",
        batch=(
            Batch(
                "manager",
                _("Name a manager"),
                "user-heart",
                "customers:batch-manager",
                permission=EDIT,
            ),
            Batch("tags", _("Add tags"), "tag", "customers:batch-tags", permission=EDIT),
            Batch("merge", _("Merge"), "git-merge", "customers:batch-merge", permission=MERGE),
        ),
    )


def tab_counts(grants: Grants) -> dict[str, int]:
    by_tier = counts.totals_by_state(COUNTER, grants)
    return {"all": sum(by_tier.values()), **{tier: by_tier.get(tier, 0) for tier in Tier.values}}
