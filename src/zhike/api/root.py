"""The JSON API: one version, bearer tokens, one error shape. Each room has its own routes."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from zhike import __version__
from zhike.api.auth import BearerToken
from zhike.api.calendars import router as calendars_router
from zhike.api.conditions import refuse_unknown
from zhike.api.description import DescribedOnce
from zhike.api.due_plans import router as due_plans_router
from zhike.api.exports import router as exports_router
from zhike.api.imports import router as imports_router
from zhike.api.jobs import router as jobs_router
from zhike.api.parsing import WholeTextParser
from zhike.api.search import router as search_router
from zhike.api.validation import field_errors
from zhike.care.api import router as care_router
from zhike.complaints.api import router as complaints_router
from zhike.complaints.api_notices import router as notices_router
from zhike.complaints.api_proofs import router as proofs_router
from zhike.complaints.api_remedies import router as remedies_router
from zhike.core.access import Forbidden
from zhike.core.errors import RuleError, TooOften
from zhike.customers.api import router as customers_router
from zhike.customers.api_consents import router as consents_router
from zhike.customers.api_segments import router as segments_router
from zhike.desk.api import router as desk_router
from zhike.desk.api_files import router as files_router
from zhike.desk.api_legal import router as legal_router
from zhike.insight.api import router as insight_router
from zhike.insight.api_weeks import router as weeks_router
from zhike.listening.api import router as listening_router
from zhike.privacy.api import router as privacy_router
from zhike.reference.api import router as reference_router
from zhike.satisfaction.api import router as satisfaction_router
from zhike.satisfaction.api_deliveries import router as deliveries_router
from zhike.satisfaction.api_indexes import router as indexes_router
from zhike.surveys.api import router as surveys_router
from zhike.surveys.api_results import router as results_router
from zhike.surveys.api_sendings import router as sendings_router

api = DescribedOnce(
    title="Zhike",
    version=__version__,
    description=(
        "Customers, cases and what is said in them. Send `Authorization: Bearer zk_…`; "
        "`Accept-Language` chooses the language of messages; `Idempotency-Key` makes a POST safe to repeat."
    ),
    urls_namespace="api",
    docs_url=None,  # its page needs an inline script, which our content policy refuses
    openapi_url="/openapi.json",
    auth=BearerToken(),
    parser=WholeTextParser(),
)


def _answer(
    request: HttpRequest,
    status: int,
    code: str,
    message: Any,
    *,
    field: str = "",
    fields: list[dict[str, str]] | None = None,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    body = {
        "error": {
            "code": code,
            "message": str(message),
            "field": field,
            "fields": fields or [],
            "extra": extra or {},
            "request_id": getattr(request, "request_id", ""),
        }
    }
    return api.create_response(request, body, status=status)


def _in_callers_language(
    handler: Callable[[HttpRequest, Any], HttpResponse],
) -> Callable[[HttpRequest, Any], HttpResponse]:
    def handle(request: HttpRequest, error: Any) -> HttpResponse:
        with translation.override(translation.get_language_from_request(request)):
            return handler(request, error)

    return handle


@_in_callers_language
def _refused(request: HttpRequest, error: RuleError) -> HttpResponse:
    message = error.message
    if not message:
        message = (
            _("This token does not have the permission %(code)s.") % {"code": error.permission}
            if isinstance(error, Forbidden)
            else _("There is nothing here, or it is not yours to see.")
        )
    answer = _answer(
        request, error.status, error.code, message, field=error.field, extra=error.extra
    )
    if error.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    elif error.status == 429:
        answer["Retry-After"] = error.retry_after if isinstance(error, TooOften) else "60"
    return answer


@_in_callers_language
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _answer(
        request,
        422,
        "invalid_input",
        _("Some of the input is not right. See each field."),
        fields=field_errors(error.errors),
    )


@_in_callers_language
def _unauthorised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = _answer(
        request, 401, "token_invalid", _("The bearer token is missing or not known here.")
    )
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@_in_callers_language
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _answer(
        request, 404, "not_found", _("There is nothing here, or it is not yours to see.")
    )


@_in_callers_language
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    # Ninja raises this for a body it cannot parse.
    return _answer(request, error.status_code, "bad_request", _("The body is not valid JSON text."))


api.add_exception_handler(RuleError, _refused)
api.add_exception_handler(ValidationError, _invalid)
api.add_exception_handler(AuthenticationError, _unauthorised)
api.add_exception_handler(Http404, _missing)
api.add_exception_handler(HttpError, _http)

api.add_decorator(refuse_unknown, mode="view")

api.add_router("", customers_router)
api.add_router("", consents_router)
api.add_router("", segments_router)
api.add_router("", privacy_router)
api.add_router("", reference_router)
api.add_router("", surveys_router)
api.add_router("", desk_router)
api.add_router("", files_router)
api.add_router("", legal_router)
api.add_router("", complaints_router)
api.add_router("", remedies_router)
api.add_router("", proofs_router)
api.add_router("", notices_router)
api.add_router("", care_router)
api.add_router("", sendings_router)
api.add_router("", results_router)
api.add_router("", satisfaction_router)
api.add_router("", deliveries_router)
api.add_router("", indexes_router)
api.add_router("", listening_router)
api.add_router("", insight_router)
api.add_router("", weeks_router)
api.add_router("", due_plans_router)
api.add_router("", imports_router)
api.add_router("", exports_router)
api.add_router("", jobs_router)
api.add_router("", search_router)
api.add_router("", calendars_router)
