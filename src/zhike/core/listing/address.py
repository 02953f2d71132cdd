"""The address of a list is its state: filters, tab, order and place all lie in the query string."""

from collections.abc import Iterable
from urllib.parse import urlencode

PLACE = ("after", "before")


class Address:
    """A path with ordered parameters. Any change but of the place leads back to the first page."""

    def __init__(self, path: str, pairs: Iterable[tuple[str, str]]) -> None:
        self.path = path
        self.pairs = [(key, value) for key, value in pairs if value != ""]

    def changed(self, changes: dict[str, str | list[str] | None]) -> "Address":
        keep_place = any(key in PLACE for key in changes)
        pairs = [
            (key, value)
            for key, value in self.pairs
            if key not in changes and (keep_place or key not in PLACE)
        ]
        for key, new in changes.items():
            pairs += [(key, v) for v in ([new] if isinstance(new, str) else new or [])]
        if keep_place:
            dropped = [key for key in PLACE if key not in changes]
            pairs = [pair for pair in pairs if pair[0] not in dropped]
        return Address(self.path, pairs)

    def url(self, **changes: str | list[str] | None) -> str:
        return str(self.changed(changes))

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    def __str__(self) -> str:
        return f"{self.path}?{self.query}" if self.pairs else self.path
