"""All that was ever asked, from the versions of a questionnaire."""

import pytest

from tests.surveys.scene import document, options, page, question
from zhike.surveys.definition import read
from zhike.surveys.definition.joining import EARLIER, ever_asked

pytestmark = pytest.mark.once

FIRST = read(
    document(
        page(
            "s1",
            question("a", "single", options=options("x", "y")),
            question("gone", "multiple", options=options("p", "q")),
        )
    )
)
SECOND = read(
    document(
        page("s1", question("gone", "multiple", options=options("q", "r")), question("b", "nps"))
    )
)
THIRD = read(
    document(
        page("s1", question("b", "nps")),
        page("s2", question("a", "single", options=options("z", "y"))),
    )
)


def keys(of):
    return [one.key for one in of]


def test_one_version_is_itself():
    assert ever_asked([FIRST]) == FIRST


def test_what_is_gone_comes_last_with_all_its_choices():
    found = ever_asked([THIRD, SECOND, FIRST])
    assert keys(found.sections) == ["s1", "s2", EARLIER]
    assert keys(found.questions()) == ["b", "a", "gone"]
    assert keys(found.question("a").options) == ["z", "y", "x"]
    assert keys(found.question("gone").options) == ["q", "r", "p"]
