"""Motives of a segment from what people answered: points, places, choices and ratings become weights.

A choice is “questionnaire.question” of all answers, or “questionnaire.question.link” of those that came by one
link, a sending to the segment above all. Fewer than five say nothing; a link speaks only where results tell it
apart.
"""

from collections.abc import Sequence

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers.slots import MOTIVE_SOURCES, MotiveSource, Taken
from zhike.surveys.choices import QuestionKind
from zhike.surveys.figures import FEWEST, QuestionResult, link_counts, results_of
from zhike.surveys.kept import refuse_kept
from zhike.surveys.models import Survey
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.answers import definition_of

KEY = "surveys"
MOST_SURVEYS, LONGEST_LABEL, LONGEST_MOTIVE = 60, 40, 60
SUITABLE = frozenset(
    {
        QuestionKind.POINTS,
        QuestionKind.RANK,
        QuestionKind.SINGLE,
        QuestionKind.MULTIPLE,
        QuestionKind.MATRIX,
    }
)


def options(grants: Grants) -> Sequence[tuple[str, str]]:
    """The newest questionnaires first; only what five people and more have answered."""
    language = get_language() or ""
    found = []
    rows = visible_surveys(grants).filter(current__isnull=False).order_by("-changed_at", "-pk")
    rows = rows.exclude(kept_since__isnull=False, readable_at__isnull=True)
    for survey in rows[:MOST_SURVEYS]:
        links = link_counts(survey)
        if sum(one.complete for one in links) < FEWEST:
            continue
        definition = definition_of(survey.current_id or 0, survey.pk)
        for question in definition.questions():
            if question.kind not in SUITABLE:
                continue
            words = definition.words(question.text, language)
            label = f"{survey.title[:LONGEST_LABEL]} · {words[:LONGEST_LABEL]}"
            found.append((f"{survey.pk}.{question.key}", label))
            found += [
                (f"{survey.pk}.{question.key}.{one.link.pk}", f"{label} · {one.link.name}")
                for one in links
                if one.is_told and one.link.is_personal
            ]
    return found


def weigh(grants: Grants, choice: str) -> Taken:
    number, _dot, rest = choice.partition(".")
    key, _dot, link_text = rest.partition(".")
    survey = _survey(grants, number)
    refuse_kept(survey)
    link_id, link_name = _link(survey, link_text)
    results = results_of(survey, get_language() or "", link_id)
    question = next((one for one in results.questions if one.question.key == key), None)
    if question is None or question.question.kind not in SUITABLE or question.n < FEWEST:
        raise RuleError(
            "too_few_answers",
            _("Fewer than %(fewest)s people have answered this question.") % {"fewest": FEWEST},
            field="taken",
        )
    motives = [
        (text[:LONGEST_MOTIVE], weight) for text, weight in weights_of(question) if weight > 0
    ]
    if not motives:
        raise RuleError("no_motives", _("Nothing was chosen in the answers."), field="taken")
    return Taken(
        motives,
        {
            "survey": survey.title,
            "question": question.text[:120],
            "n": question.n,
            "link": link_name,
        },
    )


def weights_of(question: QuestionResult) -> list[tuple[str, float]]:
    """Mean points as they are; places counted from the end; how many chose; how far above the lowest rating."""
    kind = question.question.kind
    if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        return [(bar.label, float(bar.count)) for bar in question.parts[0].bars]
    if kind == QuestionKind.MATRIX:
        lowest = question.question.scale[0]
        return [
            (part.label, part.mean.estimate - lowest)
            for part in question.parts
            if part.mean is not None
        ]
    known = [(part.label, part.average) for part in question.parts if part.average is not None]
    if kind == QuestionKind.RANK:
        return [(label, len(question.parts) + 1 - place) for label, place in known]
    return known


def _survey(grants: Grants, number: str) -> Survey:
    rows = visible_surveys(grants).filter(current__isnull=False)
    found = rows.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise RuleError(
            "questionnaire_missing", _("There is no such questionnaire."), field="taken"
        )
    return found


def _link(survey: Survey, text: str) -> tuple[int | None, str]:
    if not text:
        return None, ""
    told = {str(one.link.pk): one.link for one in link_counts(survey) if one.is_told}
    if text not in told:
        raise RuleError(
            "too_few_answers",
            _("Fewer than %(fewest)s people have answered this question.") % {"fewest": FEWEST},
            field="taken",
        )
    return told[text].pk, told[text].name


def register() -> None:
    MOTIVE_SOURCES.fill(MotiveSource(KEY, gettext_lazy("Questionnaires"), options, weigh))
