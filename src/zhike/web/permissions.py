"""Permissions of the shell itself."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission
from zhike.core.exporter.register import VIEW_ALL
from zhike.core.retention.services import MANAGE as MANAGE_RETENTION

SHARE_VIEWS = "views.share"


def register() -> None:
    PERMISSIONS.fill(Permission(SHARE_VIEWS, _("Share list views with everybody"), "house"))
    PERMISSIONS.fill(Permission(VIEW_ALL, _("See what others have exported"), "house"))
    PERMISSIONS.fill(
        Permission(MANAGE_RETENTION, _("Set how long data are kept, and legal holds"), "house")
    )
