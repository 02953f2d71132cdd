from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, Permission

# Who speaks with customers takes a request in; who answers for it checks, hands out, refuses.
TAKE = "data_requests.take"
HANDLE = "data_requests.handle"


def register() -> None:
    for code, label in (
        (TAKE, _("Take in requests about personal data")),
        (HANDLE, _("Answer requests about personal data")),
    ):
        PERMISSIONS.fill(Permission(code, label, "customers"))
