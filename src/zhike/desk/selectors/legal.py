"""Times a law sets, of one case, as its page and the API show them. The caller has checked who is asking."""

from dataclasses import dataclass
from datetime import datetime

from zhike.core.calendar import Due
from zhike.desk.models import Case, LegalClock
from zhike.desk.services.clocks import running_due


@dataclass(frozen=True)
class LegalLine:
    """`due` is the account while it runs; afterwards the row tells what it was."""

    row: LegalClock
    due: Due | None

    @property
    def is_running(self) -> bool:
        return self.row.ended_at is None

    @property
    def due_at(self) -> datetime | None:
        return self.due.at if self.due is not None else self.row.due_at

    @property
    def source(self) -> str:
        return self.due.source if self.due is not None else self.row.source


def legal_lines(case: Case) -> list[LegalLine]:
    """What runs first, then what has ended, the latest first."""
    rows = LegalClock.objects.filter(case_id=case.pk)
    lines = [
        LegalLine(row, running_due(case, row.kind) if row.ended_at is None else None)
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.is_running, -line.row.pk))
