"""The shipped poses and routines: texts that can be followed by ear, the facts under them, and how they are heard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeVoice

import audioguide
from audioguide.model import holds
from audioguide.model.notation import parse_limits, parse_pattern
from audioguide.model.options import Options
from audioguide.model.routine import LEVELS, BreatheStep, Level, PoseStep
from audioguide.model.timeline import Cue
from audioguide.routine.customise import customise
from audioguide.routine.load import load as load_routine
from audioguide.schema.document import read_document
from audioguide.session.lint_text import load_patterns
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, parse_duration

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
LONGEST_SENTENCE = 25
"""Words: a longer sentence is hard to follow by ear."""

LONGEST_SILENCE = 60.0
"""Seconds: after that a person with shut eyes wonders whether the player has stopped."""

LETTERS = {"en": "A-Za-z", "de": "A-Za-zÄÖÜäöüß", "es": "A-Za-zÁÉÍÓÚÑáéíóúüñ¿¡"}

HOMOGRAPHS = {
    "en": {"lead", "close", "live", "wind", "tear", "bow", "read", "wound", "minute"},
    "de": {"modern", "montage", "übersetzen", "umfahren"},
    "es": set[str](),
}
"""Words that a speech engine may say in the wrong one of two ways."""

FORCE = {
    "en": r"push\w*|forc(e|ed|es|ing)|strain\w*|(?<!never )(?<!without )bounc\w*",
    "de": r"erzwing\w*|zwing\w*|reiß\w*|(?<!ohne zu )wipp\w*|press\w*",
    "es": r"fuerza|forz\w*|fuerz\w*|empuj\w*|(?<!sin )rebot\w*",
}
"""What nobody is told to do."""

PROMISES = {
    "en": r"cures?|heals?|healing|relieves?|prevents?|fix(es)?|treats?|thank you|pain-free",
    "de": r"heil\w*|linder\w*|behandel\w*|schmerzfrei|danke",
    "es": r"cura\w*|sana\w*|alivia\w*|previene\w*|gracias",
}
"""What no routine may say of itself."""

CARE = {
    "en": r"skip what hurts|leave out what hurts|stop if it hurts|ease off before it hurts",
    "de": "lass weg, was wehtut",
    "es": "deja lo que te duela",
}
"""What is said of every pose at the full level; in more than one way, or it wears off."""

MARKS = re.compile(r"\{(hold|next|pause \d+s)\}")
"""What a text may hold besides words."""

LENGTHS = {
    "core-and-back": (14, 16.5),
    "espalda-ligera": (7.5, 9),
    "evening-unwind": (16, 20),
    "feierabend": (7.5, 9),
    "foam-roll-recovery": (12, 15),
    "four-poses": (8, 10),
    "hip-openers": (13, 15),
    "icing": (12, 17),
    "lower-back-cool-down": (15, 20),
    "pre-run-warm-up": (8, 10),
    "shoulders-and-chest": (10, 12.5),
    "slow-breathing": (8, 10),
    "taster": (2, 3),
}
"""Minutes at the options that a listener gets who asks for nothing."""

SOURCE = {
    "hamstring stretch": {"standing-hamstring-stretch"},
    "pelvic tilt": {"pelvic-tilt"},
    "bird dog": {"bird-dog"},
    "the four yoga poses": {"childs-pose", "bridge", "cat-cow", "downward-dog-split"},
    "hip openers": {"pigeon", "figure-four", "butterfly"},
    "squats": {"squats", "deep-squat"},
    "hip flexors": {"low-lunge"},
    "shoulder openers": {"thread-the-needle", "eagle-arms", "cross-body-stretch", "arm-circles"},
    "chest openers": {"chest-opener", "towel-chest-opener"},
    "spinal twists": {"supine-twist", "seated-twist"},
    "ribs": {"seated-side-bend"},
    "core and abdominals": {"dead-bug", "forearm-plank", "kneeling-side-plank"},
    "foam rolling": {"foam-roll-calves", "foam-roll-outer-thigh", "foam-roll-front-thigh"},
    "icing": {"icing"},
    "dynamic warm-up": {"easy-walking", "jogging-on-the-spot", "leg-swings"},
    "rest": {"constructive-rest"},
}
"""What the advice that the content is made from tells a person to do, and the poses that are it."""

LONGER_THAN_STRETCHES = {"easy-walking", "jogging-on-the-spot", "icing", "constructive-rest"}
"""The rest is held for at most a minute."""


def load(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: read_document(path).data for path in sorted(folder.glob("*.yaml"))}


POSES = load(SCRIPTS / "poses")
ROUTINES = load(SCRIPTS)


def unrolled(steps: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Steps as written, those of repeats and includes in their place, once."""
    for step in steps:
        if "repeat" in step:
            yield from unrolled(step["steps"])
        elif "include" in step:
            yield from unrolled(ROUTINES[step["include"]]["steps"])
        else:
            yield step


