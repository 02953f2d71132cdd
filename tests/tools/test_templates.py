"""The check of templates finds what Jinja2 would only find when a page is drawn."""

import pytest
from django.template import engines

import templates

ENVIRONMENT = engines["pages"].env  # type: ignore[attr-defined]  # Jinja2's
FAULTY = {
    "{{ name|sparkling }}": "no filter 'sparkling'",
    "{% if name is None %}{% endif %}": "no test 'None'",
    '{{ ui.fireworks("x") }}': "no component 'fireworks'",
    '{% include "web/nowhere.html" %}': "no template 'web/nowhere.html'",
    '{% extends "web/nowhere.html" %}': "no template 'web/nowhere.html'",
    "{% if name %}": "Unexpected end of template.",
}


@pytest.mark.parametrize("source", FAULTY)
def test_a_name_nobody_gives_is_found(source: str) -> None:
    [(line, sentence)] = templates.problems("\n" + source, ENVIRONMENT)
    assert line == 2
    assert sentence.startswith(FAULTY[source])


def test_a_decent_template_passes() -> None:
    source = (
        '{% extends "web/base.html" %}{{ ui.icon("x") }}{{ 3|number }}{% if a is none %}{% endif %}'
    )
    assert list(templates.problems(source, ENVIRONMENT)) == []
