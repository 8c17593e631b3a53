"""The other files that people write or get: poses, language files, presets, settings, plans, backgrounds, voices …"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from audioguide.batch.plan import PlanForm, read_plan
from audioguide.batch.table import read_rows
from audioguide.draw.figure_svg import describe_figures, draw_figure
from audioguide.errors import RoutineError
from audioguide.model.options import to_data
from audioguide.player.history import SessionRecord
from audioguide.routine.figure_form import FigureForm, build_figure, figure_problems
from audioguide.routine.language import lay_words
from audioguide.routine.load import check_routine, load, require_valid
from audioguide.routine.sources import parse_pose
from audioguide.schema.document import Document, parse_document, read_document
from audioguide.schema.validate import validate, validate_part
from audioguide.session import check as checking
from audioguide.session.config import HEAD, read_config, template
from audioguide.session.open import compose, parse_options
from audioguide.session.plan_calendar import render_calendar
from audioguide.session.plan_days import list_days
from audioguide.session.plan_session import resolve_day
from audioguide.session.preset import parse_preset
from audioguide.session.week_plan import parse_plan
from audioguide.sound import background
from audioguide.speech.lexicon import load_lexicon
from audioguide.speech.normalize import normalize, split_sentences
from audioguide.speech.numbers import SpokenForms, SpokenFormsFile, load_spoken_forms
from audioguide.speech.voices import VoiceFile
from audioguide.system import paths
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases, load_phrases
from fuzz.target import Target
from fuzz.targets import routines
from fuzz.targets.routines import check, decode, estimate, shipped

HERE = Path("nowhere")
NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)


@contextmanager
def file(data: bytes, name: str) -> Iterator[Path]:
    """A file of this content, for what reads files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def parse(data: bytes, name: str = "any.yaml") -> Document:
    """The document of an input."""
    return parse_document(decode(data), name)


def folder_of(kind: str, pattern: str = "*.yaml") -> list[Path]:
    """The shipped files of a folder beside the routines."""
    root = Path(paths.routine_files()["taster"]).parents[1]
    return sorted((root / kind).glob(pattern))


def as_json(*data: dict[str, Any]) -> Iterator[bytes]:
    """Plain data as inputs."""
    yield from (json.dumps(one, ensure_ascii=False).encode() for one in data)


# Poses and their figures


def run_pose(data: bytes) -> str:
    """Read as `poses` reads it; in a routine of its own it is held as written."""
    document = parse(data)
    pose = parse_pose(document, str(document.data.get("id") or "any")[:99])
    routine = require_valid(*check_routine(Path("any.yaml"), checking._wrap_pose(document, "en")))
    check(compile(routine, estimate, find_phrases("en")), routine)
    if len(data) % 4 == 0:
        _ = [*figure_problems(document, joints=True)], describe_figures(routine.steps)
    return f"{len(pose.sides)} {bool(pose.figure)} {bool(pose.reps)} {pose.is_moving}"


def seeds_poses() -> Iterator[bytes]:
    yield from shipped(folder_of("scripts/poses", "[a-f]*.yaml")[::5])


def run_figure(data: bytes) -> str:
    """Drawn at any moment and side, it is XML without a number that is none."""
    document = parse(data)
    figure = build_figure(validate(document, FigureForm))
    for moment, side in ((0.0, 0), (0.3, 1), (1.0, 0)):
        svg = draw_figure(figure, moment=moment, side=side)
        ElementTree.fromstring(svg)
        assert "nan" not in svg, "a figure with nan"
        assert "inf" not in svg, "a figure with inf"
    return f"{figure.view} {len(figure.frames)} {figure.props}"


def seeds_figures() -> Iterator[bytes]:
    for path in folder_of("scripts/poses", "*[a-z].yaml")[::4]:
        if figure := parse_document(path.read_text(), path.name).data.get("figure"):
            yield from as_json(figure)


# Words in another language


@cache
def _original() -> Document:
    return read_document(Path(paths.routine_files()["taster"]))


def run_words(data: bytes) -> str:
    """Laid over the taster, which is then held as before."""
    laid, problems = lay_words(_original(), parse(data), "de")
    if errors := [one for one in problems if one.severity == "error"]:
        raise RoutineError(errors)
    routine = routines.read(laid)
    check(compile(routine, estimate, find_phrases("de")), routine)
    return f"{len(problems)}"


def seeds_words() -> Iterator[bytes]:
    yield from shipped(folder_of("scripts", "taster.*.yaml"))


# Presets and settings


