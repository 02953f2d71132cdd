"""A stored file as an answer: under the type its bytes show, and never run by a browser."""

from django.http import FileResponse
from django.http.response import HttpResponseBase

from zhike.core.files.store import SHOWN_INLINE, open_file
from zhike.core.models import StoredFile


def send_stored(stored: StoredFile, *, name: str, content_type: str) -> HttpResponseBase:
    """Only pictures open in the page, the rest is saved."""
    inline = content_type in SHOWN_INLINE
    response = FileResponse(
        open_file(stored),
        as_attachment=not inline,
        filename=name,
        content_type=content_type if inline else "application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
