"""The list of customers: what it shows, by what it is narrowed and ordered."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core import counts
from zhike.core.access import Grants
from zhike.core.listing import (
    Batch,
    Choice,
    Column,
    DateRange,
    Filter,
    Flag,
    Keyword,
    Listing,
    Sort,
    Tab,
)
from zhike.customers.choices import CustomerKind, FieldKind, Stage, Tier
from zhike.customers.forms import managers
from zhike.customers.masks import writable_definitions
from zhike.customers.models import CustomFieldDefinition, Region, Tag
from zhike.customers.permissions import EDIT, MERGE, PHONE, is_hidden
from zhike.customers.searching import matching
from zhike.customers.services.recording import COUNTER


def _top_regions(grants: Grants) -> list[tuple[str, str]]:
    rows = Region.objects.filter(parent__isnull=True, is_active=True).order_by("position", "name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _in_regions(rows: Any, chosen: list[str]) -> Any:
    within = Region.objects.none()
    for pk in chosen:
        within = within | Region.objects.filter(path__startswith=f"/{pk}/")
    return rows.filter(region_id__in=within.values("pk"))


def _tags(grants: Grants) -> list[tuple[str, str]]:
    rows = Tag.objects.filter(is_active=True)[:200]
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _with_tags(rows: Any, chosen: list[str]) -> Any:
    for pk in chosen:
        rows = rows.filter(pk__in=Tag.objects.filter(pk=pk).values("customer_links__customer_id"))
    return rows


def _custom_filters(definitions: Sequence[CustomFieldDefinition]) -> Iterable[Choice]:
    for definition in definitions:
        if not definition.filterable:
            continue
        if definition.kind == FieldKind.CHOICE:
            options: list[tuple[str, Any]] = [(choice, choice) for choice in definition.choices]
        elif definition.kind == FieldKind.BOOL:
            options = [("1", _("Yes")), ("0", _("No"))]
        else:
            # Texts are found by the keyword; figures and days are filtered through the API.
            continue
        yield Choice(
            f"f_{definition.code}",
            definition.label,
            options,
            narrow=_by_value(definition.pk),
            multiple=True,
            more=True,
        )


def _by_value(definition_id: int) -> Any:
    def narrow(rows: Any, chosen: list[str]) -> Any:
        return rows.filter(field_values__definition_id=definition_id, field_values__text__in=chosen)

    return narrow


def _of_tier(tier: Tier) -> Any:
    return lambda rows: rows.filter(tier=tier)


def _own_filters(grants: Grants) -> tuple[Filter, ...]:
    return (
        Keyword(
            "q",
            _("Name, phone or last four digits, tag, habit"),
            lambda rows, text: matching(rows, text, grants),
        ),
        DateRange("contact", _("Last contact"), field="last_contact_at"),
        Choice("stage", _("Stage"), Stage.choices, field="stage", multiple=True),
        Choice(
            "region",
            pgettext_lazy("place", "Region"),
            _top_regions,
            narrow=_in_regions,
            multiple=True,
        ),
        Choice("manager", _("Account manager"), managers, field="manager_id", multiple=True),
        Choice("tag", _("Tag"), _tags, narrow=_with_tags, multiple=True),
        Choice("kind", _("Person or organisation"), CustomerKind.choices, field="kind", more=True),
        Flag("orphan", _("Without a manager"), lambda r: r.filter(manager=None), more=True),
        Flag(
            "incomplete",
            _("File less than half complete"),
            lambda r: r.filter(completeness__lt=50),
            more=True,
        ),
        DateRange("created", _("On file since"), field="created_at", more=True),
    )


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
            *_own_filters(grants),
            *_custom_filters(writable_definitions(grants, definitions, is_new=False)),
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


def listed_definitions() -> list[CustomFieldDefinition]:
    return list(CustomFieldDefinition.objects.filter(is_active=True, filterable=True))
