"""Links of a questionnaire: handed out, named, opened and closed, and printed as a poster."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.services.setup import company_name
from zhike.core import access
from zhike.core.errors import NotFound, RuleError
from zhike.surveys import services
from zhike.surveys.definition import read
from zhike.surveys.models import Link, Survey
from zhike.surveys.outline import language_of
from zhike.surveys.permissions import MANAGE, VIEW
from zhike.surveys.qr import Code, code_of
from zhike.surveys.selectors import LinkNumbers, get_survey, links_of

# Codes drawn on the page of a questionnaire; the others stand on their posters.
MOST_DRAWN = 12


@dataclass(frozen=True)
class Handed:
    """A link as the page shows it."""

    link: Link
    address: str
    code: Code | None
    numbers: LinkNumbers


def address_of(request: HttpRequest, link: Link) -> str:
    return request.build_absolute_uri(reverse("webform:questionnaire", args=[link.token]))


def handed_out(request: HttpRequest, survey: Survey) -> list[Handed]:
    found = []
    for place, (link, numbers) in enumerate(links_of(survey)):
        address = address_of(request, link)
        code = code_of(address) if place < MOST_DRAWN else None
        found.append(Handed(link, address, code, numbers))
    return found


@require_POST
def link_add(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    try:
        services.make_link(
            actor=actor_of_request(request),
            grants=grants,
            survey_id=pk,
            name=request.POST.get("name", ""),
            is_counter=bool(request.POST.get("is_counter")),
            unit_id=_unit_id(request.POST.get("unit")),
        )
    except RuleError as error:
        if error.status != 422:
            raise
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The link is ready: hand it out or print its poster."))
    return redirect(_back(pk))


@require_POST
def link_change(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """A new name with “counter” or not; or opened and closed by the button of that name."""
    grants = access.require(request.user, MANAGE)
    post = request.POST
    try:
        services.change_link(
            actor=actor_of_request(request),
            grants=grants,
            survey_id=pk,
            link_id=link,
            name=post.get("name"),
            is_counter=bool(post.get("is_counter")) if "name" in post else None,
            is_open=post["is_open"] == "1" if "is_open" in post else None,
            unit_id=_unit_id(post["unit"]) if "unit" in post else None,
        )
    except RuleError as error:
        if error.status != 422:
            raise
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The link is changed. Its address stays the same."))
    return redirect(_back(pk))


def _unit_id(value: str | None) -> int:
    """0 is none; what is no number is a unit nobody reaches."""
    if not value:
        return 0
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else -1


@require_GET
def poster(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """One A4 page to hang up."""
    survey = get_survey(access.require(request.user, VIEW), pk)
    found = survey.links.filter(pk=link, is_personal=False).first()
    if found is None or survey.current is None:
        raise NotFound()
    definition = read(survey.current.definition)
    language = language_of(survey.current.definition)
    address = address_of(request, found)
    context = {
        "survey": survey,
        "link": found,
        "title": definition.words(definition.title, language),
        "said": definition.words(definition.intro, language),
        "language": language,
        "address": address,
        "code": code_of(address),
        "company": company_name(),
    }
    return render(request, "surveys/poster.html", context)


def _back(pk: int) -> str:
    return f"{reverse('surveys:detail', args=[pk])}#links"
