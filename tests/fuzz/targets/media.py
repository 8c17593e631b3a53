"""Pictures (covers, logos) and sound files (music, recordings, what `send` shows), damaged or larger than they look."""

from __future__ import annotations

import io
import struct
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from audioguide.draw.cover import LARGEST_COVER, SIZE, fit_cover
from audioguide.export.formats import FORMATS
from audioguide.session.handout import _read_logo
from audioguide.sound import background
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.web.landing_page import describe_file, render_page
from fuzz.target import Target
from fuzz.targets.carried import own_folder


@cache
def _folder() -> Path:
    return own_folder()


def run_picture(data: bytes) -> str:
    """A cover, and the logo of a sheet; a warning would be printed."""
    with warnings.catch_warnings(action="error"):
        made = fit_cover(data, "cover.png")
    assert len(made) <= LARGEST_COVER
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (SIZE, SIZE))
    (path := _folder() / "logo.png").write_bytes(data)
    assert _read_logo(path)[1] > 0
    return "a cover"


def pictures() -> Iterator[bytes]:
    """Pictures of every mode, and bombs."""
    waves = np.indices((40, 60)).sum(axis=0).astype(np.uint8) * 3
    plain = Image.fromarray(waves)
    for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "HSV"):
        for kind, more in (("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {"optimize": True})):
            file = io.BytesIO()
            try:
                plain.convert(mode).save(file, kind, **more)
            except (OSError, ValueError):
                continue
            yield file.getvalue()
    for more in (
        {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"},
        {"icc_profile": bytes(200)},
    ):
        plain.save(file := io.BytesIO(), "JPEG", **more)
        yield file.getvalue()
    for kind in ("GIF", "BMP", "TIFF", "WEBP"):
        plain.save(file := io.BytesIO(), kind)
        yield file.getvalue()
    yield b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    whole, nothing = zlib.compress(bytes(7000 * 21_001)), zlib.compress(bytes(30_000_000))
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 7000, 7000, 8, 2, 0, 0, 0))
    yield b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", whole) + _chunk(b"IEND", b"")
    for width, height, depth, colour in (
        (7000, 7000, 8, 2),
        (2**31 - 1, 2**31 - 1, 16, 6),
        (50_000_000, 1, 1, 0),
        (0, 0, 8, 0),
    ):
        head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 1))
        texts = _chunk(b"zTXt", b"a\0\0" + nothing) + _chunk(b"iCCP", b"a\0\0" + nothing)
        yield b"\x89PNG\r\n\x1a\n" + head + texts + _chunk(b"IDAT", nothing) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def run_sound(data: bytes) -> str:
    """A recording of a line, music of a background, and what `send` tells of a file; the first byte says which."""
    path = _folder() / f"a{[*FORMATS][data[0] % len(FORMATS)] if data else '.wav'}"
    path.write_bytes(data[1:])
    match len(data) % 3:
        case 0:
            sound = decode_to_segment(path, 20)
            assert len(sound.raw_data) <= 20 * 44_100 * 2
        case 1:
            planes = background.find_background(str(path)).make_source().block(0, 44_100)
            assert np.isfinite(planes).all()
        case _:
            shown = render_page([describe_file(path)], "en", "")
            assert "<script" not in shown.partition("</head>")[2].replace('<script src="assets', "")
    return "a sound"


def sounds() -> Iterator[bytes]:
    """Two seconds in every format, and a list that names another file."""
    from encoding import encoding

    noise = np.random.default_rng(1).normal(0, 0.1, (88_200, 2)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for number, form in enumerate(FORMATS.values()):
            if form.ending != ".html":
                with encoding(path := Path(folder) / f"a{form.ending}", form) as encoder:
                    encoder.write(noise if form.bitrate else noise[::20])
                for extra in (b"", b"\0", b"\0\0"):
                    yield bytes([number]) + path.read_bytes() + extra
    for text in (
        "ffconcat version 1.0\nfile secret.mp3\n",
        "#EXTM3U\nfile:///etc/passwd\n",
        "v=0\nm=audio 5004 RTP/AVP 0\n",
    ):
        yield b"\0" + text.encode()


TARGETS = (
    Target("pictures", "files", pictures, run_picture, "bytes", (), 2),
    Target("sounds", "files", sounds, run_sound, "bytes", (), 1, most=1500),
)
