"""SVG to files: PNG, JPEG, PDF, and SVG that brings its own font along. The same picture gives the same bytes.

Letters that the pictures' font lacks come from the fonts of this machine; those that none has are left out.
"""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from html import escape, unescape
from itertools import pairwise

from audioguide.draw.font import FILES, needs_other_font
from audioguide.draw.svg import FAMILY, element, number

_TEXT = re.compile(r'<text([^>]* font-size="([^"]+)"[^>]*)>([^<]*)</text>')
"""Its attributes, the letter size, the words: what svg.text writes."""

_EDGES = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def to_png(svg: str, width: int, dots_per_inch: float = 0.0) -> bytes:
    """So many pixels wide; what is not painted stays clear. `dots_per_inch`, if given, says how large to print it."""
    import resvg_py

    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        dpi=96,  # points are 4/3 pixels, as in browsers
        font_files=[str(file) for file in FILES.values()],
        font_family=FAMILY,
        skip_system_fonts=not needs_other_font(_letters(svg)),
    )
    if not dots_per_inch:
        return png
    per_metre = round(dots_per_inch / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    head = 33  # the signature and the first chunk, of fixed length (ISO 15948, 5.2 and 11.2.2)
    return png[:head] + struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[head:]


MADE_BY = "audioguide"
"""The comment in every JPEG: by it a picture that was drawn here is told from others."""


def to_jpeg(svg: str, width: int) -> bytes:
    """A baseline JPEG, so many pixels wide, with colours as fine as its brightness: edges of colour stay sharp."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(to_png(svg, width)), formats=["PNG"]) as image:
        image.convert("RGB").save(file, "JPEG", quality=88, subsampling="4:4:4", comment=MADE_BY)
    return file.getvalue()


def to_pdf(pages: Sequence[str], title: str, language: str = "en") -> bytes:
    """A page for each picture, in points, with text as text. A page that needs other fonts becomes an image."""
    from datetime import UTC, datetime

    from fpdf import FPDF
    from fpdf.svg import SVGObject

    pdf = FPDF(unit="pt")
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # any, but the same each time
    pdf.set_title(title)
    pdf.set_lang(language)
    for bold, file in FILES.items():
        pdf.add_font(FAMILY, "B" if bold else "", file)
    for page in pages:
        width, height = _edges(page)
        pdf.add_page(format=(width, height))
        if needs_other_font(_letters(page)):
            pdf.image(io.BytesIO(to_png(page, round(width * 200 / 72))), 0, 0, width, height)
        else:
            SVGObject(_TEXT.sub(_kerned, page)).draw_to_page(pdf)
    return bytes(pdf.output())


def _kerned(found: re.Match[str]) -> str:
    """A text element with the distances between its letters written out: fpdf2 sets SVG's text without kerning."""
    attributes, size, words = found[1], float(found[2]), unescape(found[3])
    distances = _distances('font-weight="bold"' in attributes)
    written = escape(words[:1], quote=False)
    for pair in pairwise(words):
        by = distances.get(pair, 0.0) * size
        written += f'</tspan><tspan dx="{number(by)}">' * bool(by) + escape(pair[1], quote=False)
    return f"<text{attributes}><tspan>{written}</tspan></text>"


@cache
def _distances(bold: bool) -> dict[tuple[str, str], float]:
    """How much nearer (below 0) two letters stand than their widths say, in letter sizes."""
    from fontTools.ttLib import TTFont

    with TTFont(FILES[bold]) as face:
        letters = {name: chr(code) for code, name in face.getBestCmap().items()}
        pairs = face["kern"].kernTables[0].kernTable
        return {(letters[a], letters[b]): by / face["head"].unitsPerEm for (a, b), by in pairs.items()}


def to_svg(svg: str) -> str:
    """The picture with those letters of the font inside that it has, for whoever opens it elsewhere."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    rules = ""
    for bold, file in FILES.items():
        subsetter = Subsetter(Options(layout_features=["kern", "mark", "mkmk"], notdef_outline=True))
        subsetter.populate(text=_letters(svg))
        small = io.BytesIO()
        with TTFont(file, recalcTimestamp=False) as face:
            subsetter.subset(face)
            face.save(small)
        data = base64.b64encode(small.getvalue()).decode()
        weight = "bold" if bold else "normal"
        rules += f"@font-face{{font-family:{FAMILY};font-weight:{weight};src:url(data:font/ttf;base64,{data})}}"
    start = svg.index(">") + 1
    return svg[:start] + element("style", rules) + svg[start:]


def _edges(svg: str) -> tuple[float, float]:
    """Width and height of a picture in its own units."""
    found = _EDGES.search(svg)
    assert found, "svg.document writes it"
    return float(found[1]), float(found[2])


def _letters(svg: str) -> str:
    """All letters of its texts, each once."""
    return "".join(sorted(set(unescape("".join(found[3] for found in _TEXT.finditer(svg))))))
