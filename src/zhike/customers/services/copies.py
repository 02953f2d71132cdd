"""Keeping the flat copies on a file in step with the rows they come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from zhike.customers import rules
from zhike.customers.choices import Channel, CustomerKind
from zhike.customers.models import (
    Address,
    Customer,
    CustomerTag,
    CustomFieldDefinition,
    Identity,
    Preference,
)


@dataclass
class Facts:
    """What completeness and the copies are made of."""

    ways: list[Identity] = field(default_factory=list)
    has_address: bool = False
    habits: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    has_people: bool = False
    required: Sequence[str] = ()


def required_codes(kind: str) -> list[str]:
    rows = CustomFieldDefinition.objects.filter(
        is_active=True, required=True, applies_to__in=("", kind)
    )
    return list(rows.values_list("code", flat=True))


def read_facts(customer: Customer) -> Facts:
    is_organisation = customer.kind == CustomerKind.ORGANISATION
    return Facts(
        ways=list(
            Identity.objects.filter(customer=customer, voided_at__isnull=True).order_by("id")
        ),
        has_address=Address.objects.filter(customer=customer, voided_at__isnull=True).exists(),
        habits=list(
            Preference.objects.filter(customer=customer, voided_at__isnull=True)
            .order_by("-at")
            .values_list("value", flat=True)[:50]
        ),
        tags=list(
            CustomerTag.objects.filter(customer=customer)
            .order_by("tag__name")
            .values_list("tag__name", flat=True)
        ),
        has_people=is_organisation
        and Customer.objects.filter(
            organisation=customer, merged_into__isnull=True, voided_at__isnull=True
        ).exists(),
        required=required_codes(customer.kind),
    )


def completeness_of(customer: Customer, facts: Facts) -> rules.Completeness:
    present = {"name"}
    for key, is_there in (
        ("contact", bool(facts.ways)),
        ("salutation", bool(customer.salutation)),
        ("region", customer.region_id is not None),
        ("address", facts.has_address),
        ("birthday", customer.birth_day is not None),
        ("occupation", bool(customer.occupation)),
        ("household", customer.household_size is not None or bool(customer.household_note)),
        ("company_type", bool(customer.company_type)),
        ("people", facts.has_people),
        ("manager", customer.manager_id is not None),
        ("habits", bool(facts.habits)),
    ):
        if is_there:
            present.add(key)
    filled = {code: customer.custom.get(code) not in (None, "") for code in facts.required}
    return rules.completeness(
        is_person=customer.kind == CustomerKind.PERSON, present=present, required=filled
    )


def apply_copies(customer: Customer, facts: Facts) -> None:
    """Set the copies on the object; the caller saves it."""
    phones = [way for way in facts.ways if way.channel == Channel.PHONE]
    main = next((way for way in phones if way.is_primary), phones[0] if phones else None)
    customer.phone_mask = main.masked[:40] if main else ""
    customer.contact_words = "\n".join(dict.fromkeys(_words(facts.ways)))
    customer.habits_text = "\n".join(facts.habits)
    customer.tags_text = " ".join(facts.tags)[:400]
    customer.completeness = completeness_of(customer, facts).percent


def _words(ways: Iterable[Identity]) -> Iterable[str]:
    for way in ways:
        if way.word:
            yield way.word
        # The last four digits in clear: people ask for them on the phone and type them into the search box.
        if way.last4 and way.channel in (Channel.PHONE, Channel.ID_CARD):
            yield way.last4


def refresh_copies(customer: Customer) -> None:
    apply_copies(customer, read_facts(customer))


def refresh_people_of(organisation: Customer) -> None:
    """The organisation's name stands on each of its people."""
    people = Customer.objects.filter(organisation=organisation).exclude(
        organisation_name=organisation.name
    )
    for person in people.iterator(chunk_size=200):
        person.organisation_name = organisation.name
        person.refresh_search()
        person.save(update_fields=["organisation_name", "folded", "bigrams"])
