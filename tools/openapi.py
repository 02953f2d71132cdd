"""The API's description as a reviewed file: docs/openapi.json is what the program serves.

tools/openapi.py            write it
tools/openapi.py --check    fail if the program would serve another one
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def served() -> str:
    import django

    with tempfile.TemporaryDirectory(prefix="zhike-openapi-") as data:
        os.environ["ZHIKE_DATA"] = data
        os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.config.settings"
        django.setup()
        from django.utils import translation

        # One language, whoever runs this.
        with translation.override("en"):
            # The table of addresses brings every room's routes in.
            importlib.import_module("zhike.config.urls")
            root = importlib.import_module("zhike.api.root")
            schema = root.api.get_openapi_schema()
            return (
                json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
            )


def main() -> int:
    if importlib.util.find_spec("zhike.api.root") is None:
        if FILE.exists():
            print("docs/openapi.json describes an API, but there is no zhike.api.root.")
            return 1
        return 0
    now = served()
    if "--check" not in sys.argv:
        FILE.write_text(now, encoding="utf-8")
        return 0
    kept = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    if kept == now:
        return 0
    difference = difflib.unified_diff(
        kept.splitlines(), now.splitlines(), "docs/openapi.json", "the program", lineterm="", n=2
    )
    print("\n".join(list(difference)[:200]))
    return 1


if __name__ == "__main__":
    sys.exit(main())
