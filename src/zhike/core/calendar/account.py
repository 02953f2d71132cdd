"""The lines of an explanation, collected in order of time and joined where they read as one. Pure."""

from dataclasses import dataclass, field, replace
from datetime import date

from zhike.core.calendar.due import NOT_COUNTED, Line, LineKind
from zhike.core.calendar.schedule import moment_of


@dataclass(slots=True)
class Account:
    """Collects lines in order of time and joins what reads as one."""

    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        kind: LineKind,
        day: date,
        start: int,
        end: int | None,
        *,
        minutes: int = 0,
        total: int = 0,
        label: str = "",
    ) -> None:
        line = Line(
            kind=kind,
            date=day,
            start=moment_of(start),
            end=None if end is None else moment_of(end),
            minutes=minutes,
            total=total,
            label=label,
        )
        if kind is LineKind.PAUSE:
            self._join_pause(line)
        elif self.lines and self._continues(self.lines[-1], line):
            before = self.lines[-1]
            self.lines[-1] = replace(
                before, end=line.end, minutes=before.minutes + minutes, total=total
            )
        else:
            self.lines.append(line)

    def _continues(self, before: Line, line: Line) -> bool:
        if before.kind is not line.kind or before.label != line.label:
            return False
        if line.kind in {LineKind.CLOSED, LineKind.HOLIDAY}:
            return True
        joinable = {LineKind.COUNTED, LineKind.GIVEN_BACK}
        return line.kind in joinable and before.end == line.start

    def _join_pause(self, line: Line) -> None:
        """A pause over several days is one line: nights, lunches and holidays inside it say nothing."""
        for index in range(len(self.lines) - 1, -1, -1):
            before = self.lines[index]
            if before.kind is LineKind.PAUSE and before.label == line.label:
                self.lines[index] = replace(before, end=line.end, total=line.total)
                del self.lines[index + 1 :]
                return
            if before.kind not in NOT_COUNTED:
                break
        self.lines.append(line)
