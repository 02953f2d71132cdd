"""Forms whose text is asked for words of the list: `class NoticeForm(WordsForm)`, and in its template
`{% with words=form.words_box() %}{% include "desk/_words.html" %}{% endwith %}`.

While typing the bars are fetched by `desk/phrases.js`; without a script they come with the refused form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from zhike.desk.phrases import Place
from zhike.desk.services.words import Flag, Kept, find_words

# Bars under a text at a time; the rest is counted.
MOST_BARS = 3
OWN_FIELDS = ("phrase_reason", "phrase_shown")


@dataclass(frozen=True)
class Bars:
    """The flags as they are drawn."""

    flags: Sequence[Flag] = ()

    @property
    def shown(self) -> Sequence[Flag]:
        return self.flags[:MOST_BARS]

    @property
    def more(self) -> int:
        return max(0, len(self.flags) - MOST_BARS)


@dataclass(frozen=True)
class WordsBox:
    """What stands under a text: the bars, and why the words stay."""

    bars: Bars = field(default_factory=Bars)
    reason: str = ""
    shown: str = ""
    error: str = ""


def shown_ids(text: str) -> frozenset[int]:
    """Ids of phrases a page has shown, as its hidden field holds them."""
    return frozenset(
        int(part)
        for part in text.split(",")
        if part.isascii() and part.isdigit() and len(part) < 18
    )


class WordsForm(forms.Form):
    """Adds the reason for words that stay. Hand `kept` to the service."""

    # Which field is asked, and where its text goes.
    words_field: ClassVar[str] = "text"
    words_place: ClassVar[Place] = Place.OUTGOING
    # A tick box that sends a text out which else stays among colleagues.
    words_out_when: ClassVar[str] = ""

    phrase_reason = forms.CharField(label=_("Why it stays"), required=False, max_length=300)
    phrase_shown = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields.get(self.words_field)
        if asked is not None:
            asked.widget.attrs |= words_attributes(self.words_place, self.words_out_when)

    @property
    def kept(self) -> Kept:
        data = self.cleaned_data
        return Kept(data.get("phrase_reason", ""), shown_ids(data.get("phrase_shown", "")))

    @property
    def place(self) -> Place:
        if self.words_out_when and self.data.get(self.add_prefix(self.words_out_when)):
            return Place.OUTGOING
        return self.words_place

    @cached_property
    def _box(self) -> WordsBox:
        if not self.is_bound:
            return WordsBox()
        text = str(self.data.get(self.add_prefix(self.words_field), ""))[:20_000]
        errors: list[Any] = list(self.errors.get("phrase_reason", ()))
        return words_box(
            find_words(text, self.place),
            reason=str(self.data.get(self.add_prefix("phrase_reason"), ""))[:300],
            error=" ".join(str(error) for error in errors),
        )

    def words_box(self) -> WordsBox:
        return self._box


def words_attributes(place: Place, out_when: str = "") -> dict[str, str]:
    """What `phrases.js` reads from a textarea."""
    found = {"data-words": place.value, "data-words-url": reverse("desk:words")}
    return found | ({"data-words-out-when": out_when} if out_when else {})


def words_box(flags: Sequence[Flag], *, reason: str = "", error: str = "") -> WordsBox:
    shown = ",".join(str(pk) for pk in dict.fromkeys(flag.id for flag in flags))
    return WordsBox(Bars(flags), reason, shown, error)
