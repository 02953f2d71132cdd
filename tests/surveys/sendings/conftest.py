"""What every test of sendings has: a mail server that is none, and an open questionnaire."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps

from tests.cast import Cast
from tests.guards import given
from tests.surveys.sending_scene import AFTERNOON, Post, post_office, questionnaire
from zhike.channels.webform.pacing import forget_tries
from zhike.customers.consent_seeds import plant
from zhike.surveys.models import Survey


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_tries()


@pytest.fixture
def post(frozen_clock: Any, cast: Cast) -> Iterator[Post]:
    frozen_clock(AFTERNOON)
    with given():
        plant(apps, AFTERNOON)
    with post_office() as found:
        yield found


@pytest.fixture
def survey(cast: Cast, post: Post) -> Survey:
    return questionnaire(cast)
