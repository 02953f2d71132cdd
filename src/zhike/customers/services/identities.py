from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import RuleError
from zhike.core.models import PersonKey
from zhike.core.sealing import SealBroken, seal, unseal
from zhike.customers import rules
from zhike.customers.choices import Channel
from zhike.customers.errors import hotline_problem, identity_taken, missing, too_long
from zhike.customers.masks import refuse_hidden_ways
from zhike.customers.models import Address, Customer, Identity
from zhike.customers.normal import NormalIdentity, is_hotline, normal_identity, shown_identity
from zhike.customers.permissions import (
    ADDRESS,
    EDIT,
    REVEAL,
    field_of,
    is_hidden,
    may_reveal,
)
from zhike.customers.selectors import get_customer
from zhike.customers.services.copies import refresh_copies
from zhike.customers.services.looking import note_look, watch
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import Change, record_changes


@dataclass(frozen=True)
class NewIdentity:
    channel: str
    value: str
    label: str = ""
    is_primary: bool = False


def _problem(channel: str, value: str) -> str:
    match channel:
        case Channel.PHONE if is_hotline(value):
            return hotline_problem(value)
        case Channel.PHONE:
            return _("This is no phone number we know. Please check it for a missing digit.")
        case Channel.EMAIL:
            return _("This does not look like an e-mail address.")
        case Channel.ID_CARD:
            return _("This ID number does not add up. Please compare it with the card.")
    return _("This cannot be the customer's number or account.")


def normalise(new: NewIdentity) -> NormalIdentity:
    if new.channel not in Channel.values:
        raise RuleError("channel_unknown", _("There is no such way of contact."), field="channel")
    normal = normal_identity(new.channel, new.value)
    if normal is None:
        raise RuleError(
            f"{new.channel}_invalid", _problem(new.channel, new.value), field=new.channel
        )
    if len(new.label) > 30:
        raise too_long("label", 30)
    return normal


def identity_rows(
    customer: Customer, key: PersonKey | int, news: Sequence[NewIdentity], unit: work.Work
) -> list[Identity]:
    """Unsaved rows, one per distinct value; the first of a channel is its main one."""
    rows: dict[tuple[str, str], Identity] = {}
    for new in news:
        normal = normalise(new)
        rows.setdefault(
            (new.channel, normal.blind),
            Identity(
                customer=customer,
                channel=new.channel,
                value_sealed=seal(key, normal.value),
                value_blind=normal.blind,
                head=normal.mask.head,
                last4=normal.mask.last4,
                masked=normal.mask.text,
                word=normal.word,
                label=rules.clean_line(new.label),
                is_primary=new.is_primary,
                added_at=unit.now,
                added_by_name=unit.actor.name,
            ),
        )
    made = list(rows.values())
    for channel in {row.channel for row in made}:
        same = [row for row in made if row.channel == channel]
        main = next((row for row in same if row.is_primary), same[0])
        for row in same:
            row.is_primary = row is main
    return made


def refuse_taken(rows: Iterable[Identity], own_id: int = 0) -> None:
    """Say whose it is when a value is in use already."""
    for row in rows:
        holder = (
            Identity.objects.filter(
                channel=row.channel, value_blind=row.value_blind, voided_at__isnull=True
            )
            .exclude(customer_id=own_id)
            .select_related("customer")
            .first()
        )
        if holder is not None:
            raise identity_taken(
                customer_id=holder.customer_id,
                name=holder.customer.name,
                masked=holder.masked,
                channel=row.channel,
            )