def pose_steps(id: str) -> list[dict[str, Any]]:
    return [step for step in unrolled(ROUTINES[id]["steps"]) if "pose" in step]


def in_place(id: str) -> list[dict[str, Any]]:
    """The poses that are written in a routine itself."""
    return [step["pose"] for step in pose_steps(id) if isinstance(step["pose"], dict)]


def pose_data(id: str) -> list[dict[str, Any]]:
    """A routine's poses, in order, wherever they are written."""
    return [pose if isinstance(pose := step["pose"], dict) else POSES[pose] for step in pose_steps(id)]


def language_of(id: str) -> str:
    return str(ROUTINES[id].get("language", "en"))


def poses_of(id: str) -> list[str]:
    """The ids of a routine's poses, in order; those written in place have none."""
    return [step["pose"] for step in pose_steps(id) if isinstance(step["pose"], str)]


def spoken() -> Iterator[tuple[str, str, str]]:
    """Where a spoken text is written, its language, and the text."""
    for id, pose in POSES.items():
        yield from ((where, "en", text) for where, text in spoken_of_pose(id, pose))
    for id in ROUTINES:
        yield from ((where, language_of(id), text) for where, text in spoken_of_routine(id))


def spoken_of_routine(id: str) -> Iterator[tuple[str, str]]:
    for number, step in enumerate(unrolled(ROUTINES[id]["steps"]), 1):
        if "say" in step:
            yield f"{id} step {number}", step["say"]
        if isinstance(step.get("pose"), dict):
            yield from spoken_of_pose(f"{id} step {number}", step["pose"])


