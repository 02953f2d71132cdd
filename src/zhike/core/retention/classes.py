from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhike.core.registry import Slot

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.core.work import Work


# What stands where a text was that lists cannot do without. Data, like `erasing.ERASED`.
ENDED = "已过保存期限，已删除"  # zh-data


@dataclass(frozen=True)
class DataClass:
    """One kind of data with an end.

    `rows(cutoff)` are those that are over and still say something, without what a legal hold keeps; `end(rows,
    work)` takes at most a hundred of them, locked, and leaves nothing to be read; doing it twice changes nothing.
    A class without `rows` is told on the page and ended elsewhere, or never: `source` says why.
    """

    key: str
    label: Any
    # What goes, and what stays of it for the figures.
    what: Any
    default_days: int
    least_days: int = 1
    source: Any = ""
    rows: "Callable[[datetime], QuerySet[Any]] | None" = None
    end: "Callable[[Sequence[Any], Work], None] | None" = None
    # Whether a new installation ends it without having been asked.
    is_on: bool = False
    order: int = 50

    @property
    def is_fixed(self) -> bool:
        return self.rows is None


CLASSES: Slot[DataClass] = Slot(
    "core.retention.CLASSES", "Kinds of data and how long they are kept", key=lambda one: one.key
)
