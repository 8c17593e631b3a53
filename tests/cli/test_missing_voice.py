"""A routine whose voice is not on this machine: it is listed and shown, with what it needs; and nothing is spoken."""

import json

import pytest

from audioguide.speech.engines import engine, system

FOREIGN = ("feierabend", "espalda-ligera")
ROUTINE = """\
title: Mine
language: {}
defaults: {{background: none, {}}}
steps:
  - say: Hallo, leg dich hin.
  - pose: {{name: Ruhe, instructions: Bleib liegen., hold: 30s, limits: 5s..2m}}
"""
PROFILE = "engine: {}\nmodel: {}\nlanguage: en\nrate: {{narration: 1, breath: 1, count: 1}}\nletters: {}\n"


@pytest.fixture(autouse=True)
def without(monkeypatch):
    """A machine without Pico, without a voice of its system, and without a network."""
    installed_versions = engine.installed_versions

    def without(*packages):
        if packages[0] == "py-nanotts":
            raise ModuleNotFoundError(packages[0], name=packages[0])
        return installed_versions(*packages)

    monkeypatch.setattr(engine, "installed_versions", without)
    monkeypatch.setattr(system, "PLATFORM", "linux")
    monkeypatch.setattr(system, "which", lambda program: None)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


@pytest.fixture
def mine(home, write):
    """A routine of one's own, and the voices that it may name."""

    def mine(language="de", defaults="hold: 30s"):
        for folder in ("scripts", "voices", "voices/prompts", "voices/anna"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        profiles = {"lost": ("nosuch", "x"), "gone": ("recorded", "nowhere"), "anna": ("recorded", "anna")}
        profiles |= {"onnx": ("piper", "none.onnx")}
        for name, (kind, model) in profiles.items():
            (home / "voices" / f"{name}.yaml").write_text(PROFILE.format(kind, model, 19))
        german = (engine.voice_files()["heart"].parent / "prompts" / "de.yaml").read_text("utf-8")
        (home / "voices/prompts/pl.yaml").write_text(german, "utf-8")
        (home / "scripts/mine.yaml").write_text(ROUTINE.format(language, defaults), "utf-8")

    return mine


@pytest.mark.parametrize(
    ("language", "defaults", "said"),
    [
        (
            "de",
            "hold: 30s",
            "needs the package py-nanotts, which is not installed. Run: pip install py-nanotts, or",
        ),
        ("pl", "hold: 30s", "needs the program espeak-ng, which is not installed. Install it, or take another voice"),
        ("en", "voice: lost", "the engine 'nosuch', which does not exist"),
        ("en", "voice: gone", "nowhere with recordings. Make it, or name another"),
        ("en", "voice: anna", "'Hallo, leg dich hin.' is not recorded"),
        ("en", "voice: onnx", "uses the model none.onnx, and there is no such file"),
    ],
)
def test_it_is_listed_shown_and_drawn_by_estimates(call, mine, language, defaults, said):
    mine(language, defaults)
    code, out, err = call("list", "--json")
    row = next(row for row in json.loads(out) if row["id"] == "mine")
    assert (code, row["estimated"]) == (0, True)
    assert said in row["missing"]
    assert not [row for row in json.loads(out) if "missing" in row and row["id"] not in ("mine", *FOREIGN)]
    line = next(line for line in call("list")[1].splitlines() if line.startswith("mine"))
    assert said in line
    for options in ([], ["--json"], ["--all"], ["--plot", "a.svg"], ["--length", "1:15"]):
        code, out, err = call("show", "mine", *options)
        assert code == 0, err
        (told,) = [line for line in err.splitlines() if "Lengths are estimated: " in line]
        assert said in told
        assert "~" in out or options == ["--json"] or "a.svg" in out
    timeline = json.loads(call("show", "mine", "--json")[1])
    assert timeline["estimated"] is True
    assert 33 < timeline["duration"] < 50
    assert call("check", call.folder / "home/scripts/mine.yaml")[0] == 0 or defaults != "hold: 30s"
    code, _, err = call("export", "mine", "-o", "a.wav")
    assert code in (1, 2)
    assert said in err
    assert not (call.folder / "a.wav").exists()


def test_a_fallback_that_works_speaks_instead(call, mine):
    mine()
    code, out, err = call("show", "mine", "--fallback", "heart", "--json")
    assert (code, "estimated" in json.loads(out)) == (0, False)
    assert "From here on, Heart speaks." in err


def test_estimates_heed_the_letters_of_the_voice(call, mine):
    mine("en", "voice: lost")
    slow, quick = PROFILE.format("nosuch", "x", 10), PROFILE.format("nosuch", "x", 30)
    lengths = []
    for profile in (slow, quick):
        (call.folder / "home/voices/lost.yaml").write_text(profile)
        lengths.append(json.loads(call("show", "mine", "--json")[1])["duration"])
    assert lengths[0] > lengths[1] + 0.5


def test_what_the_voice_could_never_say_is_still_wrong(call, mine, write):
    path = write("title: A\nsteps:\n- say: Дыши.\n")
    assert call("show", path, "--json")[0] == 2
