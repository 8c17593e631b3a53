"""Every error and every warning about a routine, a pose, a preset or an exported file, all at once."""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.holds import limit_problem
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import DEFAULT_LIMITS, PoseStep, Routine
from audioguide.model.timeline import Timeline, Utterance
from audioguide.routine.figure_form import figure_problems
from audioguide.routine.language import language_of, lay_words
from audioguide.routine.load import check_routine, find_routine, open_document
from audioguide.routine.sources import check_id
from audioguide.schema.document import Document, read_document
from audioguide.session.assets import AssetResolver
from audioguide.session.lint_text import check_keys, check_texts, is_limitless, list_texts, load_patterns, locate_part
from audioguide.session.lint_timeline import check_timeline
from audioguide.session.open import build_session, check_backgrounds, compose, list_foreign
from audioguide.session.plan_days import list_days
from audioguide.session.plan_session import resolve_day
from audioguide.session.preset import check_preset, find_preset, find_sound, resolve
from audioguide.session.session import Session
from audioguide.session.week_plan import is_plan, parse_plan
from audioguide.speech.engines.recordings import find_strays, recording_list
from audioguide.speech.languages import check_letters, foreign_words, language_name
from audioguide.speech.speaker import Speaker, build_speaker, find_fallbacks
from audioguide.speech.voice_choice import choose_voice
from audioguide.speech.voices import VoiceProfile, find_profile
from audioguide.system.paths import display_path, is_sound_file, language_files, original_file, user_dir
from audioguide.system.process import cores
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases

FILES_PER_PROCESS = 40  # with fewer files, another process is not worth its start
MOST_PROCESSES = 8
MOST_WORDS = 5  # of a text that are told


