"""Page assets with a hash in their names, compressed once, cached by browsers for good."""

from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import (  # type: ignore[import-untyped] # published without types
    CompressedManifestStaticFilesStorage,
)


def _without_source_maps(patterns: Any) -> Any:
    """Fetched libraries name source maps that are not shipped; Django would refuse to collect them."""
    kept = []
    for extension, rules in patterns:
        rest = tuple(
            rule
            for rule in rules
            if "sourceMappingURL" not in (rule if isinstance(rule, str) else rule[0])
        )
        if rest:
            kept.append((extension, rest))
    return tuple(kept)


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # as above
    patterns = _without_source_maps(HashedFilesMixin.patterns)
    # Our own scripts may import each other.
    support_js_module_import_aggregation = True
