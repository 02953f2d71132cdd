"""Rows of a list, drawn once for all who look at the same.

A desk's people look at the same first page all day, and drawing its fifty rows took a third of it. The key holds
every value of the row, so there is nothing to invalidate: a row that changed is another row.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from django.db.models import Model
from django.utils.translation import get_language
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from zhike.core import clock
from zhike.core.templating import component

# Three kilobytes each.
MOST_KEPT = 2000

_kept: OrderedDict[Hashable, Markup] = OrderedDict()
_lock = Lock()


def _values(row: Model) -> tuple[Hashable, ...]:
    return tuple(
        repr(value) if isinstance(value, list | dict) else value
        for name, value in row.__dict__.items()
        if name != "_state"
    )


@component
@pass_context
def kept_row(context: Context, template: str, row: Model, **more: Hashable) -> Markup:
    """`template` drawn with `row`, the shown columns as `show`, and `more`; it may ask for nothing else.

    Words like "in 5 minutes" hold for the minute they were drawn in.
    """
    show = context["list"].show
    minute = int(clock.now().timestamp()) // 60
    told = (tuple(vars(show).values()), tuple(more.values()), _values(row))
    key = (template, minute, get_language(), told)
    found = _kept.get(key)
    if found is None:
        drawn = context.environment.get_template(template).render(row=row, show=show, **more)
        found = Markup(drawn)
        with _lock:
            _kept[key] = found
            if len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found
