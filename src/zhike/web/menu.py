"""Menu entries of the pages that belong to no single room."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.permissions import (
    MANAGE_ACCOUNTS,
    MANAGE_SETTINGS,
    MANAGE_TOKENS,
    RUN_IMPORTS,
    VIEW_AUDIT,
    VIEW_JOBS,
)
from zhike.core.exporter.register import VIEW_ALL as VIEW_EXPORTS
from zhike.core.outbox import CARRIERS
from zhike.core.outbox.moving import METRIC
from zhike.core.outbox.rights import MANAGE
from zhike.core.outbox.rules import TO_DECIDE
from zhike.core.retention.services import MANAGE as MANAGE_RETENTION
from zhike.core.shell import MENU, NOTICES, MenuEntry, Notice, ReachCount

ENTRIES = (
    MenuEntry("home", _("My day"), "sun", "web:home", order=0, phone=True, go_key="h"),
    MenuEntry(
        "people",
        _("People and units"),
        "users-group",
        "accounts:people",
        permission=MANAGE_ACCOUNTS,
        group="admin",
        order=10,
    ),
    MenuEntry(
        "imports",
        _("Imports"),
        "database-import",
        "web:imports",
        permission=RUN_IMPORTS,
        group="people",
        order=60,
    ),
    MenuEntry(
        "outbox",
        _("Outbox"),
        "send",
        "web:outbox",
        permission=MANAGE,
        group="people",
        order=55,
        within_reach=ReachCount(METRIC, tuple(sorted(TO_DECIDE))),
        # Without a channel there is nothing to send.
        is_shown=lambda: len(CARRIERS) > 0,
    ),
    MenuEntry(
        "calendars",
        _("Working hours"),
        "clock",
        "web:calendars",
        permission=MANAGE_SETTINGS,
        group="admin",
        order=40,
    ),
    MenuEntry(
        "due-plans",
        _("Service time plans"),
        "hourglass",
        "web:due-plans",
        permission=MANAGE_SETTINGS,
        group="admin",
        order=41,
    ),
    MenuEntry(
        "jobs",
        _("Background jobs"),
        "list-check",
        "web:jobs",
        permission=VIEW_JOBS,
        group="admin",
        order=60,
    ),
    MenuEntry(
        "audit",
        _("Audit log"),
        "shield-check",
        "web:audit",
        permission=VIEW_AUDIT,
        group="admin",
        order=70,
    ),
    MenuEntry(
        "exports",
        _("Export register"),
        "download",
        "web:exports",
        permission=VIEW_EXPORTS,
        group="admin",
        order=72,
    ),
    MenuEntry(
        "retention",
        _("Retention"),
        "hourglass",
        "web:retention",
        permission=MANAGE_RETENTION,
        group="admin",
        order=74,
    ),
    MenuEntry(
        "tokens",
        pgettext_lazy("menu", "API tokens"),
        "key",
        "accounts:tokens",
        permission=MANAGE_TOKENS,
        group="admin",
        order=80,
    ),
)


def fill() -> None:
    for entry in ENTRIES:
        MENU.fill(entry)
    NOTICES.fill(
        Notice(
            "audit.fault", _("The audit log does not hold together. Look at once"), "alert-triangle"
        )
    )
    NOTICES.fill(Notice("jobs.failed", _("A background job failed: %(job)s"), "alert-circle"))
    NOTICES.fill(
        Notice(
            "calendar.dates_missing",
            _("The days off of %(year)s are not complete yet: %(calendars)s"),
            "calendar",
        )
    )
    NOTICES.fill(Notice("import.done", _("“%(name)s” is imported: %(n)s rows"), "database-import"))
