"""Signing in and out are noted in the audit log."""

from zhike.accounts.models import User
from zhike.core import work


def note_sign_in(*, actor: work.Actor, user: User) -> None:
    with work.unit(actor) as unit_of_work:
        user.last_login = unit_of_work.now
        user.save(update_fields=["last_login"])
        unit_of_work.audit("accounts.sign_in", user)


def note_sign_out(*, actor: work.Actor, user: User) -> None:
    with work.unit(actor) as unit_of_work:
        unit_of_work.audit("accounts.sign_out", user)
