"""A length of time as people write it on a form: hours are offered, and kept as minutes."""

from django.utils.translation import pgettext_lazy

from zhike.core.models import DueUnit


class LengthUnit:
    """What a person picks."""

    MINUTES = DueUnit.BUSINESS_MINUTES.value
    HOURS = "business_hours"
    choices = (
        (MINUTES, pgettext_lazy("due unit", "working minutes")),
        (HOURS, pgettext_lazy("due unit", "working hours")),
        (DueUnit.BUSINESS_DAYS.value, pgettext_lazy("due unit", "working days")),
        (DueUnit.CALENDAR_DAYS.value, pgettext_lazy("due unit", "calendar days")),
    )


def as_kept(amount: int, unit: str) -> tuple[int, str]:
    if unit == LengthUnit.HOURS:
        return amount * 60, DueUnit.BUSINESS_MINUTES.value
    return amount, unit


def as_offered(amount: int, unit: str) -> tuple[int, str]:
    """Whole hours as hours."""
    if unit == DueUnit.BUSINESS_MINUTES and amount % 60 == 0:
        return amount // 60, LengthUnit.HOURS
    return amount, unit
