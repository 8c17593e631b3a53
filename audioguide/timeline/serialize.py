"""A timeline as JSON (contract 4), as a line for each chapter, and as a table of all its cues."""

from collections.abc import Iterator, Sequence
from typing import Any

from audioguide.model.holds import clamp, describe_dose
from audioguide.model.routine import BreatheStep, PoseStep, Routine, Step
from audioguide.model.timeline import Cue, Section, Timeline
from audioguide.units import RATE, format_clock

FORMAT = "audioguide-timeline/1"


def to_json(timeline: Timeline, *, estimated: bool = False, files: bool = True) -> dict[str, Any]:
    """The timeline as plain data, with seconds, to the microsecond, beside frames; without `files` it names no path."""
    return {
        "format": FORMAT,
        "title": timeline.title,
        "routine": timeline.routine,
        "sample_rate": RATE,
        "frames": timeline.frames,
        "duration": _seconds(timeline.frames),
        **({"estimated": True} if estimated else {}),
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
                "file": cue.place.file if cue.place and files else None,
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


def to_table(timeline: Timeline, about: str = "") -> str:
    """One line a cue: start, length (seconds), step, what it is. `about` stands before the length of the whole."""
    lines = [f"{timeline.title}  {about}{format_timestamp(timeline.frames)}"]
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


Row = tuple[bool, Sequence[str]]  # whether it differs from the routine as written; start, name, dose, what is said


def to_rows(timeline: Timeline, session: Routine, written: Routine) -> Iterator[Row]:
    """A row for each chapter of a session, and for each pose of the routine as written that is left out."""
    steps, before = ({step.number: step for step in routine.steps} for routine in (session, written))
    width = len(format_clock(timeline.frames))
    missing: list[tuple[int, Row]] = []
    for number, step in before.items():
        if number not in steps and (isinstance(step, BreatheStep) or (isinstance(step, PoseStep) and step.is_in_level)):
            name = step.pose.name if isinstance(step, PoseStep) else step.kind
            missing.append((number, (True, ("–".rjust(width), name, describe_dose(step), "left out"))))
    for section in timeline.sections:
        hold = next((cue for cue in section.cues if cue.kind == "hold"), None)
        number = (hold and hold.step) or 0
        while missing and missing[0][0] < number in before:
            yield missing.pop(0)[1]
        is_first = hold is None or hold.round in (None, 1)
        differs, texts = _describe_chapter(section, steps.get(number), before.get(number), is_first)
        yield differs, (format_clock(section.chapter.start).rjust(width), *texts)
    yield from (row for _, row in missing)


def _describe_chapter(section: Section, step: Step | None, before: Step | None, is_first: bool) -> Row:
    title, said = section.chapter.title, {cue.role: cue.text or "" for cue in reversed(section.cues) if cue.text}
    if step is None:
        return False, (title, "", said.get("say", ""))
    usual = describe_dose(step)
    if not isinstance(step, PoseStep):
        dose = describe_dose(step, before)
        return dose != usual, (title, dose, said.get("name", ""))
    name, sides, dose = step.pose.name, ", ".join(step.pose.sides), usual
    if not is_first:
        title, text = (text.removeprefix(name).lstrip(" ,.") for text in (title, said.get("name", "")))
        return False, (f"  {title}", "", text)
    note = sides
    if isinstance(before, PoseStep) and before.pose.name != name:
        note = f"instead of {before.pose.name}"
    elif isinstance(before, PoseStep):
        if before.pose.sides != step.pose.sides:
            note = f"{sides} instead of {', '.join(before.pose.sides)}"
        dose = describe_dose(step, clamp(before) if before.origin == "default" else before)
    differs = step.again > 1 or (note, dose) != (sides, usual)
    title = name if step.rounds > 1 and step.again == 1 else title  # which has the round, too
    return differs, (title, dose, ": ".join(filter(None, (note, said.get("instructions")))))
