"""Pictures: each is made once, as SVG, and from that become PNG, JPEG and PDF.

`svg` writes SVG and `font` measures its text; `render` turns SVG into files; `cover` and `plot` say what is drawn.
"""
