"""An address as a QR code, for a phone's camera: in the terminal, or as a picture."""

from __future__ import annotations

import io

BORDER = 4
"""Light modules around the code: the quiet zone of ISO/IEC 18004."""

# Dark on light whatever the terminal's own colours are, which half of all cameras need: 16 and 231 are black and white
# in the 256 colours, and no theme changes them.
_COLOURS, _PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def terminal(text: str) -> str:
    """The code in lines for a terminal: two rows of modules a line, as half blocks."""
    rows = _modules(text)
    if len(rows) % 2:
        rows.append([0] * len(rows))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(map(_HALVES.__getitem__, zip(above, below, strict=True))) for above, below in pairs)
    return "\n".join(f"{_COLOURS}{line}{_PLAIN}" for line in lines)


def svg(text: str) -> bytes:
    """The code as an SVG document that grows with its place: black on white, without a style."""
    import segno

    file = io.BytesIO()
    segno.make(text, micro=False).save(
        file,
        kind="svg",
        border=BORDER,
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return file.getvalue()


def _modules(text: str) -> list[list[int]]:
    """The code with its border: rows of 1 for dark and 0 for light."""
    import segno

    return [list(row) for row in segno.make(text, micro=False).matrix_iter(border=BORDER)]
