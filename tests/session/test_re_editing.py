"""A file that carries its session: opened again, changed, and sent on, on a machine that has nothing of it."""

import json
import os
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from carrying import carry, data_of, heard, send

from audioguide.cli.main import run
from audioguide.errors import RequestError
from audioguide.export.formats import find_payload
from audioguide.model.options import Options
from audioguide.model.routine import BreathPattern, Length
from audioguide.session import preset
from audioguide.session.check import check
from audioguide.session.open import open_session
from audioguide.session.preset import resolve, save
from audioguide.sound import background
from audioguide.system import paths

OPTIONS = (
    Options(),
    Options(hold=Length(45), level="brief", chime="bowl"),
    Options(hold=Length(4, "breaths"), breath=BreathPattern(3.5, 0, 5, 0), scale=1.25, background="none"),
    Options(level="full", background="ocean", beyond_limits=True, scale=3.0),
)
POSE = "name: Own pose\nhold: 33s\nsides: [left, right]\ninstructions: Do as {pose} says.\nrelease: Let go.\n"
BACKGROUND = "description: mine\nlayers: [{noise: {slope: -3}}]\n"


@pytest.fixture
def move(monkeypatch, tmp_path):
    """Go to another machine, where nothing of one's own is."""

    def move(name="elsewhere"):
        monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path / name))
        paths.roots.cache_clear()
        return tmp_path / name

    yield move
    paths.roots.cache_clear()  # after the test, the variable is the old one again when it is read next


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("id", sorted(paths.routine_files()))
def test_opened_again_it_is_the_very_same_session(id, options, tmp_path):
    session = open_session(id, options)
    again = open_session(send(id, tmp_path / "a.mp3", options))
    assert heard(again) == heard(session)
    assert (again.routine.id, again.notes) == (id, session.notes)
    assert again.pack().payload == session.pack().payload


def test_a_fitted_length_is_carried(tmp_path):
    options = Options(length=540.0)
    path = send("four-poses", tmp_path / "a.mp3", options)
    assert heard(open_session(path)) == heard(open_session("four-poses", options))


def test_the_last_hold_of_a_step_counts_when_it_is_opened_again(tmp_path):
    step = next(step for step in resolve("four-poses", Options()).routine.steps if hasattr(step, "hold"))
    number, name = str(step.number), step.pose.name
    options = Options(holds=((number, Length(20)), (name, Length(25)), (number, Length(22))))
    path = send("four-poses", tmp_path / "a.mp3", options)
    assert heard(open_session(path)) == heard(open_session("four-poses", options))


def test_everything_of_ones_own_goes_along(home, move, tmp_path):
    put(home, "scripts/poses/own-pose.yaml", POSE)
    put(home, "voices/backgrounds/own-sound.yaml", BACKGROUND)
    put(home, "scripts/opening.yaml", "title: O\ndefaults: {hold: 20s}\nsteps: [{pose: own-pose}, {pose: bridge}]\n")
    heart = paths.voice_file("heart").read_text()
    put(
        home, "voices/slow.yaml", heart.replace("narration: 0.85", "narration: 0.6").replace("title: Heart", "title: S")
    )
    put(home, "deep/inner.yaml", "title: I\nsteps: [{include: ../scripts/opening.yaml}, {rest: 7s}]\n")
    path = put(
        home,
        "mine.yaml",
        "title: Mine\ndefaults: {voice: slow, background: own-sound}\n"
        "steps:\n  - include: deep/inner\n  - repeat: 2\n    steps: [{include: opening, hold: 25s}]\n  - say: Done.\n",
    )
    sent = send(path, tmp_path / "sent.mp3")
    before = heard(open_session(path))
    move()
    session = open_session(sent)
    assert heard(session) == before
    assert (session.voice.name, session.voice.rate.narration, session.notes) == ("slow", 0.6, ())
    assert [name.partition("/")[0] for name in session.background_names] == ["own-sound"]
    (own,) = session.background_names
    assert background.find_background(own).make_source().block(0, 1000).any()
    onward = carry(session.pack().payload, tmp_path / "onward.mp3")
    assert find_payload(onward) == find_payload(sent)
    assert check(sent) == check(onward)
    assert [problem for problem in check(sent) if problem.severity == "error"] == []


def test_the_pose_that_came_along_counts(move, tmp_path):
    sent = send("four-poses", tmp_path / "a.mp3")
    before = heard(open_session("four-poses"))
    here = move()
    for id in data_of("four-poses")["poses"]:
        put(here, f"scripts/poses/{id}.yaml", POSE)
    put(here, "scripts/four-poses.yaml", "title: Another\nsteps: [{say: Hello.}]\n")
    assert heard(open_session("four-poses")) != before
    assert heard(open_session(sent)) == before


