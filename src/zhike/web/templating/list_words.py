"""The words of a list page: conditions, remarks. Used by `web/list.html` alone."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.core.listing.filters import Chip
from zhike.core.listing.page import Remark
from zhike.core.templating import template_filter

PERIOD_NAMES: dict[str, Promise] = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "week": gettext_lazy("This week"),
    "month": gettext_lazy("This month"),
    "30d": gettext_lazy("Last 30 days"),
}
DENSITY_NAMES: dict[str, Promise] = {
    "normal": gettext_lazy("Normal"),
    "compact": gettext_lazy("Compact"),
    "roomy": gettext_lazy("Roomy"),
}


@template_filter
def period_name(code: str) -> Any:
    return PERIOD_NAMES.get(code, "")


@template_filter
def density_name(code: str) -> Any:
    return DENSITY_NAMES.get(code, code)


@template_filter
def item(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key)


@template_filter
def joined(values: Any) -> str:
    """Values one after the other, with the comma of the language."""
    return str(_(", ")).join(str(value) for value in values)


@template_filter
def words(chip: Chip) -> str:
    """A chosen condition in words: 等级：VIP、重点."""
    if chip.kind == "flag":
        return str(chip.label)
    value = _period(*chip.values) if chip.kind == "period" else joined(chip.values)
    return _("%(label)s: %(value)s") % {"label": chip.label, "value": value}


def _period(code: str, since: Any, until: Any) -> str:
    days = {"since": f"{since:%m-%d}" if since else "", "until": f"{until:%m-%d}" if until else ""}
    if code in ("today", "yesterday"):
        return str(PERIOD_NAMES[code])
    if code:
        return _("%(period)s (%(since)s to %(until)s)") % {**days, "period": PERIOD_NAMES[code]}
    if since and until and since.year != until.year:
        days = {"since": f"{since}", "until": f"{until}"}
    if since and until:
        return _("%(since)s to %(until)s") % days
    if since:
        return _("from %(since)s") % {"since": since}
    return _("until %(until)s") % {"until": until}


@template_filter
def remark(of: Remark) -> str:
    """What of the address was ignored, in words."""
    values = joined(of.values)
    if of.kind == "value":
        return _("The condition “%(label)s” does not know “%(values)s”, so it was left out.") % {
            "label": of.label,
            "values": values,
        }
    if of.kind == "place":
        return _("The page in this address is no longer valid; this is the first page.")
    if of.kind == "parameter":
        return _("This list has no condition “%(values)s”, so it was left out.") % {
            "values": values
        }
    return _("“%(values)s” is not known here, so it was left out.") % {"values": values}
