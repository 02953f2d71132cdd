"""Every text somebody can write has a decision, and forms and requests follow it."""

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from pydantic import BaseModel

import zhike
from zhike.api.root import api
from zhike.care.forms import ScriptForm
from zhike.care.models import Question
from zhike.complaints.forms import StepsForm
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.desk.phrases import Place
from zhike.desk.words_form import OWN_FIELDS, WordsForm
from zhike.surveys import forms as surveys
from zhike.surveys.choices import QuestionKind
from zhike.web.written_texts import DECIDED, NotAsked

# One room may have two forms of a name: they are told apart by their part of the room.
PARTS = {
    "zhike.complaints.notice_forms.ReasonForm": "complaints.notices.ReasonForm",
    "zhike.complaints.api_notices.ReasonIn": "complaints.notices.ReasonIn",
    "zhike.complaints.api_remedies.ReasonIn": "complaints.remedies.ReasonIn",
}
# Requests whose texts are names, numbers and codes; those of the interface that hold sentences are decided above.
PLAIN_IN_REQUESTS = frozenset(
    {
        "channel", "code", "delivery", "external_id", "into", "kind", "label", "name", "occupation",
        "outcome", "phone", "policy", "responsible", "salutation", "sheet", "source", "stage", "state",
        "title_row", "type", "value", "way",
    }
)  # fmt: skip
# Asked by its service: the form cannot hold a reason for what stays.
WITHOUT_REASON = "customers."


def name_of(cls: type) -> str:
    whole = f"{cls.__module__}.{cls.__name__}"
    room = cls.__module__.removeprefix("zhike.").removeprefix("channels.").split(".")[0]
    return PARTS.get(whole, f"{room}.{cls.__name__}")


def all_forms() -> list[type[forms.Form]]:
    for module in pkgutil.walk_packages(zhike.__path__, "zhike."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)

    def below(cls: type[Any]) -> Iterator[type[Any]]:
        under: list[type[Any]] = cls.__subclasses__()
        for one in under:
            yield one
            yield from below(one)

    found = {cls for cls in below(forms.Form) if cls.__module__.startswith("zhike.")}
    return sorted(found - {WordsForm}, key=name_of)


def is_text(field: forms.Field) -> bool:
    hidden = isinstance(field.widget, forms.HiddenInput | forms.PasswordInput)
    return (
        isinstance(field, forms.CharField)
        and not isinstance(field, forms.EmailField)
        and not hidden
    )


def texts_of(cls: type[forms.Form]) -> dict[str, forms.Field]:
    return {
        name: field
        for name, field in cls.base_fields.items()
        if is_text(field) and name not in OWN_FIELDS
    }


# Forms that make their fields themselves, with all they may have; {name in the table: field}.
def made() -> dict[str, forms.Field]:
    steps = StepsForm(steps=list(BEFORE_CLOSING))
    script = ScriptForm(rows=2)
    own = {f"complaints.StepsForm.{name}": field for name, field in steps.fields.items()}
    own |= {"care.ScriptForm.text": script.fields["text2"]}
    from zhike.care.forms import _answer_field

    own |= {"care.ResultForm.answer": _answer_field(Question(kind="text", text="?"))}
    for kind in QuestionKind.values:
        own |= _of_languages(surveys.QuestionForm(kind=kind, languages=["zh-hans", "en"]))
    own |= _of_languages(surveys.SectionForm(languages=["zh-hans", "en"]))
    own |= _of_languages(surveys.GeneralForm(languages=["zh-hans", "en"]))
    return {
        name: one
        for name, one in own.items()
        if is_text(one) and name.split(".")[-1] not in OWN_FIELDS
    }


def _of_languages(form: surveys.LanguagesForm) -> dict[str, forms.Field]:
    """`text_en` and `text_zh-hans` are one text."""
    named = f"surveys.{type(form).__name__}"
    return {f"{named}.{name.rsplit('_', 1)[0]}": field for name, field in form.fields.items()}


