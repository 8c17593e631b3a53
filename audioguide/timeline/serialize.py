"""A timeline as JSON (contract 4), as a line for each chapter, and as a table of all its cues."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from audioguide.model.holds import clamp, describe_dose, mark_change
from audioguide.model.routine import LEVELS, BreatheStep, PoseStep, Routine, Step
from audioguide.model.timeline import Cue, Section, Timeline
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


class ChapterLine(NamedTuple):
    """A chapter: its first frame (None where it is left out), name, dose, a note (its sides, or what differs), and what
    is said first.
    """

    start: int | None
    name: str
    dose: str = ""
    note: str = ""
    said: str = ""
    differs: bool = False


def list_chapter_lines(timeline: Timeline, session: Routine, written: Routine) -> Iterator[ChapterLine]:
    """The chapters of a session with options, and those of the routine as written that are left out, in order."""
    steps = {step.number: step for step in session.steps}
    before = {step.number: step for step in written.steps}
    missing = [step for number, step in before.items() if number not in steps and _is_done(step)]
    for section in timeline.sections:
        hold = next((cue for cue in section.cues if cue.kind == "hold"), None)
        step = steps[hold.step] if hold and hold.step else None
        while missing and step and missing[0].number < step.number in before:
            yield _describe_missing(missing.pop(0))
        yield _describe_chapter(section, step, before.get(step.number) if step else None, (hold and hold.round) or 1)
    yield from map(_describe_missing, missing)


def _is_done(step: Step) -> bool:
    """Whether it has a hold, and is done at the level that is written."""
    if isinstance(step, PoseStep):
        return LEVELS.index(step.optional or "brief") <= LEVELS.index(step.level)
    return isinstance(step, BreatheStep)


def _describe_missing(step: Step) -> ChapterLine:
    name = step.pose.name if isinstance(step, PoseStep) else step.kind
    return ChapterLine(None, name, describe_dose(step), "left out", differs=True)


def _describe_chapter(section: Section, step: Step | None, before: Step | None, round: int) -> ChapterLine:
    start, title = section.chapter.start, section.chapter.title
    spoken = [cue for cue in section.cues if cue.kind == "speech"]
    said = next((cue.text for cue in spoken if cue.role == "instructions"), spoken[0].text if spoken else "") or ""
    if isinstance(step, PoseStep) and round > 1:
        name = step.pose.name
        return ChapterLine(
            start, "  " + title.removeprefix(name).lstrip(" ,"), said=said.removeprefix(name).lstrip(" ,.")
        )
    if not isinstance(step, PoseStep):
        dose = describe_dose(step, before) if step else ""
        return ChapterLine(start, title, dose, "", said, bool(step and dose != describe_dose(step)))
    name, sides = step.pose.name if step.rounds > 1 else title, ", ".join(step.pose.sides)
    if not isinstance(before, PoseStep):
        return ChapterLine(start, name, dose, sides, said, differs=True)
    if before.pose.name != step.pose.name:
        return ChapterLine(start, name, describe_dose(step), f"instead of {before.pose.name}", said, differs=True)
    written = clamp(before) if before.origin == "default" else before
    dose, note = describe_dose(step, written), mark_change(", ".join(before.pose.sides), sides)
    return ChapterLine(start, name, dose, note, said, "→" in dose + note)
