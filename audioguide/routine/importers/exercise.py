"""Makes the step of an exercise: its name, its words, its dose, and the words that release it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from audioguide.errors import SourceLocation
from audioguide.model.notation import MOST_TIMES
from audioguide.routine.importers.asked import is_movement, is_release
from audioguide.routine.importers.doses import Dose
from audioguide.routine.importers.pieces import Heading, Piece, Time, Words, show_length
from audioguide.routine.importers.report import Report
from audioguide.routine.importers.vocabulary import Vocabulary
from audioguide.schema.document import Keys
from audioguide.units import LONGEST_SESSION, format_duration

MOST_NAME = 120
MOST_INSTRUCTIONS = 4_000
_MOST_PARTS = 300  # sentences and pauses before a hold that may be about it
_MOST_CONTEXT = 3  # sentences after a hold that may still be about it


def spoken_text(parts: Sequence[Words | Time]) -> str:
    """As a text of a routine, its pauses in braces; each sentence in it ends like one."""
    said: list[str] = []
    after: Words | None = None
    follows = True
    for part in reversed(parts):
        if isinstance(part, Time):
            follows = False
            said.append(f"{{{'until' if part.source == 'until' else 'pause'} {format_duration(part.seconds)}}}")
            continue
        text = part.text.replace("{", "").replace("}", "").strip()
        ends = after is None or (follows and not after.text[0].islower() and text[-1:] != ",")
        follows = True
        if ends and text.rstrip("\"'”’»)]")[-1:] not in (*".!?…:",):
            text = text.rstrip(" ,;–—-") + "."
        said.append(text)
        after = part
    return " ".join(" ".join(reversed(said)).split())


def find_own(waiting: list[Words | Time], heading: Heading | None, vocabulary: Vocabulary) -> int:
    """Where in what was read the exercise begins: with its name, under its heading, else with its paragraph or list."""
    start = max(0, len(waiting) - _MOST_PARTS)
    spoken = [at for at in range(start, len(waiting)) if isinstance(waiting[at], Words)]
    if not spoken:
        return start if heading else len(waiting)
    leads = [at for at in spoken if isinstance(words := waiting[at], Words) and words.lead]
    if leads:
        first = leads[-1]
    elif heading:
        first = start
    else:
        first = _paragraph_of(waiting, spoken[-1], start)
        before = [at for at in spoken if at < first]
        if before and vocabulary.starts("staying", waiting[first].text):
            first = _paragraph_of(waiting, before[-1], start)
        moves = (at for at in spoken if at >= first and is_movement(waiting[at].text, vocabulary))
        first = next(moves, first)
    size = sum(len(part.text) + 16 for part in waiting[first:])
    while size > MOST_INSTRUCTIONS and first < spoken[-1]:
        size -= len(waiting[first].text) + 16
        first += 1
    return first


def _paragraph_of(waiting: list[Words | Time], at: int, start: int) -> int:
    """The index of the first part, from `start` on, of the paragraph or the list that this one is in."""
    while at > start and (waiting[at - 1].block == waiting[at].block or (waiting[at - 1].item and waiting[at].item)):
        at -= 1
    return at


def find_described(
    pieces: list[Piece], index: int, time: Time, vocabulary: Vocabulary, report: Report, several: bool = False
) -> tuple[int, Time, list[Words], Words | None]:
    """What follows a hold and is about it: the index after it, the hold with its whole dose, words, and a release.

    `several`: there are other exercises under its heading.
    """
    described: list[Words] = []
    seen: list[Words] = []
    block, breaks, at = time.block, 0, index
    while at < len(pieces) and len(seen) <= _MOST_CONTEXT:
        piece = pieces[at]
        at += 1
        if not isinstance(piece, Words | Time):
            break
        breaks += piece.block != block and not piece.item
        block = piece.block
        if breaks > 1:
            break
        if isinstance(piece, Words):
            if piece.lead:
                break
            seen.append(piece)
        elif several and piece.source == "line" and not piece.dose.sides:
            break  # all of these are repeated
        elif (dose := _with_more(time.dose, piece, pieces[at] if at < len(pieces) else None, bool(seen))) is not None:
            length = time.length if time.dose.hold else dose.hold or time.length
            time = replace(time, dose=dose, length=length)
            described, index = [*seen], at
            report.use(piece.place, piece.text, "a time")
            other = pieces[at] if piece.dose.other_side and at < len(pieces) else None
            if isinstance(other, Time) and other.kind in ("pause", "hold") and other.seconds == time.seconds:
                at = index = at + 1  # that of the other side
        else:
            break
    while time.source == "wording" and index < len(pieces) and len(described) < _MOST_CONTEXT:
        more = pieces[index]
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if not isinstance(more, Words) or more.lead or more.block != time.block or isinstance(following, Time):
            break
        if (
            isinstance(following, Words)
            and vocabulary.starts("staying", following.text)
            and _is_time(pieces, index + 2)
        ):
            break  # it is what the next hold is about
        if is_release(more.text, vocabulary) or vocabulary.starts("onward", more.text):
            break
        described.append(more)
        index += 1
    release = pieces[index] if index < len(pieces) else None
    if isinstance(release, Words) and not release.lead and is_release(release.text, vocabulary):
        return index + 1, time, described, release
    return index, time, described, None


def _is_time(pieces: list[Piece], at: int) -> bool:
    return at < len(pieces) and isinstance(pieces[at], Time)


def _with_more(dose: Dose, time: Time, following: Piece | None, described: bool) -> Dose | None:
    """A dose with what a later time says of it; None where that is another exercise, or a rest or pause of its own."""
    more = time.dose
    then = following.dose if isinstance(following, Time) and following.kind == "dose" else Dose()
    alone = more.rest and not (more.between or then.repeat or then.times or more.sets or more.reps)
    again = (
        (more.hold and (dose.hold or described)) or (more.reps and dose.reps) or min(count(dose)[0], count(more)[0]) > 1
    )
    other = time.kind == "pause" or not more or more.breath or more.pattern
    return None if alone or again or other else dose.merge(more)


def count(dose: Dose) -> tuple[int, int]:
    """How many sets, and how many reps, a dose asks for; 0 reps where nothing is counted."""
    sets, reps = max(dose.sets, 1), dose.reps
    times = dose.times or dose.repeat
    if times and not reps and (not dose.hold or dose.between == "reps"):
        reps = times
    elif times:
        sets = max(sets, times)
    return min(sets, MOST_TIMES), min(reps, MOST_TIMES)


def build_pose(
    heading: Heading | None,
    parts: list[Words | Time],
    time: Time,
    described: list[Words],
    release: Words | None,
    report: Report,
) -> tuple[dict[str, Any], dict[Keys, SourceLocation]]:
    """The step of an exercise, with its pose written in place, and the place of each of its keys."""
    while parts and isinstance(parts[0], Time):
        parts = parts[1:]
    dose, first = time.dose, parts[0] if parts else None
    if isinstance(first, Words) and (first.lead or not heading):
        name, rest = split_name(first.name or first.text)
        place = first.place
        parts = parts[1:]
        if rest:
            parts = [replace(first, text=rest), *parts]
        if not first.lead:
            done = f"Held for {time}" if dose.hold else f"Done {count(dose)[1]} times"
            report.guess(time.place, f"{done}, and named by its first words: {name!r}.")
        report.use(place, first.name or first.text, "a name")
        report.use(place, first.text, "a time")
    else:
        assert heading
        name, _ = split_name(heading.text)  # the end of one that is too long for a name is not said
        place = heading.place
        report.use(place, heading.text, "a name")
    written: dict[str, Any] = {"name": name}
    places: dict[Keys, SourceLocation] = {(): place, ("pose",): place, ("pose", "name"): place}
    said = [*parts, *described]
    if spoken := [part for part in said if isinstance(part, Words)]:
        written["instructions"] = spoken_text(said)
        places["pose", "instructions"] = spoken[0].place
        for words in spoken:
            report.use(words.place, words.text, "said")
    sets, reps = count(dose)
    step: dict[str, Any] = {"pose": written}
    if reps:
        step["reps"] = reps
        if dose.tempo:
            written["tempo"] = dose.tempo
    if dose.hold and time.seconds:
        _write_hold(written, time, counted=reps > 0)
        places["pose", "hold"] = time.place
    if dose.sides:
        written["sides"] = list(dose.sides)
    if release:
        written["release"] = spoken_text([release])
        places["pose", "release"] = release.place
        report.use(release.place, release.text, "said")
    if sets > 1:
        step["rounds"] = sets
    if dose.rest:
        step["rest"] = show_length(dose.rest)
    for guess in dose.guesses:
        report.guess(time.place, guess)
    return step, places


def _write_hold(written: dict[str, Any], time: Time, counted: bool) -> None:
    written["hold"] = format_duration(time.seconds) if counted else str(time)
    if time.length.breaths and not counted:
        written["breath"] = "4-6"
    seconds = time.seconds
    longest = max(seconds * 2, time.length.upper)
    if longest <= LONGEST_SESSION:
        shortest = max(1.0, seconds // 2) if seconds >= 1 else seconds
        written["limits"] = f"{format_duration(shortest)}..{format_duration(longest)}"


def split_name(text: str) -> tuple[str, str]:
    """The name that a text begins with, without its full stop, and the rest of the text."""
    text = text.replace("{", "").replace("}", "").strip(' .,;:!?–—-*_"“”')
    text = text[:1].upper() + text[1:]
    if len(text) <= MOST_NAME:
        return text, ""
    comma = text.rfind(", ", 20, MOST_NAME)
    end = comma if comma > 0 else text.rfind(" ", 0, MOST_NAME)
    end = end if end > 0 else MOST_NAME
    return text[:end].strip(" ,;:–—-"), text[end:].strip(" ,;:–—-")
