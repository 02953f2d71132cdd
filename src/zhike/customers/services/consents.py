"""The ledger of consents, and what we tell ourselves about contacting customers. Nothing in it is changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.sealing import seal
from zhike.customers import rules
from zhike.customers.contact_policy import SENTENCES, contact_rules, latest_consents, may_contact
from zhike.customers.errors import missing, too_long
from zhike.customers.models import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ContactRules,
    Customer,
    NoticeText,
    Outreach,
)
from zhike.customers.permissions import EDIT
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import note_on_timeline

LONGEST_PROOF = 200
LONGEST_NOTICE = 8000
EARLIEST_YEAR = 2000
# Clocks of two machines differ a little.
TOLERANCE = timedelta(minutes=5)


def record_consent(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    purpose: str,
    is_given: bool,
    channel: str,
    at: datetime | None = None,
    proof: str = "",
) -> Consent:
    """A yes or a no. A no needs nothing but itself; a yes is to the words that hold now."""
    grants.require(EDIT)
    row = _purpose(purpose, is_given)
    proof = _checked_proof(row, is_given, channel, proof)
    notice = _notice_of(row) if is_given else None
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        when = at or unit.now
        if when > unit.now + TOLERANCE or when.year < EARLIEST_YEAR:
            raise RuleError(
                "consent_moment", _("That moment lies ahead, or too far back."), field="at"
            )
        return _write(
            unit,
            customer,
            row,
            is_given=is_given,
            notice=notice,
            channel=channel,
            at=when,
            proof_sealed=seal(customer.key_id, proof) if proof else "",
        )


def withdraw_by_customer(
    unit: work.Work, customer_id: int, purpose: ConsentPurpose, channel: str
) -> Consent | None:
    """A no the customer says without us, behind a link that is theirs alone. Said before, nothing is written."""
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None or customer.erased_at is not None:
        return None
    latest = latest_consents([customer_id]).get(customer_id, {}).get(purpose.pk)
    if latest is not None and not latest.is_given:
        return None
    return _write(
        unit, customer, purpose, is_given=False, notice=None, channel=channel, at=unit.now
    )


def _write(
    unit: work.Work, customer: Customer, purpose: ConsentPurpose, *, is_given: bool, **said: Any
) -> Consent:
    consent = Consent.objects.create(
        customer=customer,
        purpose=purpose,
        is_given=is_given,
        recorded_at=unit.now,
        author_id=unit.actor.id,
        author_name=unit.actor.name,
        via=unit.actor.via,
        **said,
    )
    note_on_timeline(unit, customer, f"customer.consent_{_word(is_given)}", purpose.label)
    unit.audit(
        f"customers.consent.{_word(is_given)}",
        customer,
        after={
            "purpose": purpose.label,
            "channel": consent.channel,
            "at": consent.at.isoformat(),
            "consent": consent.pk,
        },
        subject=customer.key_id,
    )
    unit.touch(f"customer:{customer.pk}")
    return consent


def _checked_proof(row: ConsentPurpose, is_given: bool, channel: str, proof: str) -> str:
    proof = rules.clean_line(proof)
    if len(proof) > LONGEST_PROOF:
        raise too_long("proof", LONGEST_PROOF)
    if channel not in ConsentChannel.values:
        raise RuleError("consent_channel", _("Please say how it was said."), field="channel")
    if is_given and row.is_sensitive and not proof:
        raise RuleError(
            "consent_proof",
            _("This concerns sensitive information: please say where the proof of the consent is."),
            field="proof",
        )
    return proof


def _notice_of(row: ConsentPurpose) -> NoticeText | None:
    """The words a yes is to."""
    notice = NoticeText.objects.filter(purpose=row).order_by("-version").first()
    if row.needs_consent and notice is None:
        raise RuleError(
            "consent_notice",
            _(
                "There is no notice for “%(purpose)s” yet: without one nobody knows what is agreed to."
            )
            % {"purpose": row.label},
            field="purpose",
        )
    return notice


def _word(is_given: bool) -> str:
    return "give" if is_given else "withdraw"


def _purpose(code: str, is_given: bool) -> ConsentPurpose:
    """A no is taken for a purpose that is retired, too."""
    row = ConsentPurpose.objects.filter(code=code).first() if code.isascii() else None
    if row is None or (is_given and not row.is_active):
        raise RuleError(
            "consent_purpose",
            _("There is no such purpose, or it is no longer used."),
            field="purpose",
        )
    return row


def contact(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    purpose: str,
    channel: str,
    origin: str = "",
) -> Outreach:
    """Note that we turn to this customer now; refused when we may not. To be called before it happens.

    The file is locked: of two at once, the second sees the first.
    """
    grants.require(EDIT)
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        decision = may_contact(customer, purpose, channel, unit.now)
        if not decision.allowed:
            raise Conflict(
                "contact_refused",
                SENTENCES[decision.verdict],
                extra={
                    "verdict": decision.verdict.value,
                    "until": decision.until.isoformat() if decision.until else None,
                },
            )
        return note_outreach(unit, customer.pk, purpose, channel, origin)


def note_outreach(
    unit: work.Work, customer_id: int, purpose: str, channel: str, origin: str = ""
) -> Outreach:
    """A contact that takes place, inside the unit of work that records it."""
    return Outreach.objects.create(
        customer_id=customer_id,
        purpose=ConsentPurpose.objects.get(code=purpose),
        channel=channel,
        at=unit.now,
        author_id=unit.actor.id,
        author_name=unit.actor.name,
        origin=origin,
    )


def note_outreaches(
    unit: work.Work, purpose: ConsentPurpose, channel: str, origins: Mapping[int, str]
) -> None:
    """Contacts with many customers at once, by customer id: what each of them was."""
    for customer_id, origin in origins.items():
        unit.add(
            Outreach(
                customer_id=customer_id,
                purpose=purpose,
                channel=channel,
                at=unit.now,
                author_id=unit.actor.id,
                author_name=unit.actor.name,
                origin=origin,
            )
        )


# What follow-up visits are made for. Retired, every visit would be refused, or a customer's no would be forgotten.
VISITS = frozenset({"service", "survey"})


def save_purpose(
    *, actor: work.Actor, grants: Grants, purpose_id: int | None, **values: Any
) -> ConsentPurpose:
    """A new purpose, or another setting of one; its code stays."""
    grants.require(MANAGE_SETTINGS)
    values["label"] = rules.clean_line(values.get("label", ""))
    if not values["label"]:
        raise RuleError("purpose_label", _("Please give the purpose a name."), field="label")
    with work.unit(actor) as unit:
        if purpose_id is None:
            if ConsentPurpose.objects.filter(code=values["code"]).exists():
                raise RuleError("purpose_code", _("This code is in use already."), field="code")
            row, before = ConsentPurpose(), {}
        else:
            values.pop("code", None)
            found = ConsentPurpose.objects.select_for_update().filter(pk=purpose_id).first()
            if found is None:
                raise missing("purpose_gone", _("There is no such purpose."))
            row, before = found, model_to_dict(found, exclude=["id"])
            if row.code in VISITS and not values.get("is_active", True):
                raise RuleError(
                    "purpose_needed",
                    _("Visits are made for this purpose, so it stays in use."),
                    field="is_active",
                )
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        old, new = work.changes(before, model_to_dict(row, exclude=["id"]))
        if new:
            unit.audit("customers.consent_purpose.save", row, before=old, after=new)
    return row


def add_notice(
    *, actor: work.Actor, grants: Grants, purpose_id: int, text: str, needs_renewal: bool = False
) -> NoticeText:
    """The next version of what customers are told. Earlier ones stay: consents refer to them."""
    grants.require(MANAGE_SETTINGS)
    text = text.replace("\x00", "").strip()
    if not text:
        raise RuleError("notice_empty", _("Please write what customers are told."), field="text")
    if len(text) > LONGEST_NOTICE:
        raise too_long("text", LONGEST_NOTICE)
    with work.unit(actor) as unit:
        purpose = ConsentPurpose.objects.select_for_update().filter(pk=purpose_id).first()
        if purpose is None:
            raise missing("purpose_gone", _("There is no such purpose."))
        last = NoticeText.objects.filter(purpose=purpose).order_by("-version").first()
        if last is not None and last.text == text:
            raise RuleError("notice_same", _("This is the text that holds already."), field="text")
        row = NoticeText.objects.create(
            purpose=purpose,
            version=last.version + 1 if last else 1,
            text=text,
            needs_renewal=needs_renewal and last is not None,
            made_at=unit.now,
            author_id=actor.id,
            author_name=actor.name,
        )
        unit.audit(
            "customers.consent_notice.add",
            purpose,
            after={"version": row.version, "needs_renewal": row.needs_renewal},
        )
    return row


def save_contact_rules(*, actor: work.Actor, grants: Grants, **values: int) -> ContactRules:
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        row = contact_rules()
        before = model_to_dict(row, exclude=["id"])
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        old, new = work.changes(before, model_to_dict(row, exclude=["id"]))
        if new:
            unit.audit("customers.contact_rules.save", row, before=old, after=new)
    return row
