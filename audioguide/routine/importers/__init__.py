"""Reads scripts that people already have, plain text or Markdown with pauses, as routines.

Lines → blocks (headings, paragraphs) → pieces (words, pauses) → steps → `Script`, a `Document` whose places point into
the text. What the text leaves open is assumed and listed, with its place. Imported only where a script is read.
"""

MARKDOWN = (".md", ".markdown")
ENDINGS = (".txt", *MARKDOWN)  # the endings of files that are read as scripts
