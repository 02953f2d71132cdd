"""Forms of the builder. What is written is kept as it is, finished or not; only what has no form is refused here.

Words stand once for each language of the questionnaire; `zhike.surveys.views.posted` reads choices, rows and
conditions, of which there are as many as people like.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition import Draft
from zhike.surveys.definition.parts import MOST_FILES, USUAL_FILES
from zhike.surveys.definition.reading import LONGEST_INTRO, LONGEST_TEXT, POINTS
from zhike.surveys.drafting import has

LANGUAGES = dict(settings.LANGUAGES)


class LanguagesForm(forms.Form):
    """Words in every language of the questionnaire: `text` is `text_zh-hans`, `text_en` …"""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = list(languages)
        # Nothing has to be finished to be kept.
        self.use_required_attribute = False

    def add_words(self, name: str, label: Any, *, rows: int = 0, help_text: Any = "") -> None:
        """One field a language; several lines with `rows`."""
        for code in self.languages:
            widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
            widget.attrs["lang"] = code
            several = len(self.languages) > 1
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=f"{label} · {LANGUAGES[code]}" if several else label,
                required=False,
                max_length=LONGEST_INTRO if rows > 2 else LONGEST_TEXT,
                widget=widget,
                help_text=help_text if code == self.languages[0] else "",
            )

    def for_display(self, *needed: str) -> "LanguagesForm":
        """Without a word at what publishing asks for: it may be kept empty, but is not optional."""
        for name in needed:
            field = self.fields.get(f"{name}_{self.languages[0]}")
            if field is not None:
                field.required = True
        if "asks" in self.fields:
            self.fields["asks"].required = True
        return self

    def of(self, name: str) -> Iterator[BoundField]:
        """The fields of these words, the first language first."""
        for code in self.languages:
            if f"{name}_{code}" in self.fields:
                yield self[f"{name}_{code}"]

    def written(self, *names: str) -> Draft:
        """What was written, without what is empty."""
        found = {}
        for name in names:
            told = {code: self.cleaned_data.get(f"{name}_{code}", "") for code in self.languages}
            found[name] = {code: text for code, text in told.items() if text}
        return {name: texts for name, texts in found.items() if texts}

    @staticmethod
    def initial_of(part: Draft, *names: str) -> dict[str, str]:
        return {
            f"{name}_{code}": text for name in names for code, text in part.get(name, {}).items()
        }


class QuestionForm(LanguagesForm):
    """What a question of this kind is asked with, besides its choices, rows and conditions."""

    WORDS = ("text", "help", "low", "high", "unit", "rival")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.add_words("text", _("Question"), rows=2)
        self.add_words("help", _("Help below it"), help_text=_("What is meant, or an example."))
        if has(kind, "required"):
            self.fields["required"] = forms.BooleanField(
                label=_("Must be answered"), required=False
            )
        if has(kind, "asks"):
            self.fields["asks"] = forms.MultipleChoiceField(
                label=_("What is asked for"),
                choices=ContactPart.choices,
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text=_(
                    "A phone number or an e-mail address at least. Whoever leaves it is told that this answer is"
                    " no longer anonymous."
                ),
            )
        if has(kind, "points"):
            self.fields["points"] = forms.TypedChoiceField(
                label=_("Steps of the scale"),
                coerce=int,
                choices=[(n, _("1 to %(n)s") % {"n": n}) for n in POINTS],
            )
        if has(kind, "low"):
            self.add_words("low", _("Lowest step means"))
            self.add_words("high", _("Highest step means"))
        if kind == QuestionKind.NUMBER:
            self._add_bounds(_("Lowest number"), _("Highest number"))
            self.add_words("unit", pgettext_lazy("questionnaire", "Unit of the number"))
        if kind == QuestionKind.MULTIPLE:
            self._add_bounds(_("At least so many"), _("At most so many"))
        if kind == QuestionKind.FILE:
            self.fields["most"] = forms.TypedChoiceField(
                label=_("At most so many files"),
                coerce=float,
                choices=[(n, str(n)) for n in range(1, MOST_FILES + 1)],
                initial=USUAL_FILES,
                help_text=_(
                    "Photos (JPEG, PNG, WebP) and PDF, 10 MB each. When and where a photo was taken is removed."
                ),
            )
        if kind == QuestionKind.RIVAL:
            self.add_words("rival", _("Name of the rival"))
        if has(kind, "shuffle"):
            label = _("Show the choices in a random order")
            if has(kind, "rows"):
                label = _("Show the items in a random order")
            self.fields["shuffle"] = forms.BooleanField(label=label, required=False)

    def _add_bounds(self, least: Any, most: Any) -> None:
        for name, label in (("least", least), ("most", most)):
            self.fields[name] = forms.FloatField(
                label=label,
                required=False,
                min_value=-1e12,
                max_value=1e12,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                localize=False,
            )

    def question(self) -> Draft:
        data = self.cleaned_data
        found: Draft = {"kind": self.kind, "text": {}, **self.written(*self.WORDS)}
        for name in ("required", "shuffle", "points", "asks"):
            if data.get(name):
                found[name] = data[name]
        for name in ("least", "most"):
            if data.get(name) is not None:
                found[name] = data[name]
        return found

    @classmethod
    def initial_from(cls, question: Draft) -> dict[str, Any]:
        plain = {
            name: question[name]
            for name in ("required", "points", "shuffle", "asks")
            if question.get(name)
        }
        for name in ("least", "most"):
            if question.get(name) is not None:
                plain[name] = f"{question[name]:g}"
        return plain | cls.initial_of(question, *cls.WORDS)


class SectionForm(LanguagesForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_words("title", _("Title of the page"))
        self.add_words("intro", _("Words above the questions"), rows=3)
        self.fields["shuffle"] = forms.BooleanField(
            label=_("Show the questions of this page in a random order"), required=False
        )

    def section(self) -> Draft:
        shuffle = {"shuffle": True} if self.cleaned_data.get("shuffle") else {}
        return {**self.written("title", "intro"), **shuffle}


class GeneralForm(LanguagesForm):
    """Title, first and last words, and the languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_words("title", pgettext_lazy("questionnaire", "Title"))
        self.add_words(
            "intro",
            _("Words at the beginning"),
            rows=4,
            help_text=_("Who asks, why, how long it takes, and what becomes of the answers."),
        )
        self.add_words("thanks", _("Words at the end"), rows=4)
        self.fields["asked_in"] = forms.MultipleChoiceField(
            label=_("Languages"),
            choices=settings.LANGUAGES,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Words in a language that is taken out are lost."),
        )
        self.fields["first"] = forms.ChoiceField(
            label=_("First language"),
            choices=settings.LANGUAGES,
            help_text=_("It stands in where another language has no words yet."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data["first"] not in data.get("asked_in", []):
            self.add_error("first", _("Please choose one of the languages above."))
        return data

    def chosen(self) -> list[str]:
        first = self.cleaned_data["first"]
        return [first, *(code for code in self.cleaned_data["asked_in"] if code != first)]


class MoveForm(forms.Form):
    """To whom a questionnaire belongs from now on."""

    unit = forms.ChoiceField(label=_("Unit"))

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(unit.pk), unit.name) for unit in reachable_units(grants)]


class MakeForm(forms.Form):
    """A new questionnaire: its title, whose it is, and in which languages it is asked."""

    title = forms.CharField(label=pgettext_lazy("questionnaire", "Title"), max_length=LONGEST_TEXT)
    unit = forms.ChoiceField(label=_("Unit"))
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, grants: Grants, languages: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        unit, spoken = self.fields["unit"], self.fields["languages"]
        assert isinstance(unit, forms.ChoiceField)
        assert isinstance(spoken, forms.MultipleChoiceField)
        unit.choices = [(str(u.pk), u.name) for u in reachable_units(grants)]
        if grants.unit_id:
            unit.initial = str(grants.unit_id)
        self._offered = list(languages or LANGUAGES)
        spoken.choices = [(code, LANGUAGES[code]) for code in self._offered]

    def clean_languages(self) -> list[str]:
        """In the order they are offered in, whatever order they were sent in."""
        return [code for code in self._offered if code in self.cleaned_data["languages"]]
