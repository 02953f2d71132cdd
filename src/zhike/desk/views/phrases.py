"""Settings: the list of phrases, and a box to try it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.pages import export_page
from zhike.desk.models import Phrase
from zhike.desk.phrase_forms import PhraseForm, TryForm
from zhike.desk.phrase_list import PHRASES
from zhike.desk.phrases import PhraseKind, Place
from zhike.desk.services.phrases import (
    FIELDS,
    PhraseFields,
    add_phrase,
    change_phrase,
    switch_phrase,
)
from zhike.desk.services.types import MANAGE_SETTINGS
from zhike.desk.services.words import Flag, find_words


@require_safe
def phrases(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    return PHRASES.respond(
        request,
        Phrase.objects.all(),
        "desk/phrases.html",
        grants=grants,
        counts=_counts,
        export_url=reverse("desk:phrase-export"),
        extra={"can_import": grants.allows("imports.run")},
    )


def _counts() -> dict[str, int]:
    # A list of some hundred rows: counted as it stands.
    rows = list(Phrase.objects.values_list("kind", "is_active"))
    return {
        "all": len(rows),
        "forbidden": sum(kind == PhraseKind.FORBIDDEN for kind, _active in rows),
        "label": sum(kind == PhraseKind.LABEL for kind, _active in rows),
        "off": sum(not active for _kind, active in rows),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def phrase_add(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = PhraseForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _form_page(request, form)
    return _keep(request, grants, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def phrase_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    phrase = _phrase(pk)
    if request.method != "POST":
        known = {name: getattr(phrase, name) for name in FIELDS}
        return _form_page(request, PhraseForm(initial=known), phrase)
    return _keep(request, grants, PhraseForm(request.POST), phrase)


def _phrase(pk: int) -> Phrase:
    phrase = Phrase.objects.filter(pk=pk).first()
    if phrase is None:
        raise NotFound()
    return phrase


def _keep(
    request: HttpRequest, grants: Grants, form: PhraseForm, phrase: Phrase | None
) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, form, phrase, status=422)
    acting: dict[str, Any] = {"actor": actor_of_request(request), "grants": grants}
    try:
        given = PhraseFields(**{name: form.cleaned_data[name] for name in FIELDS})
        if phrase is None:
            kept = add_phrase(**acting, given=given)
        else:
            kept = change_phrase(**acting, phrase_id=phrase.pk, given=given)
    except NotFound:
        raise
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form_page(request, form, phrase, status=error.status)
    messages.success(request, _("“%(name)s” is kept.") % {"name": kept.pattern})
    return redirect("desk:phrases")


def _form_page(
    request: HttpRequest, form: PhraseForm, phrase: Phrase | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "phrase": phrase}
    return render(request, "desk/phrase_form.html", context, status=status)


@require_POST
def phrase_switch(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    is_active = request.POST.get("active") == "1"
    phrase = switch_phrase(
        actor=actor_of_request(request), grants=grants, phrase_id=pk, is_active=is_active
    )
    words = _("“%(name)s” is looked for again.") if is_active else _("“%(name)s” is switched off.")
    messages.success(request, words % {"name": phrase.pattern})
    return redirect("desk:phrases")


@require_http_methods(["GET", "HEAD", "POST"])
def phrase_try(request: HttpRequest) -> HttpResponse:
    """What the list would say of a text. Nothing is kept of it."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = TryForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "flags": None}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            text = form.cleaned_data["text"].replace("\r\n", "\n")
            flags = find_words(text, Place(form.cleaned_data["place"]), grants.stamp)
            context |= {"flags": flags, "pieces": _pieces(text, flags)}
        else:
            status = 422
    return render(request, "desk/phrase_try.html", context, status=status)


def _pieces(text: str, flags: list[Flag]) -> list[tuple[str, bool]]:
    """The text in pieces; those that were found are marked."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for flag in flags:
        pieces += [(text[at : flag.start], False), (text[flag.start : flag.end], True)]
        at = flag.end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


@require_http_methods(["GET", "POST"])
def phrase_export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, MANAGE_SETTINGS)
    kind = EXPORT_KINDS.get("phrases")
    assert kind is not None
    return export_page(
        request,
        kind,
        PHRASES,
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("desk:phrases"),
    )
