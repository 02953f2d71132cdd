"""All service time plans as a table: written for people to edit, read back with what is wrong in which line.

What follows from a file is in `plans_import`.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.dates_file import MOST_BYTES, Fault
from zhike.core.calendar.plan_keys import CHANNEL, ORDER, ORG_UNIT, SUBJECT, TIER, plan_key
from zhike.core.calendar.plan_services import PlanTerms, checked, terms_of
from zhike.core.calendar.selectors import all_calendars, all_plans
from zhike.core.calendar.services import MANAGE
from zhike.core.errors import RuleError, TooLarge
from zhike.core.importer.books import write_table
from zhike.core.importer.fields import ImportField
from zhike.core.importer.matching import guess_fields
from zhike.core.importer.problems import CellError, sentence
from zhike.core.importer.reading import open_table
from zhike.core.models import DuePurpose, DueUnit

MOST_PLANS = 300
Options = list[tuple[str, str]]


def _options_of(key: str) -> Callable[[], Options]:
    """Names that two share, as units of several towns do, bear their number."""

    def options() -> Options:
        known = [(str(code), str(label).strip()) for code, label in plan_key(key).options()]
        often = Counter(label for _code, label in known)
        return [(code, label if often[label] == 1 else f"{label} #{code}") for code, label in known]

    return options


def _calendars() -> Options:
    return [(str(row.pk), row.name) for row in all_calendars()]


FIELDS = (  # zh-data
    ImportField(
        "purpose", gettext_lazy("What is due"), kind="choice", required=True,
        choices=DuePurpose.choices,
    ),
    ImportField(SUBJECT, gettext_lazy("Type"), kind="choice", choices=_options_of(SUBJECT)),
    ImportField(TIER, gettext_lazy("Tier"), kind="choice", choices=_options_of(TIER)),
    ImportField(CHANNEL, gettext_lazy("Channel"), kind="choice", choices=_options_of(CHANNEL)),
    ImportField(ORG_UNIT, gettext_lazy("Unit"), kind="choice", choices=_options_of(ORG_UNIT)),
    ImportField("amount", gettext_lazy("Within"), kind="integer", required=True),
    ImportField(
        "unit", gettext_lazy("Counted in"), kind="choice", required=True, choices=DueUnit.choices
    ),
    ImportField(
        "calendar_id", gettext_lazy("Working hours"), kind="choice", choices=_calendars,
        help=gettext_lazy("Empty: those of the unit it lies with."),
    ),
    ImportField(
        "warn_percent", gettext_lazy("Warn when so much is used (%)"), kind="integer",
        help=gettext_lazy("Empty: 75."),
    ),
    ImportField("name", pgettext_lazy("due plan", "Name"), max_length=60),
    ImportField("source", gettext_lazy("Legal source"), max_length=200),
    ImportField("source_on", gettext_lazy("In the version of"), kind="date"),
)  # fmt: skip
LABELS = {field.code: field.label for field in FIELDS}
_DEFAULTS = {"warn_percent": 75, "name": "", "source": "", **dict.fromkeys(ORDER, "")}


@dataclass(frozen=True, slots=True)
class PlansFile:
    plans: tuple[PlanTerms, ...]
    faults: tuple[Fault, ...]


def begin_plans_export(*, actor: work.Actor, grants: Grants) -> list[PlanTerms]:
    """Note who takes the file, and hand out the plans."""
    grants.require(MANAGE)
    terms = [terms_of(one.row) for one in all_plans()]
    with work.unit(actor) as unit:
        unit.audit("export.due_plans", None, after={"rows": len(terms)})
    return terms


def write_plans(plans: Sequence[PlanTerms], stream: IO[bytes]) -> None:
    labels = {
        field.code: {str(code): str(label) for code, label in field.choice_list()}
        for field in FIELDS
        if field.kind == "choice"
    }

    def cell(terms: PlanTerms, code: str) -> str:
        value = getattr(terms, code)
        text = "" if value is None else str(value)
        return labels[code].get(text, text) if code in labels else text

    rows = [[cell(terms, field.code) for field in FIELDS] for terms in plans]
    write_table(_("Service time plans"), FIELDS, rows, stream)


def read_plans(data: bytes) -> PlansFile:
    """Raises RuleError when it is no table of plans at all."""
    if len(data) > MOST_BYTES:
        raise TooLarge("due_plan_file_too_large", _("The file is larger than 1 MB."), field="file")
    if not data.strip():
        raise RuleError("due_plan_file_empty", _("There is nothing in this file."), field="file")
    with tempfile.NamedTemporaryFile(suffix=".table") as file:
        file.write(data)
        file.flush()
        table = open_table(Path(file.name))
    mapping = guess_fields(FIELDS, table.headers)
    lacking = [str(field.label) for field in FIELDS if field.code not in mapping]
    if lacking:
        # A column left out would empty that part of every plan.
        raise RuleError(
            "due_plan_file_form",
            _("The table lacks the columns %(columns)s. An export has them all.")
            % {"columns": _(", ").join(lacking)},
            field="file",
        )
    rows = list(islice(table.rows(), MOST_PLANS + 1))
    if len(rows) > MOST_PLANS:
        raise RuleError(
            "due_plan_file_too_long",
            _("The file has more than %(most)d plans.") % {"most": MOST_PLANS},
            field="file",
        )
    return _read(rows, mapping)


def _read(rows: Sequence[tuple[int, list[str]]], mapping: dict[str, int]) -> PlansFile:
    plans: list[PlanTerms] = []
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, cells in rows:
        try:
            terms = _terms(cells, mapping)
        except RuleError as error:
            faults.append(Fault(line, str(error)))
            continue
        key = key_of(terms)
        if key in seen:
            text = _("This plan stands in line %(line)d already.") % {"line": seen[key]}
            faults.append(Fault(line, text))
        else:
            plans.append(terms)
        seen.setdefault(key, line)
    return PlansFile(tuple(plans), tuple(faults))


def key_of(terms: PlanTerms) -> tuple[Any, ...]:
    """By what a plan is known: what is due, and for whom."""
    return (terms.purpose, *(getattr(terms, key) or "" for key in ORDER))


def _terms(cells: Sequence[str], mapping: dict[str, int]) -> PlanTerms:
    values: dict[str, Any] = {}
    for field in FIELDS:
        try:
            value = field.clean(field.resolve(cells, mapping, {}))
        except CellError as error:
            told = f"{sentence(error.reason)} {sentence(error.suggestion, error.values)}"
            raise _fault(field.code, told.strip()) from error
        values[field.code] = _DEFAULTS.get(field.code) if value is None else value
    for code in (ORG_UNIT, "calendar_id"):
        values[code] = int(values[code]) if values[code] else None
    try:
        return checked(PlanTerms(**values))
    except RuleError as error:
        raise _fault(error.field, str(error)) from error


def _fault(code: str, text: str) -> RuleError:
    where = _("%(column)s: %(what)s") % {"column": LABELS.get(code, code), "what": text}
    return RuleError("due_plan_wrong", where)
