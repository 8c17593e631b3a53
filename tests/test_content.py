"""The shipped poses and routines: texts that can be followed by ear, the facts under them, and how a session runs.

Each test holds one kind of rule against everything that ships, and lists whatever breaks it;
content.yaml has the facts.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fakes import FakeVoice

import audioguide
from audioguide.model.notation import parse_limits, parse_pattern
from audioguide.model.options import Options
from audioguide.model.routine import PoseStep, Routine
from audioguide.model.timeline import Timeline
from audioguide.routine.customise import customise
from audioguide.routine.lead_over import find_lead_overs
from audioguide.routine.load import load_with_source
from audioguide.schema.document import read_document
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, parse_duration

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
LEVELS = ("brief", "normal", "full")
MARKS = re.compile(r"\{(hold|next|pause \d+s)\}")  # what a text may contain besides words
FACTS = read_document(Path(__file__).with_name("content.yaml")).data
RULES, SOURCE = FACTS["languages"], {group: set(poses) for group, poses in FACTS["source"].items()}
RESTS = SOURCE["over a minute"] | set(FACTS["rests"])
ORIGINALS = [path for path in sorted(SCRIPTS.rglob("*.yaml")) if "." not in path.stem]  # no language files
DOCUMENTS = {path.relative_to(SCRIPTS).with_suffix("").as_posix(): read_document(path).data for path in ORIGINALS}
POSES = {id: DOCUMENTS[f"poses/{id}"] for id in (path.stem for path in ORIGINALS if path.parent != SCRIPTS)}
ROUTINES = {path.stem: DOCUMENTS[path.stem] for path in ORIGINALS if path.parent == SCRIPTS}
LANGUAGE = {id: routine.get("language", "en") for id, routine in ROUTINES.items()}
TRANSLATED: dict[tuple[str, str], Any] = {
    (place, language): read_document(path).data
    for place in DOCUMENTS
    for language in RULES
    if (path := SCRIPTS / f"{place}.{language}.yaml").exists()
}


def flatten(steps: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Steps as written, with those of repeats and includes in their place, once."""
    for step in steps:
        inner = ROUTINES[step["include"]]["steps"] if "include" in step else step.get("steps")
        yield from flatten(inner) if inner else [step]


STEPS = {id: list(flatten(routine["steps"])) for id, routine in ROUTINES.items()}
POSE_IDS = {id: [s["pose"] for s in steps if isinstance(s.get("pose"), str)] for id, steps in STEPS.items()}
REST = [{"pose": id} for id in POSES if id not in set(chain(*POSE_IDS.values()))]
IN_PLACE = [(id, s["pose"]) for id, steps in STEPS.items() for s in steps if isinstance(s.get("pose"), dict)]
ALL_POSES = [(id, "en", pose) for id, pose in POSES.items()]
ALL_POSES += [(f"{id}: {pose['name']}", LANGUAGE[id], pose) for id, pose in IN_PLACE if LANGUAGE[id] != "en"]


WORDS = ("title", "description", "name", "begin", "sides", "instructions", "breath_words", "tempo_words")
WORDS += ("release", "caution", "say", "chapter")
NAMES = {"title", "name", "sides", "breath_words"}  # words that are no sentences


def wording(original: dict[str, Any]) -> dict[str, Any]:
    """What a language file of a routine, a step, a pose or a prompt holds: its words, in the same shape."""
    words = {key: original[key] for key in WORDS if key in original}
    words |= {key: [wording(item) for item in original[key]] for key in ("steps", "prompts") if key in original}
    return words | ({"pose": wording(original["pose"])} if isinstance(original.get("pose"), dict) else {})


