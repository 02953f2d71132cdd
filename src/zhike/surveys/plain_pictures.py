"""Pictures without what the camera wrote beside them: when, where, by whose phone.

Lossless: parts of the file are left out, no pixel is touched. Which way up a picture is held is kept.
"""

import struct
from collections.abc import Iterator

# Markers of a JPEG that may stay: JFIF, colour profile, Adobe's colour transform.
_KEPT_SEGMENTS = frozenset({0xE0, 0xE2, 0xEE})
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_DROPPED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"})
_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_EXIF_FLAGS = 0x08 | 0x04
_ORIENTATION = 0x0112


class Unreadable(ValueError):
    """No picture of the type it begins like."""


def plain(data: bytes, content_type: str) -> bytes:
    """The same picture with nothing beside it; anything else as it is."""
    try:
        if content_type == "image/jpeg":
            return b"".join(_jpeg(data))
        if content_type == "image/png":
            return b"".join(_png(data))
        if content_type == "image/webp":
            return _webp(data)
    except (struct.error, IndexError) as error:
        raise Unreadable from error
    return data


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Unreadable
        marker = data[at + 1]
        if marker == 0xFF:
            # Fill bytes before a marker.
            at += 1
            continue
        if marker == 0xDA:
            # The picture itself, to the end of it. What phones hang behind (a second picture with a place of
            # its own, a film) is no part of it.
            yield data[at : _end_of_picture(data, at)]
            return
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        segment = data[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise Unreadable
        if marker == 0xE1:
            yield _turned(_orientation(segment[4:]))
        elif marker == 0xE2 and not segment[4:].startswith(b"ICC_PROFILE\x00"):
            # Tells where the pictures behind this one begin, among others.
            pass
        elif marker in _KEPT_SEGMENTS or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            yield segment
        at += 2 + length


def _end_of_picture(data: bytes, at: int) -> int:
    """Behind the end marker of the picture whose first scan begins at `at`: a scan, or tables and the next one."""
    while True:
        marker = data[at + 1]
        if data[at] != 0xFF:
            raise Unreadable
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if length < 2:
            raise Unreadable
        at += 2 + length
        if marker == 0xDA:
            at = _next_marker(data, at)


def _next_marker(data: bytes, at: int) -> int:
    """In the data of a scan 0xFF is followed by 0 or a restart; anything else ends it."""
    while (at := data.find(b"\xff", at)) >= 0:
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
    raise Unreadable


def _orientation(exif: bytes) -> int:
    """1 to 8 as the camera noted it; 1 where it did not."""
    if not exif.startswith(b"Exif\x00\x00"):
        return 1
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack(order + "I", tiff[4:8])
        (count,) = struct.unpack(order + "H", tiff[first : first + 2])
        for number in range(min(count, 200)):
            entry = tiff[first + 2 + 12 * number : first + 14 + 12 * number]
            tag, kind = struct.unpack(order + "HH", entry[:4])
            if tag == _ORIENTATION and kind == 3:
                (value,) = struct.unpack(order + "H", entry[8:10])
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _turned(orientation: int) -> bytes:
    """A segment that says which way up, and nothing else; none for the usual way."""
    if orientation == 1:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> Iterator[bytes]:
    yield _PNG_HEAD
    at = len(_PNG_HEAD)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name = data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise Unreadable
        if name not in _PNG_DROPPED:
            yield chunk
        at += 12 + length
        if name == b"IEND":
            return
    raise Unreadable


def _webp(data: bytes) -> bytes:
    kept = [b"WEBP"]
    (size,) = struct.unpack("<I", data[4:8])
    end = min(len(data), 8 + size)
    at = 12
    while at + 8 <= end:
        name = data[at : at + 4]
        (length,) = struct.unpack("<I", data[at + 4 : at + 8])
        whole = 8 + length + length % 2
        chunk = data[at : at + whole]
        if len(chunk) < 8 + length:
            raise Unreadable
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_EXIF_FLAGS]) + chunk[9:]
        if name not in _WEBP_DROPPED:
            kept.append(chunk)
        at += whole
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
