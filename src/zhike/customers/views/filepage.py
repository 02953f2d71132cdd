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
from zhike.customers.labels import field_label, missing_labels
from zhike.customers.masks import (
    is_shown,
    is_writable,
    kind_of,
    may_look,
    personal_codes,
    shown,
    shown_phones,
)
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
from zhike.customers.permissions import (
    ADDRESS,
    EDIT,
    ERASE,
    MERGE,
    TEXT,
    field_of,
    is_hidden,
    may_reveal,
    open_channels,
)
from zhike.customers.segments import known_segments
from zhike.customers.selectors import visible_customers
from zhike.customers.services.copies import Facts, completeness_of
from zhike.customers.services.custom_fields import definitions_for
from zhike.customers.services.looks import VALUES
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
    # As `reveal_field` names it, where the whole may be looked at.
    look: str = ""


def _reveals(grants: Grants) -> dict[str, Any]:
    return {
        "can_reveal": may_reveal(grants, TEXT),
        "closed": {
            "ways": set(Channel.values) - set(open_channels(grants)),
            "address": is_hidden(grants, ADDRESS),
        },
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
    shown_ways = [way for way in identities if not is_hidden(grants, field_of(way.channel))]
    context: dict[str, Any] = {
        "customer": customer,
        "topic": f"customer:{customer.pk}",
        "manager_name": manager_name(customer),
        "main_phone": next((i for i in shown_ways if i.channel == Channel.PHONE), None),
        "identities": shown_ways,
        "doubled": {c for c, n in Counter(i.channel for i in shown_ways).items() if n > 1},
        "addresses": [] if is_hidden(grants, ADDRESS) else addresses,
        "preferences": preferences,
        "cautions": [row.value for row in preferences if row.is_caution],
        "needs": _needs(customer),
        "people": people,
        "said": said_custom(customer, definitions, grants),
        "personal": said_personal(customer, grants),
        "missing": missing_labels(_asked(customer, facts, definitions, grants), definitions)[:3],
        "figures": [*figures, *own_figures(customer, grants)],
        "actions": _actions(customer, grants),
        "can_edit": grants.allows(EDIT),
        "has_segments": bool(known_segments(grants)),
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


def _needs(customer: Customer) -> list[Need]:
    return list(Need.objects.filter(customer=customer, state=NeedState.OPEN).order_by("-pk")[:20])


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
        page: ChangePage = change_page(customer, grants, request.GET.get("before", ""))
        return {"changes": page}
    if active == "details":
        return {
            "identity_form": IdentityForm(auto_id="way_%s", channels=open_channels(grants)),
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
    columns = ("name", "organisation_role", "phone_mask", "tier", "kind")
    return shown_phones(grants, rows.only(*columns)[:MOST_PEOPLE])


def _actions(customer: Customer, grants: Grants) -> list[dict[str, Any]]:
    shown = [a for a in ACTIONS if not a.permission or grants.allows(a.permission)]
    return [
        {"label": a.label, "icon": a.icon, "url": a.url(customer), "is_primary": a.is_primary}
        for a in sorted(shown, key=lambda a: a.order)
    ]


def _asked(
    customer: Customer, facts: Facts, definitions: Sequence[CustomFieldDefinition], grants: Grants
) -> list[str]:
    """What the file lacks, of what the reader could fill in."""
    personal = personal_codes(definitions)
    kinds = {"contact": "identity.phone"}
    return [
        key
        for key in completeness_of(customer, facts).missing
        if is_writable(grants, kinds.get(key, key), personal, is_new=False)
    ]


def said_personal(customer: Customer, grants: Grants) -> list[Said]:
    """What the file tells of the person, as far as the reader is shown it."""
    told = ((field, read(customer)) for field, read in VALUES.items())
    return [
        Said(
            field_label(field, {}),
            str(shown(grants, field, value)),
            field if may_look(grants, kind_of(field)) else "",
        )
        for field, value in told
        if value and is_shown(grants, field)
    ]


def said_custom(
    customer: Customer, definitions: Sequence[CustomFieldDefinition], grants: Grants
) -> list[Said]:
    """What the company's own fields say about this customer."""
    said: list[Said] = []
    personal = personal_codes(definitions)
    for definition in definitions:
        field = f"custom.{definition.code}"
        value = customer.custom.get(definition.code)
        if value in (None, "") or not is_shown(grants, field, personal):
            continue
        if definition.kind == FieldKind.BOOL:
            value = _("Yes") if value else _("No")
        kind = kind_of(field, personal)
        look = field if kind and may_look(grants, kind) else ""
        said.append(Said(definition.label, str(shown(grants, field, value, personal)), look))
    return said
