"""A session on paper: what stands on its sheet, in its language."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from audioguide.draw.picture import open_picture, read_picture, shrink_picture
from audioguide.draw.render import check_picture, is_same_pdf, to_file
from audioguide.draw.sheet import Sheet, SheetRow, draw_sheet
from audioguide.errors import RequestError, suggest
from audioguide.model.chapter_figure import figure_of
from audioguide.model.holds import count_cycles, cycle_seconds, hold_seconds
from audioguide.model.notation import CONTROLS, split_pauses
from audioguide.model.routine import BreatheStep, Level, PoseStep
from audioguide.schema.document import read_document
from audioguide.session.composition import Composition
from audioguide.system import paths
from audioguide.system.files import cache_by_file, write_bytes
from audioguide.system.paths import display_path
from audioguide.timeline.phrases import Phrases, fill_placeholders
from audioguide.units import RATE

LOGO_PIXELS = 600
SHORTEST_PAUSE_TOLD = 2.0  # seconds that a rep is held, from which on they are told
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_LIST = "({0})( ?, ?({0}))*".format("|".join(_DAYS))
_ADDRESS, _SAFE = r"(https?://[^/\s].{0,290})?", "%/:=&?~#+!$,;'@()*[]"  # and what is not quoted in one
Words = Mapping[str, str]
Exercise = PoseStep | BreatheStep


def write_sheet(
    session: Composition, path: Path, settings: Mapping[str, Any], *, keep: bool = False
) -> tuple[bool, tuple[str, ...]]:
    """Write the sheet of a session; whether it was written, and lines to show. `Session.sheet` describes the rest.

    With `keep` a file that is as it would be made now is left alone.
    """
    ending = check_picture(path)
    sheet, notes = make_sheet(session, parse_settings(settings))
    pages, left_out = draw_sheet(sheet)
    title, language = " – ".join(filter(None, (sheet.title, sheet.person))), session.routine.language
    if left_out:
        tip = f"Try --weeks 0{', or leave --large out' * sheet.large}."
        notes += (f"{left_out} of {len(sheet.rows)} exercises have no place on the sheet's {len(pages)} pages. {tip}",)
    if ending != ".pdf" and len(pages) > 1:
        notes += (f"This is the first of {len(pages)} pages. A PDF has all.",)
    if keep and is_same_pdf(path, pages, title, language):
        return False, notes
    write_bytes(path, to_file(pages, ending, title, language))
    return True, notes


@cache_by_file
def _read_logo(path: Path) -> tuple[bytes, float]:
    file = io.BytesIO()
    with open_picture(*read_picture(path, "the logo")) as picture:
        shown = shrink_picture(picture, LOGO_PIXELS)
        shown.save(file, "PNG")
    return file.getvalue(), shown.height / shown.width


SETTINGS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "for": (".{0,80}", "a name of at most 80 characters", str),
    "clinic": (".{0,100}", "a name of at most 100 characters", str),
    "date": (".{0,30}", "a text of at most 30 characters", str),
    "logo": (".*", "a file", lambda text: _read_logo(Path(text)) if text else None),
    "link": (_ADDRESS, "an http or https address of at most 300 characters", partial(quote, safe=_SAFE)),
    "paper": ("a4|letter", "a4 or letter", str.lower),
    "large": ("|yes|no|x|true|false", "yes or no", lambda text: text.lower() in ("yes", "x", "true")),
    "days": (
        _DAY_LIST,
        "days as mon,wed,fri",
        lambda text: tuple(day for day in range(7) if _DAYS[day] in text.lower()),
    ),
    "weeks": (r"\d|1[0-2]", "a number of weeks from 0 to 12", int),
}
"""What can be asked of a sheet: how it is written, the same in words, and what it is in a `Sheet`."""


def parse_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of a sheet, as fields of `Sheet`. RequestError for what is wrong."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        key = "for" if name == "person" else name
        if key not in SETTINGS:
            raise RequestError(f"A sheet has no {key!r}.", suggest(key, (*SETTINGS, "person")))
        text = " ".join((",".join(value) if isinstance(value, list | tuple) else str(value)).split())
        pattern, meaning, convert = SETTINGS[key]
        if CONTROLS.search(text) or not re.fullmatch(pattern, text, re.IGNORECASE | re.ASCII):
            shown = repr(text if len(text) < 60 else f"{text[:60]}…")
            raise RequestError(f"{shown} cannot stand on a sheet: that takes {meaning}.")
        found["person" if key == "for" else key] = convert(text)
    return found


@cache_by_file
def load_words(path: Path) -> Words:
    """The words of a sheet in a file of `voices/sheets/`; RequestError where it is wrong."""
    words = {str(key): str(value) for key, value in read_document(path).data.items()}
    if "days" in words and len(words["days"].split()) != 7:
        raise RequestError(f"{display_path(path)} has not seven days.", "Write days: Mon Tue Wed Thu Fri Sat Sun.")
    return words


def make_sheet(session: Composition, fields: Mapping[str, Any]) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet of a session whose holds are fitted, and lines to show; `fields` are of `Sheet`."""
    routine, phrases = session.routine, session.phrases
    own, english = paths.sheet_words_file(routine.language), paths.sheet_words_file("en")
    assert english, "it is shipped"
    notes = () if own else (f"The sheet's own words are English: there is no voices/sheets/{routine.language}.yaml.",)
    words = {**load_words(english), **(load_words(own) if own else {})}
    visits: dict[str, list[Exercise]] = {}
    order: list[str] = []
    for step in routine.steps:
        if isinstance(step, PoseStep | BreatheStep):
            name = step.pose.name if isinstance(step, PoseStep) else phrases.breathing_title(step)
            visits.setdefault(name, []).append(step)
            order += [name] * (order[-1:] != [name])
    minutes = max(1, round(session.outline.timeline.frames / RATE / 60))
    about = [words["length"].replace("{n}", str(minutes)), _count(words, "exercise", len(visits))]
    if len(order) > len(visits):
        numbers = {name: str(number) for number, name in enumerate(visits, 1)}
        about.append(words["order"].replace("{order}", ", ".join(numbers[name] for name in order)))
    lines = tuple(filter(None, (routine.description, " · ".join(about))))
    rows = tuple(_make_row(name, steps, phrases, words) for name, steps in visits.items())
    return Sheet(routine.title, lines, rows, words, **fields), notes


