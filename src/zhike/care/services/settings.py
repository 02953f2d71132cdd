"""Which closed cases make a visit, and what is said and asked in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.care.choices import QuestionKind
from zhike.care.models import FollowUpRule, Question, Script, ScriptVersion
from zhike.care.permissions import MANAGE_SETTINGS
from zhike.care.selectors import scripts_of
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor
from zhike.desk.models import CaseType
from zhike.desk.phrases import Place
from zhike.desk.services.texts import cleaned
from zhike.desk.services.words import NOT_KEPT, Kept, check_texts

MOST_QUESTIONS = 12
LONGEST_QUESTION, LONGEST_OPENING = 200, 300


@dataclass(frozen=True)
class Asked:
    kind: str
    text: str


def set_rules(*, actor: Actor, grants: Grants, on: Iterable[str]) -> None:
    """From now on exactly these kinds of case make a visit when they are closed."""
    grants.require(MANAGE_SETTINGS)
    wanted = set(on)
    with work.unit(actor) as unit:
        known = set(CaseType.objects.values_list("code", flat=True))
        if wanted - known:
            raise RuleError("type_unknown", _("There is no such type of case."), field="on")
        before = {row.type_id: row for row in FollowUpRule.objects.select_for_update()}
        was = sorted(code for code, row in before.items() if row.is_on)
        for code in sorted(known):
            row = before.get(code) or FollowUpRule(type_id=code)
            if row.is_on != (code in wanted):
                row.is_on = code in wanted
                row.save()
        if was != sorted(wanted):
            unit.audit("care.rules", None, before={"on": was}, after={"on": sorted(wanted)})


def save_script(
    *,
    actor: Actor,
    grants: Grants,
    type_code: str,
    opening: str,
    questions: Sequence[Asked],
    expected_version: int | None = None,
    kept: Kept = NOT_KEPT,
) -> ScriptVersion:
    """A new version for this kind of case, or for all others (""); old answers keep the questions they had."""
    grants.require(MANAGE_SETTINGS)
    opening = _text(opening, LONGEST_OPENING, "opening")
    asked = [_question(one) for one in questions]
    # Read out to customers, word for word.
    spoken = {"opening": (opening, Place.OUTGOING)} | {
        f"text{place}": (one.text, Place.OUTGOING) for place, one in enumerate(asked, 1)
    }
    words = check_texts(spoken, actor=actor, grants=grants, kept=kept)
    if not asked:
        raise RuleError(
            "questions_missing", _("Please write at least one question."), field="questions"
        )
    if len(asked) > MOST_QUESTIONS:
        raise RuleError(
            "questions_many",
            _("At most %(most)s questions: a call is short.") % {"most": MOST_QUESTIONS},
            field="questions",
        )
    with work.unit(actor, reason=words.get("why_kept", "")) as unit:
        script = _script(type_code)
        last = script.versions.aggregate(last=Max("number"))["last"] or 0
        if expected_version is not None and expected_version != last:
            raise Conflict(
                "script_changed",
                _("Meanwhile somebody else changed this script. Please look at it first."),
            )
        version = ScriptVersion.objects.create(
            script=script,
            number=last + 1,
            opening=opening,
            made_at=unit.now,
            made_by_name=actor.name[:80],
        )
        Question.objects.bulk_create(
            Question(version=version, place=place, kind=one.kind, text=one.text)
            for place, one in enumerate(asked, 1)
        )
        script.current = version
        script.save(update_fields=["current"])
        unit.audit(
            "care.script",
            script,
            before={"version": last},
            after={"version": version.number, "type": type_code, "questions": len(asked)},
        )
    return version


def drop_script(*, actor: Actor, grants: Grants, type_code: str) -> None:
    """From now on this kind of case uses the script for all. What was answered stays."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        script = scripts_of(type_code).select_for_update(of=("self",)).first()
        if script is None or script.is_default or script.current_id is None:
            raise RuleError("script_unknown", _("This type has no script of its own."))
        script.current = None
        script.save(update_fields=["current"])
        unit.audit("care.script", script, after={"type": type_code, "version": None})


def _script(type_code: str) -> Script:
    if not type_code:
        Script.objects.get_or_create(is_default=True)
    else:
        kind = CaseType.objects.filter(code=type_code).first()
        if kind is None:
            raise RuleError("type_unknown", _("There is no such type of case."), field="type")
        Script.objects.get_or_create(type=kind, is_default=False)
    return scripts_of(type_code).select_for_update(of=("self",)).get()


def _text(text: str, limit: int, field: str) -> str:
    text = " ".join(cleaned(text).split())
    if len(text) > limit:
        raise RuleError(
            "text_too_long",
            _("This is longer than %(limit)s characters. Please shorten it.") % {"limit": limit},
            field=field,
        )
    return text


def _question(one: Asked) -> Asked:
    text = _text(one.text, LONGEST_QUESTION, "questions")
    if not text:
        raise RuleError("text_missing", _("A question needs its words."), field="questions")
    if one.kind not in QuestionKind.values:
        raise RuleError(
            "kind_unknown", _("Please choose how a question is answered."), field="questions"
        )
    return Asked(one.kind, text)
