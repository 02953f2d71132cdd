"""The forms of a customer file. They read what was typed; services decide what holds."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.models import Unit, User
from zhike.core.access import Grants
from zhike.customers.choices import (
    Channel,
    CompanyType,
    CustomerKind,
    FieldKind,
    IncomeBand,
    NeedKind,
    NeedState,
    Sex,
    Stage,
    Tier,
)
from zhike.customers.masks import is_writable, writable_definitions
from zhike.customers.models import Customer, CustomFieldDefinition, Region
from zhike.customers.selectors import customer_by_identity, visible_customers
from zhike.customers.services.fields import birthday_text

BIRTHDAY = re.compile(r"(?:([0-9]{4})[-/.年])?([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
UNKNOWN = ("", "—")


def managers(grants: Grants) -> list[tuple[str, str]]:
    """Who may be named as account manager: active people within somebody's reach."""
    people = User.objects.filter(is_active=True)
    if grants.own_only:
        people = people.filter(pk=grants.user_id or 0)
    elif grants.unit_ids is not None:
        people = people.filter(unit_id__in=grants.unit_ids)
    return [(str(pk), name) for pk, name in people.order_by("name").values_list("pk", "name")]


def units(grants: Grants) -> list[tuple[str, str]]:
    rows = Unit.objects.filter(is_active=True)
    if grants.unit_ids is not None:
        rows = rows.filter(pk__in={*grants.unit_ids, grants.unit_id or 0})
    return [(str(pk), name) for pk, name in rows.order_by("path").values_list("pk", "name")]


def split_tags(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,，、;；]+", text) if part]


