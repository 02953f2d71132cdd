"""Numbers people read out on the phone: a prefix, the day, then four digits that may grow to five."""

from datetime import date

from django.db import connection


def next_number(series: str) -> int:
    """The next number of a series. The row stays locked until commit, so a series has no gaps by races."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_numberseries (name, last) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET last = core_numberseries.last + 1 RETURNING last",
            [series],
        )
        return int(cursor.fetchone()[0])


def dated_number(prefix: str, day: date) -> str:
    return f"{prefix}{day:%Y%m%d}{next_number(f'{prefix}{day:%Y%m%d}'):04d}"
