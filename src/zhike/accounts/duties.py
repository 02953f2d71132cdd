"""Three duties that one person may not join, where the company wants it so: system, security, audit."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class Duty(StrEnum):
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


@dataclass(frozen=True)
class Bounds:
    """`mark` is the permission that makes somebody one of these; `may` is all they may hold then."""

    mark: str
    may: frozenset[str]


BOUNDS = {
    Duty.SYSTEM: Bounds(
        "settings.manage", frozenset({"settings.manage", "jobs.view", "tokens.manage"})
    ),
    Duty.SECURITY: Bounds("accounts.manage", frozenset({"accounts.manage"})),
    # How long proofs and words are kept is for who watches over them, not for who runs the system or gives rights.
    Duty.AUDIT: Bounds("audit.view", frozenset({"audit.view", "exports.view", "retention.manage"})),
}


def duties_in(codes: Set[str]) -> list[Duty]:
    """The duties somebody with these permissions has."""
    return [duty for duty, bounds in BOUNDS.items() if bounds.mark in codes]


def beyond_duty(codes: Set[str]) -> frozenset[str]:
    """What must go for the duties to be apart: everything beyond the bounds of the first duty held."""
    held = duties_in(codes)
    return frozenset(codes - BOUNDS[held[0]].may) if held else frozenset()
