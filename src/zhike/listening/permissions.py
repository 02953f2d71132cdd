from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "feedback.view"
MANAGE = "feedback.manage"
EXPORT = "feedback.export"


def register() -> None:
    for code, label in (
        (VIEW, _("Read customers' words")),
        (MANAGE, _("Record customers' words and act on them")),
        (EXPORT, _("Export customers' words")),
    ):
        PERMISSIONS.fill(Permission(code, label, "listening"))
