"""Words and tones of one row of the queue."""

from zhike.core.templating import template_filter
from zhike.desk.models import Case
from zhike.desk.views.case_data import STATE_LOOKS, pause_reason
from zhike.desk.views.person import tier_label

CHANNEL_ICONS = {
    "phone": "phone",
    "counter": "building-store",
    "visit": "walk",
    "letter": "mail",
    "import": "file-import",
    "api": "bolt",
}


@template_filter
def channel_icon(case: Case) -> str:
    return CHANNEL_ICONS.get(case.channel, "world")


@template_filter
def tier_word(case: Case) -> str:
    return tier_label(case.customer_tier)


@template_filter
def state_tone(case: Case) -> str:
    return STATE_LOOKS[case.case_state][0]


@template_filter
def pause_word(case: Case) -> str:
    return pause_reason(case)
