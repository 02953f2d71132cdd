from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "customers.view"
EDIT = "customers.edit"
REVEAL = "customers.reveal"
MERGE = "customers.merge"
EXPORT = "customers.export"
ERASE = "customers.erase"


def register() -> None:
    for code, label in (
        (VIEW, _("See customers")),
        (EDIT, _("Add and edit customers")),
        (REVEAL, _("Look at full phone numbers, ID numbers and addresses")),
        (MERGE, _("Merge customers and take merges apart")),
        (EXPORT, _("Export customers")),
        (ERASE, _("Erase customers on request")),
    ):
        PERMISSIONS.fill(Permission(code, label, "customers"))
