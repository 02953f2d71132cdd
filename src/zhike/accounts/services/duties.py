"""Switching on that system, security and audit lie with three people, and off again."""

from django.utils.translation import gettext as _

from zhike.accounts.models import AccessRules
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import granting
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError


def keep_apart(*, actor: work.Actor, grants: Grants, apart: bool) -> None:
    """Switched on only when nobody has to change any more and each duty lies with somebody."""
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        before = granting.duties_apart()
        if apart == before:
            return
        if apart:
            _refuse_unready()
        row, _made = AccessRules.objects.update_or_create(pk=1, defaults={"duties_apart": apart})
        unit.audit(
            "accounts.duties.apart",
            row,
            before={"duties_apart": before},
            after={"duties_apart": apart},
        )


def _refuse_unready() -> None:
    if granting.missing_duties():
        raise RuleError("duty_missing", _("Each of the three duties needs somebody first."))
    if granting.breaches():
        raise RuleError(
            "duties_meet_now", _("The people listed here hold more than one duty allows.")
        )
