"""Why a questionnaire's results cannot be kept until it is closed: something reads its answers as they come."""

from django.utils.translation import gettext as _

from zhike.satisfaction.choices import RunState
from zhike.satisfaction.models import AskRule, IndexRun
from zhike.surveys.slots import LIVE_READERS, LiveReader


def _rules(survey_id: int) -> str | None:
    """A paused one too: it may run again, and was told in mails."""
    if not AskRule.objects.filter(survey=survey_id).exists():
        return None
    return _(
        "A rule asks with this questionnaire after an event, and single answers to it are read at once. Please "
        "make a copy and keep the results of that."
    )


def _indexes(survey_id: int) -> str | None:
    if not IndexRun.objects.filter(system__survey=survey_id, state=RunState.DONE).exists():
        return None
    return _(
        "An index of these answers has been computed and told already. Please make a copy for the next round and "
        "keep the results of that."
    )


def register() -> None:
    LIVE_READERS.fill(LiveReader("satisfaction.rules", _rules))
    LIVE_READERS.fill(LiveReader("satisfaction.indexes", _indexes))
