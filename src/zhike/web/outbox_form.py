"""What became of a message: chosen, and how one knows."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.core.models import OutboxMessage
from zhike.core.outbox.deciding import LONGEST_REASON, choices_for
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm


class DecisionForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    decision = forms.ChoiceField(label=_("What became of it"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("How do you know"),
        max_length=LONGEST_REASON,
        help_text=_("For example: called the customer, who has read it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, message: OutboxMessage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in choices_for(message)]
