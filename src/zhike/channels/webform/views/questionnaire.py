"""Answering a questionnaire: page by page, each sent in and kept before the next is shown.

No session and no sign-in: the link's token says what is asked, a secret of this browser whose answers they are.
A personal link (`is_invited`) says both.
The form carries no CSRF token on purpose: nothing here is done in anybody's name.
"""

from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from zhike.channels.webform.pacing import tries_this_hour
from zhike.channels.webform.services.throttle import note_refusal
from zhike.channels.webform.views.page import (
    address_of,
    customer_actor,
    public_page,
    too_often,
)
from zhike.core.errors import RuleError
from zhike.surveys import answer_errors as errors
from zhike.surveys import flow
from zhike.surveys.answering import take
from zhike.surveys.choices import QuestionKind, ResponseState
from zhike.surveys.contact_selectors import files_before, left_before
from zhike.surveys.definition import Definition
from zhike.surveys.drawing import draw
from zhike.surveys.services import answers as services
from zhike.surveys.services import leaving
from zhike.surveys.services.answers import Begun, Sent, Way
from zhike.surveys.services.inviting import named_sentence
from zhike.surveys.services.leaving import Left

A = TypeVar("A", bound=HttpResponse)
COOKIE = "zhike_answers"
COOKIE_SECONDS = 14 * 86400


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, token: str, *, is_invited: bool = False) -> HttpResponse:
    """The first page, or what this browser began; a page sent in."""
    try:
        way = _way(token, is_invited)
        if request.method == "POST":
            return _sent(request, way)
        return _first(request, way)
    except RuleError as error:
        return _stopped(request, error)


@require_safe
def questionnaire_page(
    request: HttpRequest, token: str, number: int, *, is_invited: bool = False
) -> HttpResponse:
    """A later page, or an earlier one again. `number` counts from 1, as readers do."""
    try:
        way = _way(token, is_invited)
        row = services.begun(way, request.COOKIES.get(COOKIE, ""))
        if row is None:
            return redirect_to(way)
        if not row.is_editable:
            raise errors.too_late()
        if number - 1 not in flow.pages(row.definition, row.answers):
            return redirect_to(way)
        return _page(request, way, row, number - 1)
    except RuleError as error:
        return _stopped(request, error)


@require_safe
def questionnaire_thanks(
    request: HttpRequest, token: str, *, is_invited: bool = False
) -> HttpResponse:
    try:
        way = _way(token, is_invited)
    except RuleError as error:
        return _stopped(request, error)
    row = services.begun(way, request.COOKIES.get(COOKIE, ""))
    if row is None or row.state == ResponseState.PARTIAL:
        return redirect_to(way)
    language = _language(request, row.definition, row.language)
    with translation.override(language):
        words = row.definition.words(row.definition.thanks, language)
        full = row.state == ResponseState.FULL
        # A questionnaire's own words usually say thank you, so the title does not.
        title = _("Your answers have arrived")
        sentence = words or _("Thank you. We read them and act on them.")
        if full:
            title = _("Thank you for your time")
            sentence = _("Enough people in your situation have answered already, so we stop here.")
        start, change = _start(way), _address(way, 0)
        context = {
            "title": title,
            "sentence": sentence,
            "is_done": True,
            "again": start if way.is_counter else "",
            "change": change if row.is_editable and not way.is_counter else "",
            "stop_url": _stop_url(way),
        }
        answer = public_page(request, "webform/questionnaire_end.html", context)
    if way.is_counter:
        answer.delete_cookie(COOKIE, path=start)
    return answer


def redirect_to(way: Way) -> HttpResponseRedirect:
    return HttpResponseRedirect(_start(way))


def _way(token: str, is_invited: bool) -> Way:
    return services.invited_way_of(token) if is_invited else services.way_of(token)


def _start(way: Way) -> str:
    return _named(way, "")


def _named(way: Way, what: str, *more: int) -> str:
    kind = "questionnaire" if way.invitation_id is None else "invited"
    return reverse(f"webform:{kind}{what}", args=[way.token, *more])


def _stop_url(way: Way) -> str:
    """Where they say that they do not want to be asked again."""
    return _named(way, "-stop") if way.invitation_id is not None else ""


def _first(request: HttpRequest, way: Way) -> HttpResponse:
    row = None if way.is_counter else services.begun(way, request.COOKIES.get(COOKIE, ""))
    if row is not None and row.state != ResponseState.PARTIAL:
        return HttpResponseRedirect(_named(way, "-thanks"))
    if row is not None and row.is_editable:
        # They went away in the middle: on with the first page that is not answered yet.
        return HttpResponseRedirect(_address(way, _where(row)))
    if not way.is_open:
        raise errors.Closed
    return _page(request, way, None, 0)


def _where(row: Begun) -> int:
    numbers = list(flow.pages(row.definition, row.answers))
    for number in numbers:
        asked = flow.asked(row.definition.sections[number], row.answers, row.ref)
        if not any(one.key in row.answers for one in asked):
            return number
    return numbers[-1]


def _address(way: Way, number: int) -> str:
    return _named(way, "-page", number + 1)


def _language(request: HttpRequest, definition: Definition, before: str = "") -> str:
    """What was chosen on the page, what was answered in, what the phone speaks, the questionnaire's first."""
    asked = request.POST.get("lang", "") or request.GET.get("lang", "")
    for code in (asked, before, getattr(request, "LANGUAGE_CODE", "")):
        if code in definition.languages:
            return code
    return definition.languages[0]