def run_preset(data: bytes) -> str:
    """Its options are written and read back as the same; in a session they are held, or refused."""
    preset = parse_preset(parse(data), HERE / "any.yaml")
    assert parse_options(to_data(preset.options)) == preset.options, "written, they are other options"
    session = compose(_routine(preset.routine), preset.options)
    check(compile(session.routine, estimate, session.phrases), session.routine)
    return " ".join(to_data(preset.options))


@cache
def _routine(name: str) -> Any:
    return load(name if name in paths.routine_files() else "four-poses")


_OPTIONS: dict[str, Any] = {
    "hold": "45s", "holds": {"childs-pose": "1:00", "7 bridge": "+5s"}, "rounds": {"bridge": 2}, "reps": {"squat": 12},
    "sides": {"pigeon": "left,left"}, "swap": {"bird-dog": "dead-bug"}, "settle": "5s", "scale": 1.25,
    "length": "12:00", "only": "holds", "breath": "4-6", "language": "de", "level": "brief", "background": "none",
    "chime": "wood", "cues": {"halfway": "off", "begin": "short"}, "voice": "heart", "fallback": "heart",
    "pace": 0.9, "voice-level": 2,
    "background-level": -3, "silence": "digital", "skip": ["pigeon"], "keep": ["bridge"], "title": "A", "artist": "B",
    "album": "C", "cover": "none", "beyond-limits": True,
}  # fmt: skip
_WORDS = tuple(_OPTIONS) + tuple(
    """
routine options pose POSE=1:30 +5s -2s x2 10% 5 breaths 1..6 four-poses taster bridge childs-pose lower-back-cool-down
questions keys longer shorter mute f1 space plan wishes start weeks days at zone progress deload mon tue,thu monday
2026-12-01 18:30 Europe/Berlin UTC +5s a week sessions defaults output client week sheet sheets mono bitrate pictures
{client} {week} figure frames spine head near_arm far_leg view props on_floor mat chair front back layers noise drone
bowls drops binaural music level slope breath waves ipa say but after before engine model rate gain narration
""".split()
)


def seeds_presets() -> Iterator[bytes]:
    for key, value in _OPTIONS.items():
        yield from as_json({"routine": "four-poses", "options": {key: value}})
    yield from as_json({"routine": "lower-back-cool-down", "options": _OPTIONS})
    yield b"routine: taster\noptions:\n  hold: 45s\n  holds: {bridge: 1:00}\n  skip: [pigeon]\n"


def run_settings(data: bytes) -> str:
    """Read as every command reads it."""
    before = os.environ.get("AUDIOGUIDE_HOME")
    with file(data, "config.yaml") as path:
        os.environ["AUDIOGUIDE_HOME"] = str(path.parent)
        try:
            found = read_config()
        finally:
            os.environ.pop("AUDIOGUIDE_HOME") if before is None else os.environ.__setitem__("AUDIOGUIDE_HOME", before)
    session = compose(_routine("four-poses"), found.options) if len(data) % 4 == 0 and not found.options.holds else None
    return " ".join(to_data(found.options)) + str(session is None)


def seeds_settings() -> Iterator[bytes]:
    yield template().encode()
    yield (HEAD + "  hold: 45s\nquestions: off\nkeys: {longer: [a, +], mute: f2}\n").encode()
    yield from as_json(*({"options": {key: value}} for key, value in _OPTIONS.items()))
    yield from as_json({"keys": {"longer": ["a"]}, "questions": "on", "options": None})


# Plans


def run_plan(data: bytes) -> str:
    """Its days are in order and of its weeks; its first and last session can be resolved or are refused."""
    plan = parse_plan(parse(data), HERE / "any.yaml")
    played = [SessionRecord(1, plan.key, "A", NOW, 600.0, 600.0, "completed", None, False, felt="harder")]
    days = list_days(plan, played if len(data) % 2 else (), NOW)
    assert days, "a plan without a day"
    assert [day.date for day in days] == sorted({day.date for day in days}), "days out of order"
    assert days[0].date >= plan.start, "a day before its start"
    assert all(1 <= day.week <= plan.weeks for day in days), "a day outside of its weeks"
    if plan.wishes is None and len(data) % 6 == 0:
        for day in (days[0], days[-1]):
            resolved = resolve_day(plan, day)
            if not resolved.options.length:
                compose(resolved.routine, resolved.options)
    if plan.wishes is None and len(data) % 64 == 0:
        assert b"END:VCALENDAR" in render_calendar([(plan, days)], NOW, None)
    return f"{len(days) // 20} {plan.deload is None} {plan.progress is None} {plan.wishes is None}"


