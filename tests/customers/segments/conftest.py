"""Wang's browser: whoever keeps segments of the station."""

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.wang.client()
