"""What people type on the desk's pages. Rules of the trade are the services'; here only what a form can see."""

import secrets
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from zhike.customers.errors import hotline_problem
from zhike.customers.normal import is_hotline, own_phone
from zhike.desk.choices import (
    INTAKE_CHANNELS,
    LegalKind,
    LegalResult,
    LinkKind,
    Outcome,
    Priority,
)
from zhike.desk.file_field import SeveralFilesField
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm

Options = list[tuple[str, Any]]


def one_time_key() -> str:
    """Marks one form as sent: the second sending finds what the first one made."""
    return secrets.token_hex(16)


class ActionForm(forms.Form):
    """`seen` is the version of the case the reader had before them."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class PhoneField(forms.CharField):
    """A telephone number as people say it."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).strip()
        if text and own_phone(text) is None:
            raise forms.ValidationError(phone_trouble(text), code="phone")
        return text


def phone_trouble(text: str) -> Any:
    """What is wrong with a number, in words that repair."""
    if is_hotline(text):
        return hotline_problem(text)
    digits = sum(character.isdigit() for character in text)
    if 7 < digits < 11 and text.lstrip("+ ").startswith("1"):
        missing = 11 - digits
        return ngettext(
            "%(missing)d digit is missing, please look again.",
            "%(missing)d digits are missing, please look again.",
            missing,
        ) % {"missing": missing}
    if digits > 13:
        return _("There are too many digits, please look again.")
    return _("This is not a phone number. Mobile: 11 digits; landline: with area code.")


