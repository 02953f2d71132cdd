from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.care.conftest import _planted as _planted
from tests.cast import Cast, make_cast
from zhike.reference.models import ReferenceValue
from zhike.reference.seeds import first_rows


@pytest.fixture
def cast(db, given: Callable[[], AbstractContextManager[None]]) -> Cast:
    """The cast, and the register as the migration plants it: tests with real transactions may have emptied it."""
    with given():
        if not ReferenceValue.objects.exists():
            ReferenceValue.objects.bulk_create(ReferenceValue(**row) for row in first_rows())
    return make_cast()
