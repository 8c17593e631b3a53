"""What a player shows of a file: title, chapters, transcript, cover; and what the file carries for this program."""

from audioguide.output.tags.model import MOST_CHAPTERS, Tags, fit_chapters
from audioguide.output.tags.write import write_tags

__all__ = ["MOST_CHAPTERS", "Tags", "fit_chapters", "write_tags"]
