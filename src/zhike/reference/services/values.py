"""The register of figures others give: written down, changed, ended, taken up again. Nothing is deleted."""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.work import Actor, Work
from zhike.reference.models import ReferenceValue
from zhike.reference.permissions import MANAGE
from zhike.reference.rules import built_in_texts, measure_code, plain, unit_code
from zhike.reference.seeds import PERCENT

# A register somebody still reads; pages look through all of it.
MOST = 500
LARGEST = Decimal(10) ** 12
LIMITS = {"measure": 80, "unit": 20, "base": 120, "said_by": 120, "source": 200, "note": 300}
EARLIEST_YEAR = 1800


@dataclass(frozen=True)
class ValueFields:
    """What somebody writes down; texts as they are shown, so that labels of built-in ones are understood."""

    measure: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = PERCENT
    base: str = ""
    said_by: str = ""
    source: str = ""
    year: int | None = None
    note: str = ""


FIELDS = tuple(ValueFields.__dataclass_fields__)


def checked(given: ValueFields, code: str = "") -> ValueFields:
    """The same as it is stored. `code` of the built-in value it is about: its own texts stay translated.

    Raises RuleError with the field that is wrong.
    """
    texts: dict[str, Any] = {name: plain(getattr(given, name)) for name in LIMITS}
    for name, text in texts.items():
        if len(text) > LIMITS[name]:
            raise _refused(
                "text_too_long",
                name,
                _("This is longer than %(limit)s characters. Please shorten it.")
                % {"limit": LIMITS[name]},
            )
    if not texts["measure"]:
        raise _refused("measure_missing", "measure", _("Please say what is measured."))
    texts["measure"] = measure_code(texts["measure"])
    texts["unit"] = unit_code(texts["unit"])
    for name in ("base", "said_by", "note"):
        if texts[name] in built_in_texts(code, name):
            texts[name] = ""
    if not code and not texts["said_by"]:
        raise _refused("origin_missing", "said_by", _("Please say who says so."))
    if not code and texts["unit"] == PERCENT and not texts["base"]:
        raise _refused("base_missing", "base", _("A share needs its base: of what?"))
    _check_numbers(given)
    return replace(given, **texts)


def _check_numbers(given: ValueFields) -> None:
    if given.low is None and given.high is None:
        raise _refused("value_missing", "low", _("Please give a figure."))
    for name, number in (("low", given.low), ("high", given.high)):
        if number is None:
            continue
        if not number.is_finite() or abs(number) >= LARGEST:
            raise _refused("value_too_large", name, _("The figure is too large."))
        if number != round(number, 4):
            raise _refused("too_many_decimals", name, _("At most four decimals, please."))
    if given.low is not None and given.high is not None and given.low > given.high:
        raise _refused("range_falls", "high", _("The upper end lies below the lower one."))
    if given.year is not None and not EARLIEST_YEAR <= given.year <= clock.today().year:
        raise _refused("year_unlikely", "year", _("Please check the year."))


def _refused(code: str, field: str, words: str) -> RuleError:
    return RuleError(code, words, field=field)


def add_value(*, actor: Actor, grants: Grants, given: ValueFields) -> ReferenceValue:
    grants.require(MANAGE)
    given = checked(given)
    with work.unit(actor) as unit:
        if ReferenceValue.objects.count() >= MOST:
            raise RuleError(
                "too_many_values",
                _("The register holds at most %(most)s values.") % {"most": MOST},
            )
        return make(given, unit)


def make(given: ValueFields, unit: Work) -> ReferenceValue:
    """A new row of checked fields."""
    _refuse_twin(given)
    row = ReferenceValue.objects.create(**asdict(given), place=_place_of(given.measure))
    unit.audit("reference.add", row, after=_told(row))
    return row


def change_value(
    *, actor: Actor, grants: Grants, value_id: int, given: ValueFields
) -> ReferenceValue:
    """Also a built-in one: what is written here stands in place of its own words."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        row = _locked(value_id)
        wanted = checked(given, row.code)
        if row.ended_at is None:
            _refuse_twin(wanted, row)
        write(row, asdict(wanted), unit)
    return row


def write(row: ReferenceValue, values: dict[str, Any], unit: Work) -> dict[str, Any]:
    """Set what differs; returns how that stood before."""
    before = {name: getattr(row, name) for name, new in values.items() if getattr(row, name) != new}
    if not before:
        return {}
    for name in before:
        setattr(row, name, values[name])
    changed = list(before)
    if "measure" in before:
        row.place = _place_of(row.measure)
        changed.append("place")
    row.save(update_fields=changed)
    unit.audit(
        "reference.change", row, before=before, after={name: values[name] for name in before}
    )
    return before


def switch_value(*, actor: Actor, grants: Grants, value_id: int, is_in_use: bool) -> ReferenceValue:
    """End it, so that it is shown beside nothing any more; or take it up again."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        row = _locked(value_id)
        if is_in_use and row.ended_at is not None:
            _refuse_twin(ValueFields(row.measure, said_by=row.said_by), row)
            row.ended_at = None
            row.save(update_fields=["ended_at"])
            unit.audit("reference.resume", row, after=_told(row))
        elif not is_in_use and row.ended_at is None:
            row.ended_at = unit.now
            row.save(update_fields=["ended_at"])
            unit.audit("reference.end", row, before=_told(row))
    return row


def _locked(value_id: int) -> ReferenceValue:
    row = ReferenceValue.objects.select_for_update().filter(pk=value_id).first()
    if row is None:
        raise NotFound()
    return row


def _told(row: ReferenceValue) -> dict[str, Any]:
    return {"measure": row.label, "value": row.value, "said_by": row.said_by_text}


def _place_of(measure: str) -> int:
    """Beside the others of its measure; a new measure comes last."""
    same = ReferenceValue.objects.filter(measure=measure).values_list("place", flat=True).first()
    if same is not None:
        return same
    return (ReferenceValue.objects.aggregate(last=Max("place"))["last"] or 0) + 10


def _refuse_twin(given: ValueFields, own: ReferenceValue | None = None) -> None:
    """Whoever says something of a measure says one thing: another figure of theirs is a change."""
    rows = ReferenceValue.objects.filter(measure=given.measure, ended_at__isnull=True)
    if own is not None:
        rows = rows.exclude(pk=own.pk)
        if own.code and not given.said_by:
            # Its own words; no other row can have them but by writing them out, which the next line sees.
            given = ValueFields(given.measure, said_by=own.said_by_text)
    if any(says(row, given.said_by) for row in rows):
        raise Conflict(
            "said_already",
            _("The register already has what they say of this. Please change that value."),
            field="said_by",
        )


def says(row: ReferenceValue, who: str) -> bool:
    """Whether this row's origin reads so, in whatever language a built-in one is shown."""
    return who in ({row.said_by} if row.said_by else built_in_texts(row.code, "said_by"))
