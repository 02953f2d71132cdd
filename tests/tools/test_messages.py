"""The translation tools on a small room of their own."""

import json
import sys
from pathlib import Path

import polib
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import catalogues  # noqa: E402
import messages  # noqa: E402
import wording  # noqa: E402

TEMPLATE = """
<div>
    {% if n %}
      {% trans trimmed n=n %}
        One case, {{ who }}
      {% pluralize n %}
        {{ n }} cases, {{ who }}
      {% endtrans %}
    {% endif %}
    {{ _("Due at 50%") }}
    {{ pgettext("state", "Open") }}
    {# 中文注释 #}
</div>
"""
PYTHON = '''"""房间说明"""
from django.utils.translation import gettext_lazy as _, gettext_noop as _noop, ngettext, pgettext
HINT = _noop("Hint")
TITLE = _("Quality")
def text(n, name):
    return ngettext("%(n)d row", "%(n)d rows", n), pgettext("verb", "Open"), _(name)
'''


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "src" / "zhike" / "shop"
    (folder / "templates" / "shop").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "words.py").write_text(PYTHON)
    (folder / "templates" / "shop" / "page.html").write_text(TEMPLATE)
    for module in (catalogues, wording):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "PACKAGE", tmp_path / "src" / "zhike")
    monkeypatch.setattr(messages, "PACKAGE", tmp_path / "src" / "zhike")
    return folder


TRANSLATIONS = {
    "Quality": "质量",
    "Hint": "提示",
    "Due at 50%": "50% 时到期",
    "%(n)d row": "%(n)d 行",
    "One case, %(who)s": "%(n)s 件工单，%(who)s",
    "[state] Open": "处理中",
    "[verb] Open": "打开",
}


def fill(folder: Path, texts: dict[str, str]) -> int:
    source = folder / "texts.json"
    source.write_text(json.dumps(texts))
    return messages.command_fill("shop", str(source))


def test_extraction_finds_indented_plural_context_and_lazy_texts(room: Path) -> None:
    found = {message.key: message.plural for message in catalogues.extract("shop")}

    assert found == {key: found[key] for key in TRANSLATIONS}
    assert found["One case, %(who)s"] == "%(n)s cases, %(who)s"
    assert found["%(n)d row"] == "%(n)d rows"


def test_missing_prints_what_fill_accepts(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages.command_missing("shop")

    skeleton = json.loads(capsys.readouterr().out)
    assert skeleton == dict.fromkeys(TRANSLATIONS, "")
    assert fill(room, TRANSLATIONS) == 0
    assert messages.command_check([]) == 0


def test_fill_with_an_unknown_text_writes_nothing(room: Path) -> None:
    assert fill(room, {"Quality": "质量", "Qualty": "质量"}) == 1
    assert not catalogues.catalogue_path("shop", "zh_Hans").exists()


def test_traditional_is_drafted_with_the_override_list_and_hand_work_kept(room: Path) -> None:
    fill(room, TRANSLATIONS)
    path = catalogues.catalogue_path("shop", "zh_Hant")
    catalogue = polib.pofile(str(path))
    assert catalogue.find("Quality").msgstr == "品質"

    catalogue.find("Quality").msgstr = "品級"
    catalogue.save()
    assert "is not the draft" in "".join(messages.drift("shop"))

    catalogue.find("Quality").tcomment = "hand"
    catalogue.save()
    assert messages.drift("shop") == []
    messages.command_update([])
    assert polib.pofile(str(path)).find("Quality").msgstr == "品級"


def test_compiled_single_plural_entries_are_kept(room: Path) -> None:
    fill(room, TRANSLATIONS)
    messages.command_compile()

    compiled = polib.mofile(str(catalogues.catalogue_path("shop", "zh_Hans").with_suffix(".mo")))
    assert compiled.find("%(n)d row").msgstr_plural == {0: "%(n)d 行"}


def test_catalogues_are_written_the_same_way_twice(room: Path) -> None:
    fill(room, TRANSLATIONS)
    path = catalogues.catalogue_path("shop", "zh_Hans")
    first = path.read_bytes()
    messages.command_update([])

    assert path.read_bytes() == first
    assert b"POT-Creation-Date" not in first


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("共 %(m)s 行", "placeholders differ"),
        ("共 行", "placeholders differ"),
        ("共%(n)s行3条", "no space"),
        ("%(n)s 行,完", "half-width"),
        ("%(n)s 行！", "exclamation"),
        ("%(n)s 行...", "three dots"),
    ],
)
def test_careless_translations_are_named(text: str, fault: str) -> None:
    message = catalogues.Message("%(n)s rows")

    assert any(fault in problem for problem in wording.faults("x", message, text))


def test_stale_and_disagreeing_entries_are_found(room: Path) -> None:
    fill(room, TRANSLATIONS)
    (room / "words.py").write_text("")
    problems = "\n".join(messages.problems_of("shop"))
    assert "no longer in the source: 'Quality'" in problems

    message = catalogues.Message("Open")
    rooms = {
        "a": {message: catalogues.entry_of(message, "打开")},
        "b": {message: catalogues.entry_of(message, "未结")},
    }
    assert "translated differently" in wording.disagreements(rooms)[0]


def test_chinese_in_code_is_found_but_not_in_comments_docstrings_or_data(room: Path) -> None:
    (room / "words.py").write_text(
        '"""说明"""\nA = "中文"\nB = "样本"  # zh-data\n# 注释\n'
        '# zh-data: words people write\nYES = {\n    "是",\n}\nC = re.compile("年")\n'
    )
    (room / "templates" / "shop" / "page.html").write_text("{# 注释 #}\n<p>知客</p>\n<p>你好</p>\n")

    found = wording.chinese_in_source(room)

    assert [line.split(": ")[0].rsplit("/", 1)[1] for line in found] == [
        "words.py:2",
        "page.html:3",
    ]


def test_words_outside_translate_tags_are_found(room: Path) -> None:
    (room / "templates" / "shop" / "page.html").write_text(
        """{# a comment #}
<p title="{{ _('Fine') }}">{{ _("Fine") }} <kbd>Ctrl</kbd> CSV {{ name }}</p>
<p>Forgotten</p>
<input placeholder="Also forgotten">
"""
    )

    found = wording.untranslated_in_templates(room)

    assert [line.split("page.html:")[1] for line in found] == [
        "3: not in a translate tag: 'Forgotten'",
        "4: not in a translate tag: 'Also forgotten'",
    ]
