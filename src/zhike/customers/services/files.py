"""Opening, changing and voiding customer files."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.sealing import new_key
from zhike.customers import rules
from zhike.customers.choices import CustomerKind, Stage
from zhike.customers.errors import changed_meanwhile
from zhike.customers.events import CustomerCreated, CustomerVoided
from zhike.customers.masks import closed, refuse_hidden_ways
from zhike.customers.models import (
    ChangeRow,
    Customer,
    CustomerStageChange,
    CustomerTag,
    CustomFieldDefinition,
    Identity,
)
from zhike.customers.permissions import ADDRESS, EDIT, is_hidden
from zhike.customers.relations import rows_of_other_rooms
from zhike.customers.services.addresses import NewAddress, address_row
from zhike.customers.services.copies import Facts, apply_copies, refresh_copies, refresh_people_of
from zhike.customers.services.custom_fields import definitions_for, index_custom
from zhike.customers.services.fields import (
    BIRTHDAY,
    DetailFields,
    FileFields,
    as_text,
    birthday_text,
    check_required,
    clean_fields,
)
from zhike.customers.services.identities import NewIdentity, identity_rows, refuse_taken
from zhike.customers.services.noting import look_through
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import (
    Change,
    count_file,
    count_key,
    note_on_timeline,
    record_changes,
    recount_file,
)
from zhike.customers.services.tagging import tags_named

# Told in free words about the customer.
NOTED = ("remark", "household_note")


def create_customer(
    *,
    actor: work.Actor,
    grants: Grants,
    name: str,
    phone: str = "",
    identities: Sequence[NewIdentity] = (),
    address: NewAddress | None = None,
    tags: Sequence[str] = (),
    stage: str = Stage.PROSPECT,
    import_run_id: int | None = None,
    demand_required: bool = False,
    **fields: Unpack[DetailFields],
) -> Customer:
    """Open a file. A phone, ID or account that is somebody's already is refused with whose it is.

    `demand_required` is for forms: a required field of the company's own must then be filled.
    """
    grants.require(EDIT)
    given: dict[str, Any] = {"name": name, **fields}
    ways = [NewIdentity("phone", phone, is_primary=True)] if phone.strip() else []
    ways += list(identities)
    refuse_hidden_ways(grants, [way.channel for way in ways])
    if address is not None and is_hidden(grants, ADDRESS):
        raise closed(ADDRESS, "address")
    noted = {name: str(given.get(name) or "") for name in NOTED}
    look_through(actor, grants, **noted, tags="，".join(tags))
    if stage not in Stage.values:
        raise RuleError("choice_unknown", _("Please take one of the list."), field="stage")
    with work.unit(actor) as unit:
        customer, definitions = _fresh_file(given, grants, unit, stage)
        customer.import_run_id = import_run_id
        if demand_required:
            check_required(customer, definitions, grants)
        key = new_key(unit.now)
        customer.key = key
        rows = identity_rows(customer, key, ways, unit)
        refuse_taken(rows)
        refuse_external_id(customer)
        place = address_row(customer, key, address, unit) if address else None
        tag_rows = tags_named(tags)
        facts = Facts(
            ways=rows,
            has_address=place is not None,
            tags=[tag.name for tag in tag_rows],
            required=[d.code for d in definitions if d.required],
        )
        apply_copies(customer, facts)
        _insert(customer, rows)
        if place is not None:
            place.save()
        CustomerTag.objects.bulk_create(
            [CustomerTag(customer=customer, tag=tag) for tag in tag_rows]
        )
        index_custom(customer, definitions)
        _record_creation(unit, customer, rows)
    return customer


def _fresh_file(
    given: Mapping[str, Any], grants: Grants, unit: work.Work, stage: str
) -> tuple[Customer, list[CustomFieldDefinition]]:
    today = clock.local(unit.now).date()
    customer = Customer(
        kind=given.get("kind", CustomerKind.PERSON),
        stage=stage,
        stage_since=today,
        created_at=unit.now,
        created_by_id=unit.actor.id if unit.actor.kind == "user" else None,
    )
    definitions = definitions_for(customer.kind)
    if given.get("unit_id") is None:
        given = {**given, "unit_id": grants.unit_id}
    cleaned = clean_fields(
        given,
        grants=grants,
        customer=customer,
        definitions=definitions,
        today_year=today.year,
    )
    for field, value in cleaned.items():
        setattr(customer, field, value)
    customer.name_key = rules.name_key(customer.name)
    return customer, definitions


def _insert(customer: Customer, rows: list[Identity]) -> None:
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
            for row in rows:
                row.customer = customer
            Identity.objects.bulk_create(rows)
    except IntegrityError:
        # Somebody opened a file with the same number between the question and the insert.
        refuse_taken(rows)
        refuse_external_id(customer)
        raise


def refuse_external_id(customer: Customer) -> None:
    if not customer.external_id:
        return
    holder = (
        Customer.objects.filter(external_id=customer.external_id, voided_at__isnull=True)
        .exclude(pk=customer.pk)
        .first()
    )
    if holder is not None:
        raise Conflict(
            "external_id_taken",
            _("The number %(number)s in the other system already belongs to %(name)s.")
            % {"number": customer.external_id, "name": holder.name},
            field="external_id",
            extra={"customer_id": holder.pk},
        )


def _record_creation(unit: work.Work, customer: Customer, rows: list[Identity]) -> None:
    unit.add(
        CustomerStageChange(
            customer=customer,
            after=customer.stage,
            day=customer.stage_since,
            at=unit.now,
            author_id=unit.actor.id,
            author_name=unit.actor.name,
        )
    )
    unit.add(
        ChangeRow(
            customer=customer,
            version=customer.version,
            field="created",
            after=customer.name,
            at=unit.now,
            author_id=unit.actor.id,
            author_name=unit.actor.name,
            via=unit.actor.via,
            reason=unit.reason,
        )
    )
    note_on_timeline(unit, customer, "customer.created")
    count_file(unit, count_key(customer), +1)
    unit.audit(
        "customers.create",
        customer,
        after={
            "name": customer.name,
            "kind": customer.kind,
            "tier": customer.tier,
            "identities": [[row.channel, row.masked] for row in rows],
            "import_run": customer.import_run_id,
        },
        subject=customer.key_id,
    )
    unit.publish(CustomerCreated(customer.pk, customer.unit_id))


def update_customer(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    version: int | None = None,
    reason: str = "",
    demand_required: bool = False,
    **fields: Unpack[FileFields],
) -> Customer:
    """Change fields. With `version`, refused when somebody changed one of the same fields since."""
    grants.require(EDIT)
    look_through(actor, grants, reason=reason)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        definitions = definitions_for(fields.get("kind", customer.kind))
        cleaned = clean_fields(
            fields,
            grants=grants,
            customer=customer,
            definitions=definitions,
            today_year=clock.local(unit.now).year,
        )
        changed = {f: v for f, v in cleaned.items() if getattr(customer, f) != v}
        if not changed:
            return customer
        look_through(actor, grants, **{name: changed[name] for name in NOTED if name in changed})
        cell = count_key(customer)
        changes = _apply(customer, changed)
        if version is not None:
            _refuse_stale(customer, version, {change.field for change in changes})
        refuse_external_id(customer)
        if demand_required:
            check_required(customer, definitions, grants)
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        if "custom" in changed:
            index_custom(customer, definitions)
        if "name" in changed and customer.kind == CustomerKind.ORGANISATION:
            refresh_people_of(customer)
        recount_file(unit, cell, customer)
        record_changes(unit, customer, "customers.update", changes)
    return customer


def _apply(customer: Customer, changed: Mapping[str, Any]) -> list[Change]:
    """Set the values and tell each visible difference as a change."""
    derived = ("organisation_name", "region_name")
    plain = [f for f in changed if f not in (*derived, *BIRTHDAY, "custom")]
    before = {field: as_text(field, customer) for field in plain}
    birthday, custom = birthday_text(customer), customer.custom
    for field, value in changed.items():
        setattr(customer, field, value)
    if "name" in changed:
        customer.name_key = rules.name_key(customer.name)
    changes = [Change(f.removesuffix("_id"), before[f], as_text(f, customer)) for f in plain]
    if birthday_text(customer) != birthday:
        changes.append(Change("birthday", birthday, birthday_text(customer)))
    if "custom" in changed:
        for code in dict.fromkeys([*custom, *customer.custom]):
            old, new = custom.get(code, ""), customer.custom.get(code, "")
            if old != new:
                changes.append(Change(f"custom.{code}", str(old), str(new)))
    return changes


def _refuse_stale(customer: Customer, version: int, wanted: set[str]) -> None:
    if version >= customer.version:
        return
    news = ChangeRow.objects.filter(
        customer=customer, version__gt=version, field__in=wanted
    ).order_by("id")
    rows = [
        {
            "field": row.field,
            "before": row.before,
            "after": row.after,
            "author": row.author_name,
            "at": row.at.isoformat(),
        }
        for row in news[:50]
        if not row.is_sealed
    ]
    if rows:
        raise changed_meanwhile(customer.version, rows)


def change_stage(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    stage: str,
    day: date | None = None,
    reason: str = "",
) -> Customer:
    """Note where the relation stands now, since which day and why."""
    grants.require(EDIT)
    if stage not in Stage.values:
        raise RuleError("choice_unknown", _("Please take one of the list."), field="stage")
    reason = rules.clean_line(reason)
    look_through(actor, grants, reason=reason)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        today = clock.local(unit.now).date()
        day = day or today
        if day > today:
            raise RuleError("day_ahead", _("This day is still to come."), field="day")
        if stage == customer.stage:
            raise RuleError("stage_same", _("The file is at this stage already."), field="stage")
        if stage in (Stage.AT_RISK, Stage.LOST, Stage.WON_BACK) and not reason:
            # These three are what one learns from; without the reason they are worth nothing.
            raise RuleError("reason_missing", _("Please say why."), field="reason")
        cell, before = count_key(customer), customer.stage
        unit.add(
            CustomerStageChange(
                customer=customer,
                before=before,
                after=stage,
                day=day,
                reason=reason[:300],
                at=unit.now,
                author_id=unit.actor.id,
                author_name=unit.actor.name,
            )
        )
        customer.stage, customer.stage_since = stage, day
        customer.version += 1
        customer.save()
        recount_file(unit, cell, customer)
        note_on_timeline(unit, customer, "customer.stage", stage)
        record_changes(unit, customer, "customers.stage", [Change("stage", before, stage)])
    return customer


def void_customer(*, actor: work.Actor, grants: Grants, customer_id: int, reason: str) -> Customer:
    """Take a file made by mistake out of use (undo of an import). Its numbers are free again.

    Refused when another room holds something about this customer.
    """
    grants.require(EDIT)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        held = rows_of_other_rooms(customer)
        if held or Customer.objects.filter(organisation=customer, voided_at__isnull=True).exists():
            raise RuleError(
                "customer_in_use",
                _("%(name)s has dealings on file already, so the file stays.")
                % {"name": customer.name},
                extra={"held": sorted(held)},
            )
        count_file(unit, count_key(customer), -1)
        Identity.objects.filter(customer=customer, voided_at__isnull=True).update(
            voided_at=unit.now, is_primary=False
        )
        customer.voided_at = unit.now
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        unit.audit(
            "customers.void", customer, after={"name": customer.name}, subject=customer.key_id
        )
        unit.publish(CustomerVoided(customer.pk))
        unit.touch(f"customer:{customer.pk}")
    return customer
