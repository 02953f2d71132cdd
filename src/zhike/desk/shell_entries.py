"""Where the desk's pages are found: menu, "New", export."""

from django.utils.translation import gettext_lazy as _

from zhike.core.exporter.kinds import KINDS
from zhike.core.importer import KINDS as IMPORT_KINDS
from zhike.core.shell import CREATE, MENU, CreateEntry, MenuEntry, OwnCount
from zhike.desk import permissions
from zhike.desk.case_export import CaseExport
from zhike.desk.importing import CaseImport
from zhike.desk.phrase_files import PhraseExport, PhraseImport
from zhike.desk.rules import UNDER_WAY
from zhike.desk.services.handling import METRIC
from zhike.desk.services.types import MANAGE_SETTINGS


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
            own=OwnCount(METRIC, tuple(sorted(UNDER_WAY))),
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
    MENU.fill(
        MenuEntry(
            "phrases",
            _("Phrases"),
            "message-2",
            "desk:phrases",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=42,
        )
    )
    MENU.fill(
        MenuEntry(
            "escalation",
            _("Escalation"),
            "bell-ringing",
            "desk:escalation",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=41,
        )
    )
    CREATE.fill(
        CreateEntry(
            "case", _("Case"), "inbox", "desk:case-create", permission=permissions.CREATE, order=10
        )
    )
    KINDS.fill(CaseExport())
    IMPORT_KINDS.fill(CaseImport())
    KINDS.fill(PhraseExport())
    IMPORT_KINDS.fill(PhraseImport())