_PLAN: dict[str, Any] = {"plan": "A", "routine": "four-poses", "start": "2026-12-01", "weeks": 6, "days": "mon,wed,fri"}


def seeds_plans() -> Iterator[bytes]:
    more = {"at": "18:30", "zone": "Europe/Berlin", "progress": {"default": "+5s", "bridge": "+2s a week"}, "deload": 4}
    yield from as_json(_PLAN, _PLAN | more, _PLAN | {"options": {"hold": "30s", "skip": ["pigeon"]}})
    wishes = {key: value for key, value in _PLAN.items() if key != "routine"}
    yield from as_json(wishes | {"wishes": {"for": "hips", "length": "12:00", "seed": 7}})
    yield from as_json(_PLAN | {"routine": routines.SMALL[1]}, _PLAN | {"zone": "Pacific/Apia", "at": "2:30"})
    yield b"plan: A\nroutine: taster\nstart: 2026-03-29\nweeks: 4\ndays: [tue, sun]\nat: 02:30\nprogress: +5s a week\n"


# Batch files


def run_table(data: bytes) -> str:
    """Read as `batch` reads it; of some, every session is resolved."""
    kind, _, rest = data.partition(b"\n")
    name = "any.yaml" if kind == b"yaml" else "any.csv"
    with file(rest if kind in (b"yaml", b"csv") else data, name) as path:
        if len(data) % 12 == 0 and len(data) < 3000:
            jobs, _ = read_plan(path, path.parent / "out")
            assert len({job.output for job in jobs}) == len(jobs), "two sessions of one file"
            return f"{len(jobs)}"
        document, note = read_rows(path)
        form, problems = validate_part(document, PlanForm, lambda data, path: None)
        if problems:
            raise RoutineError(problems)
    return f"{note[-12:]} {len(str(len(form.sessions if form else ())))}"


def seeds_tables() -> Iterator[bytes]:
    yield b"csv\nroutine,output,hold,hold:bridge,client\nfour-poses,a.mp3,45s,,Anna\ntaster,b.mp3,,1:00,Bo\n"
    yield b"csv\nroutine;weeks;progress;skip;scale;beyond-limits\nfour-poses;1..6;+5s;pigeon;1.25;yes\n"
    yield b"csv\nroutine\toutput\tsheet\tplan\nfour-poses\t{client}.mp3\tyes\tno\n"
    yield b'csv\n"routine","title","hold"\n"four-poses","A ""B""\nC","45s; bridge=1:00"\n'
    rows = {"defaults": {"hold": "40s", "bitrate": 64}, "sessions": [{"routine": "taster", "output": "a.m4b"}]}
    yield b"yaml\n" + json.dumps(rows).encode()
    yield b"yaml\nsessions:\n  - {routine: four-poses, client: Anna, weeks: 1..3, progress: +5s, columns: {a: b}}\n"


# What a voice says


def run_lexicon(data: bytes) -> str:
    """Read in both formats, and used on a text."""
    with file(data, "lexicon.yaml") as path:
        for way in ("ipa", "say"):
            found = load_lexicon(path, way)  # type: ignore[arg-type]  # these are all
            text = "Stretch your psoas, and " + " ".join(map(" ".join, found.readings))[:500]
            assert found.replace(text).split()[0] == "Stretch" or ("stretch",) in found.readings, "other words are gone"
    return f"{len(str(len(found.readings)))} {len(found.others) > 0}"


def seeds_lexicons() -> Iterator[bytes]:
    for path in folder_of("voices", "lexicon*.yaml"):
        text = path.read_text()
        yield "\n".join(text.splitlines()[:60]).encode() + b"\n"
        data = parse_document(text, path.name).data
        yield from as_json(dict([*data.items()][:20]), dict([*data.items()][-20:]))
    yield b"psoas: so us\nlead: {say: leed, but: [{say: led, after: the}]}\n"


def run_spoken(data: bytes) -> str:
    """The words of a language for numbers and short forms, and a text that needs them."""
    forms = SpokenForms(validate(parse(data, "en.yaml"), SpokenFormsFile), "en")
    normalize("Hold for 2 min 30 s at 1:30, approx. 3/4 of 5 kg, 2-3 x 10 (e.g. 20°) & more @ 7 am.", forms)
    return ""


def seeds_spoken() -> Iterator[bytes]:
    yield from shipped(folder_of("voices/spoken"))


