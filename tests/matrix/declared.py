"""What addresses.toml declares, and what follows for a person: worked out here, not asked of the program."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zhike.accounts.roles import BUILTIN_ROLES
from zhike.accounts.services.tokens import READING

FILE = Path(__file__).with_name("addresses.toml")
NOBODY, NOTHING, READER = "nobody", "nothing", "reading"
MINE, OURS, THEIRS = "mine", "ours", "theirs"
PLACES = (MINE, OURS, THEIRS)

# Things of a unit, by what decides who reaches them. Anything else after "@" belongs to the house.
OF_CASE = frozenset(
    {"case", "closed", "archived", "file", "remedy", "approval", "visit"}
)  # fmt: skip
OF_CUSTOMER = frozenset({"customer", "identity", "address", "habit", "need", "merge", "erasure"})
OF_UNIT = frozenset({"unit", "measure", "feedback", "data-request"})
OF_PERSON = frozenset({"view", "notification", "token"})
SCOPED = OF_CASE | OF_CUSTOMER | OF_UNIT | OF_PERSON | {"notice", "asked", "import", "export"}

_LINE = re.compile(r"(GET|POST|PATCH|PUT|DELETE)\s+(\S+)(?:\s+@([\w-]+))?")


@dataclass(frozen=True)
class Line:
    """One way to call one address."""

    address: str
    method: str
    needs: str
    of: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    send: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    # What an answer to somebody let in must show of their own unit: the names of marks.
    shows: tuple[str, ...] = ()
    # Why an answer may hold words of the other unit all the same.
    crosses: str = ""
    # The name under which a small file is sent along.
    files: str = ""
    # Where somebody refused is led to, by the same answer as for a thing that is missing.
    away: str = ""
    # The status for somebody let in, where it is not below 400 or 422.
    ends: int | list[int] = 0

    @property
    def is_scoped(self) -> bool:
        return self.of in SCOPED

    def __str__(self) -> str:
        return " ".join(filter(None, (self.method, self.address, *map(str, self.args.values()))))


def lines(table: str) -> list[Line]:
    declared: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))[table]
    return [
        _line(address, one)
        for address, given in declared.items()
        for one in (given if isinstance(given, list) else [given])
    ]


def plain(table: str) -> dict[str, str]:
    """A table of kinds: name → what it needs."""
    found: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))[table]
    return found


def _line(address: str, given: str | dict[str, Any]) -> Line:
    more: dict[str, Any] = {"ask": given} if isinstance(given, str) else dict(given)
    match = _LINE.fullmatch(more.pop("ask"))
    assert match, f"{address}: write METHOD who @what, for example 'POST cases.work @case'"
    more["shows"] = tuple(more.get("shows", ()))
    return Line(address, match[1], match[2], match[3] or "", **more)


@dataclass(frozen=True)
class Holder:
    """A row of the matrix: what a role may do, as it is declared."""

    code: str
    permissions: frozenset[str]
    scope: str

    def may(self, needs: str, where: str = OURS) -> bool:
        """`a&b` asks for both, `a|b` for either, `own` is whose row it is; "anyone" is signed in."""
        if needs == "public":
            return True
        if self.code == NOBODY:
            return False
        if needs == "anyone":
            return True
        return all(
            any(
                code in self.permissions or (code == "own" and where == MINE)
                for code in either.split("|")
            )
            for either in needs.split("&")
        )

    def reaches(self, of: str, where: str) -> bool:
        """Whether a thing of this kind lies within reach: one's own, a colleague's, another unit's."""
        if of in OF_PERSON:
            return where == MINE
        if of == "export":
            sees_all = "exports.view" in self.permissions
            return where == MINE or (sees_all and (self.scope == "all" or where == OURS))
        if of == "import":
            keeps_house = self.scope == "all" and "settings.manage" in self.permissions
            return where == MINE or keeps_house
        if self.scope == "all":
            return True
        if of == "asked":
            return where == MINE
        if of == "notice":
            answers = bool({"notices.answer", "notices.manage"} & self.permissions)
            if where == MINE:
                # It is addressed to them.
                return answers or "cases.view" in self.permissions
            return where == OURS and self.scope != "own" and "cases.view" in self.permissions
        if self.scope == "own":
            return where == MINE and of not in OF_UNIT
        return where != THEIRS

    def gets_in(self, line: Line, where: str) -> bool:
        return self.may(line.needs, where) and (not line.is_scoped or self.reaches(line.of, where))


def every_permission() -> frozenset[str]:
    from zhike.core.access import PERMISSIONS

    return frozenset(permission.code for permission in PERMISSIONS)


def holders() -> list[Holder]:
    found = [
        Holder(
            role.code,
            every_permission() if role.holds_everything else frozenset(role.permissions),
            role.scope.value,
        )
        for role in BUILTIN_ROLES
    ]
    return [*found, Holder(NOTHING, frozenset(), "unit"), Holder(NOBODY, frozenset(), "own")]


def lacking(needs: str) -> list[Holder]:
    """For each permission asked for: somebody of the whole company with all others. Their role is in the scene."""
    parts = [part.split("|") for part in needs.split("&") if part not in ("public", "anyone")]
    return [_without(frozenset(part) - {"own"}) for part in parts]


def _without(codes: frozenset[str]) -> Holder:
    name = "without " + "|".join(sorted(codes))
    return Holder(name, every_permission() - codes, "all")


def all_lacking() -> dict[str, Holder]:
    needs = {line.needs for line in lines("pages") + lines("api")}
    needs |= {f"imports.run&{code}" for code in plain("imports").values()}
    return {holder.code: holder for asked in sorted(needs) for holder in lacking(asked)}


def reading_holder() -> Holder:
    """The administrator behind a token that may only read."""
    return Holder(READER, READING, "all")
