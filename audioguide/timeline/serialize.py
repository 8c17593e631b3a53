"""A timeline as JSON (contract 4), and as a table for people and golden files."""

from typing import Any

from audioguide.model.timeline import Cue, Timeline
from audioguide.units import RATE

FORMAT = "audioguide-timeline/1"


def to_json(timeline: Timeline) -> dict[str, Any]:
    """The timeline as plain data. Seconds are given beside frames, to the microsecond."""
    return {
        "format": FORMAT,
        "title": timeline.title,
        "routine": timeline.routine,
        "sample_rate": RATE,
        "frames": timeline.frames,
        "duration": _seconds(timeline.frames),
        "chapters": [
            {"title": chapter.title, "start": _seconds(chapter.start), "end": _seconds(chapter.end)}
            for chapter in timeline.chapters
        ],
        "cues": [
            {
                "kind": cue.kind,
                "role": cue.role,
                "start_frame": cue.start,
                "frames": cue.frames,
                "start": _seconds(cue.start),
                "duration": _seconds(cue.frames),
                "text": cue.text,
                "pose": cue.pose,
                "side": cue.side,
                "round": cue.round,
                "step": cue.step,
                "line": cue.place.line if cue.place else None,
                "file": cue.place.file if cue.place else None,
                "phase": cue.phase,
                "asked": None if cue.asked is None else round(cue.asked, 6),
                "background": cue.background.title if cue.background else None,
                "chime": cue.chime,
                "sound": cue.sound,
            }
            for cue in timeline.cues
        ],
    }


def _seconds(count: int) -> float:
    return round(count / RATE, 6)


def to_table(timeline: Timeline) -> str:
    """One line a cue: where it starts, how long it is (seconds), its step, what it is. Chapters stand out."""
    lines = [f"{timeline.title}  {format_timestamp(timeline.frames)}"]
    for section in timeline.sections:
        lines += ["", f"{format_timestamp(section.chapter.start)}  {section.chapter.title}"]
        lines += [
            f"{format_timestamp(cue.start)} {cue.frames / RATE:8.3f}  {cue.step or '':>3}  {_describe(cue)}"
            for cue in section.cues
        ]
    return "\n".join(lines)


def _describe(cue: Cue) -> str:
    match cue.kind:
        case "speech":
            return f"{cue.role:<12} {cue.text}"
        case "breath":
            return f"  breath {cue.phase}"
        case "chime":
            return f"{cue.chime} chime" + ("" if cue.sound == "bell" else f", {cue.sound or 'silent'}")
        case "hold":
            return f"HOLD         {cue.asked:g} s" + (f", {cue.background.title}" if cue.background else "")
        case "rest":
            return "rest" + (f", {cue.background.title}" if cue.background else "")


def format_timestamp(count: int) -> str:
    """Frames as `m:ss.mmm`, or `h:mm:ss.mmm` from an hour on."""
    minutes, milliseconds = divmod(round(count * 1000 / RATE), 60_000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{milliseconds // 1000:02}.{milliseconds % 1000:03}"
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes:>3}:{rest}"
