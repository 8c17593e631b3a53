"""Presets: kept, found, layered, and still right when their routine has changed."""

import os
from pathlib import Path

import pytest

from audioguide.errors import EnvironmentFailure, RequestError, RoutineError
from audioguide.model.options import Options
from audioguide.model.routine import Length
from audioguide.session import preset as presets
from audioguide.session.check import check
from audioguide.session.config import Config
from audioguide.session.open import open_session
from audioguide.session.preset import find_preset, presets_of, resolve, save
from audioguide.system import paths

THREE = """\
title: Three
steps:
  - pose: bridge
  - pose: pigeon
  - pose: bridge
  - say: Done.
"""


def holds(session):
    return {step.number: step.hold.amount for step in session.routine.steps if hasattr(step, "hold")}


def held(*pairs, **more):
    return Options(holds=tuple((pose, Length(amount)) for pose, amount in pairs), **more)


def test_a_preset_is_a_routine_of_its_own_name(home):
    path = save("mine", resolve("taster", held(("childs-pose", 40), level="full")))
    assert path == home / "presets/mine.yaml"
    session = open_session("mine")
    assert (session.routine.id, session.routine.title) == ("mine", "Taster (mine)")
    assert session.routine.file.endswith("mine.yaml")
    assert 40 in holds(session).values()
    assert {step.level for step in session.routine.steps if hasattr(step, "level")} == {"full"}
    assert open_session(path).routine == session.routine
    assert presets_of("taster") == ("mine",)
    assert presets_of("four-poses") == ()


def test_a_path_is_kept_absolute_and_an_id_as_it_is(home, write, monkeypatch, tmp_path):
    write(THREE)
    monkeypatch.chdir(tmp_path)
    save("a", resolve("routine.yaml", Options()))
    save("b", resolve("taster", Options()))
    monkeypatch.chdir("/")
    assert resolve("a", Options()).source == str(tmp_path / "routine.yaml")
    assert resolve("b", Options()).source == "taster"
    save("c", resolve("a", Options()))
    assert resolve("c", Options()).source == str(tmp_path / "routine.yaml")


def test_a_path_that_is_written_by_hand_begins_at_the_preset(home, write, tmp_path):
    write(THREE)
    for routine in ("routine.yaml", "./routine.yaml", str(tmp_path / "routine.yaml")):
        preset = write(f"routine: {routine}\noptions: {{hold: 20s}}\n", "by-hand.yaml")
        assert set(holds(open_session(preset)).values()) == {20}


def test_layers_the_command_over_the_preset_over_the_settings_over_the_routine(home, write):
    path = write(THREE)
    save("mine", resolve(str(path), held(("bridge", 20), level="brief")))
    settings = held(("pigeon", 25), ("bridge", 30), ("warrior", 30), level="full", background="none")
    found = resolve("mine", held(("3", 35)), Config(options=settings))
    session = open_session("mine", held(("3", 35)))
    assert found.options.level == "brief"
    assert found.options.background == "none"
    assert found.options.holds == held(("pigeon", 25), ("bridge", 30), ("bridge", 20), ("3", 35)).holds
    assert found.notes == ()
    assert holds(session)[1] == 20
    assert holds(session)[3] == 35


def test_saving_a_preset_again_layers_over_it_and_leaves_the_settings_out(home, write):
    path = write(THREE)
    save("mine", resolve(str(path), held(("bridge", 20), scale=0.9)))
    save("mine", resolve("mine", held(("3", 35), ("Bridge", 22)), Config(options=Options(level="full"))))
    kept = resolve("mine", Options()).options
    assert kept == held(("3", 35), ("bridge", 22), scale=0.9)
    assert "3 bridge: 35s" in (home / "presets/mine.yaml").read_text()


def test_a_changed_routine_keeps_what_still_matches_and_tells_the_rest(home, write):
    path = write(THREE)
    save("mine", resolve(str(path), held(("1", 20), ("3", 25), ("pigeon", 30), skip=("2",), level="brief")))
    assert resolve("mine", Options()).notes == ()
    write("title: Three\nsteps:\n  - pose: bridge\n  - pose: cat-cow\n  - pose: childs-pose\n  - say: Done.\n")
    session = open_session("mine")
    assert session.notes == ("The preset mine no longer matches: 3 bridge, pigeon, 2 pigeon.",)
    assert holds(session)[1] == 20
    assert holds(session)[3] == 45
    found = check(home / "presets/mine.yaml")
    assert [(one.severity, one.code, one.place.line) for one in found] == [
        ("warning", "unknown-pose", 7),
        ("warning", "unknown-pose", 8),
        ("warning", "unknown-pose", 10),
    ]


