"""How the two font files of the package were made from Inter 4.1, a variable font: `make_fonts.py INTER.ttf FOLDER`.

Latin with all its accents, Greek and Cyrillic, without hints. The glyph for missing letters is nothing and has no
width, so that a letter which no font has leaves no box, and is known by its width of 0.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fontTools.varLib.instancer import instantiateVariableFont

RANGES = """20-7E A0-24F 300-304 306-30C 323-328 370-3FF 400-45F 490-491 1E00-1EFF 2010-2027 2030-203A 20AC 2122
2190-2193 2212 2248 2264-2265 25A0 25C6 FFFD"""
CUTS = (("Regular", 400, 14), ("Bold", 700, 24))


def letters():
    for span in RANGES.split():
        first, _, last = span.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def make(source, folder, name, weight, optical_size):
    font = instantiateVariableFont(TTFont(source), {"wght": weight, "opsz": optical_size})
    options = Options(layout_features=["kern", "mark", "mkmk", "ccmp", "locl"], hinting=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters())
    subsetter.subset(font)
    font["glyf"][".notdef"] = Glyph()
    font["hmtx"][".notdef"] = (0, 0)
    for number, text in ((2, name), (4, f"Inter {name}"), (6, f"Inter-{name}")):
        font["name"].setName(text, number, 3, 1, 0x409)
    del font["STAT"]
    font["OS/2"].usWeightClass = weight
    if weight == 700:
        font["OS/2"].fsSelection = 0x20
        font["head"].macStyle = 1
    font.recalcTimestamp = False
    font.save(Path(folder, f"Inter-{name}.ttf"))


if __name__ == "__main__":
    for cut in CUTS:
        make(sys.argv[1], sys.argv[2], *cut)
