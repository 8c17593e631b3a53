"""Two diaries: a runner who makes the cool-down fit each day, and a physiotherapist who prescribes doses to clients."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from contracts.program import Program
from extras import needs
from mutagen.id3 import ID3

pytestmark = needs("py_nanotts")

RATE = 44_100
PICO = ("--voice", "pico-gb")


def speech(timeline: Any, role: str | None = None) -> list[str]:
    return [cue["text"] for cue in timeline["cues"] if cue["kind"] == "speech" and role in (None, cue["role"])]


def holds(timeline: Any, pose: str | None) -> list[float]:
    return [cue["frames"] / RATE for cue in timeline["cues"] if cue["kind"] == "hold" and cue["pose"] == pose]


def counts(timeline: Any, step: int) -> list[float]:
    """When the reps of a step are counted, in seconds from the start of its first hold."""
    cues = [cue for cue in timeline["cues"] if cue["step"] == step]
    start = next(cue["start"] for cue in cues if cue["kind"] == "hold")
    return [cue["start"] - start for cue in cues if cue["role"] == "count"]


def without_place(timeline: Any) -> list[Any]:
    """The cues but for where they were written."""
    return [{**cue, "line": None, "file": None} for cue in timeline["cues"]]


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        pytest.param("7:00", 7, marks=SLOW),
        pytest.param("12:00", 12, marks=SLOW),
        pytest.param("18:00", 18, marks=SLOW),
        pytest.param("30:00", 30, marks=SLOW),
    ],
)
def test_the_runner_has_so_much_time_today(program: Program, length: str, minutes: int) -> None:
    timeline = program.json("show", "lower-back-cool-down", "--length", length, *PICO)
    assert timeline["frames"] == minutes * 60 * RATE
    said = speech(timeline)
    assert said[0].startswith("Well done on your run.")
    assert said[-1].endswith("Come back to it on two or three days a week.")


@pytest.mark.slow
def test_the_runner_makes_a_session_of_their_own(program: Program) -> None:
    mine = ("--cues", "countdown=off", "--background", "singing-bowls", "--background-level", "-4", "--pace", "0.9")
    mine += ("--swap", "bird-dog=dead-bug", "--sides", "downward-dog-split=left,left,right", *PICO)
    before = program.json("show", "lower-back-cool-down", *PICO)
    timeline = program.json("show", "lower-back-cool-down", *mine, "--save", "mine")
    assert timeline == {**program.json("show", "mine"), "routine": timeline["routine"], "title": timeline["title"]}
    assert speech(before, "countdown")
    assert not speech(timeline, "countdown")
    assert (len(holds(before, "bird-dog")), len(holds(timeline, "dead-bug"))) == (8, 2)
    assert not holds(timeline, "bird-dog")
    sides = [cue["side"] for cue in timeline["cues"] if cue["kind"] == "hold" and cue["pose"] == "downward-dog-split"]
    assert sides == ["left leg", "left leg", "right leg"]
    slower = sum(cue["frames"] for cue in timeline["cues"] if cue["role"] == "say")
    assert slower == pytest.approx(sum(cue["frames"] for cue in before["cues"] if cue["role"] == "say") / 0.9, rel=0.05)

    screen = program.run("show", "mine")
    assert len(screen.splitlines()) <= 24
    assert max(map(len, screen.splitlines())) <= 80
    assert re.search("Dead bug .* instead of Bird dog", screen)
    assert re.search("Downward dog split .* left leg, left leg", screen)
    program.run("export", "mine", "-o", "mine.mp3")
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", program.folder / "mine.mp3", "-f", "s16le", "-ac", "1", "-"],
        capture_output=True,
        check=True,
    ).stdout
    assert len(decoded) // 2 == timeline["frames"]
    assert without_place(program.json("show", "mine.mp3")) == without_place(timeline)


KNEE = """\
title: {title}
language: {language}
defaults: {{background: none, settle: 2s}}
steps:
  - pose: {{name: "{set}", instructions: "{press}"}}
    reps: 10
    hold: 5s
    rest: 5s
    release: "{rest}"
  - pose: {{name: "{slide}", reps: 12}}
    sets: 2
    rest: 20s
    release: "{rest}"
  - pose: {{name: "{lift}", reps: 8, tempo: 3-5-3, release: "{rest}"}}
  - say: "{end}"
