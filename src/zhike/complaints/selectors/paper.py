"""A complaint as one paper: who, what, each round with its steps, notices, remedies, visits, every line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from zhike.complaints.choices import (
    FIELD_LABELS,
    STEP_LABELS,
    TOLD_DONE,
    Consent,
    Severity,
    Verdict,
)
from zhike.complaints.models import ArchivePaper, Complaint, Notice, Remedy, StepRecord
from zhike.complaints.rules import Field, Step
from zhike.core.registry import Slot
from zhike.desk.models import Case, CaseEvent


@dataclass(frozen=True)
class PaperPart:
    """What a higher room adds to the rounds of a paper."""

    key: str
    entries: Callable[[Case], list["PaperEntry"]]


@dataclass(frozen=True)
class PaperEntry:
    """Something that happened in a round: a heading, who and when, what was found as pairs of label and words."""

    round: int
    heading: str
    meta: str
    facts: list[tuple[Any, str]]


PARTS: Slot[PaperPart] = Slot(
    "complaints.paper.PARTS", "What other rooms add to an archived complaint", key=lambda p: p.key
)


@dataclass(frozen=True)
class PaperStep:
    number: int
    label: Any
    record: StepRecord
    evidence: list[tuple[Any, Any]]


@dataclass(frozen=True)
class PaperRound:
    number: int
    steps: list[PaperStep]
    notices: list[Notice]
    remedies: list[Remedy]
    # Of higher rooms: the visits.
    entries: list[PaperEntry]


@dataclass(frozen=True)
class Paper:
    complaint: Complaint
    case: Case
    rounds: list[PaperRound]
    events: list[CaseEvent]
    # The round it ends with, when a later one has begun since.
    ends_with: int | None = None


_WORDS: dict[Field, Any] = {
    Field.VERDICT: Verdict,
    Field.CONSENT: Consent,
    Field.SEVERITY: Severity,
}


def shown_evidence(evidence: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What was given for a step: label and words, in the order of the table."""
    return [
        (FIELD_LABELS[field], _shown(field, evidence[field]))
        for field in Field
        if field in evidence
    ]


def _shown(field: Field, value: Any) -> Any:
    from django.utils.translation import gettext as _

    if field is Field.TOLD:
        return TOLD_DONE[value]
    if field in _WORDS:
        return _WORDS[field](value).label
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value


def paper_of(complaint: Complaint, last: StepRecord | None = None) -> Paper:
    """All of it; or, of a round over before a later one began, up to its `last` step."""
    case = complaint.case
    ends_with = last.round if last is not None and last.round < complaint.round else None
    steps = list(StepRecord.objects.filter(complaint=complaint))
    notices = list(Notice.objects.filter(case=case).select_related("unit", "cause").order_by("pk"))
    remedies = list(Remedy.objects.filter(case=case).order_by("pk"))
    entries = [entry for part in PARTS for entry in part.entries(case)]
    rounds = [
        PaperRound(
            number,
            [
                PaperStep(row.step, STEP_LABELS[Step(row.step)], row, shown_evidence(row.evidence))
                for row in steps
                if row.round == number
            ],
            [row for row in notices if row.round == number],
            [row for row in remedies if row.round == number],
            [entry for entry in entries if entry.round == number],
        )
        for number in range(1, (ends_with or complaint.round) + 1)
    ]
    events = CaseEvent.objects.filter(case=case).order_by("seq")
    if last is not None and ends_with is not None:
        events = events.filter(seq__lte=last.event_seq)
    return Paper(complaint, case, rounds, list(events), ends_with)


def papers_of(complaint: Complaint) -> QuerySet[ArchivePaper]:
    """The kept papers, the last round first."""
    return complaint.papers.select_related("file").order_by("-round")
