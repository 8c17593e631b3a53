"""Routine files: read, expanded, compiled with estimated lengths; and what is accepted is held as it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audioguide.errors import Problem, RoutineError, SourceLocation
from audioguide.model import holds
from audioguide.model.routine import BreatheStep, PoseStep, RestStep, Routine
from audioguide.model.timeline import Timeline, Utterance
from audioguide.routine.load import expand_routine, find_routine, require_valid
from audioguide.routine.sources import LocalSources, SourceFile
from audioguide.schema.document import Document, parse_document
from audioguide.schema.yaml_writer import to_yaml
from audioguide.system import paths
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.timeline.serialize import to_json, to_table
from audioguide.units import MP3_FRAME, RATE, to_frames
from fuzz.target import Target

LONG = 2 * 3600.0  # seconds: of longer sessions, some are compiled
WORDS = tuple(
    """
title description tags language defaults voice length hold breath rounds rest settle level snap prompts cues sides
background chime steps pose say breathe repeat include chapter name instructions caution release begin breath_words in
out tempo tempo_words effort pause return reps limits position pattern to for at every half left right supine prone
standing brief normal full always during on off short rain silent bell bowl wood bridge cat-cow childs-pose taster
four-poses {hold} {side} {pause} {until} {next} {pose} {round} &a *a <<: | > " ' # --- ... !!str
""".split()
)


def estimate(utterance: Utterance) -> int:
    """The length of a clip, in frames."""
    return to_frames(0.2 + len(utterance.text) / 15)


def decode(data: bytes) -> str:
    """The text of an input, refused as the files of routines are."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RoutineError([Problem(SourceLocation("any.yaml", 1, 1), "not-utf-8", "No UTF-8.", "Save it.")]) from None


def read(document: Document) -> Routine:
    """The routine of a document."""
    file = SourceFile("any", "any.yaml", document, Path("nowhere"))
    return require_valid(*expand_routine(file, LocalSources(find_routine)))


def run(data: bytes) -> str:
    """Read, compile and hold against what is written."""
    document = parse_document(decode(data), "any.yaml")
    routine = read(document)
    assert parse_document(to_yaml(document.data), "any.yaml").data == document.data, "written, it is another document"
    planned = sum(map(holds.duration, routine.steps))
    if planned > LONG and len(data) % 8:
        return "long"
    timeline = compile(routine, estimate, find_phrases(routine.language))
    check(timeline, routine)
    kinds = sorted({type(step).__name__ for step in routine.steps})
    return f"{kinds} {len(str(len(routine.steps)))} {min(3, len(timeline.cues) // 50)}"


def check(timeline: Timeline, routine: Routine) -> None:
    """Every hold and rest lasts what the routine says, each as often as it says, and the sections make the whole."""
    held: dict[int, list[Any]] = {}
    said = {cue.end for cue in timeline.cues if cue.kind == "speech"}
    end = 0
    for section in timeline.sections:
        assert section.chapter.start == end, "sections have a gap"
        assert section.chapter.start % MP3_FRAME == 0, "a chapter is off the grid"
        end = section.chapter.end
        for cue in section.cues:
            assert section.chapter.start <= cue.start <= cue.end <= end, "a cue is out of its chapter"
            if cue.kind in ("hold", "rest") and cue.step is not None:
                held.setdefault(cue.step, []).append(cue)
    assert end == timeline.frames, "the sections are not the whole"
    for step in routine.steps:
        cues = held.pop(step.number, [])
        lasting = [cue.frames for cue in cues if cue.kind == "hold"]
        if isinstance(step, PoseStep):
            assert len(lasting) == step.rounds * max(1, len(step.pose.sides)), "a hold too many or too few"
            if not step.pose.reps:
                wanted = to_frames(holds.hold_seconds(step))
                assert all(abs(one - wanted) <= 1 for one in lasting), "a hold does not last what is written"
                written = step.hold.amount * (step.breath.cycle if step.hold.unit == "breaths" and step.breath else 1)
                if holds.cycle_seconds(step) is None:
                    assert abs(wanted / RATE - written) < 1e-4, "a still hold is not what is written"
        elif isinstance(step, BreatheStep):
            assert lasting == [to_frames(step.seconds)], "breathing does not last what is written"
        elif isinstance(step, RestStep):
            rests = [cue.frames for cue in cues]
            assert rests, "a rest is missing"
            # A rest is longer where its shortest announcement would not fit, and ends with that.
            full = sum(rests) > to_frames(step.length) and all(cue.end in said for cue in cues)
            assert full or abs(sum(rests) - to_frames(step.length)) <= len(rests), (
                "a rest does not last what is written"
            )
    assert not held, "something is held that is no step"
    told = json.loads(json.dumps(to_json(timeline), allow_nan=False))
    assert told["frames"] == timeline.frames, "the JSON has another length"
    assert [cue["frames"] for cue in told["cues"]] == [cue.frames for cue in timeline.cues], "the JSON has other cues"
    to_table(timeline)