MAKERS = {
    "care.ResultForm", "care.ScriptForm", "complaints.StepsForm",
    # Their own fields, passwords and choices; the customer's own are shown by what the house has defined.
    # Fields of numbers alone.
    "satisfaction.WeightsForm", "customers.MatrixForm",
    # Their texts stand in every language of the questionnaire.
    "surveys.GeneralForm", "surveys.LanguagesForm", "surveys.QuestionForm", "surveys.SectionForm",
    "accounts.PersonForm", "accounts.RoleForm", "accounts.UnitForm", "customers.CustomerForm", "web.WeekForm",
}  # fmt: skip


def request_models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}

    def take(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind.__module__.startswith("zhike.") and name_of(kind) not in found:
                found[name_of(kind)] = kind
            for field in kind.model_fields.values():
                take(field.annotation)
        for part in typing.get_args(kind):
            take(part)

    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                if set(operation.methods) & {"POST", "PUT", "PATCH"}:
                    for model in operation.models:
                        take(model)
    return found


def holds_text(kind: Any) -> bool:
    return kind is str or any(holds_text(part) for part in typing.get_args(kind))


def request_texts() -> dict[str, type[BaseModel]]:
    return {
        f"{name}.{field}": model
        for name, model in request_models().items()
        for field, about in model.model_fields.items()
        if holds_text(about.annotation) and field not in (*OWN_FIELDS, *PLAIN_IN_REQUESTS)
    }


def form_texts() -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for cls in all_forms():
        found |= {f"{name_of(cls)}.{name}": field for name, field in texts_of(cls).items()}
    return found | made()


def test_every_text_of_a_form_is_decided() -> None:
    undecided = sorted(set(form_texts()) - set(DECIDED))
    assert not undecided, f"Decide in zhike/web/written_texts.py what is asked of: {undecided}"


def test_every_text_of_a_request_is_decided() -> None:
    undecided = sorted(set(request_texts()) - set(DECIDED) - {"complaints.StepIn.evidence"})
    assert not undecided, f"Decide in zhike/web/written_texts.py what is asked of: {undecided}"


def test_no_decision_outlives_its_text() -> None:
    assert set(DECIDED) == set(DECIDED) & (set(form_texts()) | set(request_texts()))


def test_a_form_that_makes_its_fields_is_known() -> None:
    """Otherwise its texts would be seen by nobody."""
    making = {
        name_of(cls)
        for cls in all_forms()
        if re.search(r"self\.fields\[[^\]]+\] = ", inspect.getsource(cls))
    }
    assert making <= MAKERS


@pytest.mark.parametrize("cls", all_forms(), ids=name_of)
def test_a_form_asks_what_was_decided(cls: type[forms.Form]) -> None:
    name = name_of(cls)
    decided = {field: DECIDED[f"{name}.{field}"] for field in texts_of(cls)}
    wanted = {field: place for field, place in decided.items() if isinstance(place, Place)}
    if name.startswith(WITHOUT_REASON) or not (wanted or issubclass(cls, WordsForm)):
        assert not issubclass(cls, WordsForm)
    elif name not in MAKERS:
        assert issubclass(cls, WordsForm), f"{name} must be a WordsForm: it asks {sorted(wanted)}"
        assert dict(cls.asked_texts) == wanted


def test_forms_that_make_their_fields_ask_what_was_decided() -> None:
    steps, script = StepsForm(steps=list(BEFORE_CLOSING)), ScriptForm(rows=2)
    for form, name in ((steps, "complaints.StepsForm"), (script, "care.ScriptForm")):
        for field, about in form.fields.items():
            if is_text(about) and field not in OWN_FIELDS:
                decided = DECIDED[f"{name}.{field.rstrip('0123456789')}"]
                assert form.words_asked.get(field) == (None if decided in NotAsked else decided)


@pytest.mark.parametrize("name", sorted(request_texts()))
def test_a_request_with_an_asked_text_takes_a_reason(name: str) -> None:
    if name == "complaints.StepIn.evidence":
        assert "phrase_reason" in request_models()["complaints.StepsIn"].model_fields
    elif isinstance(DECIDED[name], Place) and not name.startswith(WITHOUT_REASON):
        assert "phrase_reason" in request_texts()[name].model_fields
