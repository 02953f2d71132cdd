"""Permissions that belong to the house itself; other rooms register their own."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission
from zhike.core.outbox import rights

MANAGE_ACCOUNTS = "accounts.manage"
MANAGE_SETTINGS = "settings.manage"
VIEW_AUDIT = "audit.view"
VIEW_JOBS = "jobs.view"
RUN_IMPORTS = "imports.run"
MANAGE_TOKENS = "tokens.manage"
MANAGE_OUTBOX = rights.MANAGE


def register() -> None:
    for code, label in (
        (MANAGE_ACCOUNTS, _("Manage people, roles and units")),
        (MANAGE_SETTINGS, _("Change settings")),
        (VIEW_AUDIT, _("Read the audit log")),
        (VIEW_JOBS, _("See and manage background jobs")),
        (RUN_IMPORTS, _("Import files")),
        (MANAGE_OUTBOX, _("See messages on their way to customers, and decide on uncertain ones")),
        (MANAGE_TOKENS, _("Make API tokens")),
    ):
        PERMISSIONS.fill(Permission(code, label, "house"))
