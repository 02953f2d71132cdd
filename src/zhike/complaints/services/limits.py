"""Settings: how much each role may decide alone for one case."""

from django.utils.translation import gettext as _

from zhike.accounts.models import Role
from zhike.complaints.models import RemedyLimit
from zhike.complaints.money import MOST_CENTS, is_amount, written
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.work import Actor

MANAGE_SETTINGS = "settings.manage"


def set_limit(*, actor: Actor, grants: Grants, role_id: int, limit_cents: int) -> RemedyLimit:
    """From now on; what was approved before stays approved."""
    grants.require(MANAGE_SETTINGS)
    if not is_amount(limit_cents):
        raise RuleError(
            "amount_wrong",
            _("A limit lies between ¥0 and %(most)s.") % {"most": written(MOST_CENTS)},
            field="limit",
        )
    with work.unit(actor) as unit:
        role = Role.objects.filter(pk=role_id).first()
        if role is None:
            raise NotFound()
        row = RemedyLimit.objects.select_for_update().filter(role=role).first()
        before = row.limit_cents if row is not None else None
        row = row or RemedyLimit(role=role)
        row.limit_cents = limit_cents
        row.save()
        unit.audit(
            "complaints.remedy.limit",
            row,
            before={"limit_cents": before},
            after={"role": role.code, "limit_cents": limit_cents},
        )
    return row
