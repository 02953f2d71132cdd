"""Words and tones of quadrants and runs."""

from django.utils.translation import pgettext, pgettext_lazy

from zhike.core.templating import template_filter
from zhike.satisfaction.choices import SeenTo

WORDS = {
    "concentrate_here": pgettext_lazy("quadrant", "Work on this first"),
    "keep_up": pgettext_lazy("quadrant", "Keep it up"),
    "low_priority": pgettext_lazy("quadrant", "Can wait"),
    "possible_overkill": pgettext_lazy("quadrant", "Perhaps more than needed"),
}
TONES = {
    "concentrate_here": "danger",
    "keep_up": "ok",
    "low_priority": "mute",
    "possible_overkill": "info",
}


@template_filter
def quadrant_word(code: str) -> str:
    return str(WORDS[code])


@template_filter
def quadrant_tone(code: str) -> str:
    return TONES[code]


STEP_WORDS = {
    3: pgettext_lazy("judgement", "a little more"),
    5: pgettext_lazy("judgement", "clearly more"),
    7: pgettext_lazy("judgement", "much more"),
    9: pgettext_lazy("judgement", "beyond all comparison"),
}


@template_filter
def judged_word(step: int) -> str:
    """A judgement in words, with its figure."""
    size = abs(step)
    if size == 1:
        return pgettext("judgement", "Both count alike (1)")
    words = STEP_WORDS.get(size) or pgettext("judgement", "between the neighbours")
    if step > 0:
        return pgettext("judgement", "← The left: %(words)s (%(size)s)") % {
            "words": words,
            "size": size,
        }
    return pgettext("judgement", "→ The right: %(words)s (%(size)s)") % {
        "words": words,
        "size": size,
    }


@template_filter
def times_more(value: float) -> str:
    """4 or 1/4."""
    return f"{value:.3g}" if value >= 1 else f"1/{1 / value:.3g}"


@template_filter
def improvement_tone(state: str) -> str:
    return {"open": "info", "done": "ok"}.get(state, "mute")


_SEEN_TO_TONES = {
    SeenTo.IN_TIME: "ok",
    SeenTo.LATE: "warn",
    SeenTo.DONE: "ok",
    SeenTo.TO_DO: "info",
    SeenTo.WAITING: "mute",
    SeenTo.OVERDUE: "danger",
    SeenTo.CALLED_OFF: "mute",
}


@template_filter
def seen_to_word(state: str) -> str:
    return str(SeenTo(state).label)


@template_filter
def seen_to_tone(state: str) -> str:
    return _SEEN_TO_TONES[SeenTo(state)]
