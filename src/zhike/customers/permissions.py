from django.utils.translation import gettext_lazy as _

from zhike.core.access import PERMISSIONS, PERSONAL_FIELDS, Grants, Level, Permission, PersonalField
from zhike.customers.choices import Channel

VIEW = "customers.view"
EDIT = "customers.edit"
REVEAL = "customers.reveal"
MERGE = "customers.merge"
EXPORT = "customers.export"
ERASE = "customers.erase"
SEGMENTS = "customers.segments"

PHONE = "phone"
ACCOUNT = "account"
ID_NUMBER = "id_number"
ADDRESS = "address"
TEXT = "text"
BIRTHDAY = "birthday"
SEX = "sex"
OCCUPATION = "occupation"
INCOME = "income"
HOUSEHOLD = "household"
CUSTOM = "custom"
_FIELD_OF_CHANNEL = {Channel.PHONE: PHONE, Channel.ID_CARD: ID_NUMBER}
# Stored sealed: a part is shown at most, the whole is looked at.
_SEALED = (Level.LOOK, Level.MASKED, Level.HIDDEN)
# Stored in clear, for lists and figures.
_CLEAR = (Level.OPEN, Level.LOOK, Level.MASKED, Level.HIDDEN)


def may_reveal(grants: Grants, field: str) -> bool:
    """Whether this person may see such a value in full: the one place pages, API and files ask."""
    return grants.allows(REVEAL) and grants.level(field) in (Level.OPEN, Level.LOOK)


def is_hidden(grants: Grants, field: str) -> bool:
    return grants.level(field) is Level.HIDDEN


def is_open(grants: Grants, field: str) -> bool:
    """Whether a value that is stored in clear is shown as it stands."""
    return grants.level(field) is Level.OPEN


def sees_everything(grants: Grants) -> bool:
    """Whether no kind of value is kept from this person: asked where a file is shown as a whole."""
    return all(
        may_reveal(grants, field.code)
        and (field.usual is not Level.OPEN or is_open(grants, field.code))
        for field in PERSONAL_FIELDS
    )


def field_of(channel: str) -> str:
    """The kind of value of a number or account of this channel."""
    return _FIELD_OF_CHANNEL.get(Channel(channel), ACCOUNT)


def open_channels(grants: Grants) -> list[str]:
    """The channels of which this person is shown something."""
    return [channel for channel in Channel.values if not is_hidden(grants, field_of(channel))]


def register() -> None:
    for field, name, levels, needs in (
        (PHONE, _("Phone numbers"), _SEALED, ""),
        (ACCOUNT, _("E-mail addresses and accounts"), _SEALED, ""),
        (ID_NUMBER, _("Identity card numbers"), _SEALED, ""),
        (ADDRESS, _("Street addresses"), _SEALED, ""),
        (BIRTHDAY, _("Birthday"), _CLEAR, ""),
        (SEX, _("Sex"), _CLEAR, ""),
        (OCCUPATION, _("Occupation"), _CLEAR, ""),
        (INCOME, _("Household income"), _CLEAR, ""),
        (HOUSEHOLD, _("Household"), _CLEAR, ""),
        (CUSTOM, _("Fields of your own marked as personal"), _CLEAR, ""),
        (
            TEXT,
            _("Numbers written into notes, feedback, notices and visits"),
            (Level.OPEN, Level.MASKED),
            REVEAL,
        ),
    ):
        PERSONAL_FIELDS.fill(PersonalField(field, name, levels, needs))
    for code, label in (
        (VIEW, _("See customers")),
        (EDIT, _("Add and edit customers")),
        (REVEAL, _("Look at full phone numbers, ID numbers and addresses")),
        (MERGE, _("Merge customers and take merges apart")),
        (EXPORT, _("Export customers")),
        (ERASE, _("Erase customers on request")),
        (SEGMENTS, _("Keep segments of customers")),
    ):
        PERMISSIONS.fill(Permission(code, label, "customers"))