class CustomerForm(forms.Form):
    """One file, made or changed. Which fields it has depends on person or organisation."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    salutation = forms.CharField(
        label=_("Form of address"),
        max_length=40,
        required=False,
        help_text=_("How this customer likes to be called."),
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=[UNKNOWN, *Sex.choices], required=False)
    birthday = forms.CharField(
        label=_("Birthday"),
        max_length=20,
        required=False,
        help_text=_("Like 11-25 or 1985-11-25; the year may be left out."),
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "zk-organisations", "autocomplete": "off"}),
    )
    organisation_role = forms.CharField(label=_("Role there"), max_length=60, required=False)
    company_type = forms.ChoiceField(
        label=_("Kind of company"), choices=[UNKNOWN, *CompanyType.choices], required=False
    )
    region = forms.CharField(
        label=pgettext_lazy("place", "Region"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "zk-regions", "autocomplete": "off"}),
        help_text=_("Type a part of the name and choose."),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        required=False,
        help_text=_("Street and number. It is stored sealed."),
    )
    occupation = forms.CharField(label=_("Occupation"), max_length=60, required=False)
    income_band = forms.ChoiceField(
        label=_("Household income"), choices=[UNKNOWN, *IncomeBand.choices], required=False
    )
    household_size = forms.IntegerField(
        label=_("People in the household"), min_value=1, max_value=99, required=False
    )
    household_note = forms.CharField(label=_("About the household"), max_length=200, required=False)
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices, initial=Tier.ORDINARY)
    manager = forms.ChoiceField(label=_("Account manager"), required=False)
    unit = forms.ChoiceField(label=_("Unit"))
    referrer_phone = forms.CharField(label=_("Brought by (phone)"), max_length=40, required=False)
    tags = forms.CharField(
        label=_("Tags"),
        max_length=300,
        required=False,
        help_text=_("Separated by blanks or commas."),
    )
    external_id = forms.CharField(
        label=_("Number in another system"), max_length=80, required=False
    )
    remark = forms.CharField(
        label=_("Remark"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    PERSON_ONLY = (
        "sex", "birthday", "organisation", "organisation_role", "occupation", "income_band",
        "household_size", "household_note",
    )  # fmt: skip
    ORGANISATION_ONLY = ("company_type",)
    # By which field of the file one of the form is closed, where the names differ.
    CLOSED_WITH: ClassVar = {"phone": "identity.phone", "referrer_phone": "identity.phone"}
    # Numbers and addresses of a file that exists are kept one by one on its own page.
    NEW_ONLY = ("phone", "address")

    def __init__(
        self,
        *args: Any,
        grants: Grants,
        kind: str,
        definitions: Sequence[CustomFieldDefinition],
        customer: Customer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.grants = grants
        self.kind = kind
        self.customer = customer
        is_new = customer is None
        self.definitions = writable_definitions(grants, definitions, is_new=is_new)
        closed = [
            name
            for name in self.fields
            if not is_writable(grants, self.CLOSED_WITH.get(name, name), (), is_new=is_new)
        ]
        gone = self.ORGANISATION_ONLY if kind == CustomerKind.PERSON else self.PERSON_ONLY
        gone = (*gone, *(self.NEW_ONLY if customer is not None else ()))
        # What is left as it is because this editor is not shown it, or only in part.
        self.is_partial = bool({*closed} - {*gone}) or len(self.definitions) < len(definitions)
        for name in {*gone, *closed}:
            del self.fields[name]
        self._offer("manager", [UNKNOWN, *self._with_present(managers(grants), "manager")])
        self._offer("unit", self._with_present(units(grants), "unit"))
        if customer is None:
            self.fields["unit"].initial = str(grants.unit_id or "")
        for definition in self.definitions:
            self.fields[f"custom_{definition.code}"] = custom_form_field(definition)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _with_present(self, choices: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
        """What stands on the file is offered even when it lies outside of the editor's reach."""
        row = getattr(self.customer, name, None)
        if row is not None and str(row.pk) not in dict(choices):
            return [*choices, (str(row.pk), str(row))]
        return choices

    def person_fields(self) -> list[forms.BoundField]:
        """What is told of a person, as far as this editor may write it."""
        names = ("birthday", "occupation", "household_size", "household_note", "income_band")
        return [self[name] for name in names if name in self.fields]

    @property
    def custom_fields(self) -> list[Any]:
        return [self[f"custom_{definition.code}"] for definition in self.definitions]

    def clean_birthday(self) -> tuple[int | None, int | None, int | None]:
        text = str(self.cleaned_data["birthday"]).strip()
        if not text:
            return None, None, None
        match = BIRTHDAY.fullmatch(text)
        if match is None:
            raise forms.ValidationError(_t("Please write the birthday like 11-25 or 1985-11-25."))
        year, month, day = match.groups()
        return (int(year) if year else None), int(month), int(day)

    def clean_organisation(self) -> int | None:
        name = str(self.cleaned_data["organisation"]).strip()
        if not name:
            return None
        if self.customer is not None and name == self.customer.organisation_name:
            return self.customer.organisation_id
        found = visible_customers(self.grants).filter(kind=CustomerKind.ORGANISATION, name=name)
        row = found.order_by("-pk").first()
        if row is None:
            raise forms.ValidationError(
                _t("There is no organisation of this name yet. Please open a file for it first.")
            )
        return row.pk

    def clean_region(self) -> int | None:
        name = str(self.cleaned_data["region"]).strip()
        if not name:
            return None
        if self.customer is not None and name == self.customer.region_name:
            return self.customer.region_id
        known = Region.objects.filter(is_active=True)
        row = known.filter(full_name=name).first()
        if row is None:
            # A part is enough when it can only mean one place.
            alike = list(known.filter(full_name__contains=name.replace("\x00", ""))[:2])
            row = alike[0] if len(alike) == 1 else None
        if row is None:
            raise forms.ValidationError(_t("There is no such region. Please choose from the list."))
        return row.pk

    def clean_referrer_phone(self) -> int | None:
        number = str(self.cleaned_data["referrer_phone"]).strip()
        if not number:
            return self.customer.referrer_id if self.customer is not None else None
        found = customer_by_identity(Channel.PHONE, number)
        if found is None or not visible_customers(self.grants).filter(pk=found.pk).exists():
            raise forms.ValidationError(_t("None of your customers has this number."))
        return found.pk

    def file_fields(self) -> dict[str, Any]:
        """As `create_customer` and `update_customer` take them."""
        data = self.cleaned_data
        plain = (
            "name", "salutation", "sex", "organisation_role", "company_type", "occupation",
            "income_band", "household_size", "household_note", "tier", "external_id", "remark",
        )  # fmt: skip
        fields = {name: data[name] for name in plain if name in data}
        if "birthday" in data:
            fields["birth_year"], fields["birth_month"], fields["birth_day"] = data["birthday"]
        for name, column in (
            ("organisation", "organisation_id"),
            ("region", "region_id"),
            ("referrer_phone", "referrer_id"),
        ):
            if name in data:
                fields[column] = data[name]
        fields["manager_id"] = int(data["manager"]) if data["manager"] else None
        fields["unit_id"] = int(data["unit"])
        fields["custom"] = {
            definition.code: custom_value(definition, data[f"custom_{definition.code}"])
            for definition in self.definitions
        }
        return fields


