"""The visits of a round as the paper of an archived complaint shows them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from zhike.care.models import FollowUp
from zhike.care.rules import QuestionKind
from zhike.complaints.selectors.paper import PARTS, PaperEntry, PaperPart
from zhike.complaints.templating import paper_time
from zhike.desk.models import Case


def _entries(case: Case) -> list[PaperEntry]:
    rows = FollowUp.objects.filter(case=case).defer("due_explanation").order_by("round", "sequence")
    return [
        PaperEntry(visit.round, _heading(visit), " · ".join(_meta(visit)), _facts(visit))
        for visit in rows.select_related("script").prefetch_related("script__questions")
    ]


def _heading(visit: FollowUp) -> str:
    word = _("Follow-up visit")
    return f"{word} · {_('Second visit')}" if visit.sequence > 1 else word


def _meta(visit: FollowUp) -> list[str]:
    if visit.is_due:
        return [_("due %(at)s") % {"at": paper_time(visit.due_at)}]
    found = [visit.done_by_name] if visit.done_by_name else []
    if visit.ended_at is not None:
        found.append(paper_time(visit.ended_at))
    if visit.attempts:
        tried = ngettext("tried %(n)s time", "tried %(n)s times", visit.attempts)
        found.append(tried % {"n": visit.attempts})
    return found


def _facts(visit: FollowUp) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    if visit.result:
        found.append((pgettext("follow-up", "Result"), str(visit.get_result_display())))
    if visit.call_off:
        why = str(visit.get_call_off_display())
        words = _("%(why)s: %(reason)s") % {"why": why, "reason": visit.call_off_reason}
        found.append((_("Called off"), words if visit.call_off_reason else why))
    if visit.words:
        found.append((_("What the customer said"), visit.words))
    if visit.missing:
        found.append((_("Still missing"), visit.missing))
    questions = visit.script.questions.all() if visit.script else ()
    for question in questions:
        answer = visit.answers.get(str(question.pk))
        if answer is not None:
            found.append((question.text, _shown(question.kind, answer)))
    return found


def _shown(kind: str, answer: Any) -> str:
    if kind == QuestionKind.YES_NO:
        return _("Yes") if answer else _("No")
    if kind == QuestionKind.SCORE:
        return _("%(n)s of 5") % {"n": answer}
    return str(answer)


def register() -> None:
    PARTS.fill(PaperPart("care.visits", _entries))
