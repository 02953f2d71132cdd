"""What customers fill in on the public pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.desk.file_field import SeveralFilesField
from zhike.desk.forms import PhoneField, one_time_key

LONGEST = 5000
_WORDS = {
    "required": _("Please write a few words, so that we know what it is about."),
    "max_length": _("That is very long. Please shorten it to 5,000 characters, or attach a file."),
}


class OnceForm(forms.Form):
    """Carries the mark by which a second sending is recognised."""

    once = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("once", one_time_key())


class PublicForm(OnceForm):
    # Nobody sees this field; whoever fills it in is a program.
    homepage = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("What is it about"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    text = forms.CharField(
        label=_("What happened"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("When, where, how, and what you wish. No special form is needed."),
        error_messages=_WORDS,
    )
    name = forms.CharField(
        label=_("How may we call you"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Please tell us a name, for example Ms Chen.")},
    )
    phone = PhoneField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("Without a number we cannot call you back.")},
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # a field; the form keeps its uploads apart
        label=_("Photos or other files"),
        required=False,
        help_text=_("At most 5, 20 MB in all."),
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = kinds


class LookUpForm(forms.Form):
    number = forms.CharField(
        label=_("Reference number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        help_text=_("For example TS202611230017."),
        error_messages={"required": _("Please enter the number.")},
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Please enter the code.")},
    )


class MessageForm(OnceForm):
    text = forms.CharField(
        label=_("Your message"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_WORDS,
    )
    files = SeveralFilesField(  # type: ignore[assignment]  # a field; the form keeps its uploads apart
        label=_("Photos or other files"),
        required=False,
        help_text=_("At most 5, 20 MB in all."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("text") or "").strip() and not data.get("files") and not self.errors:
            self.add_error("text", _("Please write something, or choose a file."))
        return data


class UnhappyForm(OnceForm):
    text = forms.CharField(
        label=_("What is not right"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_WORDS,
    )
