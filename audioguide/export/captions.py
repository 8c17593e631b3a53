"""The spoken text of a session: captions, a transcript, and the sidecar files that an export writes on request."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from audioguide.errors import RequestError, suggest
from audioguide.export.tags import clean_text, format_timestamp, to_milliseconds
from audioguide.model.timeline import Cue, Role, Section, Timeline
from audioguide.system.files import os_error_message
from audioguide.units import RATE, format_clock, format_duration

CAPTIONS = ("vtt", "srt", "lrc")
CHAPTERS = ("json",)
# The roles of speech that only keeps time within a hold: a transcript leaves them out, to show the instructions.
TIMEKEEPING: frozenset[Role] = frozenset({"breath", "count", "halfway", "ten", "countdown"})


def caption_cues(timeline: Timeline) -> tuple[Cue, ...]:
    """Every utterance, in order. Unlike in a transcript, breath words and counts are among them."""
    return tuple(cue for cue in timeline.cues if cue.kind == "speech" and cue.text and cue.role)


def format_transcript(timeline: Timeline) -> str:
    """For each chapter a heading with its time, the speech but for `TIMEKEEPING`, and the length of each hold."""
    return "\n\n".join("\n".join(_format_section(section)) for section in timeline.sections)


def _format_section(section: Section) -> Iterator[str]:
    yield f"{format_clock(section.chapter.start)} {section.chapter.title}"
    for is_hold, cues in groupby(section.cues, lambda cue: cue.kind == "hold"):
        if is_hold:
            yield from map(_format_hold, cues)
            continue
        spoken = [cue for cue in cues if cue.kind == "speech" and cue.text and cue.role not in TIMEKEEPING]
        # What is said in every rep of a hold is written once.
        if texts := {cue.text if cue.role == "prompt" else nth: cue.text or "" for nth, cue in enumerate(spoken)}:
            yield " ".join(texts.values())


def _format_hold(cue: Cue) -> str:
    length = format_duration(round(cue.asked, 1)) if cue.asked is not None else format_clock(cue.frames)
    return f"({', '.join(filter(None, ('hold', cue.side, length)))})"


def sidecar_paths(path: Path, captions: Sequence[str] = (), chapters: Sequence[str] = ()) -> tuple[Path, ...]:
    """The sidecar files of an export, each once: FILE.vtt, FILE.chapters.json … RequestError for an unknown kind."""
    for asked, known in ((captions, CAPTIONS), (chapters, CHAPTERS)):
        for kind in asked:
            if kind not in known:
                raise RequestError(f"There is no sidecar {kind!r}.", suggest(kind, known))
    endings = (*captions, *(f"chapters.{kind}" for kind in chapters))
    return tuple(path.with_name(f"{path.stem}.{ending}") for ending in dict.fromkeys(endings))


def write_sidecar(path: Path, ending: str, timeline: Timeline) -> None:
    """Write the sidecar with that ending to `path`. Raises EnvironmentFailure where the disk is full or fails."""
    try:
        path.write_text(_FORMATTERS[ending](timeline), "utf-8", newline="")
    except OSError as error:
        raise os_error_message(error, path) from None


def format_vtt(timeline: Timeline) -> str:
    """WebVTT (https://www.w3.org/TR/webvtt1/): a numbered cue for each utterance, whose voice has its role as class."""
    escapes = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    cues = (
        f"{number}\n{_format_span(cue, '.')}\n<v.{cue.role} Guide>{_escape(cue.text, escapes)}</v>\n"
        for number, cue in enumerate(caption_cues(timeline), 1)
    )
    return "\n".join(("WEBVTT\n", *cues))


def format_srt(timeline: Timeline) -> str:
    """SubRip, with the line ends of Windows. It cannot escape markup, so look-alikes replace those characters."""
    escapes = str.maketrans("<>{}", "‹›()")
    return "\r\n".join(
        f"{number}\r\n{_format_span(cue, ',')}\r\n{_escape(cue.text, escapes)}\r\n"
        for number, cue in enumerate(caption_cues(timeline), 1)
    )


def format_lrc(timeline: Timeline) -> str:
    """Lyrics for music players (LRC): each line has a start, to 10 ms, and stays until the next."""
    escapes = str.maketrans("[]<>", "()‹›")
    head = f"[ti:{_escape(timeline.title, escapes)}]", f"[length:{_format_time(timeline.frames)}]", "[re:audioguide]"
    lines = (f"[{_format_time(cue.start)}]{_escape(cue.text, escapes)}" for cue in caption_cues(timeline))
    return "\n".join((*head, *lines, ""))


def format_chapters(timeline: Timeline) -> str:
    """Podcasting 2.0 chapters (https://github.com/Podcastindex-org/podcast-namespace), with times in seconds."""
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


_FORMATTERS = {".vtt": format_vtt, ".srt": format_srt, ".lrc": format_lrc, ".json": format_chapters}


def _escape(text: str | None, escapes: Mapping[int, int | str]) -> str:
    return clean_text(" ".join((text or "").split())).translate(escapes)


def _format_span(cue: Cue, point: str) -> str:
    start = to_milliseconds(cue.start)
    end = max(to_milliseconds(cue.end), start + 1)  # a cue must end after its start
    return f"{format_timestamp(start, point)} --> {format_timestamp(end, point)}"


def _format_time(frames: int) -> str:
    seconds, rest = divmod(round(frames * 100 / RATE), 100)
    return f"{seconds // 60:02}:{seconds % 60:02}.{rest:02}"
