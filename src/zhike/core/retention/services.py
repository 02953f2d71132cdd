from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import RuleError
from zhike.core.models import RetentionPolicy, RetentionRun
from zhike.core.models.retention import MOST_DAYS
from zhike.core.retention.classes import CLASSES, DataClass

MANAGE = "retention.manage"
# Counted exactly so far; beyond it the page says "more than".
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Overview:
    """A class with what holds for it now."""

    kind: DataClass
    days: int
    is_on: bool
    policy: RetentionPolicy | None
    last: RetentionRun | None


def overview() -> list[Overview]:
    policies = {row.key: row for row in RetentionPolicy.objects.all()}
    last: dict[str, RetentionRun] = {}
    for run in RetentionRun.objects.order_by("-pk")[:200]:
        last.setdefault(run.key, run)
    found = [_of(kind, policies, last) for kind in CLASSES]
    return sorted(found, key=lambda one: (one.kind.order, one.kind.key))


def _of(
    kind: DataClass, policies: Mapping[str, RetentionPolicy], last: Mapping[str, RetentionRun]
) -> Overview:
    policy = policies.get(kind.key)
    return Overview(
        kind=kind,
        days=policy.days if policy else kind.default_days,
        is_on=policy.is_on if policy else kind.is_on,
        policy=policy,
        last=last.get(kind.key),
    )


def class_named(key: str) -> DataClass:
    """Raises NotFound."""
    kind = CLASSES.get(key)
    if kind is None:
        raise NotFound(_("There is no such class of data."), "retention_class_missing")
    return kind


def kept_days(key: str) -> int:
    """How long a class is kept now."""
    policy = RetentionPolicy.objects.filter(key=key).first()
    return policy.days if policy else class_named(key).default_days


def count_over(key: str, days: int) -> int:
    """How many rows would end now if they were kept so long: asked before it is decided."""
    kind = class_named(key)
    _check(kind, days)
    assert kind.rows is not None
    cutoff = clock.now() - timedelta(days=days)
    return kind.rows(cutoff).order_by().values("pk")[:MOST_COUNTED].count()


def save_policy(
    *, actor: work.Actor, grants: Grants, key: str, days: int, is_on: bool
) -> RetentionPolicy:
    grants.require(MANAGE)
    kind = class_named(key)
    _check(kind, days)
    with work.unit(actor) as unit:
        row = RetentionPolicy.objects.select_for_update().filter(key=key).first()
        before: dict[str, Any] = {"days": row.days, "on": row.is_on} if row else {}
        row = row or RetentionPolicy(key=key)
        row.days, row.is_on = days, is_on
        row.changed_at, row.changed_by_name = unit.now, actor.name
        row.save()
        old, new = work.changes(before, {"days": days, "on": is_on})
        if new:
            unit.audit(
                "core.retention.save", row, before=old, after={"label": str(kind.label), **new}
            )
    return row


def _check(kind: DataClass, days: int) -> None:
    if kind.is_fixed:
        raise RuleError(
            "retention_fixed", _("How long these are kept is not to be chosen."), field="days"
        )
    if not kind.least_days <= days <= MOST_DAYS:
        raise RuleError(
            "retention_days",
            _("At least %(least)s and at most %(most)s days, please.")
            % {"least": kind.least_days, "most": MOST_DAYS},
            field="days",
        )