def spoken_of_pose(id: str, pose: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield f"{id} name", pose["name"] + "."
    for key in ("begin", "release", "caution"):
        if key in pose:
            yield f"{id} {key}", pose[key]
    for level, text in pose.get("instructions", {}).items():
        yield f"{id} {level}", text
    for prompt in pose.get("prompts", ()):
        yield f"{id} prompt {prompt.get('at') or prompt['every']}", prompt["say"]
    for word in (*pose.get("sides", ()), *pose.get("breath_words", {}).values()):
        yield f"{id} {word}", word + "."


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", MARKS.sub("", text).strip())


@cache
def heard(id: str, level: Level) -> tuple[Cue, ...]:
    """The cues of a routine at a level, in a voice of fixed pace."""
    routine = customise(load_routine(SCRIPTS / f"{id}.yaml"), Options(level=level)).routine
    return tuple(compile(routine, FakeVoice().measure, find_phrases(routine.language)).cues)


def speech(id: str, level: Level) -> list[Cue]:
    return [cue for cue in heard(id, level) if cue.kind == "speech"]


every_text = pytest.mark.parametrize(
    ("language", "text"), [pytest.param(language, text, id=where) for where, language, text in spoken()]
)
every_pose = pytest.mark.parametrize("id", POSES)
every_routine = pytest.mark.parametrize("id", ROUTINES)
every_translation = pytest.mark.parametrize("id", [id for id in ROUTINES if language_of(id) != "en"])
every_level = pytest.mark.parametrize("level", LEVELS)


# The texts.


@every_text
def test_sentences_can_be_followed_by_ear(language: str, text: str) -> None:
    assert [s for s in sentences(text) if len(s.split()) > LONGEST_SENTENCE] == []
    assert MARKS.sub("", text).rstrip().endswith((".", "?", "!"))


@every_text
def test_text_holds_only_what_an_engine_says_well(language: str, text: str) -> None:
    assert re.findall(rf"[^{LETTERS[language]},.?!' -]", MARKS.sub("", text)) == []
    assert HOMOGRAPHS[language].isdisjoint(re.findall(r"[\w']+", text.lower()))


@every_text
def test_nobody_is_told_to_force_anything_or_promised_anything(language: str, text: str) -> None:
    assert not re.search(rf"\b({FORCE[language]})\b", text, re.IGNORECASE)
    assert not re.search(rf"\b({PROMISES[language]})\b", text, re.IGNORECASE)


# The poses.


@every_pose
def test_pose_is_complete(id: str) -> None:
    pose = POSES[id]
    assert pose["id"] == id
    assert tuple(pose["instructions"]) == LEVELS
    assert all(pose[key] for key in ("name", "position", "caution", "release", "targets", "source"))
    assert "hold" in pose or "reps" in pose


@every_pose
def test_each_level_says_more_than_the_one_before(id: str) -> None:
    brief, normal, full = (POSES[id]["instructions"][level] for level in LEVELS)
    assert len(brief) < len(normal) < len(full)
    assert full.startswith(normal)
    assert re.search(CARE["en"], full, re.IGNORECASE)


@every_translation
def test_pose_that_is_written_in_place_is_as_complete_as_one_of_the_library(id: str) -> None:
    for pose in in_place(id):
        brief, normal, full = (pose["instructions"][level] for level in LEVELS)
        assert len(brief) < len(normal) < len(full)
        assert full.startswith(normal)
        assert re.search(CARE[language_of(id)], full, re.IGNORECASE)
        assert all(pose[key] for key in ("position", "caution", "release"))
        assert "limits" in pose or "reps" in pose or "breath_words" in pose
        said = (*pose["instructions"].values(), pose["caution"], pose["release"])
        assert not any(re.search(rf"\b{pose['name']}\b", text, re.IGNORECASE) for text in said)
        assert not any(load_patterns(language_of(id)).sides_in(text) for text in said)


@every_pose
def test_player_says_the_name_the_begin_and_the_times(id: str) -> None:
    """The pose's own texts leave them out, or they would be heard twice."""
    for text in POSES[id]["instructions"].values():
        assert not re.search(rf"\b(begin|seconds|minutes|{POSES[id]['name']})\b", text, re.IGNORECASE)


@pytest.mark.parametrize("id", [id for id, pose in POSES.items() if "sides" in pose])
def test_instructions_hold_for_every_side(id: str) -> None:
    """They are said once, before the first side."""
    pose = POSES[id]
    for text in (*pose["instructions"].values(), pose["caution"], pose["release"]):
        assert not re.search(r"\b(left|right)\b", text)
    one, other = pose["sides"]
    swapped = {"left": "right", "right": "left", "forwards": "backwards"}
    assert re.sub(r"left|right|forwards", lambda word: swapped[word[0]], one) == other


@pytest.mark.parametrize("id", POSES)
def test_what_moves_has_no_prompts(id: str) -> None:
    """They would not be heard: counts and breath words fill a moving pose."""
    pose = POSES[id]
    assert not ("prompts" in pose and ("reps" in pose or "breath_words" in pose))


@pytest.mark.parametrize(
    ("id", "limits"),
    [
        ("standing-hamstring-stretch", "10s..20s"),
        ("pelvic-tilt", "5s..30s"),
        ("bird-dog", "5s..5s"),
        ("childs-pose", "15s..60s"),
        ("bridge", "5s..60s"),
        ("downward-dog-split", "5s..60s"),
        ("pigeon", "15s..60s"),
        ("icing", "5m..15m"),
    ],
)
def test_holds_are_within_the_limits_of_the_source(id: str, limits: str) -> None:
    assert POSES[id]["limits"] == limits


@pytest.mark.parametrize("id", [id for id, pose in POSES.items() if "limits" in pose])
def test_hold_is_within_its_limits_and_a_stretch_within_the_minute(id: str) -> None:
    limits = parse_limits(POSES[id]["limits"])
    assert limits.shortest <= parse_duration(POSES[id]["hold"]) <= limits.longest
    assert limits.longest <= 60 or id in LONGER_THAN_STRETCHES


@pytest.mark.parametrize("id", [id for id, pose in POSES.items() if "limits" not in pose])
def test_only_a_moving_pose_goes_without_limits(id: str) -> None:
    pose = POSES[id]
    assert set(pose.get("breath_words", {})) == {"in", "out"} or pose["reps"]


def test_ice_lies_on_a_cloth_and_the_skin_is_looked_at() -> None:
    pose = POSES["icing"]
    assert all("cloth" in text and "{hold}" in text for text in pose["instructions"].values())
    assert [prompt["at"] for prompt in pose["prompts"] if "skin" in prompt["say"]] == ["2m", "half"]


def test_roller_stays_off_the_bones() -> None:
    assert "hip" in POSES["foam-roll-outer-thigh"]["caution"]
    assert "knee" in POSES["foam-roll-outer-thigh"]["caution"]
    assert "kneecap" in POSES["foam-roll-front-thigh"]["caution"]
    assert "hollow of your knee" in POSES["foam-roll-calves"]["caution"]


@pytest.mark.parametrize("advice", SOURCE)
def test_all_that_the_source_tells_to_do_is_in_a_routine(advice: str) -> None:
    assert SOURCE[advice] <= {pose for id in ROUTINES for pose in poses_of(id)}


def test_every_pose_is_in_a_routine_and_comes_from_the_source() -> None:
    assert set(POSES) == {pose for id in ROUTINES for pose in poses_of(id)}
    assert set(POSES) == set().union(*SOURCE.values())


# The routines as written.


@every_routine
def test_routine_is_complete(id: str) -> None:
    routine = ROUTINES[id]
    assert all(routine[key] for key in ("title", "description", "tags", "source", "defaults", "steps"))
    assert "hold" not in routine["defaults"], "poses have holds of their own"


@every_routine
def test_routine_settles_in_and_closes(id: str) -> None:
    steps = ROUTINES[id]["steps"]
    first_pose = next((number for number, step in enumerate(steps) if "pose" in step), len(steps))
    assert "say" in steps[0]
    assert any("breathe" in step for step in steps[:first_pose])
    assert "say" in steps[-1]


@every_routine
def test_way_down_to_the_floor_is_gone_once(id: str) -> None:
    """From standing to kneeling or sitting to lying: a tired runner need not get up in between."""
    height = {"standing": 0, "all-fours": 1, "kneeling": 1, "seated": 1, "prone": 2, "side": 2, "supine": 2}
    heights = [height[pose["position"]] for pose in pose_data(id)]
    assert heights == sorted(heights)


@every_routine
def test_breathing_is_safe(id: str) -> None:
    for step in load_routine(SCRIPTS / f"{id}.yaml").steps:
        pattern = step.pattern if isinstance(step, BreatheStep) else getattr(step, "breath", None)
        if pattern:
            assert pattern.cycle <= 20
            assert max(pattern.hold, pattern.rest) <= 10


@every_routine
def test_sides_get_equal_time(id: str) -> None:
    for level in LEVELS:
        times: dict[tuple[int | None, int | None], list[float | None]] = {}
        for cue in heard(id, level):
            if cue.kind == "hold" and cue.side:
                times.setdefault((cue.step, cue.round), []).append(cue.asked)
        for both in times.values():
            assert len(both) == 2
            assert both[0] == both[1]


def test_cool_down_has_every_stretch_of_the_source() -> None:
    stretches = ("hamstring stretch", "pelvic tilt", "bird dog", "the four yoga poses")
    assert set(poses_of("lower-back-cool-down")) == set().union(*(SOURCE[stretch] for stretch in stretches))


def test_four_poses_are_the_four() -> None:
    assert set(poses_of("four-poses")) == SOURCE["the four yoga poses"]


def test_warm_up_walks_first_and_holds_nothing_still() -> None:
    assert poses_of("pre-run-warm-up")[:2] == ["easy-walking", "jogging-on-the-spot"]
    assert all("reps" in POSES[pose] for pose in poses_of("pre-run-warm-up")[2:])


def test_slow_breathing_lengthens_gradually_and_holds_no_breath() -> None:
    patterns = [parse_pattern(step["breathe"]["pattern"]) for step in ROUTINES["slow-breathing"]["steps"][1::2]]
    cycles = [pattern.cycle for pattern in patterns]
    *slower, back = cycles
    assert all(0 < after - before <= 2 for before, after in pairwise(slower))
    assert back < slower[-1]
    assert all(pattern.exhale > pattern.inhale and pattern.hold == pattern.rest == 0 for pattern in patterns)


def test_strength_is_counted_or_held_briefly() -> None:
    for step in load_routine(SCRIPTS / "core-and-back.yaml").steps:
        if isinstance(step, PoseStep) and step.pose.id in SOURCE["core and abdominals"]:
            assert step.pose.reps or holds.hold_seconds(step) <= 20


def test_routines_show_what_the_language_can_do() -> None:
    steps = [step for routine in ROUTINES.values() for step in routine["steps"]]
    assert any("repeat" in step for step in steps)
    assert any("include" in step for step in steps)
    assert any(step.get("optional") == "full" for step in steps)
    assert any(routine["defaults"].get("snap") == "breath" for routine in ROUTINES.values())


# The routines as heard.


@every_routine
def test_length_is_what_it_is_said_to_be(id: str) -> None:
    shortest, longest = LENGTHS[id]
    timeline, _ = audioguide.load(id).outline()
    assert shortest <= timeline.frames / RATE / 60 <= longest


@every_routine
@every_level
def test_never_silent_for_long(id: str, level: Level) -> None:
    spoken = speech(id, level)
    for before, after in pairwise(spoken):
        assert (after.start - before.end) / RATE <= LONGEST_SILENCE, (before.text, after.text)


@every_routine
@every_level
def test_nothing_is_said_twice_in_a_row(id: str, level: Level) -> None:
    talk = [cue.text or "" for cue in speech(id, level) if cue.role not in ("breath", "count", "countdown")]
    said = [sentence for text in talk for sentence in sentences(text)]
    assert [one for one, next in pairwise(said) if one == next] == []


@every_routine
@every_level
def test_a_new_position_has_time(id: str, level: Level) -> None:
    """At least 8 s from the last word about it to the beginning of its hold."""
    position = None
    steps = customise(load_routine(SCRIPTS / f"{id}.yaml"), Options(level=level)).routine.steps
    for step in steps:
        if isinstance(step, PoseStep) and step.pose.position != position:
            position = step.pose.position
            cues = [cue for cue in heard(id, level) if cue.step == step.number]
            opening = next(cue for cue in cues if cue.role == "begin" or cue.chime == "start")
            before = [cue for cue in cues if cue.kind == "speech" and cue.start < opening.start]
            assert (opening.start - before[-1].end) / RATE >= 8 - 1e-4, step.pose.name


@every_routine
@every_level
def test_every_prompt_is_heard(id: str, level: Level) -> None:
    heard_here = {cue.text for cue in speech(id, level) if cue.role == "prompt"}
    for pose in pose_data(id):
        assert {prompt["say"] for prompt in pose.get("prompts", ())} <= heard_here


@every_routine
@every_level
def test_countdown_is_complete(id: str, level: Level) -> None:
    """A pose's own prompts stand back for it."""
    for step in {cue.step for cue in heard(id, level) if cue.role == "prompt"}:
        cues = [cue for cue in heard(id, level) if cue.step == step]
        holds = sum(cue.kind == "hold" for cue in cues)
        assert sum(cue.role == "countdown" for cue in cues) == 3 * holds


# The languages.


@every_translation
@every_level
def test_nothing_is_said_but_what_the_routine_and_its_language_say(id: str, level: Level) -> None:
    language = language_of(id)
    prompts = (SCRIPTS.parent / "voices/prompts" / f"{language}.yaml").read_text("utf-8")
    known = words_of(prompts, *(text for _, text in spoken_of_routine(id)))
    routine = customise(load_routine(SCRIPTS / f"{id}.yaml"), Options(level=level)).routine
    timeline = compile(routine, FakeVoice().measure, find_phrases(language))
    for text in (*(cue.text or "" for cue in timeline.cues), *(chapter.title for chapter in timeline.chapters)):
        assert words_of(text) <= known, text


def words_of(*texts: str) -> set[str]:
    """The words of texts in small letters; figures are read out in any language."""
    return {word for text in texts for word in re.findall(r"[^\W\d]+", text.lower())}


@pytest.mark.parametrize("language", LETTERS)
def test_every_language_has_a_routine_without_the_pose_library(language: str) -> None:
    """Which is English: in another language, all is written in place."""
    of_it = [id for id in ROUTINES if language_of(id) == language]
    assert of_it
    assert language == "en" or not any(poses_of(id) for id in of_it)
