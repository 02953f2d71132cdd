"""The errors of this room that carry more than a sentence."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.errors import Conflict, NotFound, RuleError


def customer_missing() -> NotFound:
    return NotFound(_("There is no such customer, or not one you may see."), "customer_missing")


def hotline_problem(number: str) -> str:
    return _(
        "%(number)s is a public short number, not the customer's own."
        " Please enter a mobile number, or a landline with its area code."
    ) % {"number": number.strip()[:20]}


def missing(code: str, sentence: str) -> NotFound:
    return NotFound(sentence, code)


def identity_taken(*, customer_id: int, name: str, masked: str, channel: str) -> Conflict:
    """Across units only the name and the masked value are told."""
    return Conflict(
        "identity_taken",
        _("%(masked)s already belongs to %(name)s.") % {"masked": masked, "name": name},
        field=channel,
        extra={"customer_id": customer_id, "name": name, "masked": masked},
    )


def changed_meanwhile(version: int, changes: Sequence[dict[str, Any]]) -> Conflict:
    """`changes` say who changed which field from what to what since the version the edit is based on."""
    return Conflict(
        "customer_changed",
        _("Somebody changed this file while you were editing. Please look at the changes first."),
        extra={"version": version, "changes": list(changes)},
    )


def too_long(field: str, limit: int) -> RuleError:
    return RuleError(
        "too_long",
        _("At most %(limit)s characters, please.") % {"limit": limit},
        field=field,
    )
