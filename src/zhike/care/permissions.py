"""What one may do with visits. Calling one off is for those who approve; rules and scripts are settings."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

FOLLOW_UP = "followups.work"
MANAGE_SETTINGS = "settings.manage"


def register() -> None:
    PERMISSIONS.fill(Permission(FOLLOW_UP, _("Make follow-up visits and record them"), "care"))
