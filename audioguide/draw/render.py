"""Converts SVG to PNG, JPEG, PDF, and SVG with an embedded font. The same picture gives the same bytes.

Letters that the font of the pictures lacks are drawn in a font of this machine, or left out where it has none.
"""

import base64
import io
import re
import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from html import unescape

from audioguide.draw.font import FILES, needs_other_font
from audioguide.draw.svg import FAMILY, element

_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")  # an element by svg.text, with its words


def to_png(svg: str, width: int, dots_per_inch: float = 0.0) -> bytes:
    """A PNG of `width` pixels; unpainted parts are transparent. `dots_per_inch`, if given, tells its size in print."""
    import resvg_py

    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        dpi=96,  # points are 4/3 pixels, as in browsers
        font_files=[str(file) for file in FILES.values()],
        font_family=FAMILY,
        skip_system_fonts=not needs_other_font(_find_letters(svg)),
    )
    if not dots_per_inch:
        return png
    per_metre = round(dots_per_inch / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    head = 33  # the signature and the first chunk, of fixed length (ISO 15948, 5.2 and 11.2.2)
    return png[:head] + struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[head:]


MADE_BY = "audioguide"  # the comment in every JPEG, by which our covers are recognised


def to_jpeg(svg: str, width: int) -> bytes:
    """A baseline JPEG of `width` pixels; its colours have full resolution, so that edges stay sharp."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(to_png(svg, width)), formats=["PNG"]) as image:
        image.convert("RGB").save(file, "JPEG", quality=88, subsampling="4:4:4", comment=MADE_BY)
    return file.getvalue()


def to_pdf(pages: Sequence[str], title: str, language: str = "en") -> bytes:
    """A page for each picture, in points, with text as text. A page that needs another font becomes an image."""
    from fpdf import FPDF
    from fpdf.svg import SVGObject

    pdf = FPDF(unit="pt")
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # any constant
    pdf.set_title(title)
    pdf.set_lang(language)
    for bold, file in FILES.items():
        pdf.add_font(FAMILY, "B" if bold else "", file)
    for page in pages:
        picture = SVGObject(page)
        assert picture.viewbox, "svg.document writes it"
        _, _, width, height = picture.viewbox
        pdf.add_page(format=(width, height))
        if needs_other_font(_find_letters(page)):
            pdf.image(io.BytesIO(to_png(page, round(width * 200 / 72))), 0, 0, width, height)
        else:
            picture.draw_to_page(pdf)
    return bytes(pdf.output())


def to_svg(svg: str) -> str:
    """The picture with the letters of the font that it uses embedded, so that it looks the same everywhere."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    rules = ""
    for bold, file in FILES.items():
        subsetter = Subsetter(Options(layout_features=["kern", "mark", "mkmk"], notdef_outline=True))
        subsetter.populate(text=_find_letters(svg))
        small = io.BytesIO()
        with TTFont(file, recalcTimestamp=False) as face:
            subsetter.subset(face)
            face.save(small)
        data = base64.b64encode(small.getvalue()).decode()
        weight = "bold" if bold else "normal"
        rules += f"@font-face{{font-family:{FAMILY};font-weight:{weight};src:url(data:font/ttf;base64,{data})}}"
    start = svg.index(">") + 1
    return svg[:start] + element("style", rules) + svg[start:]


def _find_letters(svg: str) -> str:
    """All letters of its texts, each once, sorted."""
    return "".join(sorted(set(unescape("".join(_TEXT.findall(svg))))))
