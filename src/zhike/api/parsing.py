"""What reaches the routes can be kept: text a database refuses is answered before anything is asked of it."""

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser
from ninja.types import DictStrAny

from zhike.core.errors import RuleError

# PostgreSQL keeps no NUL; half of a pair (`\ud800` in JSON) is no character and cannot be written as UTF-8.
_DEEPEST = 20


def _is_whole(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(_is_whole(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(_is_whole(part, depth + 1) for part in value)
    return True


class WholeTextParser(Parser):
    def parse_body(self, request: HttpRequest) -> DictStrAny:
        body = super().parse_body(request)
        if not _is_whole(body):
            # Ninja answers whatever is raised here with 400.
            raise ValueError("The body holds text that cannot be kept.")
        return body

    def parse_querydict(
        self, data: MultiValueDict[Any, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        read = super().parse_querydict(data, list_fields, request)
        for name, value in read.items():
            if not _is_whole(value):
                raise RuleError(
                    "text_unreadable",
                    _("This text holds a character that cannot be kept. Please remove it."),
                    field=str(name) if _is_whole(name) else "",
                )
        return read
