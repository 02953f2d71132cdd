"""Looking at a value of a file that is stored in clear but shown in part; every look is written down."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Forbidden, Grants
from zhike.customers.errors import missing
from zhike.customers.labels import shown_value
from zhike.customers.masks import kind_of, personal_codes
from zhike.customers.models import Customer, CustomFieldDefinition
from zhike.customers.permissions import REVEAL, is_hidden, may_reveal
from zhike.customers.selectors import get_customer
from zhike.customers.services.fields import birthday_text
from zhike.customers.services.looking import note_look, watch


def household_text(customer: Customer) -> str:
    size = str(customer.household_size or "")
    return " · ".join(part for part in (size, customer.household_note) if part)


# The values a file tells of a person, as they are read.
VALUES: Mapping[str, Callable[[Customer], Any]] = {
    "birthday": birthday_text,
    "sex": lambda customer: shown_value("sex", customer.sex),
    "occupation": lambda customer: customer.occupation,
    "income_band": lambda customer: shown_value("income_band", customer.income_band),
    "household": household_text,
}


def reveal_field(*, actor: work.Actor, grants: Grants, customer_id: int, field: str) -> str:
    """The full value of `VALUES`, or of `custom.<code>`."""
    grants.require(REVEAL)
    customer = get_customer(grants, customer_id)
    personal = personal_codes(CustomFieldDefinition.objects.filter(is_active=True))
    kind = kind_of(field, personal)
    value = _value(customer, field) if kind and not is_hidden(grants, kind) else ""
    if not value:
        raise missing("field_empty", _("There is nothing to look at here."))
    if not may_reveal(grants, kind):
        raise Forbidden(REVEAL, _("Your role keeps such values masked."))
    watched = watch(actor)
    with work.unit(actor) as unit:
        note_look(unit, customer, watched, {"field": field})
    return value


def _value(customer: Customer, field: str) -> str:
    head, _dot, code = field.partition(".")
    if head == "custom":
        value = customer.custom.get(code)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        return str(value or "")
    read = VALUES.get(field)
    return str(read(customer) or "") if read is not None else ""
