"""Conditions of the list of customers: what it can be narrowed by, of what its reader is shown."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.listing import Choice, DateRange, Filter, Flag
from zhike.customers.choices import (
    AgeBand,
    CompanyType,
    CustomerKind,
    FieldKind,
    IncomeBand,
    Sex,
    Silence,
    Stage,
    Tier,
)
from zhike.customers.forms import managers
from zhike.customers.masks import writable_definitions
from zhike.customers.models import CustomFieldDefinition, Region, Tag
from zhike.customers.permissions import BIRTHDAY, INCOME, SEX, is_open


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


def _of_ages(rows: Any, chosen: list[str]) -> Any:
    """By the year of birth: who turns 30 this year counts as 30 all year, as the day is often not told."""
    year, of_one = clock.today().year, Q(pk__in=[])
    for band in chosen:
        youngest, _dash, oldest = band.partition("-")
        of_one |= Q(birth_year__range=(year - int(oldest), year - int(youngest)))
    return rows.filter(of_one)


def _silent_for(rows: Any, chosen: list[str]) -> Any:
    """Whoever was never in contact counts from the day the file was opened."""
    before = clock.now() - timedelta(days=int(chosen[0]))
    return rows.filter(
        Q(last_contact_at__lt=before) | Q(last_contact_at=None, created_at__lt=before)
    )


def _personal_filters(grants: Grants) -> Iterable[Filter]:
    """Whoever is kept from a value cannot look for it either."""
    if is_open(grants, SEX):
        yield Choice("sex", _("Sex"), Sex.choices, field="sex", multiple=True, more=True)
    if is_open(grants, BIRTHDAY):
        yield Choice("age", _("Age"), AgeBand.choices, narrow=_of_ages, multiple=True, more=True)
    if is_open(grants, INCOME):
        yield Choice(
            "income",
            _("Household income"),
            IncomeBand.choices,
            field="income_band",
            multiple=True,
            more=True,
        )


def file_filters(
    definitions: Sequence[CustomFieldDefinition], grants: Grants
) -> tuple[Filter, ...]:
    """All but the words searched for and the segments, which are made of these."""
    return (
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
        Choice("tier", _("Tier"), Tier.choices, field="tier", multiple=True, more=True),
        Choice("silent", _("No contact for"), Silence.choices, narrow=_silent_for, more=True),
        *_personal_filters(grants),
        Choice(
            "company",
            _("Kind of company"),
            CompanyType.choices,
            field="company_type",
            multiple=True,
            more=True,
        ),
        Choice("kind", _("Person or organisation"), CustomerKind.choices, field="kind", more=True),
        Flag("orphan", _("Without a manager"), lambda r: r.filter(manager=None), more=True),
        Flag(
            "incomplete",
            _("File less than half complete"),
            lambda r: r.filter(completeness__lt=50),
            more=True,
        ),
        DateRange("created", _("On file since"), field="created_at", more=True),
        *_custom_filters(writable_definitions(grants, definitions, is_new=False)),
    )


def listed_definitions() -> list[CustomFieldDefinition]:
    return list(CustomFieldDefinition.objects.filter(is_active=True, filterable=True))
