"""What nobody may give away or take: more than they hold themselves, and the last way into the house."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.accounts.duties import BOUNDS, Duty, beyond_duty, duties_in
from zhike.accounts.grants import held_by, is_more_open, level_of
from zhike.accounts.models import AccessRules, Role, RoleAssignment, Unit, User
from zhike.core.access import PERMISSIONS, PERSONAL_FIELDS, Grants, ScopeKind
from zhike.core.errors import RuleError


@dataclass(frozen=True)
class RoleGrant:
    role: Role
    scope: str = ""
    unit: Unit | None = None

    @property
    def reach(self) -> str:
        return self.scope or self.role.default_scope

    @property
    def follows_the_person(self) -> bool:
        """It reaches from wherever its holder belongs."""
        return self.unit is None and self.reach in (ScopeKind.UNIT, ScopeKind.SUBTREE)

    @property
    def key(self) -> tuple[int, str, int | None]:
        return self.role.pk, self.reach, self.unit.pk if self.unit is not None else None


@dataclass(frozen=True)
class Breach:
    """Somebody who must change before the duties can lie apart."""

    person: User
    duties: tuple[Duty, ...]
    beyond: tuple[str, ...]


def duties_apart() -> bool:
    return AccessRules.objects.filter(pk=1, duties_apart=True).exists()


def codes_of(role: Role) -> frozenset[str]:
    if role.holds_everything:
        return frozenset(permission.code for permission in PERMISSIONS)
    return frozenset(role.permissions)


def labels_of(codes: Iterable[str]) -> str:
    known = {permission.code: str(permission.label) for permission in PERMISSIONS}
    return "、".join(known.get(code, code) for code in sorted(codes))


def refuse_beyond(
    grants: Grants, user: User, unit: Unit, given: Sequence[RoleGrant], held: Sequence[RoleGrant]
) -> None:
    """Nobody gives what they lack; with duties apart, the security administrator gives it to others alone.

    `unit` is where the person will belong: a role that reaches from there is given anew when they move.
    """
    moves = user.unit_id != unit.pk
    before = [one.key for one in held if not (moves and one.follows_the_person)]
    new = [one for one in given if one.key not in before]
    if duties_apart():
        is_own = user.pk == grants.user_id and grants.user_id is not None
        if is_own and (new or len(given) < len(held)):
            raise RuleError(
                "own_roles",
                _("Nobody changes their own roles while the three duties lie apart."),
                field="roles",
            )
        return
    if not _somebody_holds_everything():
        # Duties that lay apart come together again: otherwise nobody ever could.
        return
    for one in new:
        refuse_codes_beyond(grants, codes_of(one.role), field="roles")
        _refuse_levels_beyond(grants, one.role)
        _refuse_reach_beyond(grants, unit, one)


def refuse_codes_beyond(grants: Grants, codes: frozenset[str], field: str = "permissions") -> None:
    beyond = codes - grants.codes
    if beyond:
        raise RuleError(
            "beyond_own",
            _("You do not hold this yourself, so you cannot give it: %(what)s.")
            % {"what": labels_of(beyond)},
            field=field,
        )


def _refuse_levels_beyond(grants: Grants, role: Role) -> None:
    for field in PERSONAL_FIELDS:
        if is_more_open(level_of(role, field), grants.level(field.code)):
            raise RuleError(
                "level_beyond_own",
                _(
                    "The role “%(role)s” shows more of “%(field)s” than you see, so you cannot give it."
                )
                % {"role": role.label, "field": field.label},
                field="roles",
            )


def _refuse_reach_beyond(grants: Grants, unit: Unit, one: RoleGrant) -> None:
    if one.reach == ScopeKind.OWN or grants.unit_ids is None:
        return
    start = one.unit if one.unit is not None else unit
    if one.reach == ScopeKind.ALL:
        raise _too_far("roles")
    _refuse_units_beyond(grants, start, "roles", with_those_below=one.reach == ScopeKind.SUBTREE)


def refuse_moving_beyond(grants: Grants, unit: Unit, parent: Unit | None) -> None:
    """A unit that moves takes along everybody's reach from above it: only within what one reaches oneself."""
    if grants.unit_ids is None or duties_apart() or not _somebody_holds_everything():
        return
    moves = unit.parent_id != (parent.pk if parent is not None else None)
    _refuse_units_beyond(grants, unit, "name", with_those_below=moves)
    if moves and parent is None:
        raise _too_far("parent")
    if moves and parent is not None:
        _refuse_units_beyond(grants, parent, "parent", with_those_below=False)


