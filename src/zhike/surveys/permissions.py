from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "surveys.view"
MANAGE = "surveys.manage"


def register() -> None:
    for code, label in (
        (VIEW, _("Look at questionnaires and their results")),
        (MANAGE, _("Write questionnaires, publish them and hand out their links")),
    ):
        PERMISSIONS.fill(Permission(code, label, "surveys"))
