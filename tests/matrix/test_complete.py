"""No address without a line: what the program answers to, compared with addresses.toml."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.matrix.asking import ask
from tests.matrix.declared import Line, every_permission, lines, plain
from tests.matrix.scene import Scene
from zhike.core.access import PERMISSIONS
from zhike.core.exporter.kinds import KINDS as EXPORTS
from zhike.core.importer.kinds import KINDS as IMPORTS
from zhike.core.live.rights import TOPIC_RIGHTS
from zhike.core.search.kinds import SEARCH_KINDS

FILE = "tests/matrix/addresses.toml"
HOW = 'The first lines of the file say how: "room:name" = "METHOD permission @thing".'


def page_names(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every named URL, as `reverse` takes it; the API's operations are counted apart."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from page_names(entry, (*spaces, *filter(None, [entry.namespace])))
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name, so the matrix cannot call it."
            yield ":".join((*spaces, entry.name))


def operations() -> set[str]:
    from zhike.api.root import api

    paths: dict[str, Any] = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, found in paths.items()
        for method in found
    }


def test_every_page_is_in_the_matrix() -> None:
    of_api = {f"api:{name.split(':', 1)[1]}" for name in page_names() if name.startswith("api:")}
    of_api -= {"api:openapi-json", "api:api-root"}
    present = set(page_names()) - of_api
    declared = {line.address for line in lines("pages")}
    missing = sorted(present - declared)
    assert not missing, f"Add a line to [pages] of {FILE} for {missing}. {HOW}"
    gone = sorted(declared - present)
    assert not gone, f"Take out of [pages] of {FILE}, for no URL has these names: {gone}"


def test_every_operation_of_the_api_is_in_the_matrix() -> None:
    declared = {f"{line.method} {line.address}" for line in lines("api")}
    missing = sorted(operations() - declared)
    assert not missing, f"Add a line to [api] of {FILE} for {missing}. {HOW}"
    gone = sorted(declared - operations())
    assert not gone, f"Take out of [api] of {FILE}, for the API has no such operation: {gone}"


@pytest.mark.parametrize(
    ("table", "present"),
    [
        ("search", lambda: {kind.key for kind in SEARCH_KINDS}),
        ("exports", lambda: {kind.key for kind in EXPORTS}),
        ("imports", lambda: {kind.key for kind in IMPORTS}),
        ("topics", lambda: {right.prefix for right in TOPIC_RIGHTS}),
    ],
)
def test_every_kind_is_in_the_matrix(table: str, present: Any) -> None:
    declared = set(plain(table))
    missing = sorted(present() - declared)
    assert not missing, (
        f'Add to [{table}] of {FILE} what is needed for {missing}: key = "permission"'
    )
    assert not declared - present(), f"No such kinds any more: {sorted(declared - present())}"


def test_every_act_on_a_case_and_a_notice_is_in_the_matrix() -> None:
    from zhike.complaints.views.notices import RUNS
    from zhike.desk.views.actions import PAGES

    for address, acts in (("desk:case-act", set(PAGES)), ("notices:act", set(RUNS))):
        declared = {line.args["action"] for line in lines("pages") if line.address == address}
        assert declared == acts, f"{FILE}: {address} has other acts: {sorted(declared ^ acts)}"


def test_the_lines_name_permissions_that_exist() -> None:
    known = every_permission() | {"public", "anyone", "own"}
    for line in lines("pages") + lines("api"):
        asked = {code for either in line.needs.split("&") for code in either.split("|")}
        assert asked <= known, f"{FILE}: {line}: no such permission: {sorted(asked - known)}"


def test_every_permission_opens_something() -> None:
    named = " ".join(line.needs for line in lines("pages") + lines("api"))
    unused = [code for code in (p.code for p in PERMISSIONS) if code not in named]
    # Sharing is a tick on a form everybody has.
    assert unused == ["views.share"], unused


@pytest.mark.django_db
def test_what_has_no_line_for_posting_does_not_write(scene: Scene) -> None:
    """A page declared for reading alone, posted to by the administrator."""
    written = {line.address for line in lines("pages") if line.method == "POST"}
    found = []
    for line in lines("pages"):
        if line.address in written:
            continue
        posted = Line(line.address, "POST", line.needs, line.of, line.args, query=line.query)
        answer = ask(posted, scene, scene.ours, "administrator", "other")
        if answer.wrote or answer.status >= 500:
            found.append(f"{posted}: answered {answer.status}, wrote {sorted(set(answer.wrote))}")
    assert not found, f"Add a line for POST to {FILE}: {found}"
