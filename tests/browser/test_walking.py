"""The walk's own eyes: what it must see on a page."""

import pytest
from playwright.sync_api import Page

from tests.browser import walking

pytestmark = pytest.mark.browser


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "zh-hans": {"Take over": "接手"},
        "zh-hant": {"Take over": "接手", "还没有导入过文件": "還沒有匯入過檔案"},
        "en": {"还没有导入过文件": "No file yet"},
    }
    monkeypatch.setattr(walking, "forgotten", lambda: known)


def test_visible_words_and_labels_are_read_hidden_ones_are_not(page: Page) -> None:
    page.set_content(
        """<html><head><title>Desk</title></head><body><p> Two
        words </p><p hidden>Hidden</p><script>const a = 1</script>
        <input placeholder="Name"><b data-untranslated>As written</b></body></html>"""
    )

    assert page.evaluate(walking.VISIBLE_TEXTS) == ["Two words", "Name", "Desk"]


def test_a_page_that_scrolls_sideways_is_seen_and_a_table_that_scrolls_alone_is_not(
    page: Page,
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.set_content("<div style='overflow-x:auto'><table style='width:900px'></table></div>")
    assert page.evaluate(walking.TOO_WIDE) == ""

    page.set_content("<body style='margin:0'><div class='broad' style='width:420px'>x</div>")
    assert page.evaluate(walking.TOO_WIDE) == "30 px too wide, last by div.broad"


@pytest.mark.usefixtures("words")
def test_texts_nobody_translated_are_named() -> None:
    assert walking.untranslated("zh-hans", ["Take over", "接手", "Anne O'Neill, VIP"]) == [
        "'Take over' should read '接手'"
    ]
    assert walking.untranslated("zh-hant", ["还没有导入过文件"]) != []
    assert walking.untranslated("en", ["还没有导入过文件", "Take over", "张三"]) == [
        "'还没有导入过文件' should read 'No file yet'"
    ]
    assert walking.untranslated("zh-hans", ["Something went wrong here"]) != []
