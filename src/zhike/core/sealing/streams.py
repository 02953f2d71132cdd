"""Files sealed piece by piece, so that one of any size passes through without lying in memory."""

import os
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhike.core.models.keys import PersonKey
from zhike.core.sealing.box import SealBroken, _data_key

_PIECE = 64 * 1024
_NONCE = 12


def seal_stream(key: PersonKey, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Frames of length, nonce and ciphertext. Each is bound to its place and to whether it is the last."""
    cipher = AESGCM(_data_key(key.pk))
    place, held = 0, b""
    for chunk in chunks:
        held += chunk
        while len(held) > _PIECE:
            yield _frame(cipher, place, held[:_PIECE], is_last=False)
            place, held = place + 1, held[_PIECE:]
    yield _frame(cipher, place, held, is_last=True)


def unseal_stream(key: PersonKey, stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes again. Raises `SealBroken` when the key is gone, or anything was altered or cut off."""
    cipher = AESGCM(_data_key(key.pk))
    place = 0
    while True:
        head = stream.read(4)
        length = int.from_bytes(head, "big")
        sealed = stream.read(length)
        if len(head) < 4 or len(sealed) < length or length < _NONCE:
            raise SealBroken("The sealed file ends too early.")
        for is_last in (False, True):
            try:
                piece = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(place, is_last))
            except InvalidTag:
                continue
            break
        else:
            raise SealBroken("The sealed file was altered.")
        yield piece
        if is_last:
            return
        place += 1


def _frame(cipher: AESGCM, place: int, piece: bytes, *, is_last: bool) -> bytes:
    nonce = os.urandom(_NONCE)
    sealed = nonce + cipher.encrypt(nonce, piece, _bound(place, is_last))
    return len(sealed).to_bytes(4, "big") + sealed


def _bound(place: int, is_last: bool) -> bytes:
    return f"{place}:{'last' if is_last else 'more'}".encode()
