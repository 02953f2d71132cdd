"""Days and ISO weeks of the company's zone as moments. Pure, but for the zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from zhike.core import clock


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.zone()).astimezone(UTC)


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both counted."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def one_day(day: date) -> Period:
    return Period(day, day)


@dataclass(frozen=True, order=True)
class Week:
    """An ISO week, by its Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def to_read(cls, day: date) -> "Week":
        """The week a reader comes for: on a Monday the one before, for the new one holds nothing yet."""
        week = cls.of(day)
        return week.before if day == week.monday else week

    @classmethod
    def parse(cls, text: str) -> "Week | None":
        """2026-W47; None when it is none."""
        year, _mark, week = text.partition("-W")
        if not (year.isascii() and year.isdigit() and week.isascii() and week.isdigit()):
            return None
        if len(year) != 4 or len(week) > 2 or not 1900 <= int(year) <= 2999:
            return None
        try:
            return cls(date.fromisocalendar(int(year), int(week), 1))
        except ValueError:
            return None

    @property
    def year(self) -> int:
        return self.monday.isocalendar().year

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def code(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def period(self) -> Period:
        return Period(self.monday, self.sunday)

    @property
    def before(self) -> "Week":
        return Week(self.monday - timedelta(days=7))

    @property
    def after(self) -> "Week":
        return Week(self.monday + timedelta(days=7))

    @property
    def has_begun(self) -> bool:
        return self.monday <= clock.today()

    @property
    def is_over(self) -> bool:
        return self.sunday < clock.today()

    def back(self, count: int) -> Iterator["Week"]:
        """So many weeks, the earliest first, this one last."""
        for n in range(count - 1, -1, -1):
            yield Week(self.monday - timedelta(days=7 * n))