def shipped(files: Iterator[Path] | list[Path], least: int = 0) -> Iterator[bytes]:
    """Each file as it is, and as JSON."""
    for path in files:
        text = path.read_bytes()
        yield text
        yield json.dumps(parse_document(text.decode(), path.name).data, ensure_ascii=False).encode()


def seeds() -> Iterator[bytes]:
    """The shipped routines, the wrong ones of the contracts, and small ones."""
    scripts = Path(paths.routine_files()["taster"]).parent
    yield from shipped(sorted(path for path in scripts.glob("*.yaml") if path.stem.count(".") == 0))
    wrong = Path(__file__).parents[2] / "contracts" / "wrong"
    yield from (path.read_bytes() for path in sorted(wrong.glob("*.yaml")))
    for one in SMALL:
        yield json.dumps(one).encode()
        yield to_yaml(one).encode()


_POSE = {
    "name": "Bridge",
    "limits": "1s..600s",
    "sides": ["left", "right"],
    "instructions": "Lift {side}. {pause 2s} Hold {hold}.",
}
_SQUAT = {"name": "Squat", "reps": 10, "tempo": "2-1-2", "tempo_words": {"effort": "Up", "return": "Down"}}
_CAT = {"name": "Cat", "breath_words": {"in": "Arch", "out": "Round"}}
_PROMPTS = [{"say": "Soft.", "at": "half"}, {"say": "On.", "every": "7s"}]
_ROUNDS = {"pose": _POSE, "rounds": 2, "rest": "10s", "settle": "0s", "level": "full"}
SMALL: list[dict[str, Any]] = [
    {"title": "A", "steps": [{"pose": "bridge", "hold": "20s"}]},
    {"title": "A", "steps": [{"pose": _POSE, "hold": "5 breaths", "breath": "4-6", "snap": "breath"}, {"rest": "5s"}]},
    {
        "title": "A",
        "defaults": {"hold": "15s", "breath": "4-6", "cues": {"tick": "on", "begin": "short"}},
        "steps": [
            {"say": "Now {next}.", "chapter": "Part"},
            {"repeat": 3, "steps": [_ROUNDS, {"rest": 4}]},
            {"breathe": {"pattern": "4-7-8", "rounds": 3}},
            {"breathe": {"pattern": "4-4", "to": "6-6", "for": "60s"}, "cues": {"breath": "some"}},
        ],
    },
    {
        "title": "A",
        "steps": [
            {"pose": _SQUAT, "rounds": 3, "rest": "0.4s"},
            {
                "pose": {"name": "Cat", "breath_words": {"in": "Arch", "out": "Round"}},
                "hold": 33.3,
                "breath": "3.3-4.4",
            },
            {"pose": {"name": "Row", "reps": 5}, "hold": "5s", "rest": "3s"},
            {"pose": {"name": "Wall", "limits": "8s..12s"}, "prompts": _PROMPTS},
            {"include": "four-poses"},
        ],
    },
]


TARGETS = [Target("routines", "routines", seeds, run, words=WORDS, share=14)]
