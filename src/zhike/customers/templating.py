"""`{{ text|masked_unless:can_reveal }}`: numbers people wrote into free text are masked like any other."""

from zhike.core.search import masked_numbers
from zhike.core.templating import template_filter


@template_filter
def masked_unless(text: object, may_see: object) -> str:
    spoken = "" if text is None else str(text)
    return spoken if may_see else masked_numbers(spoken)
