"""What this room hangs into the slots of others, at start-up."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core import search
from zhike.core.access import Grants
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.importer import KINDS as IMPORT_KINDS
from zhike.core.live.rights import TOPIC_RIGHTS, TopicRight
from zhike.core.search.kinds import SEARCH_KINDS, Hit, Hits, SearchKind, excerpt
from zhike.core.shell import CREATE, MENU, NOTICES, CreateEntry, MenuEntry, Notice
from zhike.customers.choices import Stage
from zhike.customers.consent_panel import consent_panel
from zhike.customers.exporting import CustomerExport
from zhike.customers.importing import CustomerImport
from zhike.customers.models import TimelineEntry
from zhike.customers.permissions import EDIT, PHONE, VIEW, is_hidden
from zhike.customers.searching import findable
from zhike.customers.segments import segments_of
from zhike.customers.selectors import visible_customers
from zhike.customers.services.looking import NOTICE as MANY_LOOKS
from zhike.customers.slots import PANELS, TIMELINE_KINDS, FilePanel, TimelineKind


def fill() -> None:
    IMPORT_KINDS.fill(CustomerImport())
    EXPORT_KINDS.fill(CustomerExport())
    TOPIC_RIGHTS.fill(TopicRight("customer", _may_listen))
    SEARCH_KINDS.fill(
        SearchKind("customer", _("Customers"), "users", VIEW, _find, _count, order=10)
    )
    NOTICES.fill(
        Notice(MANY_LOOKS, _("%(who)s has looked at %(n)s full numbers today"), "alert-triangle")
    )
    _fill_menu()
    _fill_file()


def _fill_menu() -> None:
    MENU.fill(
        MenuEntry(
            "customers",
            _("Customers"),
            "users",
            "customers:list",
            permission=VIEW,
            group="people",
            order=10,
            phone=True,
            go_key="c",
        )
    )
    MENU.fill(
        MenuEntry(
            "segments",
            _("Segments"),
            "users-group",
            "customers:segments",
            permission=VIEW,
            group="people",
            order=12,
        )
    )
    for key, label, icon, url_name, order in (
        ("customer_fields", _("Customer fields"), "list-details", "customers:fields", 40),
        ("customer_tags", _("Customer tags"), "tag", "customers:tags", 41),
        ("regions", _("Regions"), "map-pin", "customers:regions", 42),
        ("contact", _("Consent and contact"), "shield-check", "customers:contact-settings", 43),
    ):
        MENU.fill(
            MenuEntry(
                key, label, icon, url_name, permission="settings.manage", group="admin", order=order
            )
        )
    CREATE.fill(
        CreateEntry(
            "customer", _("Customer"), "user-plus", "customers:create", permission=EDIT, order=20
        )
    )


def _fill_file() -> None:
    PANELS.fill(
        FilePanel(
            "consents",
            _("Consents and looks"),
            "customers/_consents.html",
            consent_panel,
            permission=VIEW,
            order=70,
        )
    )
    PANELS.fill(
        FilePanel(
            "segments",
            _("Segments"),
            "customers/segments/_of_customer.html",
            lambda _request, customer, grants: {"rows": segments_of(grants, customer.pk)},
            permission=VIEW,
            order=60,
        )
    )
    for kind in (
        TimelineKind("customer.created", _("File opened"), "address-book", "file"),
        TimelineKind("customer.stage", _("Stage"), "status-change", "file", title=_stage_title),
        TimelineKind("customer.merged", _("Merged with"), "git-merge", "file"),
        TimelineKind("customer.consent_give", _("Agreed to"), "check", "file", "ok"),
        TimelineKind("customer.consent_withdraw", _("Said no to"), "ban", "file", "warn"),
        TimelineKind("customer.unmerged", _("Merge taken apart"), "git-branch", "file"),
    ):
        TIMELINE_KINDS.fill(kind)


def _stage_title(entry: TimelineEntry) -> str:
    return str(dict(Stage.choices).get(entry.title, entry.title))


def _may_listen(grants: Grants, rest: str) -> bool:
    return visible_customers(grants).filter(pk=int(rest)).exists()


def _find(grants: Grants, query: str, limit: int, before_id: int | None) -> Hits:
    rows = findable(visible_customers(grants), query, grants)
    found = search.find_and_count(rows, query, limit, before_id)
    hits = [
        Hit(
            id=row.pk,
            title=row.name,
            excerpt=search.masked_numbers(excerpt(_told(row), query)),
            url=reverse("customers:file", args=[row.pk]),
            at=row.last_contact_at or row.created_at,
            number="" if is_hidden(grants, PHONE) else row.phone_mask,
            tag=str(row.get_tier_display()),
        )
        for row in found.rows
    ]
    return Hits(hits, found.total)


def _told(row: object) -> str:
    parts = (
        getattr(row, name)
        for name in (
            "salutation",
            "organisation_name",
            "region_name",
            "tags_text",
            "habits_text",
            "remark",
        )
    )
    return " · ".join(part for part in parts if part)


def _count(grants: Grants, query: str) -> int:
    return search.count(findable(visible_customers(grants), query, grants), query)
