"""The kinds of case. Few rows, asked often, so one statement brings them all."""

from zhike.core import settled
from zhike.desk.models import CaseType


def case_types() -> list[CaseType]:
    """All kinds, also those no longer offered: old cases carry them."""
    return list(CaseType.objects.all())


def active_types(stamp: str = "") -> list[CaseType]:
    """Those offered; with the stamp of the reader's rights as the process knows them."""
    kinds = settled.kept(stamp, ("case types",), case_types)
    return [kind for kind in kinds if kind.is_active]