def refuse_adding_beyond(grants: Grants, parent: Unit | None) -> None:
    """A new unit lies within the reach of everybody above it, so it is added within one's own alone."""
    if grants.unit_ids is None or duties_apart() or not _somebody_holds_everything():
        return
    if parent is None:
        raise _too_far("parent")
    _refuse_units_beyond(grants, parent, "parent", with_those_below=False)


def _refuse_units_beyond(
    grants: Grants, start: Unit, field: str, *, with_those_below: bool
) -> None:
    reached = {start.pk}
    if with_those_below:
        below = Unit.objects.filter(path__startswith=start.path)
        reached.update(below.values_list("pk", flat=True))
    if not all(grants.reaches_unit(pk) for pk in reached):
        raise _too_far(field)


def _too_far(field: str) -> RuleError:
    return RuleError(
        "reach_beyond_own", _("You do not reach that far over the units yourself."), field=field
    )


def _is_above(grants: Grants, other: Grants) -> bool:
    """Whether somebody may do more, reaches further or is shown more than the first."""
    if other.codes - grants.codes:
        return True
    if grants.unit_ids is not None and (other.unit_ids is None or other.unit_ids - grants.unit_ids):
        return True
    return any(
        is_more_open(other.level(field.code), grants.level(field.code)) for field in PERSONAL_FIELDS
    )


def refuse_above(grants: Grants, user: User) -> None:
    """Whoever holds more than you is not yours to lock out, nor to sign in as with a password you chose."""
    if user.pk == grants.user_id or duties_apart() or not _somebody_holds_everything():
        return
    if _is_above(grants, held_by(User.objects.get(pk=user.pk))):
        raise RuleError(
            "person_above",
            _("%(name)s may do more than you. Please ask an administrator.") % {"name": user.name},
        )


def breaches(people: Iterable[int] | None = None) -> list[Breach]:
    """Active people in whom two duties meet, or a duty and work with customers."""
    rows = RoleAssignment.objects.filter(user__is_active=True).select_related("role", "user")
    if people is not None:
        rows = rows.filter(user__in=list(people))
    held: dict[User, set[str]] = {}
    for row in rows.order_by("user__staff_number"):
        held.setdefault(row.user, set()).update(codes_of(row.role))
    return [
        Breach(person, tuple(duties_in(codes)), tuple(sorted(beyond_duty(codes))))
        for person, codes in held.items()
        if beyond_duty(codes)
    ]


def refuse_breach(people: Iterable[int] | None = None) -> None:
    """Called after writing, inside the unit of work: what breaks the separation is taken back with it."""
    if not duties_apart():
        return
    found = breaches(people)
    if found:
        raise RuleError(
            "duties_meet",
            _("The three duties lie apart. %(name)s would also hold: %(what)s.")
            % {"name": found[0].person.name, "what": labels_of(found[0].beyond)},
            field="roles",
        )


def refuse_house_locked() -> None:
    """Somebody holds everything, or each of the three duties lies with somebody."""
    if not _somebody_holds_everything() and missing_duties():
        raise RuleError(
            "last_administrator",
            _("Somebody must stay administrator. Please name another one first."),
            field="roles",
        )


def missing_duties() -> list[Duty]:
    roles = RoleAssignment.objects.filter(user__is_active=True).select_related("role")
    held = {code for row in roles for code in codes_of(row.role)}
    return [duty for duty, bounds in BOUNDS.items() if bounds.mark not in held]


def _somebody_holds_everything() -> bool:
    rows = RoleAssignment.objects.filter(user__is_active=True, role__holds_everything=True)
    return rows.exists()
