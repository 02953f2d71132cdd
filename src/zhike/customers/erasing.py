"""What this room holds about a person, and how it is blanked."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import (
    ADDRESSES,
    AGAIN,
    ERASED,
    IMPORTED,
    PLACES,
    Addresses,
    Again,
    Imported,
    Person,
    Place,
    deleted,
    set_to,
)
from zhike.core.erasing.notes import Note
from zhike.core.work import Work
from zhike.customers import rules
from zhike.customers.models import (
    Address,
    ChangeRow,
    Customer,
    CustomerStageChange,
    CustomerTag,
    CustomFieldValue,
    Identity,
    MergeJournal,
    Need,
    Preference,
    SegmentMember,
    TimelineEntry,
)
from zhike.customers.slots import TIMELINE_KINDS

# Columns of a file that go; unit, kind, region, tier, stage, manager and the days stay for the figures.
BLANKED: dict[str, Any] = {
    "name": ERASED,
    "name_key": rules.name_key(ERASED),
    "salutation": "",
    "organisation_id": None,
    "organisation_role": "",
    "organisation_name": "",
    "sex": "",
    "birth_year": None,
    "birth_month": None,
    "birth_day": None,
    "household_size": None,
    "household_note": "",
    "occupation": "",
    "income_band": "",
    "company_type": "",
    "remark": "",
    "referrer_id": None,
    "custom": {},
    "completeness": 0,
    "tags_text": "",
    "phone_mask": "",
    "contact_words": "",
    "habits_text": "",
    "external_id": "",
    "folded": "",
    "bigrams": "",
}
# Changes in which other files tell a name: whose they were merged with, who sent them, whom they belong to.
NAMING_FIELDS = ("merged", "unmerged", "referrer", "organisation")


def of_files(model: Any) -> Any:
    def rows(person: Person) -> "QuerySet[Any]":
        found: QuerySet[Any] = model.objects.filter(customer_id__in=person.file_ids)
        return found

    return rows


def _blank_timeline(rows: Sequence[TimelineEntry], person: Person, work: Work) -> None:
    # Where the title is a code it names nobody.
    coded = [kind.kind for kind in TIMELINE_KINDS if kind.title is not None]
    ids = [row.pk for row in rows]
    TimelineEntry.objects.filter(pk__in=ids).exclude(kind__in=coded).update(title="")


def _changes_naming(person: Person) -> "QuerySet[ChangeRow]":
    named = Q(before__in=person.names) | Q(after__in=person.names)
    beside = _files_merged_with(person)
    rows = ChangeRow.objects.filter(named, field__in=NAMING_FIELDS)
    led = Customer.objects.filter(
        Q(organisation_id__in=person.file_ids) | Q(referrer_id__in=person.file_ids)
    )
    return rows.filter(Q(customer_id__in=beside) | Q(customer_id__in=led.values("pk"))).exclude(
        customer_id__in=person.file_ids
    )


def _files_merged_with(person: Person) -> list[int]:
    """Files that were united with this one for a while."""
    journals = MergeJournal.objects.filter(
        Q(keep_id__in=person.file_ids) | Q(drop_id__in=person.file_ids)
    )
    pairs = journals.values_list("keep_id", "drop_id")
    return sorted({pk for pair in pairs for pk in pair} - set(person.file_ids))


def _blank_named(rows: Sequence[ChangeRow], person: Person, work: Work) -> None:
    for row in rows:
        row.before = ERASED if row.before in person.names else row.before
        row.after = ERASED if row.after in person.names else row.after
    ChangeRow.objects.bulk_update(rows, ["before", "after"])


def _entries_naming(person: Person) -> "QuerySet[TimelineEntry]":
    rows = TimelineEntry.objects.filter(
        customer_id__in=_files_merged_with(person), title__in=person.names
    )
    return rows.filter(kind__in=("customer.merged", "customer.unmerged"))


def _contacts(person: Person) -> "QuerySet[Customer]":
    rows = Customer.objects.filter(organisation_id__in=person.file_ids, erased_at__isnull=True)
    return rows.exclude(organisation_name="")


def _blank_contacts(rows: Sequence[Customer], person: Person, work: Work) -> None:
    for row in rows:
        row.organisation_name = ERASED
        row.refresh_search()
    Customer.objects.bulk_update(rows, ["organisation_name", "folded", "bigrams"])


def _journals(person: Person) -> "QuerySet[MergeJournal]":
    return MergeJournal.objects.filter(
        Q(keep_id__in=person.file_ids) | Q(drop_id__in=person.file_ids)
    )


def _blank_identities(rows: Sequence[Identity], person: Person, work: Work) -> None:
    gone = {"value_sealed": "", "head": "", "last4": "", "masked": ERASED, "word": "", "label": ""}
    Identity.objects.filter(pk__in=[row.pk for row in rows]).update(
        **gone, value_blind="", is_primary=False, added_by_name=""
    )
    Identity.objects.filter(pk__in=[row.pk for row in rows], voided_at=None).update(
        voided_at=work.now
    )


def _blank_changes(rows: Sequence[ChangeRow], person: Person, work: Work) -> None:
    found = ChangeRow.objects.filter(pk__in=[row.pk for row in rows])
    found.update(before="", after="", is_sealed=False, reason="")
    # What came in by the public form was written by the customer.
    found.filter(via="public").update(author_name="")


def _files(person: Person) -> "QuerySet[Customer]":
    return Customer.objects.filter(pk__in=person.file_ids)


def _urls(person: Person) -> list[str]:
    return [reverse("customers:file", args=[pk]) for pk in person.file_ids]


def _replay(noted: list[Note]) -> int:
    from zhike.customers.services.erasing_again import replay

    return replay(noted)


def register() -> None:
    IMPORTED.fill(Imported("customers", lambda person: _files(person).values("pk")))
    ADDRESSES.fill(Addresses("customers", _urls))
    AGAIN.fill(Again("customers", _replay))
    the_day = _("that there was one, and when")
    for place in (
        Place(
            "customers.identities", _("Phones, e-mails, ID numbers and accounts"),
            of_files(Identity), _blank_identities, _("that there was one, and of which kind"),
        ),
        Place(
            "customers.addresses", _("Addresses"), of_files(Address),
            set_to(text_sealed="", label="", added_by_name="", region=None), the_day,
        ),
        Place(
            "customers.habits", _("Tastes and habits"), of_files(Preference),
            set_to(topic="", value="", source="", is_caution=False), the_day,
        ),
        Place(
            "customers.needs", _("Needs and suggestions"), of_files(Need),
            set_to(text=ERASED, outcome=""), _("its kind, and whether it was met"),
        ),
        Place("customers.field_values", _("Your own fields"), of_files(CustomFieldValue), deleted),
        Place("customers.tags", _("Tags"), of_files(CustomerTag), deleted),
        Place("customers.segments", _("Segments"), of_files(SegmentMember), deleted),
        Place(
            "customers.stages", _("Changes of stage"), of_files(CustomerStageChange),
            set_to(reason=""), _("from which stage to which, and when"),
        ),
        Place(
            "customers.timeline", _("The timeline"), of_files(TimelineEntry), _blank_timeline,
            _("what kind of thing happened, and when"),
        ),
        Place(
            "customers.merges", _("Merges of files"), _journals,
            set_to(reason="", values_sealed=""), the_day,
        ),
        Place(
            "customers.named_on_timeline", _("Their name on the timeline of other files"),
            _entries_naming, set_to(title=ERASED), order=70,
        ),
        Place(
            "customers.named_in_changes", _("Their name in the changes of other files"),
            _changes_naming, _blank_named, order=70,
        ),
        Place(
            "customers.named_as_company", _("Their name on the files of their people"),
            _contacts, _blank_contacts, order=70,
        ),
        Place(
            "customers.changes", _("The history of changes"), of_files(ChangeRow),
            _blank_changes,
            _("which field was changed, by whom and when"), order=80,
        ),
        Place(
            "customers.file", _("The file itself"), _files, set_to(**BLANKED),
            _("kind, unit, region, tier, stage and the days, for the figures"), order=100,
        ),
    ):  # fmt: skip
        PLACES.fill(place)
