"""Converts SVG to PNG, JPEG, PDF, and SVG with an embedded font. The same picture gives the same bytes.

Letters that the font of the pictures lacks are drawn in a font of this machine, or left out where it has none. What is
drawn of figures is kept: to draw one takes some 15 ms, and an export half a second.
"""

import base64
import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path

from audioguide.draw.font import FILES, needs_other_font
from audioguide.draw.svg import FAMILY, element
from audioguide.errors import RequestError, suggest
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.paths import cache_root
from audioguide.version import __version__

MAX_BYTES = 50_000_000  # that all pictures may take which are kept
DOTS_PER_INCH = 200  # of what is drawn to be printed: letters of 7 points are sharp
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")  # an element by svg.text, with its words
_SHAPE = re.compile(r"<[^>]*/>")  # an element with nothing inside
_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ')


def open_picture_cache() -> BlobCache:
    """The cache of pictures: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return BlobCache(cache_root() / "pictures", ".picture", b"agpict\x01", size_limit(MAX_BYTES))


def draw_once(draw: Callable[[], bytes], *parts: object) -> bytes:
    """What `draw` gives, which depends on nothing but the `parts` and the drawing's code and data."""
    key, blobs = cache_key(_describe_drawing(), repr(parts)), open_picture_cache()
    if (content := blobs.get(key)) is None:
        content = draw()
        blobs.put(key, content)
    return content


@cache
def _describe_drawing() -> str:
    files = sorted(path for path in Path(__file__).parent.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def check_picture(path: Path) -> str:
    """The ending of `path` in lower case. Raises RequestError unless it names a picture format."""
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        fault = f"{ending} is not a picture that audioguide draws." if ending else f"{path} has no ending."
        raise RequestError(f"{fault} {suggest(ending, _WRITERS)}")
    return ending


def to_file(pages: Sequence[str], ending: str, title: str, language: str) -> bytes:
    """The file with that ending of pages in points: a PDF has all of them, a PNG or SVG only the first."""
    return _WRITERS[ending](pages, title, language)


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
    """A page for each picture, in points, with text as text; lines that need another font are an image above it."""
    from fpdf import FPDF, ViewerPreferences
    from fpdf.svg import SVGObject

    pdf = FPDF(unit="pt")
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # any constant
    pdf.set_title(title)
    pdf.set_keywords(_mark(pages, title, language))
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_lang(language)
    for bold, file in FILES.items():
        pdf.add_font(FAMILY, "B" if bold else "", file)
    for page in pages:
        picture = SVGObject(_TEXT.sub(lambda line: "" if needs_other_font(unescape(line[1])) else line[0], page))
        assert picture.viewbox, "svg.document writes it"
        _, _, width, height = picture.viewbox
        pdf.add_page(format=(width, height))
        picture.image_cache = pdf.image_cache
        pdf.draw_path(picture.transform_to_page_viewport(pdf)[2], copy=False)  # as `draw_to_page`, twice as fast
        if needs_other_font(_find_letters(page)):
            lines = _TEXT.sub(lambda line: line[0] if needs_other_font(unescape(line[1])) else "", page)
            png = to_png(_SHAPE.sub("", lines), round(width * DOTS_PER_INCH / 72))
            pdf.image(io.BytesIO(png), 0, 0, width, height)
    return bytes(pdf.output())


def is_same_pdf(path: Path, pages: Sequence[str], title: str, language: str) -> bool:
    """Whether the file at `path` is the PDF that `to_pdf` would make: it carries a mark of all it is made of."""
    with suppress(OSError):
        return _mark(pages, title, language).encode() in path.read_bytes()
    return False


def _mark(pages: Sequence[str], title: str, language: str) -> str:
    return hashlib.sha256(repr((__version__, *pages, title, language)).encode()).hexdigest()


def to_svg(svg: str) -> str:
    """The picture with the letters of the font that it uses embedded, so that it looks the same everywhere."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    rules = ""
    letters, used = _find_letters(svg), {False, 'font-weight="bold"' in svg}
    for bold, file in FILES.items() if letters else ():
        if bold not in used:
            continue
        subsetter = Subsetter(Options(layout_features=["kern", "mark", "mkmk"], notdef_outline=True))
        subsetter.populate(text=letters)
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


def _to_print(svg: str) -> bytes:
    found = _VIEW.search(svg)
    assert found, "svg.document writes it"
    return to_png(svg, round(float(found[1]) * DOTS_PER_INCH / 72), DOTS_PER_INCH)


_WRITERS: dict[str, Callable[[Sequence[str], str, str], bytes]] = {
    ".pdf": to_pdf,
    ".png": lambda pages, *_: _to_print(pages[0]),
    ".svg": lambda pages, *_: to_svg(pages[0]).encode(),
}
