"""A user's rights, computed from roles and the tree of units, and kept until either changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zhike.accounts.models import Role, RoleAssignment, Unit, User
from zhike.core import settled
from zhike.core.access import (
    NOBODY,
    PERMISSIONS,
    PERSONAL_FIELDS,
    Grants,
    Level,
    PersonalField,
    ScopeKind,
)
from zhike.core.work import Actor

# Who holds neither is shown no customer file, so such a role opens nothing of one either. The room lies above.
SHOWN_FILES = frozenset({"customers.view", "customers.reveal"})
_OPENNESS = tuple(Level)
_REACH = (ScopeKind.OWN, ScopeKind.UNIT, ScopeKind.SUBTREE, ScopeKind.ALL)


def grants_of_user(user: Any) -> Grants:
    """The rights of a signed-in user, nobody's for anyone else; kept on the user for the rest of the request."""
    # A request's user is lazy: reading an attribute resolves it, and attributes set on it reach the real user.
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return NOBODY
    known: Grants | None = getattr(user, "_zhike_grants", None)
    if known is None:
        stamp = getattr(user, "stamp", None) or ""
        settled_rights = settled.kept(stamp, ("grants", user.pk), lambda: _compute(user))
        known = replace(settled_rights, stamp=stamp)
        user._zhike_grants = known
    return known


def held_by(user: User) -> Grants:
    """What somebody's roles give now, whether or not they may sign in: switched on again they hold it."""
    return _compute(user)


def shows_files(role: Role) -> bool:
    """Whether the levels of this role count, beside others that do."""
    return role.holds_everything or not SHOWN_FILES.isdisjoint(role.permissions)


def is_more_open(level: Level, than: Level) -> bool:
    return _OPENNESS.index(level) < _OPENNESS.index(than)


def people_with(*codes: str) -> list[tuple[User, Grants]]:
    """Active people who hold all of these permissions, by name, with their rights: whom a decision is asked of."""
    roles = [
        role.pk
        for role in Role.objects.all()
        if role.holds_everything or codes[0] in role.permissions
    ]
    holders = RoleAssignment.objects.filter(role__in=roles).values("user")
    people = User.objects.filter(is_active=True, pk__in=holders)
    held: dict[int, list[RoleAssignment]] = {}
    for row in RoleAssignment.objects.filter(user__in=people).select_related("role", "unit"):
        held.setdefault(row.user_id, []).append(row)
    paths = _unit_paths()
    found = [
        (user, _rights(user, held.get(user.pk, []), lambda: paths))
        for user in people.order_by("name", "pk")
    ]
    return [(user, grants) for user, grants in found if grants.codes.issuperset(codes)]


def _compute(user: User) -> Grants:
    assignments = RoleAssignment.objects.filter(user_id=user.pk).select_related("role", "unit")
    return _rights(user, list(assignments))


def _unit_paths() -> dict[int, str]:
    return dict(Unit.objects.values_list("id", "path"))


def _rights(
    user: User,
    assignments: list[RoleAssignment],
    unit_paths: Callable[[], dict[int, str]] = _unit_paths,
) -> Grants:
    codes: set[str] = set()
    widest = ScopeKind.OWN
    for assignment in assignments:
        if assignment.role.holds_everything:
            codes.update(p.code for p in PERMISSIONS)
        codes.update(assignment.role.permissions)
        widest = max(widest, ScopeKind(assignment.scope), key=_REACH.index)
    return Grants(
        user_id=user.pk,
        name=user.name,
        unit_id=user.unit_id,
        codes=frozenset(codes),
        scope=widest,
        levels=_levels([assignment.role for assignment in assignments]),
        unit_ids=None if widest is ScopeKind.ALL else _units(user, assignments, unit_paths),
    )


def _levels(roles: list[Role]) -> tuple[tuple[str, Level], ...]:
    """Rights add up: of each kind of value the most open level counts, of the roles that show customers at all."""
    held = [role for role in roles if shows_files(role)] or roles
    found = []
    for field in PERSONAL_FIELDS if held else ():
        level = min((level_of(role, field) for role in held), key=_OPENNESS.index)
        if level is not field.usual:
            found.append((field.code, level))
    return tuple(found)


def level_of(role: Role, field: PersonalField) -> Level:
    """What one role gives: without the permission a field needs it stays masked at best."""
    level = Level(role.levels.get(field.code, field.usual))
    if role.holds_everything:
        return field.usual
    if level is Level.LOOK or field.needs:
        needed = field.needs or "customers.reveal"
        if needed not in role.permissions:
            return max(level, Level.MASKED, key=_OPENNESS.index)
    return level


def _units(
    user: User, assignments: list[RoleAssignment], unit_paths: Callable[[], dict[int, str]]
) -> frozenset[int]:
    reached: set[int] = set()
    prefixes: list[str] = []
    paths: dict[int, str] | None = None
    for assignment in assignments:
        unit_id = assignment.unit_id or user.unit_id
        if assignment.scope == ScopeKind.OWN:
            continue
        reached.add(unit_id)
        if assignment.scope == ScopeKind.SUBTREE:
            paths = paths if paths is not None else unit_paths()
            prefixes.append(paths[unit_id])
    if paths:
        reached.update(
            unit_id for unit_id, path in paths.items() if any(path.startswith(p) for p in prefixes)
        )
    return frozenset(reached)


def actor_of(user: Any, *, via: str = "page", ip: str = "") -> Actor:
    return Actor(id=user.pk, name=user.name, kind="user", via=via, ip=ip)


def actor_of_request(request: Any, via: str = "page") -> Actor:
    """The signed-in person of a request, with the address it came from."""
    return actor_of(request.user, via=via, ip=getattr(request, "client_ip", "") or "")
