"""What people type about the list of phrases."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.desk.models.phrases import KINDS
from zhike.desk.phrases import Place
from zhike.desk.phrases.language import LONGEST_PATTERN
from zhike.desk.services.phrases import LONGEST_WORDS
from zhike.desk.services.texts import LONGEST_TEXT


class PhraseForm(forms.Form):
    pattern = forms.CharField(
        label=_("Words to look for"),
        max_length=LONGEST_PATTERN,
        help_text=_(
            "Choices stand in brackets: [you|they] may not [quite|] understand. An empty choice makes the "
            "part optional. Spaces, punctuation, width and traditional signs make no difference."
        ),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=KINDS[0][0],
        help_text=_(
            "Labels are looked for in internal notes as well, except between quotation marks."
        ),
    )
    why = forms.CharField(
        label=_("Why not"),
        required=False,
        max_length=LONGEST_WORDS,
        help_text=_("Half a sentence the writer sees. Built-in phrases have one already."),
    )
    better = forms.CharField(
        label=_("Better"),
        required=False,
        max_length=LONGEST_WORDS,
        help_text=_("Takes the place of what was found, at a click."),
    )
    exceptions = forms.CharField(
        label=_("Harmless in"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One a line, written like the words above. What touches one of them is let pass."
        ),
    )
    is_active = forms.BooleanField(label=_("Look for it"), required=False, initial=True)


class TryForm(forms.Form):
    text = forms.CharField(
        label=_("A text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Nothing of it is kept."),
    )
    place = forms.ChoiceField(
        label=_("Where it goes"),
        choices=(
            (Place.OUTGOING.value, _("To the customer")),
            (Place.NOTICE.value, _("To another department")),
            (Place.NOTE.value, _("Internal note")),
        ),
        widget=forms.RadioSelect,
        initial=Place.OUTGOING.value,
    )
