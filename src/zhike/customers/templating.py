"""`{{ text|masked_unless:can_reveal }}`: numbers people wrote into free text are masked like any other;
`{{ 5|segment_priority }}`: how much a segment counts, in words."""

from zhike.core.search import masked_numbers
from zhike.core.templating import template_filter
from zhike.customers.choices import PriorityLevel


@template_filter
def masked_unless(text: object, may_see: object) -> str:
    spoken = "" if text is None else str(text)
    return spoken if may_see else masked_numbers(spoken)


@template_filter
def segment_priority(level: int) -> str:
    return str(PriorityLevel(level).label)
