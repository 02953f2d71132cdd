"""Importing customer files: a row is known by its number elsewhere, its phone or its identity card."""

from collections.abc import Mapping

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from zhike.accounts.models import User
from zhike.core.errors import NotFound, RuleError
from zhike.core.importer import EXTERNAL_ID, Change, Context, ImportField, ImportKind, Outcome, Row
from zhike.core.phones import normal_phone
from zhike.core.sealing import blind
from zhike.core.work import Work
from zhike.customers import services
from zhike.customers.choices import Channel, CustomerKind, Stage
from zhike.customers.import_changes import Difference, put_back
from zhike.customers.import_consents import consents_of, say_consents
from zhike.customers.import_fields import (
    FIELDS,
    WAYS,
    consent_field,
    consents_in,
    file_fields,
    own_field,
)
from zhike.customers.import_places import Places
from zhike.customers.masks import is_writable, personal_codes
from zhike.customers.models import (
    Address,
    ChangeRow,
    ConsentPurpose,
    Customer,
    CustomFieldDefinition,
    Identity,
)
from zhike.customers.permissions import ADDRESS, CUSTOM, EDIT, is_hidden, is_open
from zhike.customers.selectors import in_reach
from zhike.customers.services.addresses import NewAddress
from zhike.customers.services.identities import NewIdentity

TWO_FILES = _noop("Phone, ID and number belong to different customers.")
TWO_FILES_HINT = _noop("Merge the two files first, or correct the row.")
ELSEWHERE = _noop("This customer is kept by another unit.")
ELSEWHERE_HINT = _noop("Ask that unit, or leave out the line.")
NO_REGION = _noop("There is no such region.")
REGION_HINT = _noop("Write it as the settings of regions have it, province first.")
NO_MANAGER = _noop("Nobody here has this name or staff number.")
NO_ORGANISATION = _noop("There is no organisation of this name.")
ORGANISATION_HINT = _noop("Import the organisations first.")
LONGEST_ADDRESS = 200
WORKED_ON = _noop("Somebody has worked on this file since.")
CLOSED = _noop("This field is closed to your role.")
CLOSED_HINT = _noop("Leave the column out, or ask a colleague who sees it.")
FIELDS_MOVED_ON = _noop("Some fields have been changed since and stay as they are.")


