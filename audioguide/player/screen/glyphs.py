"""Letters five pixels high, for names that are to be read from across the room."""

from __future__ import annotations

import unicodedata
from functools import cache

from audioguide.player.screen.blocks import Pixels

HEIGHT = 5
"""Pixels from the top of a letter to its foot."""

# Capitals only, each as its five rows.
_LETTERS = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".### #... #.## #..# .###",
    "H": "#.# #.# ### #.# #.#",
    "I": "# # # # #",
    "J": "..# ..# ..# #.# .#.",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".##. #..# #..# #..# .##.",
    "P": "##. #.# ##. #.. #..",
    "Q": ".##. #..# #..# #.## .###",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "0": ".#. #.# #.# #.# .#.",
    "1": ".# ## .# .# .#",
    "2": "##. ..# .#. #.. ###",
    "3": "##. ..# .#. ..# ##.",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ##. ..# ##.",
    "6": ".## #.. ##. #.# .#.",
    "7": "### ..# .#. .#. .#.",
    "8": ".#. #.# .#. #.# .#.",
    "9": ".#. #.# .## ..# ##.",
    " ": "... ... ... ... ...",
    ".": ". . . . #",
    ",": ".. .. .. .# #.",
    "'": "# # . . .",
    "-": ".. .. ## .. ..",
    ":": ". # . # .",
    "/": "..# ..# .#. #.. #..",
    "(": ".# #. #. #. .#",
    ")": "#. .# .# .# #.",
    "&": ".#. #.# .#. #.# .##",
    "!": "# # # . #",
    "?": "##. ..# .#. ... .#.",
    "+": "... .#. ### .#. ...",
    "·": ". . # . .",
}
_ALIKE = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "ß": "ss"})


@cache
def lettering(text: str, scale: int = 1) -> Pixels | None:
    """A text in capitals without accents, `scale` pixels a dot; None if there is a sign in it that has no letter here.

    The pixels are square: half a character cell each.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_ALIKE).upper())
    letters = [_LETTERS.get(sign) for sign in bare if not unicodedata.combining(sign)]
    if not letters or None in letters:
        return None
    rows = zip(*(letter.split() for letter in letters if letter), strict=True)
    dots = [".".join(row) for row in rows]
    return tuple(tuple(dot == "#" for dot in row for _ in range(scale)) for row in dots for _ in range(scale))
