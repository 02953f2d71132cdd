from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.guards import given
from tests.matrix.scene import Scene, make_scene
from zhike.surveys.services.answers import definition_of


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """One scene for the whole module: no call of the matrix leaves anything behind."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        # A paper takes a second to draw; here only its words count.
        for name in ("zhike.insight.week_paper.pdf_of", "zhike.complaints.papers.pdf_of"):
            patch.setattr(name, lambda html: html.encode())
        with transaction.atomic():
            with given():
                # Numbers of versions come again after other tests of this process.
                definition_of.cache_clear()
                made = make_scene()
            yield made
            transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(scene: Scene) -> None:
    """In place of a transaction for each test, which would close the connection the scene lives in."""
