"""The words of both sides in a case, to choose from."""

from zhike.desk.choices import EventKind
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors.scope import HEAVY

SPOKEN = (EventKind.MESSAGE_IN, EventKind.REPLY, EventKind.CALL, EventKind.DISSATISFIED)


def spoken_lines(case: Case, limit: int = 30) -> list[CaseEvent]:
    """The latest words, oldest first: what a second matter may be split off from."""
    rows = CaseEvent.objects.filter(case_id=case.pk, kind__in=SPOKEN, voided_at__isnull=True)
    return list(rows.defer(*HEAVY).order_by("-seq")[:limit])[::-1]


def first_words(case: Case) -> str:
    """What the customer came with, in their own words; nothing when no line of the record holds it."""
    said = CaseEvent.objects.filter(
        case_id=case.pk, kind=EventKind.MESSAGE_IN, voided_at__isnull=True
    )
    return said.order_by("seq").values_list("text", flat=True).first() or ""
