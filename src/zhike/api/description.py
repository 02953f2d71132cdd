"""The description of the API, /openapi.json, made once in the life of a process."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema


class DescribedOnce(NinjaAPI):
    """Making it takes more than a second of a processor, and anybody may ask for it.

    It tells the same to everybody, in one language, and nothing adds to it once the addresses are known.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]
