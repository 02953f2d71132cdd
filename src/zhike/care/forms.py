"""What people type while they make a visit. The services say what is missing; here only what a form can see."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.care.choices import QuestionKind, Result
from zhike.care.models import Question, ScriptVersion
from zhike.care.rules import SCORES
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm

YES_NO = (("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No")))
People = Sequence[tuple[str, Sequence[tuple[str, str]]]]


class AttemptForm(WordsForm):
    asked_texts: ClassVar = {"note": Place.NOTE}

    once = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=300,
        widget=forms.TextInput(
            attrs={"placeholder": _("Busy, switched off, asked to call later …")}
        ),
    )
    next_try_at = forms.DateTimeField(
        label=_("Try again at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("The bell rings then. Without it the visit keeps its due time."),
    )


class ResultForm(WordsForm):
    """The script's questions, what the customer said, and what follows from it."""

    asked_texts: ClassVar = {"missing": Place.NOTE, "notice": Place.NOTICE}
    asks_why_apart = True

    script = forms.IntegerField(required=False, widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("What came of it"), choices=Result.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("What the customer said"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As they said it. Needed when they are not content."),
    )
    missing = forms.CharField(
        label=_("What is still missing"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    person = forms.ChoiceField(label=_("The notice goes to"), required=False)
    notice = forms.CharField(
        label=_("What is asked of the department"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Left empty, it says what the customer said."),
    )

    def __init__(
        self, *args: Any, version: ScriptVersion | None, people: People, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions: list[Question] = list(version.questions.all()) if version else []
        for question in self.questions:
            self.fields[f"q{question.pk}"] = _answer_field(question)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Please choose")), *people]

    def for_display(self, *, needs_person: bool) -> "ResultForm":
        """What a result asks for is not called optional; it is shown with that result only.

        Nor is each question: one sentence says of all of them that they may be left open.
        """
        self.use_required_attribute = False
        names = ["missing", *(["person"] if needs_person else [])]
        for name in (*names, *(f"q{question.pk}" for question in self.questions)):
            self.fields[name].required = True
        return self

    @property
    def asked(self) -> list[Any]:
        return [self[f"q{question.pk}"] for question in self.questions]

    def answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for question in self.questions:
            value = self.cleaned_data.get(f"q{question.pk}")
            if value in (None, ""):
                continue
            match QuestionKind(question.kind):
                case QuestionKind.YES_NO:
                    found[str(question.pk)] = value == "yes"
                case QuestionKind.SCORE:
                    found[str(question.pk)] = int(str(value))
                case _:
                    found[str(question.pk)] = value
        return found


def _answer_field(question: Question) -> forms.Field:
    match QuestionKind(question.kind):
        case QuestionKind.YES_NO:
            return forms.ChoiceField(
                label=question.text, choices=YES_NO, widget=forms.RadioSelect, required=False
            )
        case QuestionKind.SCORE:
            return forms.ChoiceField(
                label=question.text,
                choices=[(str(n), str(n)) for n in SCORES],
                widget=forms.RadioSelect,
                required=False,
                help_text=_("1 very poor, 5 very good"),
            )
    return forms.CharField(
        label=question.text,
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class BestTimeForm(forms.Form):
    best_time = forms.CharField(label=_("Best time"), required=False, max_length=120)


class AssignForm(forms.Form):
    person = forms.TypedChoiceField(label=_("Assigned to"), coerce=int)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(people)


class CallOffForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(label=_("Why this customer is not asked"), max_length=300)


class ScriptForm(WordsForm):
    """As many questions as there may be; empty rows are left out."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    opening = forms.CharField(
        label=_("How the call begins"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "{name} is who calls, {customer} how the customer is called, {matter} the subject."
        ),
    )

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = range(1, rows + 1)
        for number in self.numbers:
            self.fields[f"text{number}"] = forms.CharField(
                label=_("Question %(n)s") % {"n": number}, required=False, max_length=200
            )
            self.fields[f"kind{number}"] = forms.ChoiceField(
                label=_("How it is answered"), choices=QuestionKind.choices, required=False
            )

        texts = ["opening", *(f"text{number}" for number in self.numbers)]
        self.ask(dict.fromkeys(texts, Place.OUTGOING))

    def for_display(self) -> "ScriptForm":
        """A row left empty is left out, which is said once above; no field of one is called optional."""
        self.use_required_attribute = False
        for number in self.numbers:
            self.fields[f"text{number}"].required = self.fields[f"kind{number}"].required = True
        return self

    @property
    def pairs(self) -> list[tuple[int, Any, Any]]:
        return [(n, self[f"text{n}"], self[f"kind{n}"]) for n in self.numbers]

    def questions(self) -> list[tuple[str, str]]:
        found = []
        for n in self.numbers:
            text = self.cleaned_data.get(f"text{n}", "").strip()
            if text:
                kind = self.cleaned_data.get(f"kind{n}") or QuestionKind.YES_NO.value
                found.append((kind, text))
        return found
