"""The form of one question. Buttons beside its lines only draw the form anew; nothing is kept before “Keep”."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core import access
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.surveys import drafting
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Draft, problems
from zhike.surveys.drafting import PartGone, Used
from zhike.surveys.forms import LANGUAGES, QuestionForm
from zhike.surveys.models import Survey
from zhike.surveys.outline import outline
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import get_survey
from zhike.surveys.views.builder import keep, seq_of, used_in
from zhike.surveys.views.posted import condition_lines, moved, read_conditions, read_parts

KEEP = "keep"


@dataclass
class Editing:
    """A question being edited: where it stands, and what it is now."""

    survey: Survey
    section: int
    key: str
    question: Draft
    form: QuestionForm

    @property
    def draft(self) -> Draft:
        draft: Draft = self.survey.draft
        return draft

    @property
    def languages(self) -> list[str]:
        return list(self.draft["languages"])

    @property
    def earlier(self) -> list[Draft]:
        return drafting.earlier_questions(self.draft, self.section)


@require_http_methods(["GET", "HEAD", "POST"])
def question_add(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_survey(access.require(request.user, MANAGE), pk)
    page, kind = request.GET.get("page", ""), request.GET.get("kind", "")
    try:
        at = drafting.section_at(survey.draft, page)
    except PartGone as gone:
        raise NotFound() from gone
    if kind not in QuestionKind.values:
        kind = QuestionKind.SINGLE.value
    return _edit(request, survey, at, "", drafting.fitting({"kind": kind, "text": {}}))


@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    survey = get_survey(access.require(request.user, MANAGE), pk)
    try:
        at, place = drafting.question_at(survey.draft, key)
    except PartGone as gone:
        raise NotFound() from gone
    return _edit(request, survey, at, key, survey.draft["sections"][at]["questions"][place])


def _edit(request: HttpRequest, survey: Survey, at: int, key: str, question: Draft) -> HttpResponse:
    kind = question["kind"]
    if request.method == "POST" and request.POST.get("kind") in QuestionKind.values:
        kind = request.POST["kind"]
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        languages=survey.draft["languages"],
        initial=QuestionForm.initial_from(question),
    )
    editing = Editing(survey, at, key, question, form)
    refusal: RuleError | None = None
    status = 200
    if request.method == "POST":
        used = used_in(survey)
        do = request.POST.get("do", KEEP)
        is_valid = form.is_valid()
        editing.question = _posted(request, editing, used, do)
        if do == KEEP and is_valid:
            refusal = _keep(request, editing, used)
            if refusal is None:
                return redirect(_after(request, survey, editing))
        if do == KEEP:
            status = 409 if isinstance(refusal, Conflict) else 422
        else:
            # Drawn anew with what the button changed: the lines from the question, the fields as typed.
            editing.form = _redrawn(editing, kind)
    return render(
        request, "surveys/question.html", _context(request, editing, refusal), status=status
    )


def _posted(request: HttpRequest, editing: Editing, used: Used, do: str) -> Draft:
    """The question as the form has it now, after the button that was pressed."""
    kind, data = editing.form.kind, request.POST
    question: Draft = {"kind": kind, "text": {}}
    question |= editing.form.question()
    known = set(used.parts.get(editing.key, frozenset()))
    for name in ("options", "rows"):
        # A kind with the other sort of lines takes over what was written: nothing typed is lost by choosing it.
        parts = read_parts(data, name, editing.languages, known)
        if parts:
            question[name] = moved(parts, name, do)
    if drafting.has(kind, "rows") and "rows" not in question and "options" in question:
        question["rows"] = question["options"]
    if drafting.has(kind, "options") and "options" not in question and "rows" in question:
        question["options"] = question["rows"]
    when = read_conditions(data, editing.earlier)
    if when:
        question["when"] = when
    return drafting.fitting(question)


def _redrawn(editing: Editing, kind: str) -> QuestionForm:
    return QuestionForm(
        kind=kind,
        languages=editing.languages,
        initial=QuestionForm.initial_from(editing.question),
    )


def _keep(request: HttpRequest, editing: Editing, used: Used) -> RuleError | None:
    survey, key = editing.survey, editing.key
    if not key:
        page = editing.draft["sections"][editing.section]["key"]
        changed, editing.key = drafting.add_question(editing.draft, page, editing.question, used)
        refusal = keep(request, access.grants_of(request.user), survey, changed, part=editing.key)
        if refusal is not None:
            editing.key = ""
        return refusal
    new_key = ""
    if _was_published_otherwise(survey, key, editing.question):
        new_key = drafting.fresh_key(editing.draft, used)
    changed = drafting.change_question(editing.draft, key, editing.question, new_key)
    refusal = keep(request, access.grants_of(request.user), survey, changed, part=new_key or key)
    if refusal is None and new_key:
        editing.key = new_key
        messages.info(
            request,
            _(
                "It is answered in another way than before, so it counts as a new question. Answers given so far"
                " stay with the old one."
            ),
        )
    return refusal


def _was_published_otherwise(survey: Survey, key: str, question: Draft) -> bool:
    for document in survey.versions.values_list("definition", flat=True):
        for before in drafting.questions_of(document):
            if before["key"] == key and drafting.means_something_else(question, before):
                return True
    return False


def _after(request: HttpRequest, survey: Survey, editing: Editing) -> str:
    url = reverse("surveys:builder", args=[survey.pk])
    if request.POST.get("another"):
        page = editing.draft["sections"][editing.section]["key"]
        add = reverse("surveys:question-add", args=[survey.pk])
        return f"{add}?page={page}&kind={editing.question['kind']}"
    return f"{url}#{editing.key}"


def _context(request: HttpRequest, editing: Editing, refusal: RuleError | None) -> dict[str, Any]:
    question, kind = editing.question, editing.form.kind
    name = "options" if drafting.has(kind, "options") else "rows"
    shown = outline(editing.draft, problems(editing.draft), editing.languages[0])
    card = next(
        (one for page in shown.sections for one in page.questions if one.key == editing.key), None
    )
    return {
        "survey": editing.survey,
        "seq": seq_of(request, editing.survey, refusal),
        "refusal": refusal,
        "form": editing.form.for_display("text", "rival"),
        "kind": kind,
        "kinds": QuestionKind.choices,
        "page_number": editing.section + 1,
        "card": card,
        "parts_name": name if drafting.has(kind, name) else "",
        "parts": list(enumerate(question.get(name, []))),
        "has_flags": kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE),
        "can_be_alone": kind == QuestionKind.MULTIPLE,
        "languages": [(code, LANGUAGES[code]) for code in editing.languages],
        "conditions": condition_lines(
            question.get("when", []), editing.earlier, editing.languages[0]
        ),
    }
