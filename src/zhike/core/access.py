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
    "NotFound",
    "Permission",
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


@dataclass(frozen=True)
class SealedField:
    """A kind of personal value a role may be kept from seeing in full, whatever else it may."""

    code: str
    label: Any


SEALED_FIELDS: Slot[SealedField] = Slot(
    "core.sealed_fields", "Personal values a role can be kept from in full", key=lambda f: f.code
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
    # Codes of `SEALED_FIELDS` that stay masked for this person, with the right to reveal or without it.
    masked: frozenset[str] = frozenset()
    # Under which what seldom changes may be kept (`core.settled`); empty: ask anew.
    stamp: str = field(default="", compare=False)

    def allows(self, code: str) -> bool:
        return code in self.codes

    def require(self, code: str) -> None:
        if code not in self.codes:
            raise Forbidden(code)

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
