"""What one may do with cases."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "cases.view"
CREATE = "cases.create"
WORK = "cases.work"
HANDOVER = "cases.handover"
ASSIGN = "cases.assign"
MERGE = "cases.merge"
EXPORT = "cases.export"


def register() -> None:
    for code, label in (
        (VIEW, _("See cases")),
        (CREATE, _("Take in cases")),
        (WORK, _("Answer and close cases")),
        (HANDOVER, _("Hand over own cases")),
        (ASSIGN, _("Assign and take over anybody's cases")),
        (MERGE, _("Merge and split cases")),
        (EXPORT, _("Export cases")),
    ):
        PERMISSIONS.fill(Permission(code, label, "cases"))
