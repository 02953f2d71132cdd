"""Words found are marked in the text as it is written, in whatever spelling they were asked for."""

import pytest

from zhike.core.search.kinds import excerpt
from zhike.core.search.marking import places_of
from zhike.web.templating.marking import marked


def of(text: str, query: str) -> list[str]:
    return [text[start:end] for start, end in places_of(text, query)]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("控制器又坏了", "控制器", ["控制器"]),
        ("換了新的控制器", "换了", ["換了"]),
        ("换了 ＡＢＣ 型", "abc", ["ＡＢＣ"]),
        ("后桥异响，后桥", "后桥 异响", ["后桥异响", "后桥"]),
        ("哈哈哈", "哈哈", ["哈哈哈"]),
        ("ß 与 ㎏", "㎏", ["㎏"]),
        ("没有", "控制器", []),
        ("没有", " ", []),
    ],
)
def test_places_are_those_of_the_text(text: str, query: str, found: list[str]) -> None:
    assert of(text, query) == found


def test_what_is_marked_is_escaped() -> None:
    assert marked("<b>坏了</b> & 坏", "坏") == (
        "&lt;b&gt;<mark>坏</mark>了&lt;/b&gt; &amp; <mark>坏</mark>"
    )
    assert marked("<script>", "<script>") == "<mark>&lt;script&gt;</mark>"
    assert marked("a&amp;b", "amp") == "a&amp;<mark>amp</mark>;b"


def test_an_excerpt_holds_what_is_marked() -> None:
    text = "前" * 100 + "換新的" + "后" * 100
    assert of(excerpt(text, "换新"), "换新") == ["換新"]
