"""What is said in a session, as text: captions and a transcript, and the files that lie beside an export on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from audioguide.errors import RequestError, suggest
from audioguide.export.tags.tags import clean_text, format_timestamp, to_milliseconds
from audioguide.model.timeline import Cue, Role, Section, Timeline
from audioguide.system.files import os_error_message
from audioguide.units import RATE, format_clock
from audioguide.units import format_duration as plain_duration

CAPTIONS = ("vtt", "srt", "lrc")
CHAPTERS = ("json",)

TIMEKEEPING: frozenset[Role] = frozenset({"breath", "count", "halfway", "ten", "countdown"})
"""Speech that only keeps time within a hold: on paper it would bury the instructions."""


def caption_cues(timeline: Timeline) -> tuple[Cue, ...]:
    """Every utterance that is heard, in order.

    Breath words and counts are among them, unlike in a transcript: a transcript is read beside the mat, captions are
    read while the session goes on, by someone who does not hear it, and for them these are what the hold consists of.
    """
    return tuple(cue for cue in timeline.cues if cue.kind == "speech" and cue.text and cue.role)


def format_transcript(timeline: Timeline) -> str:
    """The session's text: a heading with its time for each chapter, what is said, and each hold's length.

    Breath words, counts and countdowns are left out. Ends without a line break.
    """
    return "\n\n".join("\n".join(_lines(section)) for section in timeline.sections)


def _lines(section: Section) -> Iterator[str]:
    yield f"{format_clock(section.chapter.start)} {section.chapter.title}"
    said: list[str] = []
    for cue in section.cues:
        if cue.kind == "hold":
            yield from _paragraph(said)
            yield _hold(cue)
            said = []
        elif cue.kind == "speech" and cue.text and cue.role not in TIMEKEEPING:
            said.append(cue.text)
    yield from _paragraph(said)


def _paragraph(said: list[str]) -> Iterator[str]:
    if said:
        yield " ".join(said)


def _hold(cue: Cue) -> str:
    length = plain_duration(round(cue.asked, 1)) if cue.asked is not None else format_clock(cue.frames)
    return f"({', '.join(filter(None, ('hold', cue.side, length)))})"


def sidecar_paths(path: Path, captions: Sequence[str] = (), chapters: Sequence[str] = ()) -> tuple[Path, ...]:
    """Where they lie, each once: FILE.vtt and FILE.chapters.json, FILE without its ending.

    Raises RequestError for a kind that there is not.
    """
    for asked, known in ((captions, CAPTIONS), (chapters, CHAPTERS)):
        for kind in asked:
            if kind not in known:
                raise RequestError(f"There is no sidecar {kind!r}.", suggest(kind, known))
    endings = (*captions, *(f"chapters.{kind}" for kind in chapters))
    return tuple(path.with_name(f"{path.stem}.{ending}") for ending in dict.fromkeys(endings))


def write_sidecar(path: Path, ending: str, timeline: Timeline) -> None:
    """Write to `path` what a sidecar with that ending holds. EnvironmentFailure where the disk is full or fails."""
    try:
        path.write_text(_WRITERS[ending](timeline), "utf-8", newline="")
    except OSError as error:
        raise os_error_message(error, path) from None


def format_vtt(timeline: Timeline) -> str:
    """WebVTT (https://www.w3.org/TR/webvtt1/): a cue an utterance, numbered, its role as the class of its voice.

    So a page can show `v.count` apart from `v.instructions`.
    """
    escapes = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    return "\n".join(
        (
            "WEBVTT\n",
            *(
                f"{number}\n{_span(caption, '.')}\n<v.{caption.role} Guide>{_line(caption.text, escapes)}</v>\n"
                for number, caption in enumerate(caption_cues(timeline), 1)
            ),
        )
    )


def format_srt(timeline: Timeline) -> str:
    """SubRip, with the line ends of Windows, where it comes from. It cannot escape markup: look-alikes stand for it."""
    escapes = str.maketrans("<>{}", "‹›()")
    return "\r\n".join(
        f"{number}\r\n{_span(caption, ',')}\r\n{_line(caption.text, escapes)}\r\n"
        for number, caption in enumerate(caption_cues(timeline), 1)
    )


def format_lrc(timeline: Timeline) -> str:
    """Lyrics as music players read them: a line has a start, to 10 ms, and stays until the next."""
    escapes = str.maketrans("[]<>", "()‹›")
    head = (f"[ti:{_line(timeline.title, escapes)}]", f"[length:{_minutes(timeline.frames)}]", "[re:audioguide]")
    lines = (f"[{_minutes(caption.start)}]{_line(caption.text, escapes)}" for caption in caption_cues(timeline))
    return "\n".join((*head, *lines, ""))


def format_chapters(timeline: Timeline) -> str:
    """Podcasting 2.0 chapters (https://github.com/Podcastindex-org/podcast-namespace), all of them, in seconds."""
    chapters = [
        {
            "startTime": to_milliseconds(chapter.start) / 1000,
            "endTime": to_milliseconds(chapter.end) / 1000,
            "title": clean_text(chapter.title),
        }
        for chapter in timeline.chapters
    ]
    whole = {"version": "1.2.0", "title": clean_text(timeline.title), "chapters": chapters}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


_WRITERS: dict[str, Callable[[Timeline], str]] = {
    ".vtt": format_vtt,
    ".srt": format_srt,
    ".lrc": format_lrc,
    ".json": format_chapters,
}


def _line(text: str | None, escapes: Mapping[int, int | str]) -> str:
    return clean_text(" ".join((text or "").split())).translate(escapes)


def _span(caption: Cue, point: str) -> str:
    start = to_milliseconds(caption.start)
    end = max(to_milliseconds(caption.end), start + 1)  # a cue ends after it has begun
    return f"{format_timestamp(start, point)} --> {format_timestamp(end, point)}"


def _minutes(frames: int) -> str:
    seconds, rest = divmod(round(frames * 100 / RATE), 100)
    return f"{seconds // 60:02}:{seconds % 60:02}.{rest:02}"
