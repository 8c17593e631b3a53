"""Every problem of a routine or pose file at once: what is wrong with it, and what a good editor would say besides."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.holds import limit_problem
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import PoseStep
from audioguide.model.timeline import Timeline, Utterance
from audioguide.routine.library import check_id
from audioguide.routine.load import check_routine, find_routine, open_document
from audioguide.schema.document import Document
from audioguide.session.lint_text import check_keys, check_texts, load_patterns
from audioguide.session.lint_timeline import check_timeline
from audioguide.session.open import session_of, session_of_plan, unknown_backgrounds
from audioguide.session.preset import find_preset, find_sound, problems_of, resolve
from audioguide.session.session import Session
from audioguide.speech.voices import profile
from audioguide.system.process import cores
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases

MANY = 40
"""Files, from which on a second process is worth its start."""

MOST_PROCESSES = 8


def check_all(files: Sequence[str]) -> Iterator[tuple[Problem, ...]]:
    """The problems of each file, in the order of the files. Many files are shared out among the processors."""
    processes = min(cores(), len(files) // MANY, MOST_PROCESSES)
    if processes < 2:
        yield from map(_checked, files)
        return
    yield _checked(files[0])  # what is loaded and read for this one, a forked process has from the start
    # Leaving the block ends the processes, whatever they are at.
    with multiprocessing.Pool(processes, _stand_alone) as pool:
        yield from pool.imap(_checked, files[1:], chunksize=8)


def _stand_alone() -> None:
    """Leave it to the first process to be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.set_threshold(100_000)  # what a file leaves behind is little, and looking for it often takes a tenth of the time


def _checked(file: str) -> tuple[Problem, ...]:
    try:
        return check(file)
    except RequestError as error:
        return (Problem(SourceLocation(file, 1, 1), "unreadable", error.message, error.hint),)


def check(source: str | Path) -> tuple[Problem, ...]:
    """Every problem of a file by place; RequestError when there is no such file.

    What is found does not depend on what was spoken before: all clips are taken at their estimated lengths.
    """
    if sound := find_sound(source):
        return _sorted(_carried_problems(sound))
    preset = find_preset(str(source))
    path = preset or find_routine(str(source))
    try:
        document = open_document(path)
    except RoutineError as error:
        return error.problems
    if preset:
        return tuple(sorted(_preset_problems(document, path), key=lambda problem: problem.place))
    problems: list[Problem] = []
    if "name" in document.data and "steps" not in document.data:  # a file of the pose library
        problems += check_id(document, path.stem)
        document = _doing(document)
    routine, found = check_routine(path, document)
    problems += [*found, *find_unknown_names(document)]
    if routine is not None:
        poses = (step for step in routine.steps if isinstance(step, PoseStep))
        problems += (problem for step in poses if (problem := limit_problem(step)))
        problems += unknown_backgrounds(routine)  # of what it includes, too
        if not problems:
            try:
                problems += _heard(document, session_of(routine, Options()))
            except RoutineError as error:
                problems += error.problems
        if not problems or all(problem.severity == "warning" for problem in problems):
            problems += check_keys(document, load_patterns(routine.language))
    problems += check_texts(document)
    return _sorted(problems)


def _sorted(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place; what is wrong twice in one line is said once."""
    first_at = {
        (problem.place.file, problem.place.line, problem.place.within, problem.message): problem
        for problem in reversed(tuple(found))
    }
    return tuple(sorted(first_at.values(), key=lambda problem: (problem.place, problem.code)))


def _carried_problems(path: Path) -> Iterator[Problem]:
    """What is wrong with the session that a sound file carries."""
    from audioguide.session.assets import BundledAssets
    from audioguide.session.embedded import read_embedded

    try:
        carried = read_embedded(path)
        document = carried.bundle.root.document
        routine, found = carried.check()
        yield from found
        if routine is None or found:
            return
        allowed = Options(beyond_limits=carried.options.beyond_limits)
        yield from _heard(document, session_of(routine, allowed, BundledAssets(carried, routine.language)))
        yield from check_keys(document, load_patterns(routine.language))
        yield from check_texts(document)
    except RoutineError as error:
        yield from error.problems
        return
    try:
        session_of_plan(resolve(path, Options()))
    except RequestError as error:
        yield Problem(SourceLocation(carried.file, 1, 1, "options"), "invalid", error.message, error.hint)


def _preset_problems(document: Document, path: Path) -> Iterator[Problem]:
    found = [*problems_of(document, path), *find_unknown_names(document)]
    yield from found
    if all(problem.severity == "warning" for problem in found):
        try:
            yield from _compiled(session_of_plan(resolve(path, Options())))[1]
        except RequestError as error:
            yield Problem(document.place(("options",)), "invalid", error.message, error.hint)


def _doing(pose: Document) -> Document:
    """A routine that does a pose of the library, in which every value of the pose keeps the place where it stands."""
    data = {
        "title": "a pose",
        "defaults": {"breath": "4-6"},
        "steps": [{"pose": pose.data}, {"say": "Well done."}],
    }
    root = pose.places[()]
    places = {("steps", 0, "pose", *path): place for path, place in pose.places.items()}
    keys = {("steps", 0, "pose", *path): place for path, place in pose.keys.items()}
    return replace(pose, data=data, places={(): root, ("steps", 0): root, **places}, keys=keys)


def find_unknown_names(document: Document) -> Iterator[Problem]:
    """Voices, backgrounds and languages that there are not, where they are named."""
    from audioguide.sound import background

    finders: dict[str, tuple[Code, Callable[[str], object]]] = {
        "background": ("unknown-background", lambda name: name == SILENT or background.find_background(name)),
        "voice": ("unknown-voice", profile),
        "fallback": ("unknown-voice", profile),
        "language": ("unknown-language", find_phrases),
    }
    for path, place in document.places.items():
        key = path[-2] if path[-2:] == ("background", "name") else path[-1] if path else None
        named = finders.get(str(key))
        name = document.value(path) if named else None
        # The forms take a number for its digits.
        if named and isinstance(name, str | int | float) and not isinstance(name, bool):
            code, find_it = named
            try:
                find_it(str(name))
            except RoutineError as error:  # its file is there, and wrong
                yield from error.problems
            except RequestError as error:
                yield Problem(place, code, error.message, error.hint)


def _heard(document: Document, session: Session) -> Iterator[Problem]:
    """Texts that the voice cannot say; if there are none, what is to be said about the session as it is heard."""
    timeline, refused = _compiled(session)
    yield from refused or check_timeline(document, session.routine, timeline, load_patterns(session.routine.language))


def _compiled(session: Session) -> tuple[Timeline, list[Problem]]:
    """The timeline with clips of estimated lengths, and the texts in it that the voice cannot say."""
    with session.speaker() as speaker:
        timeline = compile(session.routine, cache(speaker.estimate), session.words)
        said = dict.fromkeys((cue.text, cue.place) for cue in timeline.cues if cue.text and cue.place)
        refused = [
            Problem(place, "unspeakable", why.message, why.hint)
            for text, place in said
            if (why := speaker.refusal(Utterance(text, "say")))
        ]
    return timeline, refused
