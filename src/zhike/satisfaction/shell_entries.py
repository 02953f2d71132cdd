"""Where indexes are found."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import MENU, MenuEntry
from zhike.satisfaction.permissions import MANAGE, VIEW


def register() -> None:
    MENU.fill(
        MenuEntry(
            "satisfaction",
            _("Satisfaction index"),
            "chart-radar",
            "satisfaction:list",
            permission=VIEW,
            group="quality",
            order=70,
        )
    )
    MENU.fill(
        MenuEntry(
            "ask-rules",
            _("Automatic sending"),
            "mail-forward",
            "satisfaction:rules",
            permission=MANAGE,
            group="quality",
            order=15,
        )
    )
