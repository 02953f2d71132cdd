"""How somebody who answered may be reached, as they wrote it: checked, and told in part."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.customers.choices import Channel
from zhike.customers.normal import NormalIdentity, normal_identity
from zhike.surveys.choices import ContactPart

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """At least one of `phone` and `email`; "" and None for what was left out."""

    name: str = ""
    phone: NormalIdentity | None = None
    email: NormalIdentity | None = None

    @property
    def parts(self) -> list[str]:
        """All an answer tells of it."""
        given = {
            ContactPart.NAME: self.name,
            ContactPart.PHONE: self.phone,
            ContactPart.EMAIL: self.email,
        }
        return [part.value for part, value in given.items() if value]

    @property
    def told(self) -> str:
        """As the one who left it is shown it once more: nobody else at the same phone reads the number."""
        return told(self.name, *(one.mask.text for one in (self.phone, self.email) if one))


def details(written: Mapping[str, str]) -> ContactDetails:
    """Raises ValueError with a sentence for whoever answers."""
    plain = "".join(c for c in written.get(ContactPart.NAME, "") if c.isprintable() or c.isspace())
    name = " ".join(plain.split())
    if len(name) > LONGEST_NAME:
        raise ValueError(_("Please use at most %(most)s characters.") % {"most": LONGEST_NAME})
    phone = email = None
    if number := written.get(ContactPart.PHONE, ""):
        phone = normal_identity(Channel.PHONE, number)
        if phone is None:
            raise ValueError(
                _("This is no phone number we know. Please check it for a missing digit.")
            )
    if address := written.get(ContactPart.EMAIL, ""):
        email = normal_identity(Channel.EMAIL, address)
        if email is None:
            raise ValueError(_("This does not look like an e-mail address."))
    if phone is None and email is None:
        raise ValueError(_("A name alone reaches nobody. Please add how we can reach you."))
    return ContactDetails(name, phone, email)


def told(name: str, *masks: str) -> str:
    first = f"{name[0]}*" if name else ""
    return " · ".join(one for one in (first, *masks) if one)
