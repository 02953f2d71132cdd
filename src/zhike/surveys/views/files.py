"""Questionnaires as files: JSON for programs and other houses, a workbook for people."""

import json
import tempfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import reachable_units
from zhike.core import access
from zhike.core.errors import NotFound, RuleError, TooLarge
from zhike.surveys import services
from zhike.surveys.definition import Draft
from zhike.surveys.models import Survey
from zhike.surveys.permissions import MANAGE, VIEW
from zhike.surveys.selectors import get_survey
from zhike.surveys.views.posted import whole_number
from zhike.surveys.workbook import WorkbookFaults, read_book, write_book

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 1024 * 1024
# Faults shown at once; the rest is counted.
MOST_SHOWN = 200


@require_GET
def survey_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The draft as it is now."""
    survey = get_survey(access.require(request.user, VIEW), pk)
    name = f"{survey.title[:60]}.{form}"
    if form == "json":
        answer: HttpResponseBase = JsonResponse(
            survey.draft, json_dumps_params={"ensure_ascii": False, "indent": 1}
        )
    elif form == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
        write_book(survey.draft, file)
        file.seek(0)
        answer = FileResponse(file, content_type=XLSX)
    else:
        raise NotFound()
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def survey_import(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A file becomes a new questionnaire, or the draft of this one; nothing of it while a cell is wrong."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk) if pk is not None else None
    refusal: RuleError | None = None
    if request.method == "POST":
        try:
            made = _taken_over(request, survey, _document(request))
        except RuleError as error:
            if error.status not in (409, 413, 422):
                raise
            refusal = error
        else:
            messages.success(request, _("The file is taken over as a draft."))
            return redirect("surveys:builder", made.pk)
    faults = refusal.faults if isinstance(refusal, WorkbookFaults) else []
    context = {
        "survey": survey,
        "refusal": refusal,
        "faults": faults[:MOST_SHOWN],
        "more": max(0, len(faults) - MOST_SHOWN),
        "units": [(unit.pk, unit.name) for unit in reachable_units(grants)],
        "unit_id": grants.unit_id,
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "surveys/import.html", context, status=status)


def _taken_over(request: HttpRequest, survey: Survey | None, document: Any) -> Survey:
    acting: dict[str, Any] = {
        "actor": actor_of_request(request),
        "grants": access.grants_of(request.user),
    }
    if survey is None:
        return services.make_survey(
            **acting, document=document, unit_id=whole_number(request.POST, "unit")
        )
    return services.save_draft(
        **acting,
        survey_id=survey.pk,
        document=document,
        expected_seq=whole_number(request.POST, "seq"),
        part="file",
    )


def _document(request: HttpRequest) -> Draft:
    upload = request.FILES.get("file")
    if upload is None:
        raise RuleError("file_missing", _("Please choose a file."), field="file")
    if (upload.size or 0) > MOST_BYTES:
        raise TooLarge("survey_file_too_large", _("The file is larger than 1 MB."))
    data = upload.read()
    if data.startswith(b"PK"):
        return read_book(data)
    try:
        document: Draft = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RuleError(
            "survey_file_unknown",
            _("This is neither an .xlsx workbook nor a JSON file of a questionnaire."),
            field="file",
        ) from error
    return document
