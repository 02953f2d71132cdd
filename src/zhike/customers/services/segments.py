"""Segments are made, changed and retired; what moves their members is weighed; the loyalty matrix is set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, Forbidden, RuleError
from zhike.customers import rules
from zhike.customers.choices import Loyalty, Standing
from zhike.customers.errors import missing, too_long
from zhike.customers.listing_filters import file_filters, listed_definitions
from zhike.customers.models import LoyaltyPriority, Segment
from zhike.customers.permissions import SEGMENTS, VIEW
from zhike.customers.segments import get_segment, priorities
from zhike.customers.services.noting import look_through
from zhike.customers.slots import MOTIVE_SOURCES

LONGEST_NAME, LONGEST_TEXT, LONGEST_FILTER = 40, 1000, 2000
MOST_SEGMENTS = 100
MOST_MOTIVES, LONGEST_MOTIVE = 20, 60
TOLD = (
    "name", "unit_id", "filter", "about", "needs", "strategy", "standing", "loyalty", "priority",
)  # fmt: skip


@dataclass(frozen=True)
class SegmentFields:
    name: str
    unit_id: int
    # The address of the list of customers after its question mark.
    filter: str
    standing: str
    loyalty: str
    priority: int | None = None
    about: str = ""
    needs: str = ""
    strategy: str = ""


def checked_filter(grants: Grants, text: str) -> str:
    """The conditions of an address, in the order of the list. Refuses what the list does not know."""
    asked = QueryDict(text[:LONGEST_FILTER])
    filters = file_filters(listed_definitions(), grants)
    bounds = [one.bind(asked, grants) for one in filters]
    unknown = [value for bound in bounds for value in bound.unknown]
    unknown += [key for key in asked if not any(key in one.params() for one in filters)]
    if unknown or len(text) > LONGEST_FILTER:
        raise RuleError(
            "filter_unknown",
            _("The list of customers does not know this condition: %(what)s")
            % {"what": ", ".join(unknown) or text[:40]},
            field="filter",
        )
    pairs = [pair for bound in bounds for pair in bound.pairs]
    if not pairs:
        raise RuleError("filter_empty", _("Please choose at least one condition."), field="filter")
    return urlencode(pairs)


def save_segment(
    *,
    actor: work.Actor,
    grants: Grants,
    fields: SegmentFields,
    segment_id: int | None = None,
    version: int | None = None,
) -> Segment:
    """A new one, or another shape of one; who is in it now a job writes down."""
    from zhike.customers.tasks import count_segment

    grants.require(SEGMENTS)
    grants.require(VIEW)
    values = _checked(grants, fields)
    look_through(
        actor,
        grants,
        about=values["about"],
        needs=values["needs"],
        strategy=values["strategy"],
    )
    if segment_id is not None:
        get_segment(grants, segment_id)
    with work.unit(actor) as unit:
        others = Segment.objects.filter(is_active=True).exclude(pk=segment_id or 0)
        if others.filter(name=values["name"]).exists():
            raise _name_taken()
        if segment_id is None and others.count() >= MOST_SEGMENTS:
            raise RuleError(
                "segments_full",
                _("There are %(most)s segments already. Please retire one first.")
                % {"most": MOST_SEGMENTS},
            )
        if segment_id is None:
            row, before = Segment(made_at=unit.now, made_by_name=actor.name[:80]), {}
        else:
            row = _locked(grants, segment_id, version)
            before = _told(row)
            row.version += 1
        for name, value in values.items():
            setattr(row, name, value)
        row.problem, row.changed_at = "", unit.now
        row.save()
        old, new = work.changes(before, _told(row))
        if new:
            unit.audit("customers.segment.save", row, before=old, after=new, unit_id=row.unit_id)
        unit.enqueue(count_segment, segment_id=row.pk)
    return row


def _checked(grants: Grants, fields: SegmentFields) -> dict[str, Any]:
    name = rules.clean_line(fields.name)
    if not name:
        raise RuleError("name_missing", _("Please give the segment a name."), field="name")
    if len(name) > LONGEST_NAME:
        raise too_long("name", LONGEST_NAME)
    values: dict[str, Any] = {"name": name, "filter": checked_filter(grants, fields.filter)}
    for field in ("about", "needs", "strategy"):
        text = getattr(fields, field).replace("\x00", "").replace("\r\n", "\n").strip()
        if len(text) > LONGEST_TEXT:
            raise too_long(field, LONGEST_TEXT)
        values[field] = text
    _check_place(fields.standing, fields.loyalty)
    if fields.priority is not None and not 1 <= fields.priority <= 5:
        raise _priority_wrong()
    # Who sees all files of the unit may cut segments out of it; whoever sees their own ones may not.
    if grants.own_only or not grants.reaches_unit(fields.unit_id):
        raise missing("unit_missing", _("There is no such unit, or it is not yours."))
    if not Unit.objects.filter(pk=fields.unit_id, is_active=True).exists():
        raise missing("unit_missing", _("There is no such unit, or it is not yours."))
    return {
        **values,
        "unit_id": fields.unit_id,
        "standing": fields.standing,
        "loyalty": fields.loyalty,
        "priority": fields.priority,
    }


def _check_place(standing: str, loyalty: str) -> None:
    if standing not in Standing.values or loyalty not in Loyalty.values:
        raise RuleError(
            "place_unknown", _("Please choose a place in the loyalty matrix."), field="loyalty"
        )


def _priority_wrong() -> RuleError:
    return RuleError("priority_wrong", _("A priority is a number from 1 to 5."), field="priority")


def _name_taken() -> Conflict:
    return Conflict("segment_taken", _("There is a segment of this name already."), field="name")


def _told(row: Segment) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TOLD}


def _locked(grants: Grants, segment_id: int, version: int | None = None) -> Segment:
    """Inside the unit of work: one in use, of a unit within reach, as the editor has seen it."""
    row = Segment.objects.select_for_update().filter(pk=segment_id).first()
    if row is None:
        raise missing("segment_missing", _("There is no such segment, or not one you may see."))
    if grants.own_only or not grants.reaches_unit(row.unit_id):
        raise Forbidden(SEGMENTS, _("This segment is kept by another unit."))
    if not row.is_active:
        raise Conflict("segment_retired", _("This segment is out of use."))
    if version is not None and version != row.version:
        raise Conflict(
            "segment_changed",
            _("Somebody changed this segment while you were editing. Please look at it anew."),
        )
    return row


def retire_segment(*, actor: work.Actor, grants: Grants, segment_id: int) -> Segment:
    """Out of every list of choices; what it said stays readable, its members are let go."""
    grants.require(SEGMENTS)
    get_segment(grants, segment_id)
    with work.unit(actor) as unit:
        row = _locked(grants, segment_id)
        row.is_active, row.changed_at, row.members = False, unit.now, 0
        row.version += 1
        row.save()
        row.memberships.all().delete()
        unit.audit("customers.segment.retire", row, before={"name": row.name}, unit_id=row.unit_id)
    return row


def set_motives(
    *,
    actor: work.Actor,
    grants: Grants,
    segment_id: int,
    motives: Sequence[tuple[str, float]],
    version: int | None = None,
) -> Segment:
    """What moves its members, weighed by whoever knows them; weights in any unit, kept in per cent."""
    grants.require(SEGMENTS)
    get_segment(grants, segment_id)
    found = weighed(motives)
    look_through(actor, grants, motives="\n".join(one["text"] for one in found))
    return _keep_motives(actor, grants, segment_id, version, found, {})


def take_motives(
    *,
    actor: work.Actor,
    grants: Grants,
    segment_id: int,
    source: str,
    choice: str,
    version: int | None = None,
) -> Segment:
    """From what people answered: `source` names one of `MOTIVE_SOURCES`, `choice` one of its options."""
    grants.require(SEGMENTS)
    get_segment(grants, segment_id)
    asked = MOTIVE_SOURCES.get(source)
    if asked is None:
        raise missing("source_missing", _("There is no such source."))
    taken = asked.weigh(grants, choice)
    return _keep_motives(
        actor, grants, segment_id, version, weighed(taken.motives), dict(taken.told)
    )


def weighed(motives: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    """In per cent of their sum, the weightiest first. None is a list too: they are taken off."""
    if len(motives) > MOST_MOTIVES:
        raise RuleError(
            "too_many_motives",
            _("At most %(most)s motives, please.") % {"most": MOST_MOTIVES},
            field="motives",
        )
    clean: dict[str, float] = {}
    for line, (said, weight) in enumerate(motives, 1):
        text = rules.clean_line(said)
        if not text or len(text) > LONGEST_MOTIVE or text in clean:
            raise RuleError(
                "motive_wrong",
                _("Line %(line)s: each motive stands once, in at most %(most)s characters.")
                % {"line": line, "most": LONGEST_MOTIVE},
                field="motives",
            )
        # Not a number is none of these comparisons either.
        if not 0 < weight <= 1_000_000:
            raise RuleError(
                "weight_wrong",
                _("Line %(line)s: the weight must be a number above 0.") % {"line": line},
                field="motives",
            )
        clean[text] = weight
    whole = sum(clean.values())
    rows = [{"text": text, "weight": 100 * weight / whole} for text, weight in clean.items()]
    return sorted(rows, key=lambda row: -row["weight"])


def _keep_motives(
    actor: work.Actor,
    grants: Grants,
    segment_id: int,
    version: int | None,
    motives: list[dict[str, Any]],
    told: Mapping[str, Any],
) -> Segment:
    with work.unit(actor) as unit:
        row = _locked(grants, segment_id, version)
        before = {"motives": _in_words(row.motives), "source": row.motives_from.get("survey", "")}
        row.motives = motives
        row.motives_from = {**told, "day": unit.now.date().isoformat()} if told else {}
        row.version += 1
        row.changed_at = unit.now
        row.save()
        unit.audit(
            "customers.segment.motives",
            row,
            before=before,
            after={"motives": _in_words(motives), "source": told.get("survey", "")},
            unit_id=row.unit_id,
        )
    return row


def _in_words(motives: Sequence[Mapping[str, Any]]) -> str:
    return "；".join(f"{one['text']} {one['weight']:.1f}%" for one in motives)


def save_matrix(
    *, actor: work.Actor, grants: Grants, wanted: Mapping[tuple[str, str], int]
) -> None:
    """How much each place of the loyalty matrix counts. It holds for the whole company."""
    grants.require(SEGMENTS)
    if grants.unit_ids is not None:
        raise Forbidden(
            SEGMENTS,
            _("The matrix holds for the whole company. Please ask who answers for all units."),
        )
    for (standing, loyalty), priority in wanted.items():
        _check_place(standing, loyalty)
        if not 1 <= priority <= 5:
            raise _priority_wrong()
    with work.unit(actor) as unit:
        held = priorities()
        before: dict[str, int] = {}
        after: dict[str, int] = {}
        for place, priority in wanted.items():
            if priority != held[place]:
                name = ".".join(place)
                before[name], after[name] = held[place], priority
                LoyaltyPriority.objects.update_or_create(
                    standing=place[0], loyalty=place[1], defaults={"priority": priority}
                )
        if after:
            unit.audit("customers.segment.matrix", None, before=before, after=after)
