"""Pictures: each is drawn once, as SVG, which is then converted to PNG, JPEG or PDF.

`svg` writes SVG and `font` measures its text; `render` converts it; `cover` and `plot` draw the two kinds of picture.
"""
