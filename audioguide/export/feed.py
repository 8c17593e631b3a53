"""A private podcast feed: RSS 2.0 with the tags of iTunes and of Podcasting 2.0; `feed.xml` beside this is its form."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from string import Template
from urllib.parse import quote
from uuid import UUID, uuid5
from xml.sax.saxutils import escape

from audioguide.export.formats import FORMATS, read_label
from audioguide.export.tags import clean_text

FEED = "feed.xml"
BESIDE = {"chapters": ".chapters.json", "vtt": ".vtt", "srt": ".srt", "image": ".jpg"}
"""How a file beside a sound ends, by the placeholder that stands for its address in the form."""
_FEEDS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # the namespace of the guids of feeds (Podcasting 2.0)


def render_feed(address: str, title: str, sounds: Mapping[Path, tuple[str, float, str]], before: bytes = b"") -> bytes:
    """The feed at an `address`, the latest episode first: of each sound that carries its session its address, its
    length in seconds, and what tells it from others of its title, unless the name of its file says that.

    A session has the same guid whenever and however it is made. A changed one has another, since apps go on playing
    what they have fetched under a guid. One that was in the feed `before` keeps its date; others have that of the file.
    """
    dates = dict(re.findall("<guid.*?>(.*)</guid>\n<pubDate>(.*)</pubDate>", before.decode("utf-8", "replace")))
    head, item, foot = re.split("(?s)(<item>.*</item>\n)", Path(__file__).with_name(FEED).read_text("utf-8"))
    order = sorted(sounds, key=lambda sound: (-sound.stat().st_mtime, sound))
    rows = [row for sound in order if (row := _describe(sound, *sounds[sound], dates))]
    languages = Counter(row["language"] for row in rows).most_common(1) or [("en", 0)]
    channel = {"date": "", "image": "", **(rows[0] if rows else {})} | {"title": title, "description": title}
    channel |= {"address": address, "home": address.removesuffix(FEED), "author": "audioguide"}
    channel |= {"language": languages[0][0], "guid": str(uuid5(_FEEDS, re.sub("^https?://", "", address)))}
    return "".join((_fill(head, channel), *(_fill(item, row) for row in rows), foot)).encode()


def _describe(sound: Path, address: str, seconds: float, variant: str, dates: Mapping[str, str]) -> dict[str, str]:
    if sound.suffix == ".html" or not (label := read_label(sound)):
        return {}
    beside = {key: sound.with_name(sound.stem + ending) for key, ending in BESIDE.items()}
    if not beside["image"].is_file():
        beside["image"] = sound.with_name("cover.jpg")
    variant = variant or sound.stem.removeprefix(label.id).strip() * sound.stem.startswith(f"{label.id} ")
    base, state = address.rpartition("/")[0], sound.stat()
    return {
        **{key: f"{base}/{quote(path.name)}" if path.is_file() else "" for key, path in beside.items()},
        "title": label.title + (f" ({variant})" if variant else ""),
        "guid": label.guid,
        "language": label.language,
        "description": escape(label.description or label.title),  # which is HTML in a feed
        "author": label.artist or "audioguide",
        "sound": address,
        "bytes": str(state.st_size),
        "seconds": str(round(seconds)),
        "type": FORMATS[sound.suffix.lower()].media_type,
        "date": dates.get(label.guid) or format_datetime(datetime.fromtimestamp(state.st_mtime, UTC), usegmt=True),
    }


def _fill(form: str, values: Mapping[str, str]) -> str:
    """A form with its values, without the lines that have an empty one."""
    texts = {key: re.sub("[\ufffe\uffff]", "", clean_text(text)) for key, text in values.items()}  # XML forbids them
    lines = (
        line for line in form.splitlines(keepends=True) if all(texts[name] for name in re.findall(r"\$(\w+)", line))
    )
    return Template("".join(lines)).substitute({key: escape(text, {'"': "&quot;"}) for key, text in texts.items()})