def _page(
    request: HttpRequest,
    way: Way,
    row: Begun | None,
    number: int,
    *,
    version_id: int = 0,
    ref: str = "",
    posted: Any = None,
    problems: Any = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    version_id = row.version_id if row else version_id or way.version_id
    definition = services.definition_of(version_id, way.survey_id)
    language = _language(request, definition, row.language if row else "")
    ref = row.ref if row else way.ref or ref or services.new_ref()
    names = dict(settings.LANGUAGES)
    with translation.override(language):
        context = {
            "page": draw(
                definition,
                number,
                row.answers if row else {},
                language=language,
                seed=ref,
                posted=posted,
                problems=problems,
                kept=left_before(row, number) if row else None,
                files=files_before(row, number) if row else None,
            ),
            "action": _start(way),
            "stop_url": _stop_url(way),
            "ref": ref,
            "version_id": version_id,
            "language": language,
            "languages": [(code, names[code]) for code in definition.languages],
            "is_change": row is not None and row.state == ResponseState.COMPLETE,
            "is_counter": way.is_counter,
            "is_kept": way.is_kept,
            "named": named_sentence() if way.is_named else "",
            "sentence": sentence,
        }
        return public_page(request, "webform/questionnaire.html", context, status=status)


def _sent(request: HttpRequest, way: Way) -> HttpResponse:
    refused = _too_many(request, "answers", address_of(request))
    if refused is not None:
        return refused
    ref, number = way.ref or request.POST.get("ref", ""), _number(request.POST.get("page", ""))
    row = services.begun(way, ref) if number > 0 else None
    version_id = row.version_id if row else _number(request.POST.get("version", ""))
    if not services.REF.match(ref) or (number > 0 and row is None):
        raise errors.link_not_found()
    definition = services.definition_of(version_id, way.survey_id)
    if row is None and definition.leaves_apart and _came_before(request, way, ref):
        row = services.begun(way, ref)
    before = row.answers if row else {}
    if number not in flow.pages(definition, before):
        return redirect_to(way)
    posted = {name: request.POST.getlist(name) for name in request.POST}
    uploads = {name: request.FILES.getlist(name) for name in request.FILES}
    if uploads:
        refused = _too_many(request, "uploads", f"uploads {address_of(request)}")
        if refused is not None:
            return refused
    back = request.POST.get("go") == "back"
    language = _language(request, definition, row.language if row else "")
    asked = flow.asked(definition.sections[number], before, ref)
    with translation.override(language):
        taken = take(asked, posted, may_stop=back, before=before, uploads=uploads)
        trap = _("One field must stay empty. Please send it once more as it is.")
    caught = trap if request.POST.get("homepage") else ""
    if (taken.problems and not back) or caught:
        if taken.files and not caught:
            # What was chosen is not asked for again because something else is missing.
            keys = frozenset(one.key for one in asked if one.kind == QuestionKind.FILE)
            right = {key: value for key, value in taken.answers.items() if key in keys}
            part = Sent(keys & right.keys(), right, language, number, is_unfinished=True)
            row = leaving.send(way, ref, version_id, part, row, Left(files=taken.files))
        return _remembered(
            _page(
                request,
                way,
                row,
                number,
                version_id=version_id,
                ref=ref,
                posted=posted,
                problems=taken.problems,
                sentence=caught,
                status=422,
            ),
            way,
            row,
        )
    sent = Sent(frozenset(one.key for one in asked), taken.answers, language, number)
    left = Left(taken.contact, taken.files)
    saved = leaving.send(way, ref, version_id, sent, row, left)
    return _onward(request, way, saved, number, back)


def _came_before(request: HttpRequest, way: Way, ref: str) -> bool:
    """Whether the first page is sent once more: what was left apart then is known, and not asked for again."""
    return way.invitation_id is not None or request.COOKIES.get(COOKIE, "") == ref


def _onward(
    request: HttpRequest, way: Way, row: Begun, number: int, back: bool
) -> HttpResponseRedirect:
    follows = (
        flow.page_before(row.definition, row.answers, number)
        if back
        else flow.next_page(row.definition, row.answers, number)
    )
    if row.state == ResponseState.FULL or follows is None:
        target = _named(way, "-thanks")
    else:
        target = _address(way, follows)
    answer = HttpResponseRedirect(target)
    answer.status_code = 303
    return _remembered(answer, way, row)


def _remembered(answer: A, way: Way, row: Begun | None) -> A:
    if row is not None:
        answer.set_cookie(
            COOKIE,
            row.ref,
            # A tablet on a counter forgets with the browser; a phone remembers whose answers these are.
            max_age=None if way.is_counter else COOKIE_SECONDS,
            path=_start(way),
            httponly=True,
            samesite="Lax",
        )
    return answer


def _number(text: str) -> int:
    """A page or a version as a form of ours names it; anything else is none of ours."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise errors.link_not_found()
    return int(text)


def _too_many(request: HttpRequest, kind: str, counted: str) -> HttpResponse | None:
    count, most = tries_this_hour(counted), settings.PUBLIC_LIMITS[kind]
    if count == most + 1:
        note_refusal(actor=customer_actor(request), kind=kind, most=most)
    return too_often(request) if count > most else None


def _stopped(request: HttpRequest, error: RuleError) -> HttpResponse:
    context = {"title": _("No answer is needed here"), "sentence": str(error), "is_done": False}
    if error.status == 404:
        context["title"] = _("No questionnaire here")
    elif error.status == 410:
        context["title"] = _("This questionnaire is over")
    return public_page(request, "webform/questionnaire_end.html", context, status=error.status)
