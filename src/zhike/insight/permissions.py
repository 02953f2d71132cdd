"""Who reads reports, who settles by hand, who finalises a week."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission
from zhike.desk.permissions import ASSIGN

VIEW = "reports.view"
# Settling a day by hand is for whoever keeps the settings; by itself a job does it.
MANAGE = "settings.manage"
# A week is finalised, and its measures kept, by whoever leads a desk.
FINALISE = ASSIGN


def register() -> None:
    PERMISSIONS.fill(Permission(VIEW, _("Read settlements and weekly summaries"), "reports"))