def texts(words: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each text of a wording, after its place; a name with the full stop that it is spoken with."""
    if isinstance(words, str):
        yield place, f"{words}." if NAMES & set(place.split()) else words
    else:
        for key, part in words.items() if isinstance(words, dict) else enumerate(words, 1):
            yield from texts(part, f"{place} {key}")


def shape(words: Any) -> Any:
    """A wording without its words."""
    if isinstance(words, dict):
        return {key: shape(part) for key, part in words.items()}
    return [shape(part) for part in words] if isinstance(words, list) else "text"


# (where, language, text) of everything that is spoken
WRITTEN = [(place, LANGUAGE.get(place, "en"), wording(document)) for place, document in DOCUMENTS.items()]
WRITTEN += [(f"{place}.{language}", language, words) for (place, language), words in TRANSLATED.items()]
LED = ("openings", "starts", "settle", "changes", "rests", "rising", "closings")  # what a composed session says
LEAD_OVERS = {code: read_document(SCRIPTS.parent / f"voices/openings/{code}.yaml").data for code in RULES}
WRITTEN += [(f"openings.{code}", code, {key: words[key] for key in LED}) for code, words in LEAD_OVERS.items()]
TEXTS = [(where, language, text) for place, language, words in WRITTEN for where, text in texts(words, place)]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", MARKS.sub("", text).strip())


def has(pattern: str, text: str) -> bool:
    return re.search(rf"\b({pattern})\b", text, re.IGNORECASE) is not None


def left_or_right(text: str, language: str) -> list[str | None]:
    left, right = RULES[language]["sides"]
    return [
        word.lastgroup for word in re.finditer(rf"\b(?:(?P<left>{left})|(?P<right>{right}))\b", text, re.IGNORECASE)
    ]


def swapped(side: str) -> str:
    other = {"left": "right", "right": "left", "forwards": "backwards"}
    return re.sub("|".join(other), lambda word: other[word[0]], side)


@cache
def session(id: str, level: str, language: str | None = None) -> tuple[Routine, Timeline]:
    """A routine at a level, spoken by a voice of fixed pace; `rest` are the poses that no routine does, in one."""
    with TemporaryDirectory() as folder:
        rest = {"title": "Rest", "defaults": {"breath": "4-6"}, "steps": REST}
        Path(folder, "rest.yaml").write_text(json.dumps(rest))
        for other in RULES:
            Path(folder, f"rest.{other}.yaml").write_text(json.dumps({"title": "Rest"}))
        file = Path(folder, "rest.yaml") if id == "rest" else SCRIPTS / f"{id}.yaml"
        routine, _ = load_with_source(file, language=language)
    routine = customise(routine, Options(level=level)).routine
    return routine, compile(routine, FakeVoice().measure, find_phrases(routine.language))


def sessions() -> Iterator[tuple[str, str, Routine, Timeline]]:
    """Every routine at every level, in all its languages."""
    for id in (*ROUTINES, "rest"):
        others = [language for language in RULES if (id, language) in TRANSLATED or (id == "rest" and language != "en")]
        for language in (None, *others):
            for level in LEVELS:
                yield (f"{id}.{language}" if language else id, level, *session(id, level, language))


def rule(find: Callable[[], Iterable[str]]) -> Callable[[], None]:
    """Make a test of a function that yields whatever breaks a rule."""

    def test() -> None:
        found = list(find())
        assert not found, "\n".join(found)

    return test


@rule
def test_texts_can_be_followed_by_ear_and_spoken_well() -> Iterator[str]:
    for where, language, text in TEXTS:
        rules, words = RULES[language], MARKS.sub("", text).rstrip()
        found = [f"over 25 words: {sentence}" for sentence in sentences(text) if len(sentence.split()) > 25]
        found += re.findall(rf"[^{rules['letters']},.?!' -]", words)
        found += [name for name in ("homographs", "force", "promises") if has(rules[name], text)]
        found += [] if words.endswith((".", "?", "!")) else ["no end of a sentence"]
        yield from (f"{where}: {problem}: {text}" for problem in found)


@rule
def test_poses_are_complete() -> Iterator[str]:
    """Each level says more than the one before; the player adds the name, "begin" and the times, then each side."""
    translated = [(place, language, words) for (place, language), words in TRANSLATED.items() if place not in ROUTINES]
    other = [(f"{place}.{language}", language, DOCUMENTS[place] | words) for place, language, words in translated]
    for where, language, pose in ALL_POSES + other:
        rules, listed, levels = RULES[language], where in POSES, [pose["instructions"][level] for level in LEVELS]
        (brief, normal, full), said = levels, " ".join((*levels, pose["caution"], pose["release"]))
        kept = {
            "keys": all(pose[key] for key in ("name", "position", "caution", "release")),
            "listed": not listed or (pose["id"] == where and pose["targets"] and pose["source"]),
            "length": not listed or "hold" in pose or "reps" in pose,
            "levels": tuple(pose["instructions"]) == LEVELS and len(brief) < len(normal) < len(full),
            "full": full.startswith(normal) and has(rules["care"], full),
            "player": not has(f"{rules['player']}|{pose['name']}", " ".join(levels)),
            "sides": not (has("|".join(rules["sides"]), said) and ("sides" in pose or not listed)),
            "both sides": not listed or "sides" not in pose or swapped(pose["sides"][0]) == pose["sides"][1],
            "prompts": not ("prompts" in pose and ("reps" in pose or "breath_words" in pose)),
        }
        yield from (f"{where}: {name}" for name, right in kept.items() if not right)


@rule
def test_a_language_file_says_the_same_and_leaves_nothing_in_english() -> Iterator[str]:
    """The same texts with the same marks, and the same side first."""
    for (place, language), words in TRANSLATED.items():
        english = wording(DOCUMENTS[place])
        original, other = (dict(texts(part, f"{place}.{language}")) for part in (english, words))
        yield from (f"{where}: only in one of both" for where in original.keys() ^ other.keys())
        if original.keys() == other.keys() and shape(english) != shape(words):
            yield f"{place}.{language}: not as many items as in the original"
        for where in original.keys() & other.keys():
            names, before, after = NAMES & set(where.split()), original[where], other[where]
            kept = {
                "marks": sorted(re.findall(r"{.*?}", before)) == sorted(re.findall(r"{.*?}", after)),
                "sides": "sides" not in names or left_or_right(before, "en") == left_or_right(after, language),
                "English": (names or before != after) and not has(RULES["en"]["own"], after),
            }
            yield from (f"{where}: {name}: {after}" for name, right in kept.items() if not right)


@rule
def test_every_pose_and_every_english_routine_is_there_in_every_language() -> Iterator[str]:
    english = [place for place in DOCUMENTS if LANGUAGE.get(place, "en") == "en"]
    yield from (
        f"{place}: {code}" for place in english for code in RULES.keys() - {"en"} if (place, code) not in TRANSLATED
    )


@rule
def test_the_words_of_composed_sessions_repeat_nothing_and_say_how_to_get_there() -> Iterator[str]:
    """No sentence of one change of position is in another; each gives time; a welcome says to skip what hurts."""
    for language, words in LEAD_OVERS.items():
        find_lead_overs(language)  # complete, and of its form
        all_wordings = [
            (key, where, text)
            for key in LED
            for where, texts in (words[key].items() if isinstance(words[key], dict) else {key: words[key]}.items())
            for text in texts
        ]
        counts = Counter((key, where) for key, where, _ in all_wordings)
        yield from (f"{language} {place}: one wording only" for place, count in counts.items() if count < 2)
        said = defaultdict(set)
        for key, where, text in all_wordings:
            for sentence in sentences(text):
                said[sentence].add((key, where if key == "changes" else ""))
            if key == "changes" and not re.search(r"\{pause [3-7]s\}$", text):
                yield f"{language} {where}: no time: {text}"
            if key == "openings" and not has(RULES[language]["care"], text):
                yield f"{language} {where}: no care: {text}"
        yield from (f"{language}: {places}: {sentence}" for sentence, places in said.items() if len(places) > 1)


@rule
def test_a_composed_session_ends_as_fits_its_last_position() -> Iterator[str]:
    """Nobody who stands is told to sit up, and whoever lies down is brought up over one side, except before sleep."""
    up = {"en": "sit", "de": "setz|sitzen", "es": "siéntate|sube"}
    for language in RULES:
        words = find_lead_overs(language)
        for turn in range(6):
            lying = [words.closing(occasion, "supine", turn) for occasion in (None, "after-run", "morning")]
            yield from (f"{language}: {text}" for text in lying if not has(up[language], text))
            low = words.closing("before-sleep", "supine", turn)
            yield from [f"{language}: {low}"] if any(text in low for text in words.rising["supine"]) else []
            on_feet = [
                words.closing(occasion, "standing", turn) for occasion in (None, "after-run", "before-run", "desk")
            ]
            yield from (f"{language}: {text}" for text in on_feet if has(up[language], text))


@rule
def test_a_session_is_not_much_longer_in_another_language() -> Iterator[str]:
    for id, level, _, timeline in sessions():
        if "." in id and timeline.frames > 1.15 * session(id.split(".")[0], level)[1].frames:
            yield f"{id} {level}: {timeline.frames / RATE}"


@rule
def test_no_two_poses_have_one_name() -> Iterator[str]:
    names = defaultdict(list)
    for place, language, words in WRITTEN:
        if "name" in words:
            names[language, words["name"].lower()].append(place)
    yield from (f"{name}: {places}" for (_, name), places in names.items() if len(places) > 1)


@rule
def test_holds_are_within_their_limits_and_those_of_the_source() -> Iterator[str]:
    """A stretch is held for at most a minute. Only a moving pose goes without limits."""
    yield from (f"{id}: {limits}" for id, limits in FACTS["limits"].items() if POSES[id]["limits"] != limits)
    for where, _, pose in ALL_POSES:
        if "limits" in pose:
            limits = parse_limits(pose["limits"])
            hold = parse_duration(pose["hold"]) if where in POSES else limits.longest
            if not limits.shortest <= hold <= limits.longest <= (60 if where not in RESTS else 3600):
                yield f"{where}: {pose['hold']}, {pose['limits']}"
        elif not (pose.get("reps") or set(pose.get("breath_words", {})) == {"in", "out"}):
            yield f"{where}: no limits"


def test_ice_and_the_roller_are_used_with_care() -> None:
    ice = POSES["icing"]
    assert all("cloth" in text and "{hold}" in text for text in ice["instructions"].values())
    assert [prompt["at"] for prompt in ice["prompts"] if "skin" in prompt["say"]] == ["2m", "half"]
    spared = {"outer-thigh": ("hip", "knee"), "front-thigh": ("kneecap",), "calves": ("hollow of your knee",)}
    for part, bones in spared.items():
        assert all(bone in POSES[f"foam-roll-{part}"]["caution"] for bone in bones)


def test_routines_do_what_the_source_tells_to_do() -> None:
    assert set().union(*SOURCE.values()) <= set(chain(*POSE_IDS.values())) <= set(POSES)
    assert set(POSE_IDS["four-poses"]) == SOURCE["yoga"]
    assert set(POSE_IDS["lower-back-cool-down"]) == SOURCE["yoga"] | SOURCE["stretches"]
    walk, jog, *moving = POSE_IDS["pre-run-warm-up"]
    assert (walk, jog) == ("easy-walking", "jogging-on-the-spot")
    assert all("reps" in POSES[pose] for pose in moving)
    routine, timeline = session("core-and-back", "full")
    strength = [s for s in routine.steps if isinstance(s, PoseStep) and s.pose.id in SOURCE["strength"]]
    held = {step.number for step in strength if not step.pose.reps}
    assert max(cue.asked for cue in timeline.cues if cue.kind == "hold" and cue.step in held) <= 20


def test_slow_breathing_lengthens_gradually_and_holds_no_breath() -> None:
    patterns = [parse_pattern(step["breathe"]["pattern"]) for step in ROUTINES["slow-breathing"]["steps"][1::2]]
    *slower, back = [pattern.cycle for pattern in patterns]
    assert all(0 < after - before <= 2 for before, after in pairwise(slower))
    assert back < slower[-1]
    assert all(pattern.exhale > pattern.inhale and pattern.hold == pattern.rest == 0 for pattern in patterns)


@rule
def test_routines_are_complete_settle_in_close_and_go_down_once() -> Iterator[str]:
    """A tired runner need not get up again; breaths are neither long nor held for long; poses have their own holds."""
    height = {"standing": 0, "all-fours": 1, "kneeling": 1, "seated": 1, "prone": 2, "side": 2, "supine": 2}
    for id, routine in ROUTINES.items():
        model = session(id, "full")[0].steps
        first, *_, last = steps = routine["steps"]
        opening = steps[: next((n for n, step in enumerate(steps) if "pose" in step), None)]
        heights = [height[s.pose.position] for s in model if isinstance(s, PoseStep) and s.pose.position]
        breaths = [breath for s in model if (breath := getattr(s, "pattern", getattr(s, "breath", None)))]
        kept = {
            "keys": all(routine[key] for key in ("title", "description", "tags", "source", "defaults", "steps")),
            "settles in": "say" in first and any("breathe" in step for step in opening),
            "closes": "say" in last,
            "holds": "hold" not in routine["defaults"],
            "down once": heights == sorted(heights),
            "breaths": all(b.cycle <= 20 and max(b.hold, b.rest) <= 10 for b in breaths),
            "language": LANGUAGE[id] == "en" or not POSE_IDS[id],  # the pose library is English
        }
        yield from (f"{id}: {name}" for name, right in kept.items() if not right)


def test_routines_show_what_the_language_can_do() -> None:
    steps = [step for routine in ROUTINES.values() for step in routine["steps"]]
    assert any("repeat" in step for step in steps)
    assert any("include" in step for step in steps)
    assert any(step.get("optional") == "full" for step in steps)
    assert any(routine["defaults"].get("snap") == "breath" for routine in ROUTINES.values())
    assert set(LANGUAGE.values()) == set(RULES)


@rule
def test_lengths_are_what_they_are_said_to_be() -> Iterator[str]:
    for id in ROUTINES:
        shortest, longest = FACTS["minutes"][id]
        if not shortest <= (minutes := audioguide.load(id).outline.timeline.frames / RATE / 60) <= longest:
            yield f"{id}: {minutes}"


@rule
def test_sessions_are_never_silent_for_a_minute_and_repeat_nothing() -> Iterator[str]:
    for id, level, _, timeline in sessions():
        speech = [cue for cue in timeline.cues if cue.kind == "speech"]
        gaps = [(a.text, b.text) for a, b in pairwise(speech) if b.start - a.end > 60 * RATE]
        talk = [cue.text or "" for cue in speech if cue.role not in ("breath", "count", "countdown")]
        said = [sentence for text in talk for sentence in sentences(text)]
        twice = [one for one, next in pairwise(said) if one == next]
        yield from (f"{id} {level}: {problem}" for problem in (*gaps, *twice))


@rule
def test_sides_get_equal_time_and_a_new_position_gets_eight_seconds() -> Iterator[str]:
    for id, level, routine, timeline in sessions():
        times = defaultdict(list)
        for cue in timeline.cues:
            if cue.kind == "hold" and cue.side:
                times[cue.step, cue.round].append(cue.asked)
        yield from (f"{id} {level}: {both}" for both in times.values() if len(both) != 2 or both[0] != both[1])
        position = None
        for step in routine.steps:
            if isinstance(step, PoseStep) and step.pose.position != position:
                position = step.pose.position
                cues = [cue for cue in timeline.cues if cue.step == step.number]
                opening = next(cue.start for cue in cues if cue.role == "begin" or cue.chime == "start")
                spoken = max(cue.end for cue in cues if cue.kind == "speech" and cue.start < opening)
                if (opening - spoken) / RATE < 8 - 1e-4:
                    yield f"{id} {level}: {step.pose.name}"


@rule
def test_every_prompt_and_every_countdown_is_spoken() -> Iterator[str]:
    for id, level, routine, timeline in sessions():
        prompts = {(cue.step, cue.text) for cue in timeline.cues if cue.role == "prompt"}
        steps = [step for step in routine.steps if isinstance(step, PoseStep)]
        written = {(step.number, prompt.say) for step in steps for prompt in step.pose.prompts}
        yield from (f"{id} {level}: {text}" for _, text in written - prompts)
        for step in {step for step, _ in written}:
            cues = [cue for cue in timeline.cues if cue.step == step]
            if sum(cue.role == "countdown" for cue in cues) != 3 * sum(cue.kind == "hold" for cue in cues):
                yield f"{id} {level} step {step}: countdown"


@rule
def test_a_translation_says_only_what_is_written_in_its_language() -> Iterator[str]:
    for id, level, routine, timeline in sessions():
        if routine.language != "en":
            phrases = (SCRIPTS.parent / f"voices/prompts/{routine.language}.yaml").read_text("utf-8")
            known = words_of(phrases, *(text for _, language, text in TEXTS if language == routine.language))
            said = [*(cue.text or "" for cue in timeline.cues), *(chapter.title for chapter in timeline.chapters)]
            yield from (f"{id} {level}: {text}" for text in said if not words_of(text) <= known)


def words_of(*texts: str) -> set[str]:
    """The words of texts in small letters; figures are read out in any language."""
    return {word for text in texts for word in re.findall(r"[^\W\d]+", text.lower())}
