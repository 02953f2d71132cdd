"""What a file says about itself: who took it, when, what for, under which number.

A column of its own, not a line above or below: it survives cutting and pasting rows, works alike in .csv and
.xlsx, and our own import leaves a column it does not know aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.exporter.kinds import ExportColumn
from zhike.core.models import ExportRun

COLUMN = "export_mark"


@dataclass(frozen=True)
class Watermark:
    number: str
    who: str
    at: datetime
    purpose: str
    reason: str
    rows: int
    revealed: bool

    @classmethod
    def of(cls, run: ExportRun) -> "Watermark":
        return cls(
            number=run.number,
            who=run.actor_name,
            at=run.made_at,
            purpose=run.get_purpose_display(),
            reason=run.reason,
            rows=run.rows,
            revealed=run.revealed,
        )

    @property
    def line(self) -> str:
        """One line for a head or foot."""
        return (
            f"{self.number} · {self.who} · {clock.local(self.at):%Y-%m-%d %H:%M} · {self.purpose}"
        )

    def column(self) -> ExportColumn:
        # In brackets, because an import reads a header without what stands in brackets.
        head = _("Watermark")
        return ExportColumn(COLUMN, f"{head}（{self.line}）", width=20)

    def on(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**record, COLUMN: self.number}

    def facts(self) -> list[tuple[str, str]]:
        """The sheet that explains the file."""
        return [
            (_("Export number"), self.number),
            (_("Exported by"), self.who),
            (_("Exported at"), f"{clock.local(self.at):%Y-%m-%d %H:%M}"),
            (_("Purpose"), self.purpose),
            (_("Reason"), self.reason),
            (_("Rows"), str(self.rows)),
            (_("Complete numbers"), _("yes") if self.revealed else _("no")),
            (
                _("Please note"),
                _(
                    "This file holds personal data. Use it only for the purpose above, pass it on only to those "
                    "who need it for that purpose, and delete it when it is no longer needed."
                ),
            ),
        ]
