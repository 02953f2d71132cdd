"""What one may do with complaints beyond what one may do with cases."""

from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

APPROVE = "complaints.approve"
ANSWER = "notices.answer"
MANAGE_NOTICES = "notices.manage"


def register() -> None:
    for code, label in (
        (APPROVE, _("Approve remedies, skip steps, decide on pranks")),
        (ANSWER, _("Answer notices sent to oneself or one's department")),
        (MANAGE_NOTICES, _("See all notices within reach, check and withdraw them")),
    ):
        PERMISSIONS.fill(Permission(code, label, "complaints"))
