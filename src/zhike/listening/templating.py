from zhike.core.search import masked_numbers
from zhike.core.templating import component_from, template_filter
from zhike.listening.models import Feedback
from zhike.listening.rules import HIGH_RATIO, LOW_RATIO, shown_rating


@template_filter
def said_words(row: Feedback, reveal: bool) -> str:
    """The text; numbers in it are masked for those who may not see them."""
    return row.text if reveal else masked_numbers(row.text)


@component_from("listening/_rating.html")
def rating(row: Feedback) -> dict[str, str]:
    """4 / 5 in the tone of its third of the scale; a dash without a rating."""
    if row.rating_ratio is None:
        return {"label": ""}
    tone, mark = "mute", ""
    if row.rating_ratio < LOW_RATIO:
        tone, mark = "danger", "mood-sad"
    elif row.rating_ratio >= HIGH_RATIO:
        tone, mark = "ok", "mood-smile"
    return {"label": shown_rating(row.rating, row.rating_max), "tone": tone, "mark": mark}
