"""Files alone take part: these tests run once, whatever the database. The terminal speaks English unless told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zhike.cli import texts


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.once)


@pytest.fixture
def speak(monkeypatch):
    """`speak("zh_CN.UTF-8")` sets the terminal's language."""

    def set_language(locale: str) -> None:
        for name in ("LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LC_ALL", locale)
        texts._catalogue.cache_clear()

    yield set_language
    monkeypatch.undo()
    texts._catalogue.cache_clear()


@pytest.fixture(autouse=True)
def _english(speak: Callable[[str], None]) -> None:
    speak("C")
