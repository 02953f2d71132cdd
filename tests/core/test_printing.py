"""What a machine lacks for printing is found without importing the printer."""

import pytest

from zhike.core import printing


def test_a_machine_without_pango_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "_LIBRARIES", ("libnowhere-1.0.so.0",))
    assert not printing.can_print()
    printing._library.cache_clear()
    with pytest.raises(printing.PrintingUnavailable, match="Pango"):
        printing.pdf_of("<p>您好</p>")


def test_a_machine_without_chinese_fonts_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "_LIBRARIES", ())
    monkeypatch.setattr(printing, "_has_chinese_font", lambda: False)
    assert not printing.can_print()


def test_a_machine_with_both_prints(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "_has_chinese_font", lambda: True)
    assert printing.can_print()
    assert printing.pdf_of("<p>您好</p>").startswith(b"%PDF")
