"""Time zones as people pick them: by the words for the common ones, or by their name in the tz database."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.core import clock
from zhike.core.errors import RuleError

# Those customers and branches are likely to live in, the nearest first.
COMMON: dict[str, Any] = {
    "Asia/Shanghai": gettext_lazy("China (Beijing, Shanghai)"),
    "Asia/Hong_Kong": gettext_lazy("Hong Kong"),
    "Asia/Macau": gettext_lazy("Macao"),
    "Asia/Taipei": gettext_lazy("Taipei"),
    "Asia/Urumqi": gettext_lazy("Xinjiang (Urumqi)"),
    "Asia/Tokyo": gettext_lazy("Japan (Tokyo)"),
    "Asia/Seoul": gettext_lazy("Korea (Seoul)"),
    "Asia/Singapore": gettext_lazy("Singapore"),
    "Asia/Kuala_Lumpur": gettext_lazy("Malaysia (Kuala Lumpur)"),
    "Asia/Bangkok": gettext_lazy("Thailand (Bangkok)"),
    "Asia/Ho_Chi_Minh": gettext_lazy("Vietnam (Ho Chi Minh City)"),
    "Asia/Jakarta": gettext_lazy("Indonesia (Jakarta)"),
    "Asia/Manila": gettext_lazy("Philippines (Manila)"),
    "Asia/Yangon": gettext_lazy("Myanmar (Yangon)"),
    "Asia/Dhaka": gettext_lazy("Bangladesh (Dhaka)"),
    "Asia/Kolkata": gettext_lazy("India (Delhi, Mumbai)"),
    "Asia/Karachi": gettext_lazy("Pakistan (Karachi)"),
    "Asia/Dubai": gettext_lazy("United Arab Emirates (Dubai)"),
    "Asia/Riyadh": gettext_lazy("Saudi Arabia (Riyadh)"),
    "Asia/Almaty": gettext_lazy("Kazakhstan (Almaty)"),
    "Europe/Istanbul": gettext_lazy("Türkiye (Istanbul)"),
    "Europe/Moscow": gettext_lazy("Russia (Moscow)"),
    "Europe/Berlin": gettext_lazy("Germany (Berlin)"),
    "Europe/Paris": gettext_lazy("France (Paris)"),
    "Europe/Madrid": gettext_lazy("Spain (Madrid)"),
    "Europe/Rome": gettext_lazy("Italy (Rome)"),
    "Europe/London": gettext_lazy("United Kingdom (London)"),
    "Africa/Cairo": gettext_lazy("Egypt (Cairo)"),
    "Africa/Lagos": gettext_lazy("Nigeria (Lagos)"),
    "Africa/Nairobi": gettext_lazy("Kenya (Nairobi)"),
    "Africa/Johannesburg": gettext_lazy("South Africa (Johannesburg)"),
    "America/Sao_Paulo": gettext_lazy("Brazil (São Paulo)"),
    "America/Mexico_City": gettext_lazy("Mexico (Mexico City)"),
    "America/New_York": gettext_lazy("United States, East (New York)"),
    "America/Chicago": gettext_lazy("United States, Centre (Chicago)"),
    "America/Los_Angeles": gettext_lazy("United States, West (Los Angeles)"),
    "America/Toronto": gettext_lazy("Canada, East (Toronto)"),
    "America/Vancouver": gettext_lazy("Canada, West (Vancouver)"),
    "Australia/Sydney": gettext_lazy("Australia (Sydney)"),
    "Pacific/Auckland": gettext_lazy("New Zealand (Auckland)"),
    "UTC": gettext_lazy("Universal time (UTC)"),
}
_AREAS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)


@cache
def zone_names() -> tuple[str, ...]:
    """The common ones, then every other place of the tz database; its old aliases are left out."""
    others = sorted(
        name for name in available_timezones() - set(COMMON) if name.split("/")[0] in _AREAS
    )
    return (*COMMON, *others)


def zone_words(name: str) -> str:
    """“China (Beijing, Shanghai), UTC+8”: the difference is today's."""
    words = COMMON.get(name, name.replace("_", " "))
    if name == "UTC":
        return str(words)
    return _("%(place)s, %(offset)s") % {"place": words, "offset": _offset(name)}


def zone_called(text: str) -> str:
    """The name of the zone somebody typed: its name in any case, or its words. Raises RuleError."""
    typed = text.strip().casefold()
    for name in zone_names() if typed else ():
        words = str(COMMON.get(name, ""))
        if typed in (name.casefold(), words.casefold(), zone_words(name).casefold()):
            return name
    raise RuleError(
        "calendar_zone_unknown",
        _("There is no time zone “%(zone)s”. Please choose one of the list.") % {"zone": text[:60]},
        field="zone",
    )


def _offset(name: str) -> str:
    shift = clock.now().astimezone(ZoneInfo(name)).utcoffset()
    minutes = int(shift.total_seconds()) // 60 if shift is not None else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
