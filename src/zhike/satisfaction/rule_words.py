"""A rule in words, as its page says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.calendar import Unit
from zhike.core.calendar.why import amount_text
from zhike.desk.choices import Channel
from zhike.desk.models import CaseType
from zhike.satisfaction.choices import Bad, Loop
from zhike.satisfaction.models import AskRule
from zhike.surveys.services.answers import definition_of


@dataclass(frozen=True)
class RuleWords:
    types: Sequence[Any]
    channels: Sequence[Any]
    # What a low answer is, "" where none is looked for.
    low: str
    opens: str
    # Within what it is to be seen to.
    due: str


def told_rule(rule: AskRule, language: str) -> RuleWords:
    labels = {one.code: one.label for one in CaseType.objects.all()}
    return RuleWords(
        types=[labels.get(code, code) for code in rule.case_types],
        channels=[dict(Channel.choices).get(code, code) for code in rule.channels],
        low=_low(rule, language) if rule.loop != Loop.NOTHING else "",
        opens=str(labels.get(rule.opens_type, rule.opens_type)),
        due=_due(rule),
    )


def _due(rule: AskRule) -> str:
    if rule.due_amount is None:
        return _("Due by the plans")
    return _("To be seen to within %(time)s") % {
        "time": amount_text(rule.due_amount, Unit(rule.due_unit))
    }


def _low(rule: AskRule, language: str) -> str:
    definition = definition_of(rule.survey.current_id or 0, rule.survey_id)
    question = next((one for one in definition.questions() if one.key == rule.question), None)
    title = definition.words(question.text, language) if question else rule.question
    if rule.bad == Bad.CHOSEN:
        names = (
            {one.key: definition.words(one.text, language) for one in question.options}
            if question
            else {}
        )
        chosen = _(", ").join(names.get(key, key) for key in rule.options)
        return _("“%(question)s” answered by %(choices)s") % {"question": title, "choices": chosen}
    said = {"question": title, "limit": rule.limit}
    if rule.bad == Bad.AT_LEAST:
        return _("“%(question)s” answered by %(limit)s or more") % said
    return _("“%(question)s” answered by %(limit)s or less") % said
