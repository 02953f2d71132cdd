from collections.abc import Iterator

import pytest

from tests.jobs import sample


@pytest.fixture(autouse=True)
def forget_what_was_seen() -> Iterator[None]:
    sample.seen.clear()
    yield
    sample.seen.clear()
