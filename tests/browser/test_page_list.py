"""Every address of the program is in the page list, or excused there with a reason."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.walking import excused, listed


def named(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if pattern.namespace != "api":
                yield from named(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}" if pattern.name else f"{space}{pattern.pattern}"


def test_every_address_is_a_listed_page_or_excused() -> None:
    addresses = set(named(get_resolver().url_patterns))
    pages = {page.name for page in listed()}

    assert sorted(addresses - pages - set(excused())) == [], "add them to tests/browser/pages.json"
    assert sorted((pages | set(excused())) - addresses) == [], "gone: take them off the list"
    assert sorted(pages & set(excused())) == []
    assert all(reason.strip() for reason in excused().values())
