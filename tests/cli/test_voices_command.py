"""`audioguide voices`: who can speak, and how they sound."""

import importlib.metadata
import json
import re

import numpy as np
import pytest
from extras import needs

from audioguide.speech.engines import engine
from audioguide.system.paths import voice_files
from audioguide.units import RATE

PROFILE = """\
title: Mine
description: My own way of saying it.
engine: hibari
model: heart
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 6, breath: 6, count: 6}
"""


@pytest.fixture
def own(home):
    """Write a profile of one's own."""

    def own(text, name="mine"):
        (home / "voices").mkdir(parents=True, exist_ok=True)
        (home / "voices" / f"{name}.yaml").write_text(text)

    return own


def row(call, name):
    code, out, _ = call("voices", "--json")
    assert code == 0
    return next(row for row in json.loads(out) if row["name"] == name)


def test_all_voices_are_listed(call):
    code, out, _ = call("voices")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert list(lines) == sorted(voice_files())
    assert lines["heart"].split()[1:4] == ["English", "hibari", "offline"]
    assert lines["pico-gb"].split()[1:5] == ["English", "(GB)", "pico", "offline"]
    assert "online" in lines["gtts-de"].split()


def test_json_says_all_of_a_voice(call):
    facts = row(call, "heart")
    assert (facts["language"], facts["engine"], facts["online"]) == ("en", "hibari", False)
    assert (facts["installed"], facts["own"], facts["problem"]) == (True, False, None)
    assert "Apache-2.0" in facts["source"]


def test_what_is_not_installed_says_how_to_get_it(call, monkeypatch):
    def missing(*packages):
        raise importlib.metadata.PackageNotFoundError(packages[0])

    monkeypatch.setattr(engine, "installed_versions", missing)
    facts = row(call, "pico-de")
    assert not facts["installed"]
    assert "pip install py-nanotts" in facts["problem"]
    _, out, _ = call("voices")
    assert "pip install py-nanotts" in out
    code, _, err = call("voices", "preview", "pico-de", "-o", "a.wav")
    assert code == 1
    assert "pip install py-nanotts" in err


def test_ones_own_stand_beside_them(call, own):
    own(PROFILE)
    own(PROFILE.replace("hibari", "hibary"), "odd")
    own("engine: [", "broken")
    assert row(call, "mine")["own"]
    code, out, _ = call("voices")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["mine"].endswith("My own way of saying it. (your own)")
    assert "Did you mean hibari?" in lines["odd"]
    assert "broken.yaml:" in lines["broken"]


def samples(path):
    """A stereo WAV of 24 bit, as bytes a frame."""
    data = path.read_bytes()
    return np.frombuffer(data[data.index(b"data") + 8 :], np.uint8).reshape(-1, 6)


def heard(path):
    """Seconds, and whether anything sounds."""
    frames = samples(path)
    return len(frames) / RATE, bool(frames.any())


def test_a_preview_is_written(call, tmp_path):
    code, out, err = call("voices", "preview", "heart", "-o", "a.wav")
    assert (code, err) == (0, "")
    assert out.startswith("a.wav  0:0")
    seconds, sounds = heard(tmp_path / "a.wav")
    assert 3 < seconds < 10
    assert sounds


def test_a_preview_is_at_the_level_of_a_session(call, tmp_path, write):
    """Sample for sample: the clip as it would lie in a routine."""
    write("title: One\nsteps:\n- say: Lie on your back.\n", "one.yaml")
    assert call("voices", "preview", "heart", "Lie on your back.", "-o", "a.wav")[0] == 0
    assert call("export", "one.yaml", "-o", "b.wav", "--background", "none")[0] == 0
    np.testing.assert_array_equal(samples(tmp_path / "a.wav"), samples(tmp_path / "b.wav"))


