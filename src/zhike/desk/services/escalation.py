"""The levels of escalation: permission `settings.manage`, one audit row each."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import DueUnit
from zhike.core.work import Actor, Work
from zhike.desk.models import STILL_OPEN, Case, EscalationLevel
from zhike.desk.models.escalation import Receiver
from zhike.desk.services.types import MANAGE_SETTINGS

MOST = {DueUnit.BUSINESS_MINUTES: 10_080, DueUnit.BUSINESS_DAYS: 60}


def add_level(
    *, actor: Actor, grants: Grants, amount: int, unit: str, receivers: Sequence[str]
) -> EscalationLevel:
    grants.require(MANAGE_SETTINGS)
    _check(amount, unit, receivers)
    with work.unit(actor) as doing:
        level = EscalationLevel(after_amount=amount, after_unit=unit, receivers=_ordered(receivers))
        _save(level)
        doing.audit("desk.escalation.add", level, after=_words(level))
        _look_again(doing)
    return level


def change_level(
    *,
    actor: Actor,
    grants: Grants,
    level_id: int,
    amount: int,
    unit: str,
    receivers: Sequence[str],
) -> EscalationLevel:
    """Raises NotFound. What was told by this level stays told."""
    grants.require(MANAGE_SETTINGS)
    _check(amount, unit, receivers)
    with work.unit(actor) as doing:
        level = _locked(level_id)
        before = _words(level)
        level.after_amount, level.after_unit = amount, unit
        level.receivers = _ordered(receivers)
        old, new = work.changes(before, _words(level))
        if new:
            _save(level)
            doing.audit("desk.escalation.change", level, before=old, after=new)
            _look_again(doing)
    return level


def remove_level(*, actor: Actor, grants: Grants, level_id: int) -> None:
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as doing:
        level = _locked(level_id)
        doing.audit("desk.escalation.remove", level, before=_words(level))
        level.delete()


def _check(amount: int, unit: str, receivers: Sequence[str]) -> None:
    if unit not in MOST:
        raise RuleError("escalation_unit", _("Please choose minutes or days."), field="unit")
    least = 0 if unit == DueUnit.BUSINESS_MINUTES else 1
    most = MOST[DueUnit(unit)]
    if not least <= amount <= most:
        raise RuleError(
            "escalation_amount",
            _("Between %(least)s and %(most)s, please.") % {"least": least, "most": most},
            field="amount",
        )
    if not receivers or any(one not in Receiver.values for one in receivers):
        raise RuleError("escalation_receivers", _("Please choose who is told."), field="receivers")


def _ordered(receivers: Sequence[str]) -> list[str]:
    return [one for one in Receiver.values if one in receivers]


def _save(level: EscalationLevel) -> None:
    try:
        with transaction.atomic():
            level.save()
    except IntegrityError as error:
        raise Conflict(
            "escalation_twice", _("There is already a level at that time."), field="amount"
        ) from error


def _look_again(doing: Work) -> None:
    """Cases that are over their time may have somebody more to tell: the next round finds out."""
    Case.objects.filter(STILL_OPEN, queue_at__lte=doing.now).update(alarm_at=doing.now)


def _locked(level_id: int) -> EscalationLevel:
    level = EscalationLevel.objects.select_for_update().filter(pk=level_id).first()
    if level is None:
        raise NotFound
    return level


def _words(level: EscalationLevel) -> dict[str, Any]:
    return {
        "amount": level.after_amount,
        "unit": level.after_unit,
        "receivers": list(level.receivers),
    }
