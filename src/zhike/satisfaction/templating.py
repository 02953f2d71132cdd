"""Words and tones of quadrants and runs."""

from django.utils.translation import pgettext_lazy

from zhike.core.templating import template_filter

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
