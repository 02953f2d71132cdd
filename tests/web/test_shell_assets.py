"""What the pages load: only our own, only what is needed, nothing the content policy refuses."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

import zhike

PACKAGE = Path(zhike.__file__).parent
STATIC = PACKAGE / "web" / "static"
OWN_STYLES = [p for p in PACKAGE.rglob("static/*/*.css") if p.parent.name != "vendor"]
OWN_SCRIPTS = [p for p in PACKAGE.rglob("static/*/*.js") if p.parent.name != "vendor"]
TEMPLATES = list(PACKAGE.rglob("templates/**/*.html"))
SPRITE = (STATIC / "vendor" / "icons.svg").read_text()
PUBLIC_SPRITE = (STATIC / "vendor" / "icons-public.svg").read_text()
# ui.icon("x"), icon="x" of other components, and first arguments of ui.state("x", …)
NAMED_ICON = re.compile(r'\bui\.(?:icon|state)\("([a-z0-9-]+)"|\bicon="([a-z0-9-]+)"')
PUBLIC_ICON = re.compile(r'\bui\.icon\("([a-z0-9-]+)"[^}]*public=true')


def symbols(sprite: str) -> set[str]:
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    wanted = {
        (name, path.name)
        for path in TEMPLATES
        for pair in NAMED_ICON.findall(path.read_text())
        for name in pair
        if name
    }
    assert not {(n, where) for n, where in wanted if n not in symbols(SPRITE)}


def test_every_icon_of_a_customers_page_is_in_the_small_sprite() -> None:
    wanted = {n for path in TEMPLATES for n in PUBLIC_ICON.findall(path.read_text())}
    assert wanted <= symbols(PUBLIC_SPRITE)


def test_every_icon_of_the_menu_is_in_the_sprite() -> None:
    from zhike.core.shell import CREATE, MENU, NOTICES

    named = {e.icon for e in MENU} | {e.icon for e in CREATE} | {n.icon for n in NOTICES}
    assert named <= symbols(SPRITE)


def test_colours_come_from_the_tokens_alone() -> None:
    found = {
        f"{path.name}: {colour}"
        for path in OWN_STYLES
        if path.name not in ("tokens.css", "tokens_dark.css")
        for colour in re.findall(
            r"#[0-9a-fA-F]{3,8}\b(?![^{}]*{)|\brgba?\(|\bhsla?\(", path.read_text()
        )
    }
    assert not found


def test_every_token_used_is_declared() -> None:
    declared = set(re.findall(r"(--zk-[a-z0-9-]+)\s*:", (STATIC / "web/tokens.css").read_text()))
    used = {
        v for path in OWN_STYLES for v in re.findall(r"var\((--zk-[a-z0-9-]+)", path.read_text())
    }
    assert used <= declared


def test_styles_fetch_only_files_that_exist() -> None:
    for path in OWN_STYLES:
        for name in re.findall(r'url\("?([^")]+)"?\)', path.read_text()):
            assert not name.startswith(("data:", "http", "//")), path
            assert (path.parent / name).is_file(), f"{path.name} asks for {name}"
        assert "@import" not in path.read_text()


def test_scripts_neither_evaluate_text_nor_write_styles() -> None:
    for path in OWN_SCRIPTS:
        text = path.read_text()
        for refused in ("eval(", "new Function", ".innerHTML", "document.write", ".cssText"):
            assert refused not in text, f"{path.name}: {refused}"
        # Hashed file names: an imported module would be loaded a second time under its own name.
        assert not re.search(r"^\s*import\s", text, re.MULTILINE), path.name


def test_third_party_files_come_with_their_notices_and_ask_for_nothing() -> None:
    notices = (STATIC / "vendor" / "LICENSES.txt").read_text()
    for name in ("@tabler/core", "@tabler/icons", "htmx.org"):
        assert name in notices
    tabler = (STATIC / "vendor" / "tabler.min.css").read_text()
    assert "sourceMappingURL" not in tabler
    assert "data:" not in tabler, "default-src 'self' refuses it before app.css has arrived"


@pytest.mark.django_db
@pytest.mark.urls("tests.web.gallery_urls")
def test_a_customers_page_weighs_under_100_kb_and_needs_no_script() -> None:
    page = Client().get("/gallery/public/").content.decode()
    assert "<script" not in page
    weight = len(page.encode())
    for name in set(re.findall(r'(?:href|src)="/static/([^"#]+)', page)):
        found = finders.find(name)
        assert found, name
        weight += Path(str(found)).stat().st_size
    assert weight < 100_000
