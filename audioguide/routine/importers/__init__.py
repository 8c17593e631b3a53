"""Scripts that people already have, plain text or Markdown with pauses, as routines.

Text → lines → blocks (headings, paragraphs) → pieces (words, pauses) → steps: a `Script`, which is a `Document` whose
places point into the text. All pure; what had to be guessed is gathered on the way, with its place. The modules are
imported where they are used: most sessions need none of them.
"""

MARKDOWN = (".md", ".markdown")
ENDINGS = (".txt", *MARKDOWN)
"""The endings of files that are read as scripts."""