def add_identity(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    channel: str,
    value: str,
    label: str = "",
    is_primary: bool = False,
    verified_at: datetime | None = None,
) -> Identity:
    """Add a way of contact. Adding one the customer already has answers with that one."""
    grants.require(EDIT)
    refuse_hidden_ways(grants, [channel])
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        (row,) = identity_rows(
            customer, customer.key_id, [NewIdentity(channel, value, label)], unit
        )
        present = Identity.objects.filter(
            customer=customer, channel=channel, voided_at__isnull=True
        )
        known = present.filter(value_blind=row.value_blind).first()
        if known is not None:
            return known
        refuse_taken([row])
        row.is_primary = is_primary or not present.filter(is_primary=True).exists()
        row.verified_at = verified_at
        if row.is_primary:
            present.filter(is_primary=True).update(is_primary=False)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            # Somebody else added the same value between the question and the insert.
            refuse_taken([row])
            raise
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        record_changes(
            unit,
            customer,
            "customers.identity.add",
            [Change(f"identity.{channel}", "", row.masked)],
        )
    return row


def _own_identity(customer: Customer, identity_id: int, grants: Grants) -> Identity:
    row = customer.identities.filter(pk=identity_id, voided_at__isnull=True).first()
    if row is None or is_hidden(grants, field_of(row.channel)):
        raise missing("identity_missing", _("This number or account is no longer on the file."))
    return row


def void_identity(
    *, actor: work.Actor, grants: Grants, customer_id: int, identity_id: int, reason: str = ""
) -> None:
    """Take a number out of use. It stays in the history and may be given to somebody else."""
    grants.require(EDIT)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        row = _own_identity(customer, identity_id, grants)
        was_primary = row.is_primary
        row.voided_at = unit.now
        row.is_primary = False
        row.save(update_fields=["voided_at", "is_primary"])
        if was_primary:
            heir = customer.identities.filter(channel=row.channel, voided_at__isnull=True).first()
            if heir is not None:
                heir.is_primary = True
                heir.save(update_fields=["is_primary"])
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        record_changes(
            unit,
            customer,
            "customers.identity.void",
            [Change(f"identity.{row.channel}", row.masked)],
        )


def set_primary_identity(
    *, actor: work.Actor, grants: Grants, customer_id: int, identity_id: int
) -> None:
    grants.require(EDIT)
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        row = _own_identity(customer, identity_id, grants)
        if row.is_primary:
            return
        same = customer.identities.filter(channel=row.channel, is_primary=True)
        before = same.first()
        same.update(is_primary=False)
        row.is_primary = True
        row.save(update_fields=["is_primary"])
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        change = Change(f"primary.{row.channel}", before.masked if before else "", row.masked)
        record_changes(unit, customer, "customers.identity.primary", [change])


def reveal_identity(
    *, actor: work.Actor, grants: Grants, customer_id: int, identity_id: int
) -> str:
    """The full number. Every look is written down."""
    grants.require(REVEAL)
    customer = get_customer(grants, customer_id)
    row = _own_identity(customer, identity_id, grants)
    _refuse_masked(grants, field_of(row.channel))
    value = _unsealed(row.value_sealed)
    watched = watch(actor)
    told = {"channel": row.channel, "identity": row.pk, "masked": row.masked}
    with work.unit(actor) as unit:
        note_look(unit, customer, watched, told)
    return shown_identity(row.channel, value)


def reveal_address(*, actor: work.Actor, grants: Grants, customer_id: int, address_id: int) -> str:
    grants.require(REVEAL)
    customer = get_customer(grants, customer_id)
    row = Address.objects.filter(pk=address_id, customer=customer, voided_at__isnull=True).first()
    if row is None or is_hidden(grants, ADDRESS):
        raise missing("address_missing", _("This address is no longer on the file."))
    _refuse_masked(grants, ADDRESS)
    text = _unsealed(row.text_sealed)
    watched = watch(actor)
    with work.unit(actor) as unit:
        note_look(unit, customer, watched, {"address": row.pk})
    return text


def _refuse_masked(grants: Grants, field: str) -> None:
    if not may_reveal(grants, field):
        raise Forbidden(REVEAL, _("Your role keeps such values masked."))


def _unsealed(token: str) -> str:
    try:
        return unseal(token)
    except SealBroken as broken:
        raise RuleError(
            "seal_broken",
            _("This value can no longer be read: the person's data was erased."),
        ) from broken