def test_options_lie_over_those_of_the_file(tmp_path):
    sent = send("taster", tmp_path / "a.mp3", Options(holds=(("childs-pose", Length(40)),), level="brief"))
    found = resolve(sent, Options(holds=(("childs-pose", Length(50)),)), Options(level="full", hold=Length(10)))
    assert (found.options.level, found.options.hold) == ("brief", None)
    steps = open_session(sent, Options(holds=(("childs-pose", Length(50)),))).routine.steps
    assert [step.hold.amount for step in steps if getattr(step, "pose", None) and step.pose.id == "childs-pose"] == [50]
    again = send(sent, tmp_path / "b.mp3", Options(hold=Length(20)))
    assert resolve(again, Options()).options == Options(
        hold=Length(20), holds=(("childs-pose", Length(40)),), level="brief"
    )


def test_a_preset_goes_along_under_its_name(home, move, tmp_path):
    save("mine", resolve("taster", Options(holds=(("childs-pose", Length(40)),))))
    before = heard(open_session("mine"))
    sent = send("mine", tmp_path / "a.mp3")
    move()
    session = open_session(sent)
    assert heard(session) == before
    assert (session.routine.id, session.routine.title) == ("mine", "Taster (mine)")


def test_a_preset_of_a_file_is_refused(home, tmp_path):
    sent = send("taster", tmp_path / "a.mp3")
    with pytest.raises(RequestError, match=r"only in there\. .*audioguide import .*a\.mp3 -o taster\.yaml"):
        save("mine", resolve(sent, Options()))
    assert not (preset.folder() / "mine.yaml").exists()


def test_nothing_private_goes_along(home, tmp_path, monkeypatch):
    folder = tmp_path / "private-folder"
    put(home, "voices/backgrounds/own-sound.yaml", BACKGROUND)
    put(folder, "inner.yaml", "# private-comment\ntitle: I\nsteps: [{pose: bridge}]\n")
    path = put(
        folder,
        "routine.yaml",
        f"# private-comment\ntitle: T\ndefaults: {{background: own-sound}}\n"
        f"steps: [{{include: {folder}/inner.yaml}}, {{include: ../private-folder/inner}}, {{include: inner}}]\n",
    )
    save("mine", resolve(path, Options()))
    monkeypatch.chdir(folder)
    for source in (path, "mine"):
        carried = send(source, folder / "a.mp3").read_bytes()
        for word in ("private", str(tmp_path), str(home), str(Path.home()), os.environ.get("USER", "private")):
            assert word.encode() not in carried
    assert list(data_of(path)["routines"]) == ["inner"]


def test_two_routines_of_one_name_stay_two(tmp_path):
    put(tmp_path, "a/part.yaml", "title: A\nsteps: [{say: One.}]\n")
    put(tmp_path, "b/part.yaml", "title: B\nsteps: [{say: Two.}]\n")
    path = put(tmp_path, "part.yaml", "title: T\nsteps: [{include: a/part}, {include: b/part.yaml}]\n")
    session = open_session(send(path, tmp_path / "a.mp3"))
    assert [step.text for step in session.routine.steps] == ["One.", "Two."]


def test_music_and_recordings_stay_and_it_is_said(home, move, tmp_path):
    put(home, "voices/backgrounds/own-music.yaml", "layers: [{music: {files: [private.mp3]}}]\n")
    put(home, "voices/backgrounds/private.mp3", "")
    heart = paths.voice_file("heart").read_text()
    recorded = heart.replace("engine: hibari", "engine: recorded").replace("model: heart", f"model: {home}/private")
    put(home, "voices/recorded.yaml", recorded)
    put(home, "private/index.yaml", "recordings: {}\n")
    path = put(
        home, "a.yaml", "title: A\ndefaults: {voice: recorded, background: own-music}\nsteps: [{pose: bridge}]\n"
    )
    packed = open_session(path).pack()
    assert len(packed.notes) == 2
    assert b"private" not in packed.payload
    sent = carry(packed.payload, tmp_path / "a.mp3")
    move()
    session = open_session(sent)
    assert (session.voice.name, session.background_names) == ("heart", ("warm-drone",))
    assert session.notes == (
        "The background own-music is not on this machine: warm-drone sounds.",
        "The voice recorded is not on this machine: Heart speaks.",
    )
    with pytest.raises(RequestError, match="There is no voice 'strange'"):
        open_session(sent, Options(voice="strange"))
    with pytest.raises(RequestError, match="There is no background 'strange'"):
        open_session(sent, Options(background="strange"))