def custom_form_field(definition: CustomFieldDefinition) -> forms.Field:
    common: dict[str, Any] = {
        "label": definition.label,
        "help_text": definition.help,
        "required": definition.required,
    }
    match definition.kind:
        case FieldKind.NUMBER:
            return forms.DecimalField(max_digits=18, decimal_places=4, **common)
        case FieldKind.DATE:
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common
            )
        case FieldKind.CHOICE:
            return forms.ChoiceField(
                choices=[UNKNOWN, *((choice, choice) for choice in definition.choices)], **common
            )
        case FieldKind.BOOL:
            return forms.ChoiceField(choices=[UNKNOWN, ("1", _("Yes")), ("0", _("No"))], **common)
    return forms.CharField(max_length=200, **common)


def custom_value(definition: CustomFieldDefinition, value: Any) -> Any:
    if definition.kind == FieldKind.BOOL:
        return {"1": True, "0": False}.get(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if definition.kind == FieldKind.NUMBER and value is not None else value


def initial_of(
    customer: Customer, definitions: Sequence[CustomFieldDefinition]
) -> Mapping[str, Any]:
    names = (
        "name", "salutation", "sex", "organisation_role", "company_type", "occupation",
        "income_band", "household_size", "household_note", "tier", "external_id", "remark",
        "version",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(customer, name) for name in names}
    values |= {
        "birthday": birthday_text(customer),
        "organisation": customer.organisation_name,
        "region": customer.region_name,
        "manager": str(customer.manager_id or ""),
        "unit": str(customer.unit_id),
        "tags": customer.tags_text,
    }
    for definition in definitions:
        value = customer.custom.get(definition.code)
        if isinstance(value, bool):
            value = "1" if value else "0"
        values[f"custom_{definition.code}"] = value
    return values


class IdentityForm(forms.Form):
    channel = forms.ChoiceField(label=_("Kind"), choices=Channel.choices)
    value = forms.CharField(
        label=_("Number or account"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    label = forms.CharField(label=_("Label"), max_length=30, required=False)

    def __init__(self, *args: Any, channels: Sequence[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        if channels is not None:
            field.choices = [(code, name) for code, name in Channel.choices if code in channels]


class AddressForm(forms.Form):
    text = forms.CharField(label=_("Address"), max_length=200)
    label = forms.CharField(label=_("Label"), max_length=30, required=False)


class PreferenceForm(forms.Form):
    value = forms.CharField(
        label=_("What did you notice?"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    topic = forms.CharField(label=_("Topic"), max_length=40, required=False)
    source = forms.CharField(
        label=_("Learned from"), max_length=80, required=False, help_text=_("Such as a call.")
    )
    is_caution = forms.BooleanField(
        label=_("Must be read before anybody gets in touch"), required=False
    )


class NeedForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=NeedKind.choices)
    text = forms.CharField(label=_("In the customer's words"), max_length=300)


class NeedOutcomeForm(forms.Form):
    state = forms.ChoiceField(
        choices=[(s.value, s.label) for s in (NeedState.MET, NeedState.DROPPED)]
    )
    outcome = forms.CharField(max_length=300, required=False)


class StageForm(forms.Form):
    stage = forms.ChoiceField(label=_("Stage from now on"), choices=Stage.choices)
    day = forms.DateField(
        label=_("Since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("Needed for at risk, lost and won back."),
    )
