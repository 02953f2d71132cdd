"""What a password must be, beside Django's own lists: as long as the company asks, and not oneself."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.accounts.services.attempts import rules
from zhike.core.pinyin import sounds

# What must be left of a password once one's own number and name are taken out of it.
LEAST_OF_ITS_OWN = 4


class LongEnough:
    """The shortest length is one of the sign-in rules, so it is asked anew each time."""

    def validate(self, password: str, user: Any = None) -> None:
        least = rules().least_length
        if len(password) < least:
            raise ValidationError(
                ngettext(
                    "A password needs at least %(n)s character.",
                    "A password needs at least %(n)s characters.",
                    least,
                )
                % {"n": least}
            )

    def get_help_text(self) -> str:
        return _("At least %(n)s characters, not only digits.") % {"n": rules().least_length}


class NotOneself:
    """Refuses one's staff number or name, also spelt in pinyin, doubled, or with a few signs added."""

    def validate(self, password: str, user: Any = None) -> None:
        left = password.casefold()
        for own in _names(user):
            left = left.replace(own, "")
        if left != password.casefold() and len(left) < LEAST_OF_ITS_OWN:
            raise ValidationError(
                _("The password is hardly more than your staff number or name. Others guess that.")
            )

    def get_help_text(self) -> str:
        return _("Not your staff number or name.")


def _names(user: Any) -> list[str]:
    """Longest first, so that the whole name goes before its parts."""
    name = str(getattr(user, "name", "") or "").casefold().replace(" ", "")
    number = str(getattr(user, "staff_number", "") or "").casefold()
    spelt = "".join(sounds(name))
    return sorted({n for n in (name, number, spelt) if len(n) > 1}, key=len, reverse=True)