class CustomerImport(ImportKind):
    key = "customers"
    label = _("Customers")
    list_url = "customers:list"
    icon = "users"
    permission = EDIT
    fields = FIELDS
    summary = _("People and organisations with phone, region, tier, tags and your own fields.")

    def all_fields(self) -> tuple[ImportField, ...]:
        own = CustomFieldDefinition.objects.filter(is_active=True)
        # Sensitive information needs a proof for each person: a column of a file is none.
        purposes = ConsentPurpose.objects.filter(is_active=True, is_sensitive=False)
        return (
            *self.fields,
            *(own_field(definition) for definition in own),
            *(consent_field(purpose) for purpose in purposes),
        )

    def identity(self, row: Row, by_line: str) -> str:
        known = any(row.values.get(code) for code in (EXTERNAL_ID, "phone", "id_card"))
        return "" if known else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        found = {code: str(row.values[code]) for code in (EXTERNAL_ID,) if row.values.get(code)}
        for code, kind in (("phone", "phone"), ("id_card", "id")):
            if row.values.get(code):
                found[code] = blind(kind, row.values[code])
        return found

    def plan(self, rows: list[Row], context: Context) -> None:
        _refuse_closed(rows, context)
        owners = _owners(rows)
        named = _Named(rows, context)
        targets: dict[int, Customer] = {}
        for row in rows:
            named.resolve(row)
            if is_hidden(context.grants, ADDRESS):
                # What is left of a region finer than the tree.
                row.values.pop("address", None)
            found = {owners[key] for key in _keys(row) if key in owners}
            if len(found) > 1:
                row.refuse("phone", TWO_FILES, TWO_FILES_HINT)
            elif found:
                row.known_id = found.pop()
        wanted = [row.known_id for row in rows if row.known_id is not None]
        mine = in_reach(Customer.objects.filter(pk__in=wanted), context.grants)
        targets = {customer.pk: customer for customer in mine.select_related("unit", "manager")}
        places = _addresses(wanted)
        ways = _ways(wanted)
        said = consents_of(wanted)
        for row in rows:
            if row.outcome is Outcome.ERROR or row.known_id is None:
                continue
            customer = targets.get(row.known_id)
            if customer is None:
                row.refuse("phone", ELSEWHERE, ELSEWHERE_HINT)
                continue
            row.found = Difference(
                row,
                customer,
                ways.get(customer.pk, set()),
                places.get(customer.pk),
                said.get(customer.pk, {}),
            )
            row.outcome = Outcome.UPDATE if row.found.is_any else Outcome.SAME

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        for row in rows:
            if row.outcome is Outcome.UPDATE:
                row.found.write(row, context)
            else:
                _create(row, context)

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        kept: dict[int, str] = {}
        worked_on = set(
            ChangeRow.objects.filter(customer_id__in=[one.object_id for one in made], version__gt=1)
            .exclude(via="import")
            .values_list("customer_id", flat=True)
        )
        for one in made:
            if one.object_id in worked_on:
                kept[one.object_id] = WORKED_ON
                continue
            try:
                services.void_customer(
                    actor=context.actor,
                    grants=context.grants,
                    customer_id=one.object_id,
                    reason=work.reason,
                )
            except NotFound:
                # Undone before, or merged into another file since.
                if Customer.objects.filter(pk=one.object_id, merged_into__isnull=False).exists():
                    kept[one.object_id] = WORKED_ON
            except RuleError as error:
                kept[one.object_id] = str(error)
        return kept

    def undo_updated(self, changes: list[Change], context: Context, work: Work) -> dict[int, str]:
        kept: dict[int, str] = {}
        for change in changes:
            try:
                if not put_back(change, context):
                    kept[change.object_id] = FIELDS_MOVED_ON
            except NotFound:
                kept[change.object_id] = WORKED_ON
            except RuleError as error:
                kept[change.object_id] = str(error)
        return kept

    def object_url(self, object_id: int) -> str:
        return reverse("customers:file", args=[object_id])


def _refuse_closed(rows: list[Row], context: Context) -> None:
    """Columns closed to the importer are refused whatever they say, and nothing is looked up by them."""
    own = any(code.startswith("custom.") for code in context.mapped)
    rows_of_own = CustomFieldDefinition.objects.filter(is_active=True) if own else ()
    personal = personal_codes(rows_of_own) if not is_open(context.grants, CUSTOM) else frozenset()
    ways = {code: f"identity.{channel}" for code, channel in WAYS}
    shut = [
        code
        for code in context.mapped
        if not is_writable(context.grants, ways.get(code, code), personal, is_new=False)
    ]
    for row in rows:
        for code in shut:
            if row.values.pop(code, None) is not None:
                row.refuse(code, CLOSED, CLOSED_HINT)


def refuse_numbers(rows: list[Row], field: str = "customer") -> None:
    """For a role phones are hidden from, before anything is looked up: found or not would tell whose number it is.
    Numbers of another system are matched."""
    for row in rows:
        if normal_phone(str(row.values.get(field) or "")) is not None:
            del row.values[field]
            row.refuse(field, CLOSED, CLOSED_HINT)


def _keys(row: Row) -> list[tuple[str, str]]:
    """By what a row's customer may be known: (channel, blind value) and the number elsewhere."""
    keys = []
    if row.values.get("phone"):
        keys.append((Channel.PHONE.value, blind("phone", row.values["phone"])))
    if row.values.get("id_card"):
        keys.append((Channel.ID_CARD.value, blind("id", row.values["id_card"])))
    if row.values.get(EXTERNAL_ID):
        keys.append((EXTERNAL_ID, row.values[EXTERNAL_ID]))
    return keys


