"""What people type about notices and causes. What holds for it is the services'."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.desk.forms import one_time_key
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm

Options = Sequence[tuple[str, Any]]
# In place of a cause: none of the list, said in one's own words.
OTHER = 0


def _choose(form: forms.Form, name: str, options: Sequence[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = options


class SendForm(WordsForm):
    asked_texts: ClassVar = {"text": Place.NOTICE}

    once = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    person = forms.TypedChoiceField(label=pgettext_lazy("notice", "To whom"), coerce=int)
    unit = forms.TypedChoiceField(
        label=pgettext_lazy("notice", "Department"), coerce=int, empty_value=None, required=False
    )
    text = forms.CharField(
        label=_("What happened, what is asked"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("They may not see the case: say what they must know, without phone numbers."),
    )

    def __init__(self, *args: Any, people: Sequence[Any], units: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "person", [("", _("Please choose")), *people])
        _choose(self, "unit", [("", _("The person's own")), *units])
        # The one above all others stands first.
        self.house_id = int(units[0][0]) if units else None
        if not self.is_bound:
            self.initial.setdefault("once", one_time_key())


class AnswerForm(WordsForm):
    asked_texts: ClassVar = {"cause_text": Place.NOTICE, "action": Place.NOTICE}

    cause = forms.TypedChoiceField(
        label=_("Why it happened"),
        coerce=int,
        error_messages={
            "required": _("Please choose why it happened, or say it in your own words.")
        },
    )
    cause_text = forms.CharField(
        label=_("In your own words"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when no cause of the list fits."),
    )
    action = forms.CharField(
        label=_("Corrective action"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is done so that it does not happen again."),
    )
    responsible = forms.CharField(label=_("Responsible"), max_length=60)
    action_due = forms.DateField(
        label=_("To be done by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    check_due = forms.DateField(
        label=_("To be checked on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: a week after it is done."),
    )

    def __init__(self, *args: Any, causes: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = (str(OTHER), _("Another cause: in your own words"))
        _choose(self, "cause", [("", _("Please choose")), *causes, other])


class ReasonForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTICE}

    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class CheckForm(WordsForm):
    asked_texts: ClassVar = {"note": Place.NOTICE}

    held = forms.ChoiceField(
        label=_("Does the measure hold?"),
        choices=(("yes", _("Yes, it holds")), ("no", _("No, it happened again"))),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("What was seen"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when it does not hold."),
    )


class CauseNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    parent = forms.TypedChoiceField(label=_("Below"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, causes: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "parent", [("", _("At the top")), *causes])
