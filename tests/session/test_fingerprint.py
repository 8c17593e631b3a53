"""What tells whether a session would be made again as it was."""

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import audioguide
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.composition import PackedSession
from audioguide.session.open import open_session
from audioguide.session.output import compute_fingerprint
from audioguide.sound import mixer

MP3 = Path("a.mp3")

ROUTINE = """\
title: Any
defaults: {background: mine}
steps:
  - say: Uttanasana.
  - {pose: {name: Rest pose, hold: 20s}}
"""


def hum(path, seconds):
    """A sound file."""
    samples = (8000 * np.sin(np.arange(44_100 * seconds) * 2 * np.pi * 200 / 44_100)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


@pytest.fixture
def marked(write, home):
    """The fingerprint of a routine that is on the disk, with the person's own background and lexicon."""
    backgrounds = home / "voices" / "backgrounds"
    backgrounds.mkdir(parents=True)
    (home / "music").mkdir()
    (backgrounds / "mine.yaml").write_text("layers:\n  - music: {}\n", "utf-8")
    hum(home / "music" / "a.wav", 4)
    path = write(ROUTINE)
    return lambda options=None, **how: compute_fingerprint(open_session(path, options or Options()), MP3, **how)


def test_it_stays_while_nothing_changes(marked):
    assert marked() == marked()
    assert len(marked()) == 64


def test_it_changes_with_options_and_settings(marked):
    plain = [marked(), marked(Options(scale=1.1)), marked(Options(length=60.0)), marked(Options(level="brief"))]
    others = [
        marked(mono=True),
        marked(pictures=False),
        marked(bitrate=96),
        marked(captions=("vtt",)),
        marked(chapters=("json",)),
    ]
    assert len({*plain, *others}) == 9
    assert marked(bitrate=128) == marked()  # which is the usual one


def test_it_changes_with_the_routine_but_not_with_its_place(marked, write, tmp_path):
    before = marked()
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "routine.yaml"
    moved.write_text(ROUTINE, "utf-8")
    assert compute_fingerprint(open_session(moved), MP3) == before
    write(ROUTINE.replace("20s", "21s"))
    assert marked() != before


def test_it_changes_with_music_and_lexicon(marked, home):
    found = [marked()]
    hum(home / "music" / "a.wav", 5)
    found.append(marked())
    (home / "voices" / "lexicon.yaml").write_text("uttanasana: {say: oota nahsana}\n", "utf-8")
    found.append(marked())
    assert len(set(found)) == 3


def test_a_session_that_its_file_cannot_carry_has_none(write):
    session = open_session(write("title: Any\nsteps: [{rest: 1s}]\n"))
    assert compute_fingerprint(session, MP3) == compute_fingerprint(session, Path("b.mp3"))
    too_large = replace(session, pack=lambda: PackedSession(b"", ("It is too large.",)))
    assert compute_fingerprint(too_large, MP3) == ""


def test_it_changes_with_the_version_of_the_sound_and_not_with_the_release(marked, monkeypatch):
    before = marked()
    monkeypatch.setattr(audioguide, "__version__", "99.0")
    assert marked() == before
    monkeypatch.setattr(mixer, "SOUND_VERSION", mixer.SOUND_VERSION + 1)
    assert marked() != before


def test_what_there_is_not_is_refused(marked):
    with pytest.raises(RequestError):
        marked(Options(background="no-such"))


def test_it_changes_with_the_player_in_a_page_and_that_of_a_sound_does_not(monkeypatch):
    session = open_session("taster")
    places = (Path("a.html"), MP3)
    before = [compute_fingerprint(session, place) for place in places]
    monkeypatch.setattr("audioguide.export.tags.one_file.read_style", lambda: "body { color: red }")
    after = [compute_fingerprint(session, place) for place in places]
    assert before[0] != after[0]
    assert before[1] == after[1]
