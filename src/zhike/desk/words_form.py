"""Forms whose texts are asked for words of the list: `class NoticeForm(WordsForm)` with its `asked_texts`, and in
its template, in place of `ui.field(form.text)`,
`{% with form=form, name="text" %}{% include "desk/_asked.html" %}{% endwith %}`.

While typing the bars are fetched by `desk/phrases.js`; without a script they come with the refused form.
"""

from collections.abc import Iterable, Mapping, Sequence
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
    # The text it belongs to, where a form has several.
    name: str = ""
    # A form asks for one reason: under its last text.
    asks_why: bool = True


def shown_ids(text: str) -> frozenset[int]:
    """Ids of phrases a page has shown, as its hidden field holds them."""
    return frozenset(
        int(part)
        for part in text.split(",")
        if part.isascii() and part.isdigit() and len(part) < 18
    )


class WordsForm(forms.Form):
    """Adds the reason for words that stay. Hand `kept` to the service."""

    # Which texts are asked, and where each goes. `zhike.web.written_texts` has the same, with every other text.
    asked_texts: ClassVar[Mapping[str, Place]] = {"text": Place.OUTGOING}
    # A tick box that sends a text out which else stays among colleagues.
    words_out_when: ClassVar[str] = ""
    # The page draws the reason itself (`desk/_why.html`): the last text may be out of sight.
    asks_why_apart: ClassVar[bool] = False

    phrase_reason = forms.CharField(label=_("Why it stays"), required=False, max_length=300)
    phrase_shown = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(self.asked_texts)

    def ask(self, texts: Mapping[str, Place]) -> None:
        """Ask these of the fields there are; for forms that make their fields themselves."""
        self.words_asked = {name: place for name, place in texts.items() if name in self.fields}
        for name, place in self.words_asked.items():
            self.fields[name].widget.attrs |= words_attributes(place, self.words_out_when)

    @property
    def kept(self) -> Kept:
        data = self.cleaned_data
        return Kept(data.get("phrase_reason", ""), shown_ids(data.get("phrase_shown", "")))

    def place_of(self, name: str) -> Place:
        if self.words_out_when and self.data.get(self.add_prefix(self.words_out_when)):
            return Place.OUTGOING
        return self.words_asked[name]

    @cached_property
    def _flags(self) -> dict[str, list[Flag]]:
        if not self.is_bound:
            return {}
        return {
            name: find_words(
                str(self.data.get(self.add_prefix(name), ""))[:20_000], self.place_of(name)
            )
            for name in self.words_asked
        }

    def words_box(self, name: str) -> WordsBox:
        flags = self._flags
        errors: list[Any] = list(self.errors.get("phrase_reason", ())) if self.is_bound else []
        return WordsBox(
            Bars(flags.get(name, ())),
            reason=str(self.data.get(self.add_prefix("phrase_reason"), ""))[:300],
            shown=_ids(flag for found in flags.values() for flag in found),
            error=" ".join(str(error) for error in errors),
            name=self.add_prefix(name),
            asks_why=not self.asks_why_apart and name == list(self.words_asked)[-1],
        )


def words_attributes(place: Place, out_when: str = "") -> dict[str, str]:
    """What `phrases.js` reads from an input."""
    found = {"data-words": place.value, "data-words-url": reverse("desk:words")}
    return found | ({"data-words-out-when": out_when} if out_when else {})


def words_box(flags: Sequence[Flag], *, reason: str = "", error: str = "") -> WordsBox:
    return WordsBox(Bars(flags), reason, _ids(flags), error)


def _ids(flags: Iterable[Flag]) -> str:
    return ",".join(str(pk) for pk in dict.fromkeys(flag.id for flag in flags))
