"""Seal and unseal text under a person's key. Stored form: `v1:key id:nonce:ciphertext`."""

import base64
import os
import secrets
from collections import OrderedDict
from datetime import datetime
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhike.core.models.keys import PersonKey
from zhike.core.sealing.ring import ring


class SealBroken(Exception):
    """The value cannot be read: its key was destroyed (erasure) or the ring is not the one it was sealed with."""


_CACHE_SIZE = 4096
_cache: "OrderedDict[tuple[str, int], bytes]" = OrderedDict()
_lock = Lock()


def _wrapped(data_key: bytes) -> str:
    keys = ring()
    nonce = os.urandom(12)
    sealed = AESGCM(keys.wrapping[keys.current]).encrypt(nonce, data_key, b"person-key")
    return f"{keys.current}:{_b64(nonce)}:{_b64(sealed)}"


def _unwrapped(text: str) -> bytes:
    ring_id, nonce, sealed = text.split(":")
    try:
        wrapping = ring().wrapping[ring_id]
        return AESGCM(wrapping).decrypt(_raw(nonce), _raw(sealed), b"person-key")
    except (KeyError, InvalidTag) as error:
        raise SealBroken("The master ring does not hold the key this was wrapped with.") from error


def rewrapped(text: str) -> str:
    """The same data key under the present wrapping key of the ring."""
    return _wrapped(_unwrapped(text))


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new_key(made_at: datetime) -> PersonKey:
    return PersonKey.objects.create(wrapped=_wrapped(secrets.token_bytes(32)), made_at=made_at)


def new_keys(count: int, made_at: datetime) -> list[PersonKey]:
    """Many keys with one statement, for imports."""
    rows = [
        PersonKey(wrapped=_wrapped(secrets.token_bytes(32)), made_at=made_at) for _ in range(count)
    ]
    return PersonKey.objects.bulk_create(rows)


def _data_key(key_id: int) -> bytes:
    # The wrapped text is part of the cache key: a destroyed or replaced key is never served from memory
    # longer than its row is re-read, and test databases that reuse ids cannot mix keys.
    row = PersonKey.objects.filter(pk=key_id).values_list("wrapped", flat=True).first()
    if not row:
        raise SealBroken("This person's key has been destroyed.")
    slot = (row, key_id)
    with _lock:
        known = _cache.get(slot)
        if known is not None:
            _cache.move_to_end(slot)
            return known
    key = _unwrapped(row)
    with _lock:
        _cache[slot] = key
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return key


def seal(key: PersonKey | int, text: str) -> str:
    """Seal `text` under a person's key. A saved `PersonKey` spares the look-up by id."""
    key_id = key.pk if isinstance(key, PersonKey) else key
    data_key = _unwrapped(key.wrapped) if isinstance(key, PersonKey) else _data_key(key)
    nonce = os.urandom(12)
    sealed = AESGCM(data_key).encrypt(nonce, text.encode(), str(key_id).encode())
    return f"v1:{key_id}:{_b64(nonce)}:{_b64(sealed)}"


def unseal(token: str, key: PersonKey | None = None) -> str:
    """The text again. A loaded `PersonKey` spares the look-up. Raises `SealBroken` when the key is gone or the
    value was altered.
    """
    if not token:
        return ""
    version, key_id, nonce, sealed = token.split(":")
    if version != "v1":
        raise SealBroken(f"Unknown seal version {version}.")
    known = key is not None and str(key.pk) == key_id and key.wrapped
    try:
        data_key = _unwrapped(key.wrapped) if key and known else _data_key(int(key_id))
        return AESGCM(data_key).decrypt(_raw(nonce), _raw(sealed), key_id.encode()).decode()
    except InvalidTag as error:
        raise SealBroken("The sealed value was altered.") from error


def destroy_key(key_id: int, at: datetime) -> None:
    PersonKey.objects.filter(pk=key_id).update(wrapped="", destroyed_at=at)
