"""Where indexes are found."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import MENU, NOTICES, MenuEntry, Notice
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
            "assessments",
            _("Self-assessments"),
            "clipboard-check",
            "satisfaction:assessments",
            permission=VIEW,
            group="quality",
            order=75,
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
    MENU.fill(
        MenuEntry(
            "improvements",
            _("Improvements"),
            "target-arrow",
            "satisfaction:improvements",
            permission=VIEW,
            group="quality",
            order=72,
        )
    )
    NOTICES.fill(
        Notice(
            "satisfaction.improvement",
            _("%(name)s asks you to see to “%(item)s” by %(due)s"),
            "target-arrow",
        )
    )
