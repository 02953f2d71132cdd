"""What hostile requests leave behind is swept up in the test that sent them."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    """A body that cannot be read leaves its half-read upload to the garbage collector, which would complain
    during whatever test comes next."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
