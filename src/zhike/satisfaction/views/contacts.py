"""Who left how to reach them with their answers: a list, a look at a number, a case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.desk.permissions import CREATE
from zhike.desk.views.actions import type_choices
from zhike.satisfaction.contact_list import contacts_of
from zhike.satisfaction.services.contact_cases import open_contact_case
from zhike.surveys.contact_selectors import visible_contacts
from zhike.surveys.kept import keeps_contacts, refuse_kept
from zhike.surveys.permissions import CONTACTS, VIEW
from zhike.surveys.selectors import get_survey
from zhike.surveys.services import contacts


@require_safe
@never_cache
def contact_list(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, CONTACTS)
    survey = get_survey(access.require(request.user, VIEW), pk)
    if keeps_contacts(survey):
        refuse_kept(survey)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
    context = {
        "survey": survey,
        "page": contacts_of(survey, grants, before=before, language=get_language() or ""),
        "is_first": not before,
        "types": type_choices() if grants.allows(CREATE) else [],
    }
    return render(request, "satisfaction/contacts.html", context)


@require_POST
@never_cache
def contact_reveal(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    grants = access.require(request.user, CONTACTS)
    shown = contacts.reveal(
        actor=actor_of_request(request), grants=grants, contact_id=pk, part=part
    )
    is_part = request.headers.get("HX-Request") == "true"
    template = "customers/_revealed.html" if is_part else "satisfaction/revealed.html"
    return render(request, template, {"shown": shown, "is_phone": part == "phone"})


@require_POST
def contact_case(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, CONTACTS)
    try:
        case = open_contact_case(
            actor=actor_of_request(request),
            grants=grants,
            contact_id=pk,
            type_code=request.POST.get("type", ""),
            language=get_language() or "",
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        # A type that was put out of use meanwhile, or a number that can be nobody's.
        messages.warning(request, str(error))
        row = visible_contacts(grants).only("survey_id").get(pk=pk)
        return redirect("contacts:list", row.survey_id)
    return redirect("desk:case", case.number)
