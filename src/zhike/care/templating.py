"""Tones and signs of a visit in lists."""

from zhike.care.choices import Result
from zhike.care.models import FollowUp
from zhike.core.templating import template_filter

LOOKS = {
    Result.CONTENT: ("mood-smile", "ok"),
    Result.PARTLY: ("hourglass", "warn"),
    Result.NOT_CONTENT: ("mood-sad", "danger"),
    Result.UNREACHABLE: ("phone-off", "mute"),
}


@template_filter
def result_icon(visit: FollowUp) -> str:
    return LOOKS[Result(visit.result)][0] if visit.result else ""


@template_filter
def result_tone(visit: FollowUp) -> str:
    return LOOKS[Result(visit.result)][1] if visit.result else ""
