"""What Jinja2 would find out only when it draws a page: every filter, test, component, template exists."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")

import django  # noqa: E402

django.setup()

import jinja2  # noqa: E402
from django.template import engines  # noqa: E402
from jinja2 import nodes  # noqa: E402


def problems(source: str, environment: jinja2.Environment) -> Iterator[tuple[int, str]]:
    """Line and sentence."""
    try:
        tree = environment.parse(source)
    except jinja2.TemplateSyntaxError as problem:
        yield problem.lineno, str(problem.message)
        return
    components = vars(environment.globals["ui"])
    templates = set(environment.list_templates())
    for node in tree.find_all(
        (nodes.Filter, nodes.Test, nodes.Getattr, nodes.Include, nodes.Extends)
    ):
        match node:
            case nodes.Filter(name=name) if name not in environment.filters:
                yield node.lineno, f"no filter {name!r}"
            case nodes.Test(name=name) if name not in environment.tests:
                yield node.lineno, f"no test {name!r}"
            case nodes.Getattr(node=nodes.Name(name="ui"), attr=name) if name not in components:
                yield node.lineno, f"no component {name!r}"
            case (
                nodes.Include(template=nodes.Const(value=name))
                | nodes.Extends(template=nodes.Const(value=name))
            ) if name not in templates:
                yield node.lineno, f"no template {name!r}"


def main() -> int:
    environment = engines["pages"].env  # type: ignore[attr-defined]  # Jinja2's
    found = [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in sorted(ROOT.glob("src/zhike/**/templates/**/*.html"))
        for line, sentence in problems(path.read_text(encoding="utf-8"), environment)
    ]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
