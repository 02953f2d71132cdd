"""The kinds of case. Few rows, asked often, so one statement brings them all."""

from zhike.core import settled
from zhike.desk.models import CaseType


def case_types(stamp: str = "") -> list[CaseType]:
    """All kinds, also those no longer offered: old cases carry them. `stamp` is that of the reader's rights."""
    return settled.kept(stamp, ("case types",), lambda: list(CaseType.objects.all()))


def active_types(stamp: str = "") -> list[CaseType]:
    return [kind for kind in case_types(stamp) if kind.is_active]
