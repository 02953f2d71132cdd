"""Where the desk's pages are found: menu, "New", export."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.core.exporter.kinds import KINDS
from zhike.core.importer import KINDS as IMPORT_KINDS
from zhike.core.shell import CREATE, MENU, CreateEntry, MenuEntry
from zhike.desk import permissions
from zhike.desk.case_export import CaseExport
from zhike.desk.importing import CaseImport
from zhike.desk.services.types import MANAGE_SETTINGS


def _own_work(grants: Grants) -> int | None:
    from zhike.desk.views.queue import todo_count

    return todo_count(grants)


def register() -> None:
    MENU.fill(
        MenuEntry(
            "desk",
            _("Service desk"),
            "inbox",
            "desk:queue",
            permission=permissions.VIEW,
            group="today",
            order=20,
            count=_own_work,
            phone=True,
            go_key="q",
        )
    )
    MENU.fill(
        MenuEntry(
            "case-types",
            _("Case types"),
            "tag",
            "desk:types",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=40,
        )
    )
    CREATE.fill(
        CreateEntry(
            "case", _("Case"), "inbox", "desk:case-create", permission=permissions.CREATE, order=10
        )
    )
    KINDS.fill(CaseExport())
    IMPORT_KINDS.fill(CaseImport())
