"""The sentence of a 503, in the reader's language as the request's headers tell it; no session is read for it."""

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from zhike.core.serving.asgi_types import Scope, header


def busy_sentence(scope: Scope) -> str:
    with translation.override(_language(scope)):
        return _("Many people are using this right now. Please try again in a moment.")


def _language(scope: Scope) -> str:
    wished = [parse_cookie(header(scope, b"cookie")).get(settings.LANGUAGE_COOKIE_NAME, "")]
    wished += [code for code, _q in parse_accept_lang_header(header(scope, b"accept-language"))]
    for code in wished:
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
