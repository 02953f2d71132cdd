"""The company's rules for signing in, changed by an administrator."""

from typing import Any

from django.forms.models import model_to_dict

from zhike.accounts.models import SignInRules
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services.attempts import rules
from zhike.core import work
from zhike.core.access import Grants


def save_rules(*, actor: work.Actor, grants: Grants, values: dict[str, Any]) -> SignInRules:
    """`values` by field; a field that is not named stays as it is."""
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        row = rules()
        before = facts(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.pk = 1
        row.save()
        old, new = work.changes(before, facts(row))
        if new:
            unit.audit("accounts.sign_in_rules.save", row, before=old, after=new)
    return row


def facts(row: SignInRules) -> dict[str, Any]:
    return model_to_dict(row, exclude=["id"])
