"""Writes SVG: elements with their attributes, and escaped text. Lengths are in units of the picture."""

import re
import unicodedata
from html import escape

FAMILY = "Inter"  # the font of all text, in regular and bold

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML forbids, and control characters."""

_MANY_ZEROS = re.compile(r"\.?0+$")


def element(name: str, *inside: str, **attributes: float | str | None) -> str:
    """`<name …>inside</name>`; `fill_opacity` becomes `fill-opacity`, and attributes that are None are left out."""
    written = "".join(
        f' {key.replace("_", "-")}="{number(value) if isinstance(value, int | float) else escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def document(width: float, height: float, *inside: str, unit: str = "") -> str:
    """A whole picture; `unit` is "pt", or empty for pixels."""
    return element(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        width=f"{number(width)}{unit}",
        height=f"{number(height)}{unit}",
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=f"{FAMILY}, Helvetica, Arial, sans-serif",
    )


def box(left: float, top: float, right: float, bottom: float, fill: str, **more: float | str | None) -> str:
    """A filled rectangle."""
    return element("rect", x=left, y=top, width=right - left, height=bottom - top, fill=fill, **more)


def text(
    words: str, x: float, baseline: float, size: float, fill: str, *, bold: bool = False, anchor: str | None = None
) -> str:
    """A line of text that starts at `x`, or has its middle or end there (`anchor="middle"`, `"end"`)."""
    return element(
        "text",
        escape(clean_text(words), quote=False),
        x=x,
        y=baseline,
        font_size=size,
        fill=fill,
        font_weight="bold" if bold else None,
        letter_spacing=size * tracking(size) or None,
        text_anchor=anchor,
    )


def tracking(size: float) -> float:
    """The space between letters, in font sizes: in a large title those with a crossbar, as t, would touch."""
    return 0.015 if size >= 100 else 0.0


def clean_text(words: str) -> str:
    """The text on one line, in Unicode NFC, without control characters."""
    return unicodedata.normalize("NFC", " ".join(_FORBIDDEN.sub(" ", words).split()))


def number(value: float) -> str:
    """A number to a hundredth, without trailing zeros: `12`, `0.5`."""
    return _MANY_ZEROS.sub("", f"{value:.2f}") if value % 1 else f"{value:.0f}"


def path(*points: tuple[float, float]) -> str:
    """The data of a `path` through points: `M1 2L3 4`."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def blend(first: str, last: str, share: float) -> str:
    """The colour between `first` (share 0) and `last` (share 1); all are `#rrggbb`."""
    pairs = ((int(first[at : at + 2], 16), int(last[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
