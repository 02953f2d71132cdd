"""What the page of one notice says, to readers who may not see its case too."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.notice_rules import masked_name
from zhike.complaints.selectors.notices import facts_of, history_of
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar import Due
from zhike.core.calendar.why import WhyDue, explain
from zhike.core.search import masked_numbers
from zhike.customers.choices import CustomerKind, Tier
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.selectors.scope import may_see
from zhike.desk.slots import LINES
from zhike.desk.views.conversation import speaker_of

TONES = {
    NoticeState.SENT: ("warn", "hourglass"),
    NoticeState.ANSWERED: ("info", "clipboard-check"),
    NoticeState.HELD: ("ok", "circle-check"),
    NoticeState.FAILED: ("danger", "alert-triangle"),
    NoticeState.WITHDRAWN: ("mute", "ban"),
}


@dataclass(frozen=True)
class Line:
    """One thing that happened to the notice."""

    at: datetime
    icon: str
    sentence: str
    text: str


@dataclass(frozen=True)
class NoticePage:
    tone: str
    icon: str
    text: str
    case_url: str
    case_title: str
    customer: str
    tier: str
    tier_label: Any
    facts: dict[str, str]
    due: WhyDue | None
    due_question: str
    is_late: bool
    hours: str
    # What was answered, numbers masked for readers without the right to them.
    cause_text: str = ""
    action: str = ""
    history: list[Line] = field(default_factory=list)


def page_of(notice: Notice, grants: Grants) -> NoticePage:
    reveal = may_reveal(grants, TEXT)

    def shown(text: str) -> str:
        return text if reveal else masked_numbers(text)

    case = notice.case
    sees_case = may_see(grants, case)
    tone, icon = TONES[NoticeState(notice.state)]
    return NoticePage(
        tone=tone,
        icon=icon,
        text=shown(notice.text),
        case_url=reverse("desk:case", args=[case.number]) if sees_case else "",
        case_title=shown(case.title),
        customer=_customer(notice, sees_case),
        tier=case.customer_tier,
        tier_label=dict(Tier.choices).get(case.customer_tier, ""),
        facts={key: shown(str(value)) for key, value in facts_of(notice).items()},
        due=_why(notice),
        due_question=_("Why %(time)s?") % {"time": f"{clock.local(notice.due_at):%H:%M}"},
        is_late=notice.answered_at is not None and notice.answered_at > notice.due_at,
        hours=answer_time(notice.answer_minutes),
        cause_text=shown(notice.cause_text),
        action=shown(notice.action),
        history=_history(notice, shown),
    )


def _customer(notice: Notice, sees_case: bool) -> str:
    """Whose case it is. Who does not see it reads the family name; a firm's name is no secret."""
    case = notice.case
    is_firm = case.customer is not None and case.customer.kind == CustomerKind.ORGANISATION.value
    return case.customer_name if sees_case or is_firm else masked_name(case.customer_name)


def _why(notice: Notice) -> WhyDue | None:
    if not notice.due_explanation:
        return None
    due = Due.from_json(notice.due_explanation)
    return explain(due, clock.zone(), clock.now(), rules_url=reverse("web:due-plans"))


def answer_time(minutes: int | None) -> str:
    """In tenths of an hour; less than one is said in words, not as nothing."""
    if minutes is None:
        return ""
    # Half a tenth is the least that does not round to nothing.
    if minutes < 3:
        return _("after less than 0.1 working hours")
    return _("after %(hours)s working hours") % {"hours": f"{minutes / 60:.1f}"}


def _history(notice: Notice, shown: Any) -> list[Line]:
    lines = []
    for event in history_of(notice):
        known = LINES.get(event.data.get("line"))
        if known is not None:
            sentence = known.sentence(event.data, speaker_of(event))
            lines.append(Line(event.at, known.icon, sentence, shown(event.text)))
    return lines
