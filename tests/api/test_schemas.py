"""The description of the API: two rooms may not describe different things under one name."""

import typing
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from ninja.openapi.schema import get_schema
from pydantic import BaseModel

from zhike.api.root import api


def described() -> dict[str, list[type[BaseModel]]]:
    found: dict[str, list[type[BaseModel]]] = {}

    def take(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            same = found.setdefault(kind.__name__, [])
            if kind in same:
                return
            same.append(kind)
            for field in kind.model_fields.values():
                take(field.annotation)
        for part in typing.get_args(kind):
            take(part)

    for _prefix, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                for model in [*operation.models, *operation.response_models.values()]:
                    take(model)
    # Parameters of an address are described one by one, not under the name of their class.
    named = api.get_openapi_schema()["components"]["schemas"]
    return {name: models for name, models in found.items() if name in named}


def test_one_name_means_one_thing() -> None:
    # OpenAPI keeps one schema per name: of two, the last would stand in the description of both.
    found = described()
    assert len(found) > 80
    clashing = [
        name
        for name, models in found.items()
        if len({str(model.model_json_schema()) for model in models}) > 1
    ]
    assert clashing == []


def test_it_is_described_once_and_to_everybody_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(api: Any, path_prefix: str) -> Any:
        made.append(path_prefix)
        return get_schema(api=api, path_prefix=path_prefix)

    monkeypatch.setattr("ninja.main.get_schema", make)
    monkeypatch.setattr(api, "_described", {})
    first, second = (
        Client().get("/api/v1/openapi.json", headers={"Accept-Language": language}).content
        for language in ("en", "zh-hant")
    )
    assert first == second
    assert made == ["/api/v1/"]
    with translation.override("zh-hant"):
        # What is kept for the next must not be what one language says.
        assert get_schema(api=api, path_prefix="/api/v1/") == api.get_openapi_schema()
