from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

VIEW = "surveys.view"
MANAGE = "surveys.manage"
CONTACTS = "surveys.contacts"
FILES = "surveys.files"
EXPORT = "surveys.export"


def register() -> None:
    for code, label in (
        (VIEW, _("Look at questionnaires and their results")),
        (MANAGE, _("Write questionnaires, publish them and hand out their links")),
        (EXPORT, _("Export single answers")),
        (FILES, _("Open photos and files sent in with answers")),
        (CONTACTS, _("See who left how to reach them, and what they answered")),
    ):
        PERMISSIONS.fill(Permission(code, label, "surveys"))
