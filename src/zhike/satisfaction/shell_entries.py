"""Where indexes are found."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import MENU, MenuEntry
from zhike.satisfaction.permissions import VIEW


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
