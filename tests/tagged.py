"""What a file may say about itself, for the tests of tags."""

from audioguide.draw.chapter_pictures import shrink
from audioguide.draw.cover import render_cover
from audioguide.export.tags import Tags
from audioguide.model.timeline import Chapter

FRAMES = 100 * 1152
CHAPTERS = (
    Chapter("Introduction", 0, 20 * 1152),
    Chapter("Child’s pose – Κόσμος 🧘", 20 * 1152, 77 * 1152),
    Chapter("Rest", 77 * 1152, FRAMES),
)
PICTURES = {start: shrink(render_cover(f"{start}", "any", ()), 240) for start in (20 * 1152, 77 * 1152)}
TAGS = Tags(
    title="Élan, Растяжка",
    frames=FRAMES,
    chapters=CHAPTERS,
    album="Audioguide",
    artist="Heart",
    composer="Ada",
    genre="Wellness",
    comment="A gentle floor sequence.",
    transcript="0:00 Introduction\nWalk around.\n\n0:01 Child’s pose\nKneel.",
    cover=render_cover("Élan", "elan", ()),
)