def check_all(files: Sequence[str]) -> Iterator[tuple[Problem, ...]]:
    """The problems of each file, in the order of the files. Many files are shared among processes."""
    processes = min(cores(), len(files) // FILES_PER_PROCESS, MOST_PROCESSES)
    if processes < 2:
        yield from map(_check_file, files)
        return
    yield _check_file(files[0])  # forked processes inherit what this loads
    with multiprocessing.Pool(processes, _init_process) as pool:
        yield from pool.imap(_check_file, files[1:], chunksize=8)


def _init_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process handles interruptions
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.set_threshold(100_000)  # a file leaves little garbage, and looking for it often takes a tenth of the time


def _check_file(file: str) -> tuple[Problem, ...]:
    try:
        return check(file)
    except RequestError as error:
        return (Problem(SourceLocation(file, 1, 1), "unreadable", error.message, error.hint),)


def check(source: str | Path) -> tuple[Problem, ...]:
    """Every problem of a file, sorted by place; RequestError when there is no such file. Clip lengths are estimates."""
    if sound := find_sound(source):
        return _sort(_check_embedded(sound))
    if is_plan(Path(source)):
        return _sort(_check_plan(Path(source)))
    preset = find_preset(str(source))
    path = preset or find_routine(str(source))
    try:
        document = open_document(path)
        if preset:
            return _sort(_check_preset(document, path))
        if original := original_file(path):
            return _sort(_check_words(document, *original))
    except RoutineError as error:
        return error.problems
    problems = _check_original(document, path)
    for code, file in language_files(path).items():
        try:
            problems += lay_words(document, read_document(file), code)[1]
        except RoutineError as error:
            problems += error.problems
    return _sort(problems)


def _check_words(words: Document, path: Path, language: str) -> Iterator[Problem]:
    """Every problem of a language file of the original at `path`, and none that the original has without it."""
    original = open_document(path)
    document, problems = lay_words(original, words, language)
    yield from problems
    if all(problem.severity == "warning" for problem in problems):
        known = {(problem.place, problem.code) for problem in _check_original(original, path)}
        laid = replace(document, file=words.file, text=words.text)
        found = _check_original(laid, path, language, language_of(original))
        yield from (problem for problem in found if (problem.place, problem.code) not in known)


def _check_original(document: Document, path: Path, language: str = "en", written: str = "") -> list[Problem]:
    """Every problem of a routine or a pose, whose words may be in another `language` than those of its file."""
    problems: list[Problem] = []
    if "name" in document.data and "steps" not in document.data:  # a file of the pose library
        problems += check_id(document, path.stem)
        document = _wrap_pose(document, language)
    routine, found = check_routine(path, document)
    problems += [*found, *find_unknown_names(document)]
    if routine is not None:
        poses = (step for step in routine.steps if isinstance(step, PoseStep))
        problems += (problem for step in poses if (problem := limit_problem(step)))
        problems += check_backgrounds(routine)  # also in included files
        if not problems:
            try:
                problems += _check_session(document, compose(routine, Options()))
            except RoutineError as error:
                problems += error.problems
        for step in list_foreign(routine, written):
            file = user_dir() / "scripts" / "poses" / f"{step.pose.id}.{routine.language}.yaml"
            message = f"{step.pose.name!r} has no words in {language_name(routine.language)}."
            hint = f"Write them in {display_path(file)}."
            problems.append(Problem(step.place, "missing-words", message, hint, "warning"))
        if all(problem.severity == "warning" for problem in problems):
            problems += check_keys(document, load_patterns(routine.language))
    return [*problems, *check_texts(document), *figure_problems(document, joints=True)]


def _sort(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems by place; a message that comes twice for one line is kept once."""
    first_at = {
        (problem.place.file, problem.place.line, problem.place.within, problem.message): problem
        for problem in reversed(tuple(found))
    }
    return tuple(sorted(first_at.values(), key=lambda problem: (problem.place, problem.code)))


def _check_embedded(path: Path) -> Iterator[Problem]:
    from audioguide.session.embedded import read_embedded

    try:
        embedded = read_embedded(path)
        document = embedded.bundle.root.document
        routine, found = embedded.check()
        yield from found
        if routine is None or found:
            return
        options = Options(beyond_limits=embedded.options.beyond_limits)
        yield from _check_session(document, compose(routine, options, AssetResolver(embedded, routine.language)))
        yield from check_keys(document, load_patterns(routine.language))
        yield from check_texts(document)
        for one in (document, *embedded.bundle.documents()):
            yield from figure_problems(one)
    except RoutineError as error:
        yield from error.problems
        return
    try:
        build_session(resolve(path, Options()))
    except RequestError as error:
        yield Problem(SourceLocation(embedded.file, 1, 1, "options"), "invalid", error.message, error.hint)


def _check_preset(document: Document, path: Path) -> Iterator[Problem]:
    found = [*check_preset(document, path), *find_unknown_names(document)]
    yield from found
    if all(problem.severity == "warning" for problem in found):
        try:
            yield from _compile_with_estimates(build_session(resolve(path, Options())), document)[1]
        except RequestError as error:
            yield Problem(document.place(("options",)), "invalid", error.message, error.hint)


def _check_plan(path: Path) -> Iterator[Problem]:
    """Every problem of a plan and of the routine in it, and of the sessions with which it begins and ends."""
    document = read_document(path)
    try:
        plan = parse_plan(document, path.absolute())
    except RoutineError as error:
        yield from error.problems
        return
    found = [*find_unknown_names(document), *(_check_original(plan.routine, path) if plan.routine else ())]
    yield from found
    days = list_days(plan, (), datetime.combine(plan.start, plan.at, plan.zone))
    try:
        for day in (days[0], days[-1]) if all(problem.severity == "warning" for problem in found) else ():
            resolved = resolve_day(plan, day)
            yield from (
                Problem(document.place(("options",)), "unknown-pose", note, "Mend it.", "warning")
                for note in resolved.notes
                if "no longer matches" in note
            )
            yield from _compile_with_estimates(build_session(resolved), document)[1]
    except RequestError as error:
        key = "options" if error.option else "routine" if plan.source else "wishes"
        yield Problem(document.place((key,)), "invalid", error.message, error.hint)


def _wrap_pose(pose: Document, language: str) -> Document:
    """A routine with one pose, a file of the pose library. Every value of the pose keeps its place in that file."""
    limits = {} if is_limitless(pose.data) else {"limits": f"{DEFAULT_LIMITS.shortest}..{DEFAULT_LIMITS.longest}"}
    rest = {"rest": "3s"} if "reps" in pose.data and "hold" in pose.data else {}
    steps = [{"pose": limits | pose.data, **rest}, {"say": "Well done."}]
    data = {"title": "a pose", "language": language, "defaults": {"breath": "4-6"}, "steps": steps}
    places = {("steps", 0, "pose", *path): place for path, place in pose.places.items()}
    keys = {("steps", 0, "pose", *path): place for path, place in pose.keys.items()}
    places |= {path: pose.place(path) for path in ((), ("language",), ("steps", 0))}
    return replace(pose, data=data, places=places, keys=keys)


def find_unknown_names(document: Document) -> Iterator[Problem]:
    """Names of voices, backgrounds and languages that do not exist."""
    from audioguide.sound import background

    def find_background(name: str) -> object:
        return name == SILENT or is_sound_file(name) or background.find_background(name)

    finders: dict[str, tuple[Code, Callable[[str], object]]] = {
        "background": ("unknown-background", find_background),
        "voice": ("unknown-voice", find_profile),
        "fallback": ("unknown-voice", find_profile),
        "language": ("unknown-language", find_phrases),
    }
    for path, place in document.places.items():
        key = path[-2] if path[-2:] == ("background", "name") else path[-1] if path else None
        code, find = finders.get(str(key), (None, None))
        name = document.value(path) if code else None
        # A number in YAML is a name made of digits.
        if code and find and isinstance(name, str | int | float) and not isinstance(name, bool):
            try:
                find(str(name))
            except RoutineError as error:  # its file exists, but has errors
                yield from error.problems
            except RequestError as error:
                yield Problem(place, code, error.message, error.hint)


def _check_session(document: Document, session: Session) -> Iterator[Problem]:
    timeline, refused = _compile_with_estimates(session, document)
    yield from refused or check_timeline(document, session.routine, timeline, load_patterns(session.routine.language))
    if session.voice.engine == "recorded":
        yield from _check_recordings(timeline, session.voice)


def _check_recordings(timeline: Timeline, voice: VoiceProfile) -> Iterator[Problem]:
    """Texts without a recording where there is one with a name that is nearly theirs."""
    said = {cue.utterance: cue.place for cue in reversed(timeline.cues) if cue.utterance and cue.place}
    for path, row in find_strays(recording_list(said, voice), voice).items():
        if row:
            message = f"{row.text!r} is not recorded, but {display_path(path)} has nearly its name."
            yield Problem(said[row.said], "unspeakable", message, f"Name it {row.file.name}.", "warning")


def _compile_with_estimates(session: Session, document: Document) -> tuple[Timeline, list[Problem]]:
    """The timeline with clips of estimated lengths, and the texts in it that the voice cannot say."""
    with session.speaker() as speaker:
        timeline = compile(session.routine, cache(speaker.estimate), session.phrases)
        texts = dict.fromkeys((cue.text, cue.place) for cue in timeline.cues if cue.text and cue.place)
        return timeline, [*_find_refused(session.voice, speaker, document, texts)]


def find_unspeakable(document: Document, routine: Routine) -> Iterator[Problem]:
    """The texts in a document that the voice of its routine cannot say, without laying them out."""
    voice = find_profile(routine.voice) if routine.voice else choose_voice(routine.language)
    texts = ((text, document.place(path)) for path, text in list_texts(document))
    foreign = [text for text in texts if foreign_words(text[0], voice.language)]
    with build_speaker(voice, find_fallbacks(voice, None)) as speaker:
        yield from _find_refused(voice, speaker, document, foreign)


def _find_refused(
    voice: VoiceProfile, speaker: Speaker, document: Document, texts: Iterable[tuple[str, SourceLocation]]
) -> Iterator[Problem]:
    """The texts that a speaker cannot say: a problem each, or at each of the first words that forbid it."""
    written = {text: document.place(path) for path, text in list_texts(document)}
    for text, place in texts:
        place = place if place.file == document.file else written.get(text, place)  # of a step in a language file
        if refusal := speaker.cannot_say(Utterance(text, "say")):
            for word in foreign_words(text, voice.language)[:MOST_WORDS] or ("",):
                told = check_letters(word, voice.language) or refusal
                here = place.file == document.file and not place.within
                at = locate_part(document, place, word) if word and here else place
                yield Problem(at, "unspeakable", told.message, told.hint)
