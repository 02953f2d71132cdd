"""What higher rooms add to the copy a person gets of their data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhike.core.exporter import ExportColumn
from zhike.core.registry import Slot


@dataclass(frozen=True)
class PersonalPart:
    """A sheet of the copy. `rows` gets the ids of the file and of those merged into it; notes that colleagues
    wrote for each other and what is about somebody else stay out of it."""

    key: str
    label: Any
    columns: tuple[ExportColumn, ...]
    rows: Callable[[Sequence[int]], Iterable[Mapping[str, Any]]]
    order: int = 50


PARTS: Slot[PersonalPart] = Slot(
    "privacy.package.PARTS", "What a person's copy of their data holds", key=lambda part: part.key
)