def test_a_number_alone_is_told_what_it_is(home, write):
    write(THREE)
    preset = write("routine: routine.yaml\noptions: {holds: {3: 20s}}\n", "by-hand.yaml")
    (note,) = open_session(preset).notes
    assert note.startswith("The preset by-hand names step 3, which is bridge now. Write `3 bridge` in it")


def test_a_routine_that_is_gone_is_one_sentence(home, write):
    path = write(THREE)
    save("mine", resolve(str(path), Options()))
    path.unlink()
    with pytest.raises(RequestError, match=r"The routine of the preset mine is gone: There is no file .*delete mine"):
        resolve("mine", Options())
    (problem,) = check("mine")
    assert (problem.code, problem.place.line) == ("unknown-routine", 3)


def test_a_routine_that_is_wrong_is_told_as_the_routines_own(home, write):
    path = write(THREE)
    save("mine", resolve(str(path), Options()))
    write("title: t\nsteps:\n  - pose: brigde\n")
    with pytest.raises(RoutineError, match="Did you mean bridge"):
        resolve("mine", Options())
    (problem,) = check("mine")
    assert (problem.place.line, problem.code) == (3, "unknown-pose")


def test_every_problem_of_a_preset_is_found(home, write):
    bad = write("routine: taster\noptions:\n  levle: full\n  voice: hart\n  holds: {childs-pose: x}\n", "bad.yaml")
    assert [(one.place.line, one.code) for one in check(bad)] == [
        (3, "unknown-key"),
        (4, "unknown-voice"),
        (5, "not-a-hold"),
    ]
    over = write("routine: taster\noptions:\n  holds: {childs-pose: 5m}\n", "over.yaml")
    (problem,) = check(over)
    assert "over the limit" in problem.message


@pytest.mark.parametrize("routine", ["x" * 300, "~nobody-of-this-name/x.yaml", "/" + "y" * 3000, "a/../b.yaml", "mine"])
def test_a_routine_that_never_was_is_one_sentence_too(home, write, routine):
    preset = write(f"routine: {routine}\n", "mine.yaml")
    with pytest.raises(RequestError):
        resolve(preset, Options())
    assert [problem.severity for problem in check(preset)] == ["error"]


def test_a_long_path_is_kept(home, tmp_path):
    folder = tmp_path.joinpath(*["a folder with a long name"] * 10)
    folder.mkdir(parents=True)
    (folder / "three.yaml").write_text(THREE)
    save("mine", resolve(folder / "three.yaml", Options()))
    assert resolve("mine", Options()).source == str(folder / "three.yaml")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("My Morning", "Try --save my-morning."),
        ("Übung 1", "Try --save ubung-1."),
        ("-x", "Try --save x."),
        ("../up", "Try --save up."),
        ("a/b", "Try --save a-b."),
        ("", "Try one like"),
        ("☃", "Try one like"),
        ("x" * 81, "Try --save xxx"),
        ("taster", "is the id of a routine"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(home, name, said):
    with pytest.raises(RequestError) as caught:
        save(name, resolve("taster", Options()))
    assert said in str(caught.value)
    assert not home.exists()


def test_a_routine_of_the_same_name_is_what_is_meant(home, write):
    save("mine", resolve("taster", Options()))
    (home / "scripts").mkdir()
    (home / "scripts/mine.yaml").write_text(THREE)
    assert open_session("mine").routine.title == "Three"
    assert paths.preset_files() == {}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("routine: taster\n", True),
        ("{routine: taster}\n", True),
        ("# first\n'routine' : taster\noptions:\n", True),
        (THREE, False),
        ("title: t\nroutine: x\nsteps: [{rest: 5s}]\n", False),
        ("routine: [\n", False),
        ("", False),
    ],
)
def test_a_file_is_a_preset_when_it_names_a_routine_and_has_no_steps(home, write, text, is_one):
    path = write(text)
    assert find_preset(path) == (path if is_one else None)
    assert find_preset(str(path)) == (path if is_one else None)


def test_a_routine_whose_name_is_not_text_cannot_be_kept(home, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.yaml"))
    odd.write_text(THREE)
    with pytest.raises(RequestError, match="is not text"):
        save("mine", resolve(odd, Options()))
    assert not home.exists()


def test_nothing_half_written_stays(home, monkeypatch):
    home.mkdir()
    (home / "presets").write_text("in the way")
    with pytest.raises(EnvironmentFailure, match="cannot be made"):
        save("mine", resolve("taster", Options()))
    (home / "presets").unlink()
    (home / "presets/mine.yaml").mkdir(parents=True)
    with pytest.raises(RequestError, match="is a folder"):
        save("mine", resolve("taster", Options()))
    assert [item.name for item in (home / "presets").iterdir()] == ["mine.yaml"]
    assert presets.folder() == home / "presets"
