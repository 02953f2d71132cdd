"""Nothing beside the picture stays, and no pixel changes; read by another program than ours."""

import io
import random
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings as sized
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from zhike.surveys.plain_pictures import Unreadable, plain

SECRET = b"SECRET-OF-THE-CAMERA"


def made(kind: str, orientation: int, width: int = 24) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = SECRET.decode(), orientation
    image = Image.new("RGB", (width, 10))
    image.putdata([(x * 7 % 256, x % 256, 5) for x in range(width * 10)])
    more: dict[str, Any] = {"exif": exif}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", SECRET.decode())
        more["pnginfo"] = info
    if kind == "JPEG":
        more["comment"] = SECRET
    if kind == "WEBP":
        more |= {"xmp": SECRET, "lossless": True}
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@each(orientation=st.integers(1, 8), width=st.integers(1, 60))
@sized(max_examples=16, deadline=None)
def test_the_secret_goes_and_the_pixels_stay(kind: str, orientation: int, width: int) -> None:
    before = made(kind, orientation, width)
    after = plain(before, f"image/{kind.lower()}")
    assert SECRET in before
    assert SECRET not in after
    assert Image.open(io.BytesIO(after)).tobytes() == Image.open(io.BytesIO(before)).tobytes()
    if kind == "JPEG":
        assert Image.open(io.BytesIO(after)).getexif().get(0x0112, 1) == orientation
    # Twice is once.
    assert plain(after, f"image/{kind.lower()}") == after


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@each(cut=st.integers(12, 400), noise=st.binary(max_size=40))
@sized(max_examples=40, deadline=None)
def test_half_a_picture_is_refused_or_stays_without_the_secret(
    kind: str, cut: int, noise: bytes
) -> None:
    data = made(kind, 6)[:cut] + noise
    try:
        assert SECRET not in plain(data, f"image/{kind.lower()}")
    except Unreadable:
        return


@pytest.mark.parametrize("behind", [SECRET, made("JPEG", 6), SECRET + b"\xff\xd9"])
def test_what_hangs_behind_a_photo_goes_too(behind: bytes) -> None:
    """Phones put a second picture with a place of its own there, or a film."""
    alone = made("JPEG", 1)
    after = plain(alone + behind, "image/jpeg")
    assert SECRET not in after
    assert after == plain(alone, "image/jpeg")


def test_where_pictures_behind_begin_is_not_told_and_colours_stay() -> None:
    photo = made("JPEG", 1)
    pictures = b"\xff\xe2" + (2 + 4 + len(SECRET)).to_bytes(2, "big") + b"MPF\x00" + SECRET
    assert SECRET not in plain(photo[:2] + pictures + photo[2:], "image/jpeg")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG", icc_profile=profile)
    after = plain(stream.getvalue(), "image/jpeg")
    assert Image.open(io.BytesIO(after)).info["icc_profile"] == profile


@each(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 90),
    progressive=st.booleans(),
    restart=st.integers(0, 3),
)
@sized(max_examples=40, deadline=None)
def test_a_photo_of_several_scans_stays_whole(
    seed: int, width: int, progressive: bool, restart: int
) -> None:
    """Tables stand between the scans, restarts within them."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", (width, 40), chance.randbytes(width * 40 * 3))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90, progressive=progressive, restart_marker_blocks=restart)
    assert plain(stream.getvalue() + SECRET, "image/jpeg") == stream.getvalue()


def test_a_paper_stays_as_it_is() -> None:
    assert plain(b"%PDF-1.7 anything", "application/pdf") == b"%PDF-1.7 anything"
