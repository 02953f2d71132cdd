"""Where reports are found."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import MENU, MenuEntry
from zhike.insight.permissions import VIEW


def register() -> None:
    MENU.fill(
        MenuEntry(
            "reports",
            _("Reports"),
            "report-analytics",
            "insight:home",
            permission=VIEW,
            group="quality",
            order=80,
            go_key="w",
        )
    )
