"""The lists of indicator systems, of rules that ask, and of what they asked about."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core import clock
from zhike.core.listing.filters import Keyword
from zhike.core.listing.listing import Listing
from zhike.core.listing.parts import Column, Rows, Sort, Tab
from zhike.satisfaction.choices import After, ImprovementState
from zhike.satisfaction.models import AskRule
from zhike.surveys.choices import InvitationState


def _holding(rows: Rows, text: str) -> Rows:
    for word in text.split():
        rows = rows.filter(title__icontains=word)
    return rows


SYSTEMS = Listing(
    "indicator-systems",
    columns=(
        Column("title", _("Indicator system"), always=True),
        Column("index", _("Last index"), number=True),
        Column("survey", _("Questionnaire")),
        Column("unit", _("Unit")),
        Column("changed", _("Changed"), sort="changed", number=True),
    ),
    tabs=(Tab("all", _("All")),),
    filters=(Keyword("q", _("Words of the title"), _holding),),
    sorts=(Sort("changed", "changed_at"),),
    default_sort="-changed",
)


RULES = Listing(
    "ask-rules",
    columns=(
        Column("name", _("Rule"), always=True),
        Column("state", _("State")),
        Column("survey", _("Questionnaire")),
        Column("sent", pgettext_lazy("sending", "Sent"), number=True),
        Column("answered", pgettext_lazy("sending", "Answered"), number=True),
        Column("opened", pgettext_lazy("ask rule", "Low scores seen to"), number=True),
        Column("made", _("Made"), sort="made", number=True),
    ),
    tabs=(),
    filters=(),
    sorts=(Sort("made", "id"),),
    default_sort="-made",
)
# Of an anonymous rule, who answered stands among those a mail was sent to.
GONE = (InvitationState.SENT, InvitationState.ANSWERED)


def _in(*states: InvitationState) -> Tab:
    return Tab(
        states[0].value,
        states[0].label,
        lambda rows: rows.filter(invitation__state__in=states),
    )


def _asked(key: str, states: tuple[Tab, ...], about: Any) -> Listing:
    return Listing(
        key,
        columns=(
            Column("case", about, always=True),
            Column("state", _("State")),
            Column("sent", pgettext_lazy("sending", "Sent")),
            Column("opened", pgettext_lazy("ask rule", "What it set going")),
            Column("draw", pgettext_lazy("ask rule", "Draw"), number=True, shown=False),
            Column("made", pgettext_lazy("ask rule", "Met"), sort="made", number=True),
        ),
        tabs=(
            Tab("all", _("All")),
            *states,
            Tab(
                "passed", pgettext_lazy("ask rule", "Not drawn"), lambda r: r.filter(is_drawn=False)
            ),
            Tab(
                "second", pgettext_lazy("ask rule", "Second time"), lambda r: r.exclude(first=None)
            ),
        ),
        filters=(),
        sorts=(Sort("made", "id"),),
        default_sort="-made",
    )


_COMMON = (
    InvitationState.WAITING,
    InvitationState.ON_WAY,
    InvitationState.REFUSED,
    InvitationState.FAILED,
    InvitationState.OPTED_OUT,
)
_NAMED = (
    *(_in(state) for state in (InvitationState.ANSWERED, InvitationState.SENT, *_COMMON)),
    Tab(
        "opened",
        pgettext_lazy("ask rule", "Low score"),
        lambda rows: rows.exclude(opened=None, visit=None),
    ),
)
_ANONYMOUS = (_in(*GONE), *(_in(state) for state in _COMMON))
_DELIVERY = pgettext_lazy("delivery", "Delivery")
# By whether they are of deliveries, and whether they are named.
ASKS = {
    (False, True): _asked("asks-named", _NAMED, _("Case")),
    (False, False): _asked("asks", _ANONYMOUS, _("Case")),
    (True, True): _asked("asks-named-deliveries", _NAMED, _DELIVERY),
    (True, False): _asked("asks-deliveries", _ANONYMOUS, _DELIVERY),
}


def asked_listing(rule: AskRule) -> Listing:
    return ASKS[rule.after == After.DELIVERY, rule.sending.is_named]


def _of_item(rows: Rows, text: str) -> Rows:
    for word in text.split():
        rows = rows.filter(Q(item_title__icontains=word) | Q(what__icontains=word))
    return rows


IMPROVEMENTS = Listing(
    "improvements",
    columns=(
        Column("what", pgettext_lazy("improvement", "What is done"), always=True),
        Column("item", _("Indicator")),
        Column("then", _("Index then"), number=True),
        Column("who", pgettext_lazy("improvement", "Who sees to it")),
        Column("due", pgettext_lazy("improvement", "By when"), sort="due", number=True),
        Column("state", _("State")),
        Column("system", _("Indicator system"), shown=False),
        Column(
            "made", pgettext_lazy("improvement", "Begun"), sort="made", shown=False, number=True
        ),
    ),
    tabs=(
        Tab("open", ImprovementState.OPEN.label, lambda rows: rows.filter(state="open")),
        Tab(
            "overdue",
            pgettext_lazy("improvement", "Overdue"),
            lambda rows: rows.filter(state="open", due__lt=clock.today()),
        ),
        Tab("done", ImprovementState.DONE.label, lambda rows: rows.filter(state="done")),
        Tab("dropped", ImprovementState.DROPPED.label, lambda rows: rows.filter(state="dropped")),
        Tab("all", _("All")),
    ),
    filters=(Keyword("q", _("Words of the item or of what is done"), _of_item),),
    sorts=(Sort("due", "due"), Sort("made", "id")),
    default_sort="due",
)