@needs("py_nanotts")
def test_a_text_in_another_language(call, tmp_path):
    assert call("voices", "preview", "pico-de", "Atme {ein}, und aus.", "-o", "a.wav")[0] == 0
    assert 1.5 < heard(tmp_path / "a.wav")[0] < 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hart"], "There is no voice 'hart'. Did you mean heart?"),
        (["heart", ""], "nothing to say"),
        (["heart", "🙂"], "nothing to say"),
        (["heart", "Дыши"], "Latin letters only"),
        (["heart", "-o", "a.doc"], "not a format"),
        (["heart", "-o", "none/a.wav"], "none"),
        ([], "NAME"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, tmp_path, arguments, said):
    code, out, err = call("voices", "preview", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert not err.startswith(":")  # of a text that is in no file, no line is told
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_word_is_said_and_told_where_it_is_written(call, tmp_path):
    code, out, err = call("voices", "say", "Savasana", "-o", "a.wav")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"Savasana  ʃəˈvɑ.sə.nə  .*voices/lexicon\.yaml\na\.wav  0:0\d\n", out)
    assert heard(tmp_path / "a.wav")[1]
    assert call("voices", "say", "Adho Mukha", "-o", "b.wav")[1].count("lexicon.yaml") == 2
    code, out, _ = call("voices", "say", "zebu", "-o", "c.wav")
    assert out.startswith("No lexicon has 'zebu': Heart reads it in its own way. Try another by --as.\n")


def test_another_way_to_say_a_word_is_heard_and_kept_by_the_line_that_is_printed(call, tmp_path, home):
    code, out, _ = call("voices", "say", "Savasana", "--as", "sah-VAH-suh-nuh", "-o", "a.wav")
    first, line, _ = out.splitlines()
    assert (code, line) == (0, "Savasana: sah-VAH-suh-nuh")
    assert first == f"Savasana  sɑ.ˈvɑ.sə.nə  To keep it, write this line into {home}/voices/lexicon.yaml:"
    call("voices", "say", "Savasana", "-o", "shipped.wav")
    (home / "voices").mkdir(parents=True)
    (home / "voices/lexicon.yaml").write_text(f"{line}\n")
    assert call("voices", "say", "Savasana", "-o", "b.wav")[1].startswith("Savasana  sɑ.ˈvɑ.sə.nə  ")
    np.testing.assert_array_equal(samples(tmp_path / "a.wav"), samples(tmp_path / "b.wav"))
    assert samples(tmp_path / "a.wav").tobytes() != samples(tmp_path / "shipped.wav").tobytes()
    code, out, _ = call("voices", "say", "no", "--as", "NOH", "--voice", "pico-gb", "-o", "c.wav")
    assert (code, out.splitlines()[0].split("  ")[:2]) == (0, ["no", "noh"])
    assert out.splitlines()[1] == "'no': NOH"
    code, out, _ = call("voices", "say", "Atem", "--as", "AH-tem", "--voice", "pico-de", "-o", "d.wav")
    assert (code, "lexicon-de.yaml:\nAtem: AH-tem\n" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["savasana", "--as", "sah-VXH"], "The syllable 'VXH' cannot be read. Give each syllable one vowel"),
        (["savasana", "--as", "mala"], "Heart cannot read 'mala'. Give each syllable one vowel"),
        (["savasana", "--as", ""], "This entry has no reading."),
        (["savasana", "--as", "..."], "There is nothing to say here."),
        (["x, y", "--as", "AH"], "'x, y' is not a word or a phrase."),
        (["नमस्ते"], "Latin letters only"),
        ([""], "nothing to say"),
        (["savasana", "--voice", "hart"], "Did you mean heart?"),
    ],
)
def test_a_word_that_cannot_be_said_so_is_told_in_one_line(call, tmp_path, arguments, said):
    code, _, err = call("voices", "say", *arguments, "-o", "a.wav")
    assert (code, len(err.splitlines())) == (2, 1)
    assert said in err
    assert not list(tmp_path.iterdir())


def test_an_unknown_subcommand(call):
    code, _, err = call("voices", "previw", "heart")
    assert code == 2
    assert "previw" in err


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
def test_a_preview_is_played(call, sound_server):
    with sound_server.recording() as recording:
        code, _, err = call("voices", "preview", "heart", "Begin.")
    assert (code, err) == (0, "")
    assert np.abs(recording.sound).max() > 1000
