"""Words and tones of one row of the queue."""

from django import template

from zhike.desk.models import Case
from zhike.desk.views.case_data import STATE_LOOKS, pause_reason
from zhike.desk.views.person import tier_label

register = template.Library()


@register.filter
def tier_word(case: Case) -> str:
    return tier_label(case.customer_tier)


@register.filter
def state_tone(case: Case) -> str:
    return STATE_LOOKS[case.case_state][0]


@register.filter
def pause_word(case: Case) -> str:
    return pause_reason(case)
