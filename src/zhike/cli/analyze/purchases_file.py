"""Transactions from a file, and a row a customer to a file: what value and RFM share."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.cli.analyze.files import Source, ordinal
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.telling import may_be_written, written
from zhike.cli.texts import gettext as _
from zhike.methods.given import Floats

# What a spreadsheet takes for the begin of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Asked:
    data: Path
    sheet: str
    customer: str
    date: str
    amount: str
    until: str
    per_customer: Path | None

    def ready(self) -> None:
        """Before anything is computed."""
        if self.per_customer is not None:
            may_be_written("--per-customer", self.per_customer, (self.data,), (".csv",))


@dataclass(frozen=True)
class Purchases:
    customer: NDArray[np.str_]
    day: NDArray[np.int64]
    amount: Floats
    until: int

    @property
    def until_text(self) -> str:
        return date.fromordinal(self.until).isoformat()


def read_purchases(asked: Asked) -> Purchases:
    source = Source(asked.data, asked.sheet)
    columns = source.columns(numbers=[asked.amount], texts=[asked.customer], days=[asked.date])
    people = columns.texts[asked.customer]
    for row, name in zip(columns.rows, people, strict=True):
        if not name.strip():
            raise Problem(
                _("{file}, row {row}: column “{column}” names no customer.").format(
                    file=columns.file, row=int(row), column=asked.customer
                )
            )
    days = columns.days[asked.date]
    until = ordinal(asked.until) if asked.until else int(days.max())
    if until is None:
        raise Problem(
            _("--until is “{text}”, no date; write it as 2026-03-31.").format(text=asked.until)
        )
    return Purchases(np.array(people), days, columns.numbers[asked.amount], until)


def write_customers(path: Path, columns: Sequence[tuple[str, Any]]) -> None:
    """UTF-8 with its mark, which Excel needs; figures in full precision."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([name for name, _values in columns])
    lists = [_cells(values) for _name, values in columns]
    writer.writerows(zip(*lists, strict=True))
    written(path, text.getvalue().encode("utf-8-sig"))


def _cells(values: Any) -> list[Any]:
    cells = values.tolist()
    return [
        f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in cells
    ]
