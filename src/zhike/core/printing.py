"""Pages on paper: HTML of our own to PDF, by WeasyPrint and the fonts of the system.

The library is imported when the first page is printed, because it needs Pango, which a machine may lack; then one
sentence says how to get it, and the browser's own print stays. Nothing is fetched: a paper holds all it shows.
"""

import ctypes
import shutil
import subprocess
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.errors import RuleError

APT_LINE = (
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fontconfig"
)
_LIBRARIES = ("libgobject-2.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


class PrintingUnavailable(RuleError):
    """This machine cannot make PDFs; the sentence says what is missing."""

    status = 503


def _missing(what: str) -> PrintingUnavailable:
    return PrintingUnavailable(
        "printing_unavailable",
        _("This machine cannot make PDFs: %(what)s is missing. Install it with: %(line)s")
        % {"what": what, "line": APT_LINE},
    )


@cache
def _library() -> Any:
    # Looked for first: where they are missing the library prints a page about it wherever one happens to be.
    if not _has_libraries():
        raise _missing("Pango")
    try:
        import weasyprint  # type: ignore[import-untyped]  # ships no types
    except OSError as error:
        raise _missing("Pango") from error
    return weasyprint


def _has_libraries() -> bool:
    try:
        for name in _LIBRARIES:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


@cache
def _has_chinese_font() -> bool:
    program = shutil.which("fc-match")
    if program is None:
        return False
    found = subprocess.run(
        [program, "-f", "%{lang}", ":lang=zh-cn"], capture_output=True, text=True, check=False
    )
    return "zh-cn" in found.stdout


def can_print() -> bool:
    """Does this machine have all that printing needs? Looked for without importing the printer (half a second)."""
    return _has_libraries() and _has_chinese_font()


def require_printing() -> None:
    """Raises PrintingUnavailable, before anything is noted that would then not come about."""
    _library()


def pdf_of(html: str) -> bytes:
    """The PDF of a whole HTML page, its styles within. Seconds rather than milliseconds: call it from a job."""
    library = _library()
    if not _has_chinese_font():
        raise _missing(_("a Chinese font"))
    nothing = library.urls.URLFetcher(allowed_protocols=())
    document: bytes = library.HTML(string=html, url_fetcher=nothing).write_pdf()
    return document
