"""The timelines of the shipped routines, to the frame."""

import json
import os

import pytest
from contracts.program import HERE, VOICES
from extras import needs

ROUTINES = sorted(path.stem for path in (HERE.parents[1] / "scripts").glob("*.yaml") if "." not in path.stem)
QUICK = {"feierabend", "icing", "taster"}
SPOKEN = bool(os.environ.get("AUDIOGUIDE_CONTRACTS_CACHE"))
"""Whether all is spoken already: it takes five seconds for each of the others."""

LANGUAGES = {"feierabend": "de", "espalda-ligera": "es"}

pytestmark = needs("py_nanotts")


def timeline(program, routine, *options):
    voice = VOICES.get(LANGUAGES.get(routine, "en"), "pico-us")
    return program.json("show", routine, "--voice", voice, *options)


def as_text(timeline) -> str:
    """A line each chapter and cue, with all that the JSON says of it."""
    lines = [
        " ".join(str(timeline[key]) for key in ("format", "routine", "sample_rate", "frames", "duration")),
        timeline["title"],
        *(f"chapter {chapter['start']} {chapter['end']} {chapter['title']}" for chapter in timeline["chapters"]),
    ]
    for cue in timeline["cues"]:
        about = [f"{key}={value}" for key, value in cue.items() if key not in _PLAIN and value is not None]
        lines.append(" ".join([f"{cue['start_frame']:>10} {cue['frames']:>8} {cue['kind']}", *about]))
    return "\n".join(lines) + "\n"


_PLAIN = {"start_frame", "frames", "kind", "start", "duration", "file"}


@pytest.mark.parametrize(
    "routine", [pytest.param(id, marks=() if SPOKEN or id in QUICK else pytest.mark.slow) for id in ROUTINES]
)
def test_a_shipped_routine_has_the_frozen_timeline(program, frozen, routine):
    frozen(f"timelines/{routine}.txt", as_text(timeline(program, routine)))


OPTIONS = {
    "hold": ["--hold", "45s"],
    "one-hold": ["--hold", "childs-pose=50s", "--hold", "Bridge=20s", "--skip", "bird-dog"],
    "scale": ["--scale", "1.25", "--level", "brief"],
    "length": ["--length", "20:00", "--breath", "4-7-8"],
    "beyond": ["--hold", "childs-pose=5m", "--beyond-limits", "--background", "none", "--chime", "wood"],
    "full": ["--level", "full", "--background", "rain"],
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_session_with_options_has_the_frozen_timeline(program, frozen, name):
    frozen(f"options/{name}.txt", as_text(timeline(program, "lower-back-cool-down", *OPTIONS[name])))


def test_the_json_of_a_timeline_has_the_frozen_keys(program, frozen):
    found = timeline(program, "taster")
    frozen("show.json", json.dumps({**found, "cues": found["cues"][:30]}, indent=1, ensure_ascii=False) + "\n")
