"""Fields of an import kind. Each knows to resolve (which cell), to clean (its value), to assign (where to)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhike.core.importer import values
from zhike.core.importer.problems import CellError
from zhike.core.importer.rows import Row

Choices = Sequence[tuple[str, Any]]

CLEANERS: dict[str, Callable[[str], Any]] = {
    "text": values.clean_text,
    "long_text": values.clean_long_text,
    "date": values.clean_date,
    "datetime": values.clean_datetime,
    "number": values.clean_number,
    "integer": values.clean_integer,
    "money": values.clean_cents,
    "phone": values.clean_phone,
    "id_card": values.clean_id_card,
    "email": values.clean_email,
    "flag": values.clean_flag,
}


@dataclass(frozen=True)
class ImportField:
    """One field a column (or a constant) can be mapped to.

    `aliases` are further column headers it is recognised by; the label in every language is known anyway.
    `kind` is a key of `CLEANERS` or "choice"; `choices` may be a function, asked when an import starts.
    """

    code: str
    label: Any
    kind: str = "text"
    aliases: tuple[str, ...] = ()
    required: bool = False
    help: Any = ""
    example: str = ""
    choices: "Choices | Callable[[], Choices]" = ()
    # Shown masked in lists of errors, kept as text in templates.
    personal: bool = False
    max_length: int = 0
    # A rule of the field's own, after the usual cleaning: returns the value or raises CellError.
    check: Callable[[Any], Any] | None = field(default=None, compare=False)

    def resolve(
        self,
        cells: Sequence[str],
        mapping: Mapping[str, int],
        constants: Mapping[str, str],
    ) -> str:
        """The raw text for this field: its column, else the constant declared for the whole file."""
        column = mapping.get(self.code)
        raw = cells[column] if column is not None and column < len(cells) else ""
        return raw.strip() or constants.get(self.code, "")

    def clean(self, raw: str) -> Any:
        """The value, None for an empty cell. Raises CellError."""
        if not raw:
            if self.required:
                raise CellError(values.MISSING, values.MISSING_HINT)
            return None
        clean = self._clean_choice if self.kind == "choice" else CLEANERS[self.kind]
        value = clean(raw)
        if self.max_length and isinstance(value, str) and len(value) > self.max_length:
            raise CellError(
                values.TOO_LONG, values.TOO_LONG_HINT, most=self.max_length, n=len(value)
            )
        return self.check(value) if self.check and value is not None else value

    def assign(self, row: Row, value: Any) -> None:
        if value is not None:
            row.values[self.code] = value

    def _clean_choice(self, raw: str) -> str:
        return values.clean_choice(raw, self.choice_list())

    def choice_list(self) -> Choices:
        return self.choices() if callable(self.choices) else self.choices
