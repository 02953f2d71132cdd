"""What the page of one case shows: its record from the end, its files, its neighbours, one's drafts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from zhike.core.access import Grants
from zhike.core.models import LiveTopic
from zhike.desk.choices import EventKind, LinkKind, State, Visibility
from zhike.desk.errors import case_not_found
from zhike.desk.models import Attachment, Case, CaseEvent, CaseLink, Draft
from zhike.desk.selectors.scope import (
    HEAVY,
    by_number_or_id,
    case_scope,
    load_case,
    visible_cases,
)

# A page shows this many lines; the rest is asked for, oldest last.
LINES = 50
MOST_FILES = 100
MOST_NEIGHBOURS = 30


@dataclass(frozen=True)
class Record:
    """A stretch of a case's record, oldest first. `before` is the cursor of what lies further back."""

    events: list[CaseEvent]
    files: list[Attachment]
    has_earlier: bool = False

    @property
    def before(self) -> int | None:
        return self.events[0].pk if self.has_earlier and self.events else None


class Tie(StrEnum):
    """What binds two cases, as far as it can be undone."""

    LINKED = "linked"
    ABOVE = "above"
    BELOW = "below"
    LASTING = ""


@dataclass(frozen=True)
class CaseLine:
    """Another case in one line."""

    number: str
    title: str
    state: str
    last_event_at: datetime
    label: Any = ""
    tie: Tie = Tie.LASTING

    @property
    def state_label(self) -> Any:
        return State(self.state).label


@dataclass(frozen=True)
class CasePage:
    case: Case
    record: Record
    neighbours: list[CaseLine]
    drafts: dict[bool, Draft] = field(default_factory=dict)
    # Where the page's live stream begins; read before the case, so that nothing falls between.
    live_from: int = 0


def case_for_page(grants: Grants, key: str | int) -> Case:
    """Like `load_case`, with the rows a page names: type, unit, customer. Follows a merge."""
    rows = visible_cases(grants).select_related("type", "unit", "customer").defer(*HEAVY)
    found = by_number_or_id(rows, key).first()
    if found is not None and found.merged_into_id is not None:
        found = rows.filter(pk=found.merged_into_id).first()
    if found is None:
        raise case_not_found()
    return found


def case_page(grants: Grants, key: str | int) -> CasePage:
    """Everything of one page in a handful of statements."""
    known = load_case(grants, key)
    live_from = live_head(known)
    case = case_for_page(grants, known.pk)
    return CasePage(
        case=case,
        record=record_of(case),
        neighbours=neighbours_of(grants, case),
        drafts=drafts_of(grants.user_id, case),
        live_from=live_from,
    )


def live_head(case: Case) -> int:
    """The last number of the case's live topic; 0 for one nothing happened to since it was imported."""
    return LiveTopic.objects.filter(name=case.topic).values_list("seq", flat=True).first() or 0


def united_ids(case: Case) -> list[int]:
    """The case and those merged into it: their records are read as one."""
    merged = Case.objects.filter(merged_into_id=case.pk).values_list("pk", flat=True)
    return [case.pk, *merged]


def record_of(
    case: Case,
    *,
    before: int | None = None,
    since: int | None = None,
    public_only: bool = False,
    limit: int = LINES,
) -> Record:
    """The last lines of the united record; those before event `before`; or those after version `since`."""
    ids = united_ids(case)
    rows = CaseEvent.objects.filter(case_id__in=ids, voided_at__isnull=True).defer(*HEAVY)
    if public_only:
        rows = rows.filter(visibility=Visibility.PUBLIC)
    if since is not None:
        events = list(rows.filter(case_id=case.pk, seq__gt=since).order_by("seq")[:limit])
        return Record(events, files_of(events))
    # One history is walked by its own index; several are sorted by time, and ids decide a tie.
    order = ["-seq"] if len(ids) == 1 else ["-at", "-id"]
    if before is not None:
        rows = _further_back(rows, before, ids)
    found = list(rows.order_by(*order)[: limit + 1])
    events = found[:limit][::-1]
    return Record(events, files_of(events), has_earlier=len(found) > limit)


