"""Templates: Jinja2 behind Django's own backend, and what a page may call. ADR 13 says why Jinja2.

A room adds its words in a module `templating`, found by that name:

    @template_filter                        {{ row|tier_word }}
    @component                              {{ ui.icon("plus") }}
    @component_from("web/note.html")        one that is drawn from a template
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, wraps
from types import SimpleNamespace
from typing import Any, TypeVar

import jinja2
from django.conf import settings
from django.http import HttpRequest
from django.template import defaultfilters
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import get_urlconf, reverse
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules
from markupsafe import Markup

from zhike.core import texts

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)

_filters: dict[str, Function] = {}
_components: dict[str, Function] = {}


class Templates(Jinja2):
    """In `<room>/templates/`, with the words of every room."""

    app_dirname = "templates"

    def __init__(self, params: dict[str, Any]) -> None:
        own = {
            "environment": "zhike.core.templating.environment",
            # A missing name is empty, as readers of a page expect; the tests walk every page.
            "undefined": jinja2.ChainableUndefined,
        }
        super().__init__({**params, "OPTIONS": {**own, **params["OPTIONS"]}})


def csrf(request: HttpRequest) -> dict[str, Any]:
    """Context processor: Django masks the token anew for each form, which on a list are fifty."""
    return {"csrf_input": _CsrfInput(request)}


class _CsrfInput:
    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._field = ""

    def __html__(self) -> str:
        self._field = self._field or csrf_input(self._request)
        return self._field

    __str__ = __html__


def environment(**options: Any) -> jinja2.Environment:
    autodiscover_modules("templating")
    made = jinja2.Environment(extensions=["jinja2.ext.i18n"], **options)
    made.filters.update(_filters)
    made.globals.update(
        ui=SimpleNamespace(**_components),
        static=static,
        url_for=url_for,
        # In `{% trans %}` a name stands for its value; in `_("…")` a percent sign is just one.
        _=texts.gettext,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        translation.gettext, translation.ngettext, newstyle=True
    )
    made.globals["pgettext"] = translation.pgettext
    return made


def template_filter(function: F) -> F:
    return _add(_filters, function)


def component(function: F) -> F:
    return _add(_components, function)


def component_from(template: str) -> Callable[[F], F]:
    """The function gives what the template is drawn with."""

    def added(given: F) -> F:
        _add(_components, _drawn_from(template, given))
        return given

    return added


def _drawn_from(template: str, function: Function) -> Function:
    wants_context = bool(getattr(function, "jinja_pass_arg", None))

    @jinja2.pass_context
    @wraps(function)
    def draw(context: jinja2.runtime.Context, /, *args: Any, **kwargs: Any) -> Markup:
        before = (context,) if wants_context else ()
        content = function(*before, *args, **kwargs)
        return Markup(context.environment.get_template(template).render(content))  # escaped there

    return draw


def _add(known: dict[str, Function], function: F) -> F:
    if function.__name__ in known:
        raise ValueError(f"Two rooms give templates the word {function.__name__!r}.")
    known[function.__name__] = function
    return function


# Addresses


def url_for(name: str, *args: Any, **kwargs: Any) -> str:
    """As `{% url %}`. A list draws hundreds of them, most of them the same on every page."""
    if kwargs:
        return reverse(name, args=args, kwargs=kwargs)
    return _address(get_urlconf() or settings.ROOT_URLCONF, name, args)


@lru_cache(8192)
def _address(urlconf: Any, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, urlconf=urlconf, args=args)


# Django's own filters, those we use


def _local(moment: date | datetime | None) -> date | datetime | None:
    return timezone.localtime(moment) if isinstance(moment, datetime) else moment


def _date(moment: date | datetime | None, form: str) -> str:
    return str(defaultfilters.date(_local(moment), form))


_filters.update(
    date=_date,
    default_if_none=defaultfilters.default_if_none,
    filesizeformat=defaultfilters.filesizeformat,
    linebreaksbr=defaultfilters.linebreaksbr,
    truncatechars=defaultfilters.truncatechars,
)
