from pathlib import Path

import pytest
from django.core.files.storage import storages

from zhike.core.serving.collect import STAMP, collect_assets


@pytest.fixture
def sources(tmp_path: Path, settings) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "zhike.core.serving.assets.HashedStorage"},
    }
    return folder


def collected(settings) -> set[str]:
    return {p.name for p in Path(settings.STATIC_ROOT).iterdir() if not p.name.startswith(".")}


def test_assets_are_collected_when_they_changed_and_only_then(sources: Path, settings):
    (sources / "a.css").write_text("a { color: red }")
    assert collect_assets()
    assert not collect_assets()
    (sources / "a.css").write_text("a { color: blue; }")
    (sources / "b.css").write_text("b { }")
    assert collect_assets()
    assert sum(name.startswith("a.") for name in collected(settings)) == 2, "no old copy stays"


def test_a_collection_cut_off_half_way_is_begun_anew(sources: Path, settings):
    (sources / "a.css").write_text("a { }")
    collect_assets()
    (Path(settings.STATIC_ROOT) / STAMP).unlink()
    assert collect_assets()


def test_a_source_map_that_is_not_shipped_stops_nothing(sources: Path, settings):
    (sources / "lib.min.css").write_text("a{b:url(dot.svg)}\n/*# sourceMappingURL=lib.css.map */")
    (sources / "lib.min.js").write_text("let a\n//# sourceMappingURL=lib.js.map")
    (sources / "dot.svg").write_text("<svg/>")
    collect_assets()
    storage = storages["staticfiles"]
    name = storage.stored_name("lib.min.css")  # type: ignore[attr-defined] # the manifest storage's
    assert 'url("dot.' in (Path(settings.STATIC_ROOT) / name).read_text()


def test_a_file_that_a_style_names_but_nobody_has_is_an_error(sources: Path):
    (sources / "a.css").write_text("a { b: url(missing.svg) }")
    with pytest.raises(Exception, match=r"missing\.svg"):
        collect_assets()
