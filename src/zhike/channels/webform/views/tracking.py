"""The customer's progress page: by its secret link, or by number and code."""

import hmac
from collections.abc import Callable
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.channels.webform.forms import LookUpForm, MessageForm, UnhappyForm
from zhike.channels.webform.views.page import (
    address_of,
    customer_actor,
    is_too_often,
    public_grants,
    public_page,
    too_often,
)
from zhike.channels.webform.views.words import tracking_view
from zhike.core.errors import NotFound, RuleError, TooOften
from zhike.core.files.store import store_file
from zhike.desk.choices import Channel
from zhike.desk.errors import TrackingExpired
from zhike.desk.file_field import status_of
from zhike.desk.models import Case
from zhike.desk.selectors.scope import HEAVY
from zhike.desk.selectors.tracking import (
    find_by_number_and_code,
    find_by_token,
    public_attachment,
    public_case,
)
from zhike.desk.services import customer_words
from zhike.desk.services.attaching import NewFile
from zhike.desk.views.case import send_file

# The part of the address that stands for "the case whose number and code this browser gave".
MINE = "mine"
PASS_COOKIE = "zhike_progress"
PASS_SALT = "webform.progress"
PASS_SECONDS = 2 * 3600

DONE = {
    "message": gettext_lazy("Received. It stands in the conversation, and we see it at once."),
    "urge": gettext_lazy("We have been told to hurry. You will hear from us here."),
    "unhappy": gettext_lazy(
        "We are sorry. It is marked, and whoever looks after it sees it at once."
    ),
}


def _case_of(request: HttpRequest, key: str) -> Case:
    if key != MINE:
        return find_by_token(key)
    try:
        kept = signing.loads(
            request.COOKIES.get(PASS_COOKIE, ""), salt=PASS_SALT, max_age=PASS_SECONDS
        )
    except signing.BadSignature:
        raise NotFound() from None
    case = Case.objects.defer(*HEAVY).filter(pk=kept.get("case")).first()
    # A code issued anew closes the door the old one opened.
    if case is None or not hmac.compare_digest(str(kept.get("code")), case.query_code_hash):
        raise NotFound()
    if case.merged_into_id is not None:
        return Case.objects.defer(*HEAVY).get(pk=case.merged_into_id)
    return case


@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    form = LookUpForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _door(request, form)
    if not form.is_valid():
        return _door(request, form, status=422)
    number, code = form.cleaned_data["number"], form.cleaned_data["code"]
    try:
        case = find_by_number_and_code(number, code, address=address_of(request))
    except RuleError as error:
        form.add_error(None, str(error))
        # A wrong pair is a form to be mended, not a missing page.
        refused = _door(request, form, status=422 if error.status == 404 else error.status)
        if isinstance(error, TooOften):
            refused.headers["Retry-After"] = error.retry_after
        return refused
    answer = redirect("webform:tracking", MINE)
    kept = {"case": case.pk, "code": case.query_code_hash}
    answer.set_cookie(
        PASS_COOKIE,
        signing.dumps(kept, salt=PASS_SALT),
        max_age=PASS_SECONDS,
        httponly=True,
        samesite="Lax",
        path=reverse("webform:look-up"),
    )
    return answer


def _door(
    request: HttpRequest, form: LookUpForm, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context = {"form": form, "trouble": trouble}
    return public_page(request, "webform/look_up.html", context, status=status)


def _opened(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Find the case first; a link that opens nothing leads to the other way in."""

    def answer(request: HttpRequest, key: str, **kwargs: Any) -> HttpResponseBase:
        try:
            case = _case_of(request, key)
        except TrackingExpired:
            trouble = _(
                "This link has run out. Nothing is lost: come in with number and code here, "
                "or ask our staff for a new link."
            )
            return _door(request, LookUpForm(), status=410, trouble=trouble)
        except NotFound:
            # Links are too long to be guessed; whoever tries all the same is told no more after a while.
            if key != MINE and is_too_often(request, "links"):
                return too_often(request)
            trouble = _(
                "This link does not lead anywhere. Perhaps a part of it is missing; "
                "number and code work as well."
            )
            return _door(request, LookUpForm(), status=404, trouble=trouble)
        return view(request, case, key, **kwargs)

    return answer


@require_safe
@_opened
def tracking(request: HttpRequest, case: Case, key: str) -> HttpResponse:
    notice = DONE.get(request.GET.get("done", ""), "")
    return _progress(request, case, key, notice=str(notice))


def _progress(
    request: HttpRequest,
    case: Case,
    key: str,
    *,
    form: MessageForm | None = None,
    unhappy_form: UnhappyForm | None = None,
    notice: str = "",
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    before = request.GET.get("before", "")
    shown = public_case(
        case,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
    )
    context = {
        "view": tracking_view(shown, lambda pk: reverse("webform:file", args=[key, pk])),
        "form": form or MessageForm(),
        "unhappy_form": unhappy_form or UnhappyForm(),
        "notice": notice,
        "trouble": trouble,
        "urls": {
            name: reverse(f"webform:{name}", args=[key]) for name in ("message", "urge", "unhappy")
        },
    }
    return public_page(request, "webform/tracking.html", context, status=status)


def _after(key: str, what: str) -> HttpResponse:
    return redirect(f"{reverse('webform:tracking', args=[key])}?done={what}")


@require_POST
@_opened
def message(request: HttpRequest, case: Case, key: str) -> HttpResponse:
    """Something to add: words, photos, or both."""
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _progress(request, case, key, form=form, status=status_of(form))
    if is_too_often(request, "words"):
        return too_often(request)
    try:
        files = [NewFile(store_file(file), file.name or "") for file in form.cleaned_data["files"]]
        customer_words.receive_message(
            actor=customer_actor(request, case.customer_name),
            grants=public_grants(),
            case_id=case.pk,
            text=form.cleaned_data["text"],
            channel=Channel.TRACKING,
            files=files,
            submit_key=form.cleaned_data["once"],
        )
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _progress(request, case, key, form=form, status=error.status)
    return _after(key, "message")


@require_POST
@_opened
def urge(request: HttpRequest, case: Case, key: str) -> HttpResponse:
    if is_too_often(request, "words"):
        return too_often(request)
    try:
        customer_words.urge(
            actor=customer_actor(request, case.customer_name),
            grants=public_grants(),
            case_id=case.pk,
        )
    except RuleError as error:
        return _progress(request, case, key, trouble=str(error), status=error.status)
    return _after(key, "urge")


@require_POST
@_opened
def unhappy(request: HttpRequest, case: Case, key: str) -> HttpResponse:
    form = UnhappyForm(request.POST)
    if not form.is_valid():
        return _progress(request, case, key, unhappy_form=form, status=422)
    if is_too_often(request, "words"):
        return too_often(request)
    try:
        customer_words.dissatisfied(
            actor=customer_actor(request, case.customer_name),
            grants=public_grants(),
            case_id=case.pk,
            text=form.cleaned_data["text"],
            submit_key=form.cleaned_data["once"],
        )
    except RuleError as error:
        form.add_error("text" if error.field == "text" else None, str(error))
        return _progress(request, case, key, unhappy_form=form, status=error.status)
    return _after(key, "unhappy")


@require_safe
@_opened
def file(request: HttpRequest, case: Case, key: str, pk: int) -> HttpResponseBase:
    """A file the customer sent, or was sent."""
    if is_too_often(request, "files"):
        return too_often(request)
    answer = send_file(public_attachment(case, pk))
    # The telephone or computer may be somebody else's.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
