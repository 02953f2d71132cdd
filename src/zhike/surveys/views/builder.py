"""The builder: pages and questions in order, what is still missing, and the forms of a page and of the whole."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.surveys import drafting, services
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Draft, problems
from zhike.surveys.drafting import PartGone, Used, used_keys
from zhike.surveys.errors import sentence
from zhike.surveys.forms import LANGUAGES, GeneralForm, SectionForm
from zhike.surveys.models import Survey
from zhike.surveys.outline import outline, untranslated, values_of, words
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import get_survey
from zhike.surveys.views.posted import (
    condition_lines,
    quota_field,
    read_conditions,
    read_quotas,
    whole_number,
)

# Named on top of the builder; all of them stand at their question.
MOST_NAMED = 3


@require_GET
def builder(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_survey(access.require(request.user, MANAGE), pk)
    found = problems(survey.draft)
    context = {
        "survey": survey,
        "outline": outline(survey.draft, found, survey.draft["languages"][0]),
        "lacking": len(found),
        "named": [sentence(one) for one in found[:MOST_NAMED]],
        "kinds": QuestionKind.choices,
        "quotas": _quota_words(survey.draft),
        "untranslated": [
            (LANGUAGES[code], count) for code, count in untranslated(survey.draft).items()
        ],
        "is_same": survey.current is not None and survey.current.definition == survey.draft,
    }
    return render(request, "surveys/builder.html", context)


def _quota_words(draft: Draft) -> list[str]:
    first = draft["languages"][0]
    asked = {one["key"]: one for one in drafting.questions_of(draft)}
    found = []
    for quota in draft.get("quotas", []):
        question = asked.get(quota["question"])
        if question is None:
            continue
        named = dict(values_of(question, first, first))
        found.append(
            _("%(question)s · %(value)s: at most %(most)s")
            % {
                "question": words(question["text"], first, first),
                "value": named.get(quota["value"], quota["value"]),
                "most": quota["most"],
            }
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def general(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, first and last words, languages."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    draft = survey.draft
    initial = GeneralForm.initial_of(draft, "title", "intro", "thanks")
    form = GeneralForm(
        request.POST or None,
        languages=draft["languages"],
        initial={**initial, "asked_in": draft["languages"], "first": draft["languages"][0]},
    )
    refusal: RuleError | None = None
    if request.method == "POST" and form.is_valid():
        kept = {name: draft[name] for name in draft if name not in ("title", "intro", "thanks")}
        changed = {**kept, "title": {}, **form.written("title", "intro", "thanks")}
        changed = drafting.in_languages(changed, form.chosen())
        refusal = keep(request, grants, survey, changed, part="title")
        if refusal is None:
            return redirect("surveys:builder", pk)
    context = _form_context(request, survey, refusal, form=form.for_display("title"))
    return render(request, "surveys/general.html", context, status=_status(request, refusal))


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    draft = survey.draft
    try:
        at = drafting.section_at(draft, key)
    except PartGone as gone:
        raise NotFound() from gone
    present, earlier = draft["sections"][at], drafting.earlier_questions(draft, at)
    form = SectionForm(
        request.POST or None,
        languages=draft["languages"],
        initial={
            **SectionForm.initial_of(present, "title", "intro"),
            "shuffle": present.get("shuffle", False),
        },
    )
    when, refusal = present.get("when", []), None
    if request.method == "POST":
        when = read_conditions(request.POST, earlier)
        if form.is_valid():
            written = {**form.section(), **({"when": when} if when else {})}
            changed = drafting.change_section(draft, key, written)
            refusal = keep(request, grants, survey, changed, part=key)
            if refusal is None:
                return redirect(f"{reverse('surveys:builder', args=[pk])}#{key}")
    context = _form_context(request, survey, refusal, form=form) | {
        "number": at + 1,
        "conditions": condition_lines(when, earlier, draft["languages"][0]),
    }
    return render(request, "surveys/section.html", context, status=_status(request, refusal))


@require_http_methods(["GET", "HEAD", "POST"])
def quotas(request: HttpRequest, pk: int) -> HttpResponse:
    """At most so many complete answers of each kind of people."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    draft = survey.draft
    asked = list(drafting.questions_of(draft))
    wrong: list[str] = []
    refusal: RuleError | None = None
    if request.method == "POST":
        found, wrong = read_quotas(request.POST, asked)
        if not wrong:
            changed = {name: draft[name] for name in draft if name != "quotas"}
            refusal = keep(request, grants, survey, {**changed, "quotas": found}, part="quotas")
            if refusal is None:
                return redirect("surveys:builder", pk)
        elif refusal is None:
            refusal = RuleError("quota_wrong", _("A quota is a whole number from 1."))
    first = draft["languages"][0]
    present = {
        quota_field(one["question"], one["value"]): str(one["most"])
        for one in draft.get("quotas", [])
    }
    shown = request.POST if request.method == "POST" else present
    lines = []
    for one in asked:
        named = values_of(one, first, first)
        fields = [
            (name, text, shown.get(name, ""), name in wrong)
            for value, text in named
            if (name := quota_field(one["key"], value))
        ]
        # Few count by a scale: its values wait closed.
        is_open = "options" in one or any(given for _n, _t, given, _w in fields)
        if fields:
            lines.append((words(one["text"], first, first) or one["key"], fields, is_open))
    context = _form_context(request, survey, refusal) | {"lines": lines}
    return render(request, "surveys/quotas.html", context, status=_status(request, refusal))