def _further_back(rows: QuerySet[CaseEvent], before: int, ids: list[int]) -> QuerySet[CaseEvent]:
    mark = CaseEvent.objects.filter(pk=before, case_id__in=ids).values("seq", "at").first()
    if mark is None:
        return rows.none()
    if len(ids) == 1:
        return rows.filter(seq__lt=mark["seq"])
    return rows.filter(Q(at__lt=mark["at"]) | Q(at=mark["at"], pk__lt=before))


def files_of(events: Iterable[CaseEvent]) -> list[Attachment]:
    wanted = [event.pk for event in events]
    if not wanted:
        return []
    return list(Attachment.objects.filter(event_id__in=wanted).order_by("pk"))


def all_files(case: Case) -> list[Attachment]:
    rows = Attachment.objects.filter(case_id__in=united_ids(case), event__voided_at__isnull=True)
    return list(rows.order_by("-pk")[:MOST_FILES])


def attachment_of(grants: Grants, attachment_id: int) -> Attachment:
    """A file of a case this person may see; any other is not found."""
    rows = Attachment.objects.filter(
        case_scope(grants, "case__"), case__voided_at__isnull=True, pk=attachment_id
    )
    found = rows.select_related("file", "case").first() if grants.allows("cases.view") else None
    if found is None:
        raise case_not_found()
    return found


_COLUMNS = ("number", "title", "state", "last_event_at")


def neighbours_of(grants: Grants, case: Case) -> list[CaseLine]:
    """Parent, children, merged and linked cases, as far as this person may see them."""
    ties = _ties(case)
    rows = visible_cases(grants).filter(pk__in=ties).values("pk", *_COLUMNS)
    lines = []
    for row in rows[:MOST_NEIGHBOURS]:
        label, tie = ties[row.pop("pk")]
        lines.append(CaseLine(label=label, tie=tie, **row))
    return sorted(lines, key=lambda line: (str(line.label), line.number))


def _ties(case: Case) -> dict[int, tuple[Any, Tie]]:
    """By the neighbour's id. Of several ties the last named below is shown, until it is undone."""
    from django.utils.translation import pgettext

    ties: dict[int, tuple[Any, Tie]] = {}
    links = CaseLink.objects.filter(Q(case_id=case.pk) | Q(other_id=case.pk))
    for one, other, kind in links.values_list("case_id", "other_id", "kind")[:MOST_NEIGHBOURS]:
        there = other if one == case.pk else one
        if kind != LinkKind.SPLIT_FROM:
            ties[there] = (LinkKind(kind).label, Tie.LINKED)
        else:
            ties.setdefault(there, (LinkKind.SPLIT_FROM.label, Tie.LASTING))
    family = Case.objects.filter(Q(parent_id=case.pk) | Q(merged_into_id=case.pk))
    for pk, merged_into_id in family.values_list("pk", "merged_into_id")[:MOST_NEIGHBOURS]:
        if merged_into_id == case.pk:
            ties[pk] = (pgettext("case relation", "Merged into this"), Tie.LASTING)
        else:
            # What was merged elsewhere is no longer worked on, so it cannot be taken out either.
            tie = Tie.LASTING if merged_into_id else Tie.BELOW
            ties[pk] = (pgettext("case relation", "Below this"), tie)
    if case.parent_id is not None:
        ties[case.parent_id] = (pgettext("case relation", "Above this"), Tie.ABOVE)
    ties.pop(case.pk, None)
    return ties


def due_changes(case: Case) -> int:
    """How often the due time was moved by what somebody changed: type, customer, tier, unit."""
    rows = CaseEvent.objects.filter(case_id=case.pk, kind=EventKind.DUE, voided_at__isnull=True)
    return rows.count()


def others_of_customer(grants: Grants, case: Case, limit: int = 8) -> list[CaseLine]:
    """The newest other cases of the same customer."""
    if case.customer_id is None:
        return []
    rows = visible_cases(grants).filter(customer_id=case.customer_id).exclude(pk=case.pk)
    return [CaseLine(**row) for row in rows.order_by("-id").values(*_COLUMNS)[:limit]]


def drafts_of(user_id: int | None, case: Case) -> dict[bool, Draft]:
    """One's unsent texts on this case: False the reply, True the note."""
    if user_id is None:
        return {}
    return {draft.is_note: draft for draft in Draft.objects.filter(case=case, user_id=user_id)}
