from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, SEALED_FIELDS, Grants, Permission, SealedField
from zhike.customers.choices import Channel

VIEW = "customers.view"
EDIT = "customers.edit"
REVEAL = "customers.reveal"
MERGE = "customers.merge"
EXPORT = "customers.export"
ERASE = "customers.erase"

PHONE = "phone"
ACCOUNT = "account"
ID_NUMBER = "id_number"
ADDRESS = "address"
TEXT = "text"
_FIELD_OF_CHANNEL = {Channel.PHONE: PHONE, Channel.ID_CARD: ID_NUMBER}


def may_reveal(grants: Grants, field: str) -> bool:
    """Whether this person may see such a value in full: the one place pages, API and files ask."""
    return grants.allows(REVEAL) and field not in grants.masked


def field_of(channel: str) -> str:
    """The kind of value of a number or account of this channel."""
    return _FIELD_OF_CHANNEL.get(Channel(channel), ACCOUNT)


def register() -> None:
    for field, name in (
        (PHONE, _("Phone numbers")),
        (ACCOUNT, _("E-mail addresses and accounts")),
        (ID_NUMBER, _("Identity card numbers")),
        (ADDRESS, _("Street addresses")),
        (TEXT, _("Numbers written into notes, feedback, notices and visits")),
    ):
        SEALED_FIELDS.fill(SealedField(field, name))
    for code, label in (
        (VIEW, _("See customers")),
        (EDIT, _("Add and edit customers")),
        (REVEAL, _("Look at full phone numbers, ID numbers and addresses")),
        (MERGE, _("Merge customers and take merges apart")),
        (EXPORT, _("Export customers")),
        (ERASE, _("Erase customers on request")),
    ):
        PERMISSIONS.fill(Permission(code, label, "customers"))
