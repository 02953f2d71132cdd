"""The words one searched for, marked where they were found."""

from markupsafe import Markup, escape

from zhike.core.search.marking import places_of
from zhike.core.templating import template_filter

_MARK = Markup("<mark>{}</mark>")


@template_filter
def marked(text: str, query: str) -> Markup:
    """`text` escaped, each word of `query` in it marked."""
    found, at = Markup(), 0
    for start, end in places_of(str(text), query):
        found += escape(text[at:start]) + _MARK.format(text[start:end])
        at = end
    return found + escape(text[at:])
