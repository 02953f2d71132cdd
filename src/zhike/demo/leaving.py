"""One customer who asked to be forgotten, so that the page of erasures and a certificate can be seen."""

from typing import TYPE_CHECKING

from zhike.accounts.grants import actor_of, grants_of_user
from zhike.customers.models import Customer
from zhike.customers.services.erasing import carry_out, erase_customer, preview_erasure
from zhike.demo import company
from zhike.desk.models import Case

if TYPE_CHECKING:
    from zhike.demo.load import Stage

REASON = "本人书面要求删除，申请表存档于客服部"  # zh-data


def erase_one(stage: "Stage", rows: list[Customer]) -> None:
    """The last one with a case and nothing open."""
    administrator = next(m for m in company.STAFF if m.role == "administrator")
    user = stage.people[administrator.number]
    actor, grants = actor_of(user), grants_of_user(user)
    for customer in reversed(rows):
        if not Case.objects.filter(customer=customer).exists():
            continue
        if preview_erasure(grants=grants, customer_id=customer.pk).reasons:
            continue
        record = erase_customer(actor=actor, grants=grants, customer_id=customer.pk, reason=REASON)
        carry_out(record.pk)
        return
