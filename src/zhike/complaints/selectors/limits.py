"""How much somebody may decide alone for one case, how much of it is used, and who may decide on more."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Max

from zhike.accounts.grants import people_with
from zhike.accounts.models import Role, User
from zhike.complaints.choices import RemedyState
from zhike.complaints.models import Remedy, RemedyLimit
from zhike.complaints.permissions import APPROVE
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import may_see

# What was refused or called off gives its amount back.
COUNTED = (RemedyState.FOR_APPROVAL, RemedyState.APPROVED, RemedyState.CARRIED_OUT)


def limit_of(user_id: int | None) -> int:
    """The largest limit of their roles, in cents; nothing for who has none, and for parts of the system."""
    if user_id is None:
        return 0
    found = RemedyLimit.objects.filter(role__assignments__user_id=user_id)
    return found.aggregate(most=Max("limit_cents"))["most"] or 0


def used_in(case_id: int, *, leaving_out: int | None = None) -> int:
    """What the remedies of a case come to, all rounds together: as promised, or as it cost when that is more."""
    rows = Remedy.objects.filter(case_id=case_id, state__in=COUNTED)
    if leaving_out is not None:
        rows = rows.exclude(pk=leaving_out)
    return sum(
        max(amount, cost or 0) for amount, cost in rows.values_list("amount_cents", "cost_cents")
    )


@dataclass(frozen=True)
class Allowance:
    """What one person may still decide alone for one case."""

    limit: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


def allowance(case_id: int, user_id: int | None) -> Allowance:
    return Allowance(limit_of(user_id), used_in(case_id))


def deciders(case: Case, cents: int, *, leaving_out: Collection[int | None] = ()) -> list[User]:
    """Who may decide on `cents` for this case, by name. A decision without money asks for no limit."""
    reaching = [
        user
        for user, grants in people_with(APPROVE, VIEW)
        if user.pk not in leaving_out and may_see(grants, case)
    ]
    if not cents:
        return reaching
    enough = set(
        RemedyLimit.objects.filter(
            limit_cents__gte=cents, role__assignments__user_id__in=[user.pk for user in reaching]
        ).values_list("role__assignments__user_id", flat=True)
    )
    return [user for user in reaching if user.pk in enough]


@dataclass(frozen=True)
class RoleLimit:
    role: Role
    # None: nothing was set, which is as good as 0.
    cents: int | None
    may_approve: bool


def role_limits() -> list[RoleLimit]:
    """Every role with its limit, largest first."""
    known = dict(RemedyLimit.objects.values_list("role_id", "limit_cents"))
    rows = [
        RoleLimit(role, known.get(role.pk), role.holds_everything or APPROVE in role.permissions)
        for role in Role.objects.order_by("pk")
    ]
    return sorted(rows, key=lambda row: -(row.cents or 0))
