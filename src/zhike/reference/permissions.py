from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "reference.view"
MANAGE = "reference.manage"


def register() -> None:
    for code, label in (
        (VIEW, _("Read reference values of others")),
        (MANAGE, _("Change reference values of others")),
    ):
        PERMISSIONS.fill(Permission(code, label, "reports"))
