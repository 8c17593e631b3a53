"""The timeline as a picture to print: PNG, PDF or SVG, by the file's ending. The same timeline, the same bytes."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import RequestError, nearest
from audioguide.output.drawing import DOTS_PER_INCH, HEIGHT, WIDTH, Lettering, Shape, as_image, as_svg
from audioguide.output.sheet import draw_sheets
from audioguide.output.staging import explain, staged
from audioguide.timeline.model import Timeline

if TYPE_CHECKING:
    from PIL.Image import Image

Sheets = Sequence[Sequence[Shape]]


def check_picture(path: Path) -> str:
    """The ending of `path` in small letters, if it names a picture format. Raises RequestError for any other."""
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        said = (
            f"{ending} is not a picture that audioguide draws."
            if ending
            else f"{path} has no ending that names a picture."
        )
        raise RequestError(f"{said} {nearest(ending, _WRITERS)}")
    return ending


def plot(timeline: Timeline, path: Path, description: str = "") -> None:
    """Draw the session on A4 sheets, landscape: one in a PNG however long it is, as many as it takes in a PDF or SVG.

    Raises RequestError for a wrong ending or folder, EnvironmentFailure where the disk fails.
    """
    ending = check_picture(path)
    with staged(path) as (part,):
        sheets, lettering = draw_sheets(timeline, description, one=ending == ".png")
        try:
            with part.open("wb") as file:
                file.writelines(_WRITERS[ending](sheets, lettering))
        except OSError as error:
            raise explain(error, part) from None


def _png(sheets: Sheets, lettering: Lettering) -> Iterator[bytes]:
    (sheet,) = sheets
    yield _compressed(as_image(sheet, lettering))


def _svg(sheets: Sheets, lettering: Lettering) -> Iterator[bytes]:
    yield as_svg(sheets).encode(errors="replace")


def _pdf(sheets: Sheets, lettering: Lettering) -> Iterator[bytes]:
    """One image a page. PDF takes a PNG's own data (ISO 32000-1, 7.4.4: predictor 15), so nothing is lost or blurred.

    Pillow's own PDFs are JPEGs, which leave specks around letters, or hexadecimal.
    """
    pages = " ".join(f"{3 * number} 0 R" for number in range(1, len(sheets) + 1))
    objects = _objects(sheets, lettering, pages)
    offset = len(_PDF_HEAD)
    offsets: list[int] = []
    yield _PDF_HEAD
    for number, body in enumerate(objects, 1):
        offsets.append(offset)
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        offset += len(whole)
        yield whole
    yield b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    yield from (b"%010d 00000 n \n" % at for at in offsets)
    yield b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, offset)


_PDF_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


def _objects(sheets: Sheets, lettering: Lettering, pages: str) -> Iterator[bytes]:
    """Numbered from 1: catalogue, list of pages, and of each page itself, its drawing and its image."""
    yield b"<< /Type /Catalog /Pages 2 0 R >>"
    yield f"<< /Type /Pages /Kids [{pages}] /Count {len(sheets)} /MediaBox [0 0 {WIDTH} {HEIGHT}] >>".encode()
    for number, sheet in enumerate(sheets, 1):
        drawing, picture = 3 * number + 1, 3 * number + 2
        resources = f"<< /XObject << /Sheet {picture} 0 R >> >>"
        yield f"<< /Type /Page /Parent 2 0 R /Resources {resources} /Contents {drawing} 0 R >>".encode()
        yield _stream("", f"{WIDTH} 0 0 {HEIGHT} 0 0 cm /Sheet Do".encode())
        image = as_image(sheet, lettering)
        chunks = list(_chunks(_compressed(image)))
        palette = b"".join(data for name, data in chunks if name == b"PLTE")
        yield _stream(
            f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /BitsPerComponent 8 "
            f"/ColorSpace [/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>] /Filter /FlateDecode "
            f"/DecodeParms << /Predictor 15 /Colors 1 /BitsPerComponent 8 /Columns {image.width} >>",
            b"".join(data for name, data in chunks if name == b"IDAT"),
        )


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _compressed(image: Image) -> bytes:
    """A PNG of 256 colours at most, which flat colours and their edges need no more than."""
    from PIL.Image import Dither, Quantize

    file = io.BytesIO()
    few = image.quantize(256, Quantize.MEDIANCUT, dither=Dither.NONE)
    few.save(file, "PNG", optimize=True, bits=8, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return file.getvalue()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and data of a PNG's chunks (ISO 15948, 5.3)."""
    at = 8
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


_WRITERS: dict[str, Callable[[Sheets, Lettering], Iterable[bytes]]] = {".pdf": _pdf, ".png": _png, ".svg": _svg}
