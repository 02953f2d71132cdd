"""Who may do what, asked by every room and answered by accounts.

Core holds no users: accounts installs a provider that turns a user into `Grants`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from zhike.core.errors import Forbidden, NotFound
from zhike.core.registry import Slot

__all__ = [
    "Forbidden",
    "Grants",
    "Level",
    "NotFound",
    "Permission",
    "PersonalField",
    "ScopeKind",
    "grants_of",
    "require",
    "require_any",
]


class ScopeKind(StrEnum):
    """How far a permission reaches over the tree of org units."""

    OWN = "own"
    UNIT = "unit"
    SUBTREE = "subtree"
    ALL = "all"


@dataclass(frozen=True)
class Permission:
    code: str
    label: Any
    group: str


class Level(StrEnum):
    """How much of a personal value a role is shown, the most open first."""

    OPEN = "open"
    # A part; the whole on a look that is written down.
    LOOK = "look"
    # A part, and no look.
    MASKED = "masked"
    # Nothing: it is neither shown nor searched by, exported or written.
    HIDDEN = "hidden"


@dataclass(frozen=True)
class PersonalField:
    """A kind of personal value and the levels a role can be set to for it, the usual one first."""

    code: str
    label: Any
    levels: tuple[Level, ...]
    # Seen in full only with a permission of its own, whatever the level.
    needs: str = ""

    @property
    def usual(self) -> Level:
        return self.levels[0]


PERSONAL_FIELDS: Slot[PersonalField] = Slot(
    "core.personal_fields", "Personal values a role can be kept from", key=lambda f: f.code
)
PERMISSIONS: Slot[Permission] = Slot(
    "core.permissions", "Permission codes a role can hold", key=lambda p: p.code
)


@dataclass(frozen=True)
class Grants:
    """The rights of one person, computed once per request.

    `unit_ids` is None when every unit is open. `own_only` means rows they own themselves.
    """

    user_id: int | None
    name: str = ""
    unit_id: int | None = None
    codes: frozenset[str] = frozenset()
    scope: ScopeKind = ScopeKind.OWN
    unit_ids: frozenset[int] | None = field(default_factory=frozenset)
    # (code of `PERSONAL_FIELDS`, level) where it is not the usual one of that field.
    levels: tuple[tuple[str, Level], ...] = ()
    # Under which what seldom changes may be kept (`core.settled`); empty: ask anew.
    stamp: str = field(default="", compare=False)

    def allows(self, code: str) -> bool:
        return code in self.codes

    def require(self, code: str) -> None:
        if code not in self.codes:
            raise Forbidden(code)

    def level(self, field: str) -> Level:
        """How much of such a value this person is shown; a permission the field needs is asked apart."""
        for code, level in self.levels:
            if code == field:
                return level
        known = PERSONAL_FIELDS.get(field)
        if known is None:
            raise LookupError(f"{field} is no personal field.")
        return known.usual

    def limited_to(self, codes: frozenset[str]) -> "Grants":
        """The same person with fewer permissions, as behind a narrow API token."""
        return replace(self, codes=self.codes & codes)

    @property
    def own_only(self) -> bool:
        return self.scope is ScopeKind.OWN

    def reaches_unit(self, unit_id: int | None) -> bool:
        return self.unit_ids is None or (unit_id is not None and unit_id in self.unit_ids)


NOBODY = Grants(user_id=None)
# Services, jobs and the CLI act as named system users, with every right.
_provider: Callable[[Any], Grants] | None = None


def install(provider: Callable[[Any], Grants]) -> None:
    global _provider
    _provider = provider


def grants_of(user: Any) -> Grants:
    if isinstance(user, Grants):
        return user
    if _provider is None:
        raise RuntimeError("No room has installed a provider of rights.")
    return _provider(user)


def require(user: Any, code: str) -> Grants:
    grants = grants_of(user)
    grants.require(code)
    return grants


def require_any(user: Any, *codes: str) -> Grants:
    """One of these permissions will do; the refusal names the first."""
    grants = grants_of(user)
    if not any(grants.allows(code) for code in codes):
        raise Forbidden(codes[0])
    return grants


def everything(name: str) -> Grants:
    """Rights for a named part of the system itself (an import job, the demo company)."""
    return Grants(
        user_id=None,
        name=name,
        codes=frozenset(p.code for p in PERMISSIONS),
        scope=ScopeKind.ALL,
        unit_ids=None,
    )
