"""The master ring: wrapping keys by id and the blind-index key, in one 0600 file outside the database."""

import base64
import json
import os
import secrets
import time
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from zhike.core.masterring import Ring, parse


def ring_path() -> Path:
    return Path(settings.DATA) / "keys" / "ring.json"


def _fresh() -> str:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return json.dumps({"current": "r1", "wrapping": {"r1": key()}, "index": key()}, indent=1)


@lru_cache(maxsize=4)
def _load(path: Path) -> Ring:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as stream:
            stream.write(_fresh())
    for _ in range(50):
        text = path.read_text()
        if text:
            break
        time.sleep(0.02)  # another process has made the file and is about to write it
    return parse(text)


def ring() -> Ring:
    return _load(ring_path())
