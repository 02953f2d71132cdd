"""Pydantic's findings in the caller's language: its own sentences are English only."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _


def _sentence(kind: str, context: dict[str, Any]) -> str:
    sentences = {
        "missing": _("This field is required."),
        "string_too_short": _("Please give at least %(min_length)s characters."),
        "string_too_long": _("Please give at most %(max_length)s characters."),
        "greater_than_equal": _("Please give a value of %(ge)s or more."),
        "less_than_equal": _("Please give a value of %(le)s or less."),
        "int_parsing": _("Please give a whole number."),
        "int_type": _("Please give a whole number."),
        "string_type": _("Please give a text."),
        "bool_parsing": _("Please give true or false."),
        "enum": _("Please give one of %(expected)s."),
        "literal_error": _("Please give one of %(expected)s."),
        "extra_forbidden": _("There is no such field."),
        "datetime_from_date_parsing": _(
            "Please give a date and time such as 2026-11-22T09:30:00+08:00."
        ),
        "datetime_parsing": _("Please give a date and time such as 2026-11-22T09:30:00+08:00."),
        "date_from_datetime_parsing": _("Please give a date such as 2026-11-22."),
        "date_parsing": _("Please give a date such as 2026-11-22."),
        "list_type": _("Please give a list."),
        "dict_type": _("Please give an object."),
        "json_invalid": _("The body is not valid JSON."),
    }
    sentence = sentences.get(kind, _("This value is not right."))
    return sentence % context if "%(" in sentence else sentence


def field_errors(errors: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """One entry per finding: the input in dotted form (body.customer.phone → customer.phone) and a sentence."""
    found = []
    for error in errors:
        place = [str(part) for part in error.get("loc", ())]
        # The first part says query, path or body; the second the name of our own parameter.
        if place and place[0] in {"body", "query", "path", "header", "form", "file"}:
            place = place[2:] if place[0] == "body" and len(place) > 2 else place[1:]
        found.append(
            {
                "field": ".".join(place),
                "message": _sentence(str(error.get("type", "")), dict(error.get("ctx") or {})),
            }
        )
    return found