class IntakeForm(WordsForm):
    # What they said is in their own words; the subject stands on their progress page.
    asked_texts: ClassVar = {"title": Place.OUTGOING}

    once = forms.CharField(max_length=64, widget=forms.HiddenInput)
    # Set when the form was opened from a customer's file: then no number is needed.
    customer = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    channel = forms.ChoiceField(
        label=_("How they came"), widget=forms.RadioSelect, choices=[], initial=INTAKE_CHANNELS[0]
    )
    phone = PhoneField(
        label=_("Phone number"),
        required=False,
        max_length=40,
        help_text=_("Leave empty if they do not want to give one."),
    )
    name = forms.CharField(label=_("Their name"), required=False, max_length=120)
    type = forms.ChoiceField(label=_("Type"))
    text = forms.CharField(
        label=_("What they said"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In their own words; when, where, what they wish."),
    )
    title = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=200,
        help_text=_("Empty: the first words of what they said."),
    )
    unit = forms.ChoiceField(label=_("Unit"))
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=Priority.choices, initial=Priority.NORMAL
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # a field; the form keeps its uploads apart
        label=_("Attachments"), required=False, help_text=_("At most 5 files, 20 MB in all.")
    )
    keep = forms.BooleanField(label=_("I look after it myself"), required=False, initial=True)

    def __init__(self, *args: Any, types: Options, units: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("channel", [(c.value, c.label) for c in INTAKE_CHANNELS])
        self._choose("type", types)
        self._choose("unit", units)
        if not self.is_bound:
            self.initial.setdefault("once", one_time_key())

    def _choose(self, name: str, options: Options) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("name") and not data.get("phone") and "phone" not in self.errors:
            self.add_error(
                "phone",
                _("A name alone cannot be found again. Add the phone number, or leave both empty."),
            )
        return data


class ReplyForm(WordsForm, ActionForm):
    """The editor of a case: a reply, a note or a call."""

    once = forms.CharField(max_length=64, required=False)
    text = forms.CharField(
        max_length=20000,
        required=False,
        widget=forms.Textarea,
        error_messages={
            "max_length": _("The text is too long. Please send it in two parts."),
        },
    )
    files = SeveralFilesField(required=False)  # type: ignore[assignment]  # a field; the form keeps its uploads apart
    # The two ways on a reply offers; ending and the rest have forms of their own.
    then = forms.ChoiceField(
        required=False, choices=[(name, name) for name in ("", "waiting_customer", "close")]
    )
    # The version whose news the writer has now read: the held reply may go out as it is.
    read = forms.IntegerField(required=False, min_value=0)
    # Set by the view when files of an earlier, held sending are still there.
    files_kept = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_files = data.get("files") or self.files_kept
        if not (data.get("text") or "").strip() and not has_files and not self.errors:
            self.add_error("text", _("Nothing is written yet."))
        return data


class HandOverForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    # Whose it was on the page that was read.
    owner = forms.IntegerField(required=False, widget=forms.HiddenInput)
    to = forms.ChoiceField(label=_("To whom"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the next one must know. The number of hand-overs stands on the case."),
    )

    def __init__(self, *args: Any, people: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = people


class WaitForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(
        label=_("What we wait for"),
        max_length=300,
        help_text=_("The clock pauses until the customer answers; this reason stands beside it."),
    )


class CloseForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"text": Place.NOTE}
    words_out_when = "tell"
    outcome = forms.ChoiceField(label=_("How it ended"), choices=Outcome.choices)
    text = forms.CharField(
        label=_("What was done, in a sentence"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tell = forms.BooleanField(
        label=_("Show this sentence to the customer on the progress page"), required=False
    )


class ReasonForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class OtherCaseForm(ActionForm):
    """Names another case by its number."""

    number = forms.CharField(
        label=_("Number of the other case"),
        max_length=20,
        help_text=_("For example TS202611230017."),
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()


class MergeForm(WordsForm, OtherCaseForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(label=_("Why"), required=False, max_length=300)


class LinkForm(OtherCaseForm):
    kind = forms.ChoiceField(
        label=_("Relation"),
        choices=[(k.value, k.label) for k in LinkKind if k != LinkKind.SPLIT_FROM],
    )


class ParentForm(OtherCaseForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = False
        self.fields["number"].label = _("Number of the case above")
        self.fields["number"].help_text = _("Empty: stands on its own again.")


class EditForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"title": Place.OUTGOING}

    title = forms.CharField(label=_("Subject"), max_length=200)
    type = forms.ChoiceField(
        label=_("Type"), help_text=_("The number stays; deadlines are worked out anew.")
    )
    priority = forms.TypedChoiceField(label=_("Priority"), coerce=int, choices=Priority.choices)

    def __init__(self, *args: Any, types: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = types


class UnitForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    unit = forms.ChoiceField(label=_("To which unit"))
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, units: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = units


class BatchHandOverForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    to = forms.ChoiceField(label=_("To whom"))
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, people: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = people


class BatchTypeForm(forms.Form):
    type = forms.ChoiceField(label=_("Type"))

    def __init__(self, *args: Any, types: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = types


class BatchMergeForm(forms.Form):
    into = forms.ChoiceField(label=_("Keep this case"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, cases: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = cases


class SplitForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"title": Place.OUTGOING}

    events = forms.MultipleChoiceField(
        label=_("What belongs to the other matter"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one message.")},
    )
    title = forms.CharField(label=_("Subject of the new case"), max_length=200)
    type = forms.ChoiceField(label=_("Type"))

    def __init__(self, *args: Any, types: Options, lines: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (("type", types), ("events", lines)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options


class NameCustomerForm(ActionForm):
    phone = PhoneField(label=_("Phone number"), max_length=40)
    name = forms.CharField(
        label=_("Their name"),
        required=False,
        max_length=120,
        help_text=_("Only needed when the number is not known yet."),
    )


class CaseTypeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40)
    prefix = forms.RegexField(  # type: ignore[assignment]  # a field of that name
        r"^[A-Za-z]{2,4}$",
        label=_("Prefix of the numbers"),
        required=False,
        help_text=_("2 to 4 letters, for example AZ. Empty: FW."),
        error_messages={"invalid": _("2 to 4 letters, for example AZ.")},
    )


class LegalStartForm(ActionForm):
    """A time a law sets; what is asked of a notice goes with an answer to an authority alone."""

    kind = forms.ChoiceField(
        label=_("Which time"), choices=LegalKind.choices, widget=forms.RadioSelect
    )
    since = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_(
            "The day they signed for the goods, the goods came back, or the notice reached us. "
            "It does not count itself."
        ),
    )
    authority = forms.CharField(
        label=_("Authority"),
        max_length=80,
        required=False,
        help_text=_("Only for an answer to an authority, as the next two."),
    )
    reference = forms.CharField(label=_("Number of the notice"), max_length=60, required=False)
    named_on = forms.DateField(
        label=_("Last day by the notice"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("It counts before the plan. Empty: as the plan says."),
    )


class LegalEndForm(WordsForm, ActionForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    result = forms.ChoiceField(
        label=_("How it ended"), choices=LegalResult.choices, widget=forms.RadioSelect
    )
    done_on = forms.DateField(
        label=_("Done on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=_("Remark"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If it does not apply, please say why."),
    )

    def __init__(self, *args: Any, is_owed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_owed:
            return
        result = self.fields["result"]
        assert isinstance(result, forms.ChoiceField)
        labels = dict(LegalResult.choices)
        labels[LegalResult.DONE.value] = _("The goods were sent back")
        result.choices = list(labels.items())
        self.fields["done_on"].label = _("Sent back on")
