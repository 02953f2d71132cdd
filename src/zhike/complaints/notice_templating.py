"""Words and tones of a notice in a row."""

from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.notice_page import TONES
from zhike.core.search import masked_numbers
from zhike.core.templating import template_filter


@template_filter
def notice_tone(row: Notice) -> str:
    return TONES[NoticeState(row.state)][0]


@template_filter
def notice_words(text: str, reveal: bool) -> str:
    """Numbers in it are masked without the right to them."""
    return text if reveal else masked_numbers(text)
