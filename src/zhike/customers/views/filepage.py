"""What the customer's page shows, tab by tab."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.customers.cards import ShownFigure, figures_of, manager_name, own_figures, timeline_page
from zhike.customers.changes import ChangePage, change_page
from zhike.customers.choices import Channel, CustomerKind, FieldKind, NeedState, Stage
from zhike.customers.forms import (
    AddressForm,
    IdentityForm,
    NeedForm,
    PreferenceForm,
    StageForm,
)
from zhike.customers.labels import missing_labels
from zhike.customers.models import (
    Address,
    Customer,
    CustomerStageChange,
    CustomFieldDefinition,
    Identity,
    MergeJournal,
    Need,
    Preference,
)
from zhike.customers.permissions import ADDRESS, EDIT, ERASE, MERGE, TEXT, field_of, may_reveal
from zhike.customers.selectors import visible_customers
from zhike.customers.services.copies import Facts, completeness_of
from zhike.customers.services.custom_fields import definitions_for
from zhike.customers.slots import ACTIONS, PANELS, TIMELINE_GROUPS, FilePanel

OWN_TABS = ("timeline", "changes", "details")
MOST_PEOPLE = 20


@dataclass(frozen=True)
class FileTab:
    key: str
    label: Any
    count: int | None
    is_active: bool


@dataclass(frozen=True)
class Said:
    label: str
    value: str


def _reveals(grants: Grants) -> dict[str, Any]:
    return {
        "can_reveal": may_reveal(grants, TEXT),
        "reveals": lambda channel: may_reveal(grants, field_of(channel)),
        "reveals_address": may_reveal(grants, ADDRESS),
    }


def file_context(
    request: HttpRequest, customer: Customer, grants: Grants, tab: str = ""
) -> dict[str, Any]:
    panels, active = _active_tab(request, grants, tab)
    identities = list(
        Identity.objects.filter(customer=customer, voided_at__isnull=True).order_by(
            "-is_primary", "pk"
        )
    )
    preferences = list(
        Preference.objects.filter(customer=customer, voided_at__isnull=True).order_by(
            "-is_caution", "-at", "-pk"
        )[:50]
    )
    addresses = list(
        Address.objects.filter(customer=customer, voided_at__isnull=True)
        .select_related("region")
        .order_by("-is_primary", "pk")
    )
    people = _people(customer, grants)
    definitions = definitions_for(customer.kind)
    figures = list(figures_of(customer, grants))
    facts = Facts(
        ways=identities,
        has_address=bool(addresses),
        habits=[row.value for row in preferences],
        has_people=bool(people),
        required=[d.code for d in definitions if d.required],
    )
    context: dict[str, Any] = {
        "customer": customer,
        "topic": f"customer:{customer.pk}",
        "manager_name": manager_name(customer),
        "main_phone": next((i for i in identities if i.channel == Channel.PHONE), None),
        "identities": identities,
        "doubled": {c for c, n in Counter(i.channel for i in identities).items() if n > 1},
        "addresses": addresses,
        "preferences": preferences,
        "cautions": [row.value for row in preferences if row.is_caution],
        "needs": list(
            Need.objects.filter(customer=customer, state=NeedState.OPEN).order_by("-pk")[:20]
        ),
        "people": people,
        "said": said_custom(customer, definitions),
        "missing": missing_labels(completeness_of(customer, facts).missing, definitions)[:3],
        "figures": [*figures, *own_figures(customer)],
        "actions": _actions(customer, grants),
        "can_edit": grants.allows(EDIT),
        **_reveals(grants),
        "can_merge": grants.allows(MERGE),
        "can_erase": grants.allows(ERASE),
        "preference_form": PreferenceForm(auto_id="pref_%s"),
        "need_form": NeedForm(auto_id="need_%s"),
        "stage_form": StageForm(auto_id="stage_%s", initial={"stage": customer.stage}),
        "tabs": _tabs(panels, figures, active),
        "tab": active,
    }
    context |= _tab_context(request, customer, grants, panels, active)
    return context


def _active_tab(request: HttpRequest, grants: Grants, tab: str) -> tuple[list[FilePanel], str]:
    panels = [p for p in PANELS if not p.permission or grants.allows(p.permission)]
    panels.sort(key=lambda p: p.order)
    asked = tab or request.GET.get("tab", "")
    known = (*OWN_TABS, *(panel.key for panel in panels))
    return panels, asked if asked in known else "timeline"


def _tabs(
    panels: Sequence[FilePanel], figures: Sequence[ShownFigure], active: str
) -> list[FileTab]:
    totals = {shown.key: shown.figure.total for shown in figures}
    # Not counted: a long history would be walked for a number nobody asked for.
    tabs = [FileTab("timeline", _("Dealings"), None, active == "timeline")]
    for panel in panels:
        count = totals.get(panel.counted_by) if panel.counted_by else None
        tabs.append(FileTab(panel.key, panel.label, count, active == panel.key))
    tabs.append(FileTab("changes", _("Changes"), None, active == "changes"))
    tabs.append(FileTab("details", _("Details"), None, active == "details"))
    return tabs


def _tab_context(
    request: HttpRequest,
    customer: Customer,
    grants: Grants,
    panels: Sequence[FilePanel],
    active: str,
) -> Mapping[str, Any]:
    if active == "timeline":
        group = request.GET.get("group", "")
        group = group if group in TIMELINE_GROUPS else ""
        return {
            "group": group,
            "groups": group_choices(),
            "timeline": timeline_page(customer, grants, group, request.GET.get("before", "")),
        }
    if active == "changes":
        page: ChangePage = change_page(customer, request.GET.get("before", ""))
        return {"changes": page}
    if active == "details":
        return {
            "identity_form": IdentityForm(auto_id="way_%s"),
            "address_form": AddressForm(auto_id="place_%s"),
            "stage_changes": list(
                CustomerStageChange.objects.filter(customer=customer).order_by("-pk")[:20]
            ),
            "merges": list(
                MergeJournal.objects.filter(keep=customer)
                .select_related("drop")
                .order_by("-pk")[:20]
            ),
            "stages": Stage.choices,
        }
    panel = next(p for p in panels if p.key == active)
    return {"panel": panel, **panel.context(request, customer, grants)}


def group_choices() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        ("talk", _("Talks")),
        ("service", _("Service")),
        ("purchase", _("Purchases")),
        ("care", _("Care")),
        ("file", _("File")),
    ]


def _people(customer: Customer, grants: Grants) -> list[Customer]:
    """The people of an organisation, as far as one may see them."""
    if customer.kind != CustomerKind.ORGANISATION:
        return []
    rows = visible_customers(grants).filter(organisation=customer).order_by("name_key", "pk")
    return list(rows.only("name", "organisation_role", "phone_mask", "tier", "kind")[:MOST_PEOPLE])


def _actions(customer: Customer, grants: Grants) -> list[dict[str, Any]]:
    shown = [a for a in ACTIONS if not a.permission or grants.allows(a.permission)]
    return [
        {"label": a.label, "icon": a.icon, "url": a.url(customer), "is_primary": a.is_primary}
        for a in sorted(shown, key=lambda a: a.order)
    ]


def said_custom(customer: Customer, definitions: Sequence[CustomFieldDefinition]) -> list[Said]:
    """What the company's own fields say about this customer."""
    said: list[Said] = []
    for definition in definitions:
        value = customer.custom.get(definition.code)
        if value in (None, ""):
            continue
        if definition.kind == FieldKind.BOOL:
            value = _("Yes") if value else _("No")
        said.append(Said(definition.label, str(value)))
    return said