def _owners(rows: list[Row]) -> dict[tuple[str, str], int]:
    wanted = [key for row in rows for key in _keys(row)]
    in_use = {"customer__voided_at__isnull": True, "customer__merged_into__isnull": True}
    found: dict[tuple[str, str], int] = {
        (channel, value): pk
        for channel, value, pk in Identity.objects.filter(
            value_blind__in=[value for _channel, value in wanted], voided_at__isnull=True, **in_use
        ).values_list("channel", "value_blind", "customer_id")
    }
    numbers = [value for channel, value in wanted if channel == EXTERNAL_ID]
    for number, pk, merged in Customer.objects.filter(
        external_id__in=numbers, voided_at__isnull=True
    ).values_list("external_id", "pk", "merged_into_id"):
        found[EXTERNAL_ID, number] = merged or pk
    return found


def _addresses(customer_ids: list[int]) -> dict[int, str]:
    """The main address of each, sealed."""
    return dict(
        Address.objects.filter(
            customer_id__in=customer_ids, voided_at__isnull=True, is_primary=True
        ).values_list("customer_id", "text_sealed")
    )


def _ways(customer_ids: list[int]) -> dict[int, set[tuple[str, str]]]:
    found: dict[int, set[tuple[str, str]]] = {}
    for pk, channel, value in Identity.objects.filter(
        customer_id__in=customer_ids, voided_at__isnull=True
    ).values_list("customer_id", "channel", "value_blind"):
        found.setdefault(pk, set()).add((channel, value))
    return found


class _Named:
    """Regions, people and organisations a batch refers to by name, looked up together."""

    def __init__(self, rows: list[Row], context: Context) -> None:
        def given(code: str) -> set[str]:
            return {str(row.values[code]) for row in rows if row.values.get(code)}

        self.places = Places(given("region"))
        self.managers: dict[str, set[int]] = {}
        people = given("manager")
        if people:
            numbers = {text.upper() for text in people}
            for user in User.objects.filter(
                Q(name__in=people) | Q(staff_number__in=numbers), is_active=True
            ):
                for name in (user.name, user.staff_number):
                    self.managers.setdefault(name, set()).add(user.pk)
        self.organisations: dict[str, set[int]] = {}
        houses = given("organisation")
        if houses:
            scoped = in_reach(
                Customer.objects.filter(
                    kind=CustomerKind.ORGANISATION,
                    name__in=houses,
                    voided_at__isnull=True,
                    merged_into__isnull=True,
                ),
                context.grants,
            )
            for pk, name in scoped.values_list("pk", "name"):
                self.organisations.setdefault(name, set()).add(pk)

    def resolve(self, row: Row) -> None:
        """Names become ids; a name nobody, or more than one, has is refused."""
        self._resolve_place(row)
        for code, known, reason, hint in (
            ("manager", self.managers, NO_MANAGER, ""),
            ("organisation", self.organisations, NO_ORGANISATION, ORGANISATION_HINT),
        ):
            text = row.values.get(code)
            if not text:
                continue
            found = known.get(str(text)) or known.get(str(text).upper()) or set()
            if len(found) == 1:
                row.values[f"{code}_id"] = next(iter(found))
            else:
                row.refuse(code, reason, hint)

    def _resolve_place(self, row: Row) -> None:
        """A place finer than the tree goes to the region above it; the rest stays as words of the address."""
        text = row.values.get("region")
        if not text:
            return
        found, rest = self.places.find(str(text))
        if found is None:
            row.refuse("region", NO_REGION, REGION_HINT)
            return
        address = str(row.values.get("address") or "")
        if rest and not address.startswith(rest):
            address = rest + address
            if len(address) > LONGEST_ADDRESS:
                row.refuse("region", NO_REGION, REGION_HINT)
                return
            row.values["address"] = address
        row.values["region_id"] = found


def _create(row: Row, context: Context) -> None:
    fields = file_fields(row)
    ways = [
        NewIdentity(channel, row.values[code], is_primary=code == "phone")
        for code, channel in WAYS
        if row.values.get(code)
    ]
    address = row.values.get("address")
    customer = services.create_customer(
        actor=context.actor,
        grants=context.grants,
        identities=ways,
        address=NewAddress(address) if address else None,
        tags=row.values.get("tags", ()),
        stage=row.values.get("stage", Stage.PROSPECT),
        import_run_id=context.run_id,
        unit_id=context.unit_id,
        **fields,
    )
    row.object_id = customer.pk
    say_consents(context, customer.pk, consents_in(row))
