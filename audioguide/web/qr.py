"""An address as a QR code, for a phone's camera: in the terminal, or as a picture."""

from __future__ import annotations

import io

BORDER = 4
"""Light modules around the code: the quiet zone of ISO/IEC 18004."""

# Dark on light whatever the terminal's own colours are, which half of all cameras need: 16 and 231 are black and white
# in the 256 colours, and no theme changes them.
_COLOURS, _PLAIN = "\x1b[38;5;231;48;5;16m", "\x1b[0m"


def terminal(text: str) -> str:
    """The code in lines for a terminal: two rows of modules a line, as half blocks."""
    import segno

    lines = io.StringIO()
    segno.make(text, micro=False).terminal(lines, border=BORDER, compact=True)
    return "\n".join(f"{_COLOURS}{line}{_PLAIN}" for line in lines.getvalue().splitlines())


def svg(text: str) -> bytes:
    """The code as an SVG document that grows with its place: black on white, without a style."""
    import segno

    file, plain = io.BytesIO(), {"omitsize": True, "xmldecl": False, "svgclass": None, "lineclass": None}
    segno.make(text, micro=False).save(file, kind="svg", border=BORDER, light="#fff", **plain)
    return file.getvalue()
