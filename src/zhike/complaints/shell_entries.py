"""Where complaints are found: menu, export."""

from django.utils.translation import gettext_lazy as _

from zhike.complaints.exporting import ComplaintExport
from zhike.complaints.services.ways_out import MANAGE_SETTINGS
from zhike.core.exporter.kinds import KINDS
from zhike.core.shell import MENU, MenuEntry
from zhike.desk.permissions import VIEW


def register() -> None:
    MENU.fill(
        MenuEntry(
            "complaints",
            _("Complaints"),
            "message-exclamation",
            "complaints:list",
            permission=VIEW,
            group="today",
            order=30,
            go_key="t",
        )
    )
    MENU.fill(
        MenuEntry(
            "way-out-rule",
            _("Not reachable"),
            "phone-off",
            "complaints:rule",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=45,
        )
    )
    KINDS.fill(ComplaintExport())