@require_POST
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """A button beside a page or a question: up, down, duplicate, remove, or a further page."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    key, do = request.POST.get("key", ""), request.POST.get("do", "")
    acts: dict[str, Callable[[Draft, Used], Draft]] = {
        "up": lambda draft, used: drafting.move(draft, key, drafting.UP),
        "down": lambda draft, used: drafting.move(draft, key, drafting.DOWN),
        "duplicate": lambda draft, used: drafting.duplicate(draft, key, used),
        "remove": lambda draft, used: drafting.remove(draft, key),
        "add-page": lambda draft, used: drafting.add_section(draft, {}, used),
    }
    act = acts.get(do)
    url = reverse("surveys:builder", args=[pk])
    if act is None:
        return redirect(url)
    try:
        changed = act(survey.draft, used_in(survey))
    except PartGone:
        messages.warning(request, _("This part is no longer there."))
        return redirect(url)
    refusal = keep(request, grants, survey, changed, part=f"{do} {key}".strip())
    if refusal is not None:
        messages.warning(request, str(refusal))
        return redirect(url)
    if do == "remove":
        return redirect(url)
    return redirect(f"{url}#{changed['sections'][-1]['key'] if do == 'add-page' else key}")


# What forms of the builder share


def keep(
    request: HttpRequest, grants: Grants, survey: Survey, draft: Draft, *, part: str
) -> RuleError | None:
    """Save the draft the form was drawn for; the refusal when that is not possible."""
    try:
        services.save_draft(
            actor=actor_of_request(request),
            grants=grants,
            survey_id=survey.pk,
            document=draft,
            expected_seq=whole_number(request.POST, "seq"),
            part=part,
        )
    except RuleError as error:
        if error.status not in (409, 422):
            raise
        return error
    return None


def used_in(survey: Survey) -> Used:
    """Keys ever given in it."""
    return used_keys([survey.draft, *survey.versions.values_list("definition", flat=True)])


def _form_context(
    request: HttpRequest,
    survey: Survey,
    refusal: RuleError | None,
    **more: Any,
) -> dict[str, Any]:
    return {"survey": survey, "refusal": refusal, "seq": seq_of(request, survey, refusal), **more}


def seq_of(request: HttpRequest, survey: Survey, refusal: RuleError | None) -> int:
    """Which draft the form is about: that it was first drawn for, whatever button drew it anew. After a conflict
    that of now: whoever sends the form once more has been told."""
    if request.method == "POST" and not isinstance(refusal, Conflict):
        return whole_number(request.POST, "seq")
    return survey.draft_seq


def _status(request: HttpRequest, refusal: RuleError | None) -> int:
    if isinstance(refusal, Conflict):
        return 409
    return 422 if request.method == "POST" else 200
