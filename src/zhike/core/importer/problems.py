"""What is wrong with a file, a mapping or a cell: a sentence, what to do about it, perhaps the right value."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


@dataclasses.dataclass(frozen=True)
class Problem:
    """`reason` and `suggestion` are message templates (`gettext_noop`), filled with `values` when shown.

    Keep `reason` free of places: problems are grouped by it. `proposal` is a value that would be right.
    """

    reason: str
    suggestion: str = ""
    field: str = ""
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    proposal: str = ""


class CellError(Exception):
    """Raised by a field's `clean`; becomes a `Problem` of that field."""

    def __init__(
        self, reason: str, suggestion: str = "", proposal: str = "", **values: Any
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.suggestion = suggestion
        self.proposal = proposal
        self.values = values

    def problem(self, field_code: str) -> Problem:
        return Problem(self.reason, self.suggestion, field_code, self.values, self.proposal)


def sentence(template: str, values: Mapping[str, Any] | None = None) -> str:
    """A message template in the reader's language; a value that is missing leaves the bare sentence."""
    if not template:
        return ""
    text = gettext(template)
    try:
        return text % dict(values or {})
    except (KeyError, ValueError, TypeError):
        return text