HOSTILE = {
    "engine: another": {"engine": "exec", "model": "heart"},
    "a file as model": {"engine": "piper", "model": "/etc/passwd"},
    "recordings": {"engine": "recorded", "model": "/"},
    "another host": {"engine": "gtts", "model": "evil.example"},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_a_strangers_voice_leads_nowhere(changes, tmp_path):
    data = data_of("taster")
    data["voices"]["heart"] |= changes
    session = open_session(carry(json.dumps(data).encode(), tmp_path / "a.mp3"))
    assert (session.voice.engine, session.voice.model, session.voice.folder) == (
        "hibari",
        "heart",
        paths.voice_file("heart").parent,
    )
    assert session.notes == ("The voice heart is not on this machine: Heart speaks.",)


def test_a_strangers_paths_are_not_followed(tmp_path, monkeypatch):
    data = data_of("taster")
    target = put(tmp_path, "secret.yaml", "title: S\nsteps: [{say: Secret.}]\n")
    for name in ("secret", "./secret.yaml", str(target)):
        data["routine"]["steps"] = [{"include": name}, {"pose": f"../../{target}"}]
        monkeypatch.chdir(tmp_path)
        sent = carry(json.dumps(data).encode(), tmp_path / "a.mp3")
        problems = check(sent)
        assert [(str(problem.place), problem.code) for problem in problems] == [
            ("a.mp3:step 1", "unknown-routine"),
            ("a.mp3:step 2", "unknown-pose"),
        ]
    data = data_of("taster", Options(background="none"))
    data["options"]["background"] = "own"
    data["backgrounds"] = {"own": {"layers": [{"music": {"files": [str(target)]}}]}}
    data["voices"]["heart"]["lexicon"] = str(target)
    session = open_session(carry(json.dumps(data).encode(), tmp_path / "a.mp3"))
    assert session.background_names == ("warm-drone",)
    assert session.voice.lexicon is True


@pytest.mark.parametrize("id", ["../up", "/abs", "a/b", "a\\b", ".hidden", "", "a\nb", "x" * 200])
def test_an_id_that_leads_elsewhere_is_refused(id, tmp_path):
    data = data_of("taster") | {"id": id}
    with pytest.raises(RequestError, match=r"a\.mp3:id: "):
        open_session(carry(json.dumps(data).encode(), tmp_path / "a.mp3"))


def test_problems_are_named_by_step(tmp_path):
    data = data_of("taster")
    data["routine"]["steps"][2]["hold"] = "soon"
    data["routine"]["steps"].append({"repeat": 2, "steps": [{"rest": 1}, {"sai": "x"}]})
    data["poses"]["childs-pose"]["limits"] = "no"
    problems = check(carry(json.dumps(data).encode(), tmp_path / "a.mp3"))
    assert [str(problem.place).rpartition("a.mp3:")[2] for problem in problems] == [
        "pose childs-pose",
        "step 3",
        "step 6.2",
    ]


def test_a_carried_option_that_does_not_fit_is_one_sentence(tmp_path):
    data = data_of("taster")
    data["options"] = {"holds": {"childs-pose": "9:00"}}
    sent = carry(json.dumps(data).encode(), tmp_path / "a.mp3")
    (problem,) = check(sent)
    assert (problem.place.within, problem.code) == ("options", "invalid")
    data["options"] = {"holdz": 1}
    with pytest.raises(RequestError, match=r"a\.mp3:options: There is no key 'holdz'"):
        open_session(carry(json.dumps(data).encode(), sent))


def test_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    send("taster", tmp_path / "a.mp3", Options(level="brief"))
    assert run(["show", "a.mp3", "--json", "--hold", "childs-pose=41"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["routine"], shown["cues"][0]["file"]) == ("taster", "a.mp3")
    assert 41 in [cue["asked"] for cue in shown["cues"] if cue["kind"] == "hold"]
    assert run(["check", "a.mp3"]) == 0
    assert run(["show", "a.mp3", "--save", "mine"]) == 2
    assert "only in there" in capsys.readouterr().err
    (tmp_path / "b.mp3").write_bytes(b"\xff\xfb\x90\0" * 100)
    assert run(["play", "b.mp3"]) == 2
    assert capsys.readouterr().err.startswith("b.mp3 was not made by audioguide, or has lost its routine.")


def test_a_file_is_exported_over_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = send("taster", tmp_path / "a.mp3", Options(level="brief"))
    assert run(["export", "a.mp3", "-o", "a.mp3", "--skip", "cat-cow"]) == 0
    assert resolve(path, Options()).options == Options(level="brief", skip=("cat-cow",))
    assert run(["export", "a.mp3", "--level", "full"]) == 0
    assert resolve(tmp_path / "build/taster.mp3", Options()).options == Options(level="full", skip=("cat-cow",))


@pytest.mark.parametrize("id", sorted(paths.routine_files()))
def test_taken_out_it_is_the_same_routine_in_any_editor(id, move, tmp_path):
    """On a machine that has the poses, and on one where all of them are others."""
    before = heard(open_session(id))
    sent = send(id, tmp_path / f"{id}.mp3")
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        assert run(["import", str(sent), "-o", str(tmp_path / name / f"{id}.yaml")]) == 0
        after = heard(open_session(tmp_path / name / f"{id}.yaml"))
        assert [{**cue, "pose": None} for cue in after["cues"]] == [{**cue, "pose": None} for cue in before["cues"]]
        elsewhere = move()
        for pose in paths.pose_files():
            put(elsewhere, f"scripts/poses/{pose}.yaml", POSE)


def test_what_surrounds_a_pose_surrounds_it_when_it_is_taken_out(home, move, tmp_path):
    put(home, "scripts/poses/own-pose.yaml", POSE + "breath: 4-4\n")
    put(home, "scripts/inner.yaml", "title: I\ndefaults: {hold: 20s}\nsteps: [{pose: own-pose}, {pose: bridge}]\n")
    steps = (
        "  - pose: own-pose\n  - {pose: own-pose, hold: 12s, breath: 3-5}\n  - include: inner\n"
        "  - {include: inner, hold: 25s, level: brief}\n"
        "  - {repeat: 2, breath: 5-5, steps: [{pose: own-pose}, {include: inner}]}\n"
    )
    path = put(home, "a.yaml", f"title: A\nsteps:\n{steps}")
    before, sent = heard(open_session(path)), send(path, tmp_path / "a.mp3")
    move()
    assert run(["import", str(sent), "-o", str(tmp_path / "a.yaml")]) == 0
    after = heard(open_session(tmp_path / "a.yaml"))
    assert [{**cue, "pose": None} for cue in after["cues"]] == [{**cue, "pose": None} for cue in before["cues"]]


def test_the_options_of_what_is_taken_out_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options = Options(holds=(("Child's pose", Length(40)),), level="brief", skip=("cat-cow",), beyond_limits=True)
    send("taster", tmp_path / "a.mp3", options)
    assert run(["import", "a.mp3"]) == 0
    out, err = capsys.readouterr()
    assert "- pose: cat-cow" in out
    (told,) = err.splitlines()
    given = shlex.split(told.removeprefix("a.mp3 was exported with "))
    (tmp_path / "taster.yaml").write_text(out)
    assert run(["show", "./taster.yaml", "--json", *given]) == 0
    after = json.loads(capsys.readouterr().out)
    assert [cue["text"] for cue in after["cues"]] == [cue["text"] for cue in heard(open_session("a.mp3"))["cues"]]


def test_only_what_carries_it_is_told_what_stays(home, tmp_path):
    put(home, "voices/backgrounds/own-music.yaml", "layers: [{music: {files: [private.mp3]}}]\n")
    put(home, "voices/backgrounds/private.mp3", "")
    music = "{background: {name: own-music, during: holds}}"
    path = put(home, "a.yaml", f"title: A\ndefaults: {music}\nsteps: [{{say: Hello.}}]\n")
    told = []
    session = replace(open_session(path), on_note=told.append)
    session.export(tmp_path / "a.wav")
    assert told == []
    session.export(tmp_path / "a.flac")
    assert told == ["The music of the background own-music stays on this machine: elsewhere another one sounds."]


def test_a_sound_file_is_not_edited_as_text(tmp_path, capsys):
    assert run(["edit", str(send("taster", tmp_path / "a.mp3"))]) == 2
    assert "`audioguide import " in capsys.readouterr().err


def test_a_background_that_cannot_be_read_here_is_replaced_and_it_is_said(tmp_path):
    """One with a kind of layer that a package on the other machine has."""
    data = data_of("taster", Options(background="none"))
    data["options"]["background"] = "windy"
    data["backgrounds"] = {"windy": {"layers": [{"wind-of-nobody": {"force": 3}}]}}
    session = open_session(carry(json.dumps(data).encode(), tmp_path / "a.mp3"))
    assert session.background_names == ("warm-drone",)
    assert session.notes == ("The background windy is not on this machine: warm-drone sounds.",)
