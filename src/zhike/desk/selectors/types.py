"""The kinds of case. Few rows, asked often, so one statement brings them all."""

from zhike.desk.models import CaseType


def case_types() -> list[CaseType]:
    """All kinds, also those no longer offered: old cases carry them."""
    return list(CaseType.objects.all())


def active_types() -> list[CaseType]:
    return [kind for kind in case_types() if kind.is_active]