_LANGUAGES = {b"en": "en", b"de": "de", b"es": "es", b"fr": "fr", b"xx": "xx"}


def run_normalize(data: bytes) -> str:
    """A text as it is said: normalised once more it stays, and its sentences have all of it."""
    code, _, rest = data.partition(b"\n")
    language = _LANGUAGES.get(code, "en")
    text = rest.decode("utf-8", "replace")
    said = normalize(text, load_spoken_forms(language))
    assert "\n" not in said, "a line break is left"
    parts = split_sentences(said)
    assert all(len(part) <= 420 for part in parts) or parts == (said,), "a sentence is too long"
    return f"{language} {len(str(len(said)))} {min(3, len(parts))}"


def seeds_normalize() -> Iterator[bytes]:
    texts = (
        "Hold for 2 min 30 s at 1:30, approx. 3/4 of 5 kg, 2-3 x 10 (e.g. 20°) & more @ 7 am. See www.a.org/x?y!",
        "Halten Sie 30 Sek., ca. 2,5 m, z. B. am 3.12.2026 um 18:30 Uhr, 2.–3. Wdh. je Seite → weiter.",
        "Mantén 30 seg., aprox. 1,5 m, p. ej. a las 18:30 h, 3.º día, 2 × 10 rep.",
        "Tenez 30 s, env. 1,5 m, p. ex. à 18 h 30, 1er jour, 2 × 10 rép. « Bien ».",
        "SHHHHHH <b>KEEP YOUR BACK FLAT</b> **now** _and_ breathe — ½ of it, ² times, №5 • 1,234,567.89",
    )
    yield from (f"{code.decode()}\n{text}".encode() for code in _LANGUAGES for text in texts)
    yield from (f"en\n{sign * 10_000}".encode() for sign in ("...", "a", "1", "1,", "(", "a.", "é"))


def run_phrases(data: bytes) -> str:
    """The session's own words, and a session with them."""
    with file(data, "any.yaml") as path:
        phrases = load_phrases(path)
    routine = _routine("four-poses")
    check(compile(routine, estimate, phrases), routine)
    return ""


def seeds_phrases() -> Iterator[bytes]:
    yield from shipped(folder_of("voices/prompts"))


def run_voice(data: bytes) -> str:
    """A voice's file."""
    return validate(parse(data), VoiceFile).engine[:9]


def seeds_voices() -> Iterator[bytes]:
    yield from shipped([path for path in folder_of("voices") if "lexicon" not in path.stem])


def run_background(data: bytes) -> str:
    """Layers, and of some a moment of their sound, which has no sample that is no number."""
    found = background._parse(parse(data), "any", HERE / "any.yaml")
    missing = [*(one for layer in found.layers for one in layer.kind.missing_files(HERE))]
    if not missing and len(data) % 16 == 0:
        assert np.isfinite(found.mix_layers(0).block(0, 4410)).all(), "a sample that is no number"
    return " ".join(sorted(layer.kinds[0][0] for layer in found.layers)) + f" {len(missing)}"


def seeds_backgrounds() -> Iterator[bytes]:
    yield from shipped(folder_of("voices/backgrounds"))
    yield from as_json({"layers": [{"music": {"files": ["a.mp3", "../b.mp3"]}, "level": -3}]})


TARGETS = [
    Target("poses", "poses", seeds_poses, run_pose, words=routines.WORDS, share=6),
    Target("figures", "figures", seeds_figures, run_figure, words=_WORDS, share=3),
    Target("languages", "language files", seeds_words, run_words, words=routines.WORDS, share=2),
    Target("presets", "presets", seeds_presets, run_preset, words=_WORDS, share=5),
    Target("settings", "settings", seeds_settings, run_settings, words=_WORDS, share=4),
    Target("plans", "plans", seeds_plans, run_plan, words=_WORDS, share=5),
    Target("tables", "batch files", seeds_tables, run_table, words=_WORDS, share=4),
    Target("lexicons", "words and voices", seeds_lexicons, run_lexicon, words=_WORDS, share=2),
    Target("spoken-forms", "words and voices", seeds_spoken, run_spoken, words=_WORDS, share=1),
    Target("texts", "words and voices", seeds_normalize, run_normalize, words=routines.WORDS, share=2),
    Target("phrases", "words and voices", seeds_phrases, run_phrases, words=routines.WORDS, share=1),
    Target("voices", "words and voices", seeds_voices, run_voice, words=_WORDS, share=1),
    Target("backgrounds", "backgrounds", seeds_backgrounds, run_background, words=_WORDS, share=2),
]
