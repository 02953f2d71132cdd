"""Which column is which field: as last time, else by the words of the header."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _noop
from django.utils.translation import override

from zhike.core.importer.fields import ImportField
from zhike.core.importer.kinds import ImportKind
from zhike.core.importer.problems import CellError, Problem
from zhike.core.importer.values import plain
from zhike.core.models import ImportRun, MappingMemory

LANGUAGES = ("zh-hans", "zh-hant", "en")
NEEDED = _noop("This field is needed; choose the column that holds it.")


@dataclass(frozen=True)
class Proposal:
    mapping: dict[str, int]
    constants: dict[str, str]
    is_remembered: bool


def plain_header(header: str) -> str:
    """A header without case, width, blanks, stars and remarks in brackets."""
    text = re.sub(r"[(\[【<].*?[)\]】>]", "", plain(header).lower())
    return re.sub(r"[\s*_\-:：/.]+", "", text)


def signature(headers: Iterable[str]) -> str:
    joined = "\x1f".join(plain_header(header) for header in headers)
    return hashlib.sha256(joined.encode()).hexdigest()


def _names(field: ImportField) -> set[str]:
    names = {plain_header(field.code), *map(plain_header, field.aliases)}
    for language in LANGUAGES:
        with override(language):
            names.add(plain_header(str(field.label)))
    return names - {""}


def guess(kind: ImportKind, headers: list[str]) -> dict[str, int]:
    return guess_fields(kind.all_fields(), headers)


def guess_fields(known: Iterable[ImportField], headers: list[str]) -> dict[str, int]:
    """Exact names first; then a header that contains a field's name, when only one field claims it."""
    fields = {field.code: _names(field) for field in known}
    mapping: dict[str, int] = {}
    plains = [plain_header(header) for header in headers]
    for column, header in enumerate(plains):
        for code, names in fields.items():
            if header in names and code not in mapping:
                mapping[code] = column
                break
    for column, header in enumerate(plains):
        if column in mapping.values() or not header:
            continue
        claims = [
            code
            for code, names in fields.items()
            if code not in mapping and any(len(name) > 1 and name in header for name in names)
        ]
        if len(claims) == 1:
            mapping[claims[0]] = column
    return mapping


def propose(kind: ImportKind, headers: list[str], unit_id: int) -> Proposal:
    known = MappingMemory.objects.filter(
        kind=kind.key, unit_id=unit_id, signature=signature(headers)
    ).first()
    if known is None:
        return Proposal(guess(kind, headers), {}, is_remembered=False)
    by_header = {header: column for column, header in enumerate(headers)}
    codes = {field.code for field in kind.all_fields()}
    mapping = {
        code: by_header[header]
        for code, header in known.mapping.items()
        if header in by_header and code in codes
    }
    constants = {code: text for code, text in known.constants.items() if code in codes}
    return Proposal(mapping, constants, is_remembered=True)


def mapping_problems(
    kind: ImportKind, mapping: Mapping[str, int], constants: Mapping[str, str]
) -> list[Problem]:
    """What keeps this choice of columns from being tried."""
    given = frozenset(mapping) | frozenset(code for code, text in constants.items() if text)
    problems = [
        Problem(NEEDED, field=field.code)
        for field in kind.all_fields()
        if field.required and field.code not in given
    ]
    for field in kind.all_fields():
        text = constants.get(field.code, "")
        if text:
            try:
                field.clean(text)
            except CellError as error:
                problems.append(error.problem(field.code))
    return [*problems, *kind.check_mapping(given, constants)]


def remember(run: ImportRun, now: datetime) -> None:
    """Keep this choice of columns for the next file of the unit with the same headers."""
    by_header = {
        code: run.headers[column]
        for code, column in run.mapping.items()
        if column < len(run.headers) and run.headers[column]
    }
    MappingMemory.objects.update_or_create(
        kind=run.kind,
        unit_id=run.unit_id,
        signature=signature(run.headers),
        defaults={"mapping": by_header, "constants": run.constants, "used_at": now},
    )