"""
NAMES = {
    "en": {
        "title": "Knee",
        "set": "Quad set",
        "press": "Press your knee down.",
        "slide": "Heel slide",
        "lift": "Straight leg raise",
        "rest": "Let the leg rest.",
        "end": "That was all for today.",
    },
    "de": {
        "title": "Knie",
        "set": "Knie drücken",
        "press": "Drücke das Knie nach unten.",
        "slide": "Ferse heranziehen",
        "lift": "Gestrecktes Bein heben",
        "rest": "Lass das Bein ruhen.",
        "end": "Das war alles für heute.",
    },
    "es": {
        "title": "Rodilla",
        "set": "Apretar la rodilla",
        "press": "Aprieta la rodilla hacia abajo.",
        "slide": "Deslizar el talón",
        "lift": "Elevar la pierna",
        "rest": "Deja descansar la pierna.",
        "end": "Eso es todo por hoy.",
    },
}
VOICES = {"en": "pico-gb", "de": "pico-de", "es": "pico-es"}


@pytest.mark.parametrize("language", ["en", *(pytest.param(one, marks=pytest.mark.slow) for one in ("de", "es"))])
def test_the_physiotherapist_prescribes_doses(program: Program, language: str) -> None:
    (program.folder / "knee.yaml").write_text(KNEE.format(language=language, **NAMES[language]), "utf-8")
    program.run("check", "knee.yaml", "--strict")
    timeline = program.json("show", "knee.yaml", "--voice", VOICES[language])
    quad, *slides, lifts = holds(timeline, None)
    assert quad == pytest.approx(10 * 5 + 9 * 5, abs=1 / RATE)
    assert slides == pytest.approx([12 * 5, 12 * 5], abs=1 / RATE)  # 2-1-2
    assert lifts == pytest.approx(8 * (3 + 5 + 3), abs=1 / RATE)
    onsets = counts(timeline, 1)
    assert len(onsets) == 10
    assert onsets[1:] == pytest.approx([10 * rep for rep in range(1, 10)], abs=0.001)
    assert counts(timeline, 3) == pytest.approx([11 * rep for rep in range(8)], abs=0.001)
    assert len(speech(timeline, "count")) == 10 + 2 * 12 + 8
    first = [cue for cue in timeline["cues"] if cue["step"] == 3 and cue["role"] in ("count", "prompt")]
    assert [cue["role"] for cue in first[:4]] == ["count", "prompt", "prompt", "prompt"]  # lift, hold, lower


@pytest.mark.slow
def test_the_physiotherapist_sends_six_weeks_to_twelve_clients(program: Program) -> None:
    from PIL import Image

    folder = program.folder / "clinic"
    folder.mkdir()
    for language, names in NAMES.items():
        text = KNEE.format(language=language, **names).replace("steps:\n", 'steps:\n  - say: "{client}."\n', 1)
        text += '  - pose: {name: "Plié", hold: 20s, limits: 10s..30s}\n'
        (folder / f"knee-{language}.yaml").write_text(text, "utf-8")
    Image.new("RGB", (600, 400), "navy").save(folder / "clinic.png")
    clients = ["Anna Berg", "Ben Lee", "Çelik", "Dörte", "Eve", "Fay", "Gus", "Hana", "Iñes", "Jo", "Kim", "Lu"]
    rows = ["client;routine;voice;weeks;progress;artist;cover;title"]
    for number, client in enumerate(clients):
        language = list(NAMES)[number % 3]
        rows.append(
            f"{client};knee-{language}.yaml;{VOICES[language]};6;+5s;Knee Clinic;clinic.png;{client}, week {{week}}"
        )
    (folder / "clients.csv").write_text("\n".join(rows), "cp1252")
    program.run("batch", folder / "clients.csv", "-o", "out")
    files = sorted((program.folder / "out").rglob("*.mp3"))
    assert len(files) == 72
    assert [path.name for path in files if path.parent.name == "Anna Berg"] == [
        f"knee-en week 0{week}.mp3" for week in range(1, 7)
    ]
    longest = []
    for week, path in enumerate((path for path in files if path.parent.name == "Ben Lee"), start=1):
        tags = ID3(path)
        assert str(tags["TIT2"]) == f"Ben Lee, week {week}"
        assert str(tags["TPE1"]) == "Knee Clinic"
        assert tags.getall("APIC")
        timeline = program.json("show", path)
        assert any("Ben Lee" in text for text in speech(timeline, "say"))
        longest.append(holds(timeline, None)[-1])
    assert longest == pytest.approx([20, 25, 30, 30, 30, 30], abs=1 / RATE)
