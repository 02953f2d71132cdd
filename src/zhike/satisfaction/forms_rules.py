"""The form of a rule that asks: after what, what is written, and what a low answer sets going."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.core.calendar.lengths import LengthUnit, as_kept, as_offered
from zhike.desk.choices import Channel
from zhike.desk.models import CaseType
from zhike.satisfaction.choices import After, Bad, Loop
from zhike.satisfaction.models import AskRule
from zhike.satisfaction.services.ask_rules import (
    LONGEST_DELAY_HOURS,
    Low,
    NewRule,
    When,
    asked_questions,
)
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition
from zhike.surveys.services.sendings import (
    LONGEST_NAME,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Message,
    purposes,
)

LONGEST_WHY = 300
# Channels a case really comes in by.
WAYS_IN = tuple(one for one in Channel.choices if one[0] not in (Channel.IMPORT, Channel.TRACKING))


class RuleForm(forms.Form):
    name = forms.CharField(label=_("Name of the rule"), max_length=LONGEST_NAME)
    after = forms.ChoiceField(
        label=_("After what"), choices=After.choices, widget=forms.RadioSelect
    )
    case_types = forms.MultipleChoiceField(
        label=_("Only cases of these types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every type."),
    )
    channels = forms.MultipleChoiceField(
        label=_("Only cases that came by"),
        required=False,
        choices=WAYS_IN,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every way."),
    )
    of_unit = forms.ChoiceField(label=_("Only of this unit and those below"), required=False)
    delay_hours = forms.IntegerField(
        label=_("Hours later"), min_value=0, max_value=LONGEST_DELAY_HOURS, initial=2
    )
    share_percent = forms.IntegerField(
        label=_("Share of them, in percent"),
        min_value=1,
        max_value=100,
        initial=100,
        help_text=_("Drawn by chance, by the number of each; the draw is kept."),
    )
    purpose = forms.ChoiceField(
        label=_("For what"),
        help_text=_("Consent, withdrawal and how often are looked up for this purpose."),
    )
    is_named = forms.BooleanField(
        label=_("Named: we see who answered what"),
        required=False,
        help_text=_(
            "Said to customers in the mail and on the page before they answer. "
            "Without it nobody is ever shown by name."
        ),
    )
    subject = forms.CharField(
        label=_("Subject of the mail"),
        max_length=LONGEST_SUBJECT,
        required=False,
        help_text=_("In a follow-up call no mail is sent; what stands here is then left aside."),
    )
    text = forms.CharField(
        label=_("The message"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_(
            "{name} becomes the customer's name, {link} their own address of the questionnaire. "
            "How to be asked no more is put under it."
        ),
    )
    reminders = forms.IntegerField(
        label=_("Reminders at most"), min_value=0, max_value=3, required=False, initial=0
    )
    remind_after_days = forms.IntegerField(
        label=_("Days after the last mail"), min_value=1, max_value=60, required=False, initial=3
    )
    loop = forms.ChoiceField(
        label=_("What a low answer sets going"), choices=Loop.choices, widget=forms.RadioSelect
    )
    question = forms.ChoiceField(label=_("The question that is looked at"), required=False)
    bad = forms.ChoiceField(
        label=_("Low is"),
        choices=[one for one in Bad.choices if one[0] != Bad.CHOSEN],
        required=False,
    )
    limit = forms.IntegerField(label=_("this figure"), required=False)
    options = forms.MultipleChoiceField(
        label=_("Choices that count as low"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a question with one choice; of another question they are left aside."),
    )
    opens_type = forms.ChoiceField(
        label=_("Type of the case that is opened"),
        required=False,
        help_text=_("A call-back that can no longer be made becomes such a case."),
    )
    opens_in = forms.ChoiceField(label=_("Responsible unit"), required=False)
    due_amount = forms.IntegerField(
        label=_("To be seen to within"),
        required=False,
        min_value=1,
        max_value=525_600,
        help_text=_(
            "Counted from the moment it is opened. Empty: by the due plans of its type, a call-back by those of "
            "follow-up visits."
        ),
    )
    due_unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=LengthUnit.choices,
        required=False,
        initial=LengthUnit.HOURS,
    )
    asks_again = forms.BooleanField(
        label=_("Ask once more when it has been seen to"),
        required=False,
        help_text=_(
            "Once for each low score, however often customers may be asked; who has said no is not asked."
        ),
    )
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    why_kept = forms.CharField(
        label=_("Why these words stay"),
        required=False,
        max_length=LONGEST_WHY,
        widget=forms.HiddenInput,
    )

    def __init__(
        self, *args: Any, grants: Grants, definition: Definition, language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        types = [(one.code, one.label) for one in CaseType.objects.filter(is_active=True)]
        units = [(str(one.pk), one.name) for one in reachable_units(grants)]
        questions = asked_questions(definition)
        choices: dict[str, list[tuple[str, Any]]] = {
            "case_types": types,
            "of_unit": [("", _("All that you reach")), *units],
            "purpose": [(row.code, row.label) for row in purposes()],
            "question": [("", "–")]
            + [(one.key, definition.words(one.text, language)) for one in questions],
            "options": [
                (f"{one.key}.{option.key}", definition.words(option.text, language))
                for one in questions
                if one.kind == QuestionKind.SINGLE
                for option in one.options
            ],
            "opens_type": [("", "–"), *types],
            "opens_in": [("", _("The unit of what was asked about")), *units],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        if not choices["options"]:
            del self.fields["options"]
        self.fields["submit_key"].initial = secrets.token_hex(16)

    @property
    def new(self) -> NewRule:
        data = self.cleaned_data
        # What the form does not show for deliveries, whatever was ticked before.
        is_of_cases = data["after"] != After.DELIVERY
        when = When(
            data["after"],
            data["case_types"] if is_of_cases else (),
            data["channels"] if is_of_cases else (),
            int(data["of_unit"]) if data["of_unit"] else None,
            data["delay_hours"],
            data["share_percent"],
        )
        question = data["question"]
        ticked = [one.split(".", 1) for one in data.get("options", ())]
        low = Low(
            data["loop"],
            question,
            data["bad"],
            data["limit"],
            [option for of, option in ticked if of == question],
            data["opens_type"],
            int(data["opens_in"]) if data["opens_in"] else None,
            data["asks_again"],
            *self._due(),
        )
        message = Message(
            data["subject"], data["text"], data["reminders"] or 0, data["remind_after_days"] or 3
        )
        return NewRule(
            data["name"], data["purpose"], when, message, data["is_named"], low, data["submit_key"]
        )

    def _due(self) -> tuple[int | None, str]:
        """The unit is always chosen; without an amount it says nothing."""
        amount = self.cleaned_data["due_amount"]
        return (None, "") if amount is None else as_kept(amount, self.cleaned_data["due_unit"])


def as_initial(rule: AskRule) -> dict[str, Any]:
    """A new rule that begins as a copy: rules themselves only run or rest."""
    sending = rule.sending
    copied = ("after", "case_types", "channels", "delay_hours", "share_percent", "loop", "question")
    return {
        **{
            name: getattr(rule, name)
            for name in (*copied, "bad", "limit", "opens_type", "asks_again")
        },
        **_due_of(rule),
        "of_unit": str(rule.of_unit_id or ""),
        "opens_in": str(rule.opens_in_id or ""),
        "options": [f"{rule.question}.{one}" for one in rule.options],
        "purpose": sending.purpose.code,
        "is_named": sending.is_named,
        "subject": sending.subject,
        "text": sending.text,
        "reminders": sending.reminders,
        "remind_after_days": sending.remind_after_days,
    }


def _due_of(rule: AskRule) -> dict[str, Any]:
    if rule.due_amount is None:
        return {}
    amount, unit = as_offered(rule.due_amount, rule.due_unit)
    return {"due_amount": amount, "due_unit": unit}
