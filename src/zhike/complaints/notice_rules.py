"""What holds for notices, whoever asks. Pure: no Django, no clock."""

from datetime import date, timedelta

from zhike.customers.data.surnames import DOUBLE_SURNAMES

# Pressed as often as one likes, a reminder goes out once in this time.
REMINDER_GAP = timedelta(hours=1)
# Working minutes after the due time, when the superior is told.
ESCALATE_AFTER_MINUTES = 240
# When nobody says otherwise, a measure is looked at this long after it was to be done.
CHECK_AFTER = timedelta(days=7)
# A measure further away than this is a slip of the keyboard.
FURTHEST = timedelta(days=730)


def masked_name(name: str) -> str:
    """The family name alone, as whoever has nothing to do with the customer may read it: 陈**."""
    name = name.strip()
    if not name:
        return ""
    kept = 2 if name[:2] in DOUBLE_SURNAMES else 1
    return f"{name[:kept]}**"


def check_date(action_due: date, chosen: date | None) -> date:
    return chosen or action_due + CHECK_AFTER


def related_paths(one: str, other: str) -> bool:
    """Whether two units are the same, or one lies below the other."""
    return one.startswith(other) or other.startswith(one)
