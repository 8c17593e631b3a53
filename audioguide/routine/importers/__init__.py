"""Reads scripts that people already have, texts of many forms, as routines.

Bytes → blocks (`read_*`) → pieces: headings, words, times (`outline`, `sentences`, by the words of a language) → steps
→ `Script`, a `Document` whose places point into the text. What is guessed or left out is told, with its place.
Imported only where a script is read.
"""

# The endings of files that are read as scripts.
ENDINGS = (
    ".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".xml", ".ssml", ".srt", ".vtt", ".lrc", ".csv", ".tsv",
)  # fmt: skip
