"""Consents as columns of an imported or exported file."""

from collections.abc import Collection, Mapping

from zhike.core.importer import Context
from zhike.customers import services
from zhike.customers.contact_policy import latest_consents
from zhike.customers.models import ConsentChannel, ConsentPurpose


def consents_of(customer_ids: Collection[int]) -> dict[int, dict[str, bool]]:
    """By customer and code of the purpose: their latest word."""
    codes = dict(ConsentPurpose.objects.values_list("pk", "code"))
    return {
        pk: {codes[purpose]: row.is_given for purpose, row in said.items()}
        for pk, said in latest_consents(customer_ids).items()
    }


def say_consents(context: Context, customer_id: int, said: Mapping[str, bool]) -> None:
    """Note what a row says; the number of the import is the proof."""
    for code, is_given in said.items():
        services.record_consent(
            actor=context.actor,
            grants=context.grants,
            customer_id=customer_id,
            purpose=code,
            is_given=is_given,
            channel=ConsentChannel.IMPORT,
            proof=f"import {context.run_id}",
        )


def take_back_consents(
    context: Context, customer_id: int, before: Mapping[str, bool | None], after: Mapping[str, bool]
) -> bool:
    """Undo: the word before is said again; where there was none, a no. False when others spoke since."""
    now = consents_of([customer_id]).get(customer_id, {})
    standing = {code for code, value in after.items() if now.get(code) == value}
    say_consents(context, customer_id, {code: bool(before.get(code)) for code in standing})
    return len(standing) == len(after)