def _make_row(name: str, steps: Sequence[Exercise], phrases: Phrases, words: Words) -> SheetRow:
    """The row of an exercise, which may come several times."""
    step = steps[0]
    if isinstance(step, BreatheStep):
        ends = [
            [_time(words, time, f"breathe_{part}") for part, time in one.parts if time]
            for one in (step.pattern, step.to)
            if one
        ]
        text = " → ".join(map(", ".join, ends))
        return SheetRow(name, _join_doses(steps, words, ""), "", (f"{text[:1].upper()}{text[1:]}.",), "", step.pattern)
    pose, sides = step.pose, step.pose.sides
    done = Counter(side for one in steps if isinstance(one, PoseStep) for side in one.pose.sides)
    if len(sides) == 1 and len(done) == 2 and len(set(done.values())) == 1:  # all rounds of a side before the other
        sides, steps = tuple(done), steps[::2]
    each = f" {words['each_side']}" if len(sides) == len(set(sides)) == 2 else ""
    values = {"pose": name, "side": (*sides, "")[0], "hold": phrases.duration(step.hold), "rounds": str(step.rounds)}

    def clean(text: str | None) -> str:
        spoken = " ".join(part for part in split_pauses(text or "") if isinstance(part, str))
        return fill_placeholders(spoken, **values, next=phrases.texts.nothing, round="1")

    levels: tuple[Level, ...] = ("brief",) if step.level == "brief" else ("normal", "brief")
    texts = tuple(clean(pose.instructions.for_level(level)) for level in levels)
    caution = clean(pose.caution.for_level(step.level)) if pose.caution else ""
    dose = _join_doses(steps, words, each)
    return SheetRow(name, dose, ", ".join(sides), texts, caution, figure_of(step, (*sides, None)[0]))


def _join_doses(steps: Sequence[Exercise], words: Words, each: str) -> str:
    """The dose of an exercise each time that it comes: `30 s (2 times in the session), then 45 s`."""
    doses = Counter(", ".join(_describe_dose(step, words, each)) for step in steps)
    times = {count: f" ({words['times'].replace('{n}', str(count))})" * (count > 1) for count in doses.values()}
    return f", {words['then']} ".join(dose + times[count] for dose, count in doses.items())


def _describe_dose(step: Exercise, words: Words, each: str) -> Iterator[str]:
    """`3 × 10`, `hold 5 s`, `30 s rest`; `2 × 30 s each side`; `5 breaths`."""
    if isinstance(step, BreatheStep):
        yield _count(words, "breath", step.rounds)
        return
    pose, times = step.pose, f"{step.rounds} × " * (step.rounds > 1)
    if pose.reps:
        yield (f"{times}{pose.reps}" if times else _count(words, "rep", pose.reps)) + each
        if (pause := step.rep_hold or pose.tempo[1]) >= SHORTEST_PAUSE_TOLD:
            yield _time(words, pause, "hold")
    elif cycle_seconds(step) and (pose.is_moving or step.hold.unit == "breaths"):
        yield times + _count(words, "breath", count_cycles(step)) + each
    else:
        yield times + _time(words, hold_seconds(step)) + each
    if step.rest and (step.rounds > 1 or step.rep_hold):
        yield _time(words, step.rest, "rest")


def _count(words: Words, unit: str, number: int) -> str:
    return words[unit if number == 1 else f"{unit}s"].replace("{n}", str(number))


def _time(words: Words, seconds: float, key: str = "") -> str:
    """`30 s`, `1 min 30 s`, in whole seconds from 10 s on; with a key within the words of that: `hold 5 s`."""
    minutes, rest = divmod(round(seconds, 0 if seconds >= 10 else 1), 60)
    shown = {unit: words[unit].replace("{n}", f"{value:g}") for unit, value in (("minute", minutes), ("second", rest))}
    text = " ".join(shown[unit] for unit, value in (("minute", minutes), ("second", rest)) if value or not seconds)
    return (words[key] if key else "{time}").replace("{time}", text.replace(".", words["point"]))
