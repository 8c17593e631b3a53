"""Presets and standing wishes on the command line: saved, shown, played over, edited and deleted."""

import io
import json
import os
import subprocess
import sys

import pytest

from audioguide.cli.commands.routines import list_command
from audioguide.model.options import Options
from audioguide.player.history import Progress, SessionLog
from audioguide.session.preset import resolve
from audioguide.timeline.resume import Bookmark

SHORT = "title: Short\nsteps:\n  - say: Hello.\n  - {pose: {name: Rest pose, hold: 5s}}\n  - say: Bye.\n"


def asked(out):
    return [cue["asked"] for cue in json.loads(out)["cues"] if cue["kind"] == "hold"]


def test_options_are_kept_and_layered(call, home, write):
    path = write(SHORT)
    code, out, err = call("show", path, "--json", "--hold", "2=7s", "--save", "mine")
    assert (code, asked(out)) == (0, [7])
    assert err == "Saved as home/presets/mine.yaml: `audioguide play mine`.\n"
    assert "2 Rest pose: 7s" in (home / "presets/mine.yaml").read_text()
    code, out, err = call("show", "mine", "--json")
    data = json.loads(out)
    assert (code, err, data["routine"], data["title"]) == (0, "", "mine", "Short (mine)")
    assert asked(out) == [7]
    assert asked(call("show", "mine", "--json", "--hold", "rest-pose=9s")[1]) == [9]
    assert asked(call("show", "home/presets/mine.yaml", "--json")[1]) == [7]
    call("show", "mine", "--scale", "2", "--save", "mine")
    text = (home / "presets/mine.yaml").read_text()
    assert "2 Rest pose: 7s" in text
    assert "scale: 2.0" in text


def test_what_is_refused_is_not_saved(call, home, write):
    path = write(SHORT)
    for wrong in (["--hold", "rest-pose=31m"], ["--skip", "x"], ["--length", "2h"], ["--voice", "x"]):
        code, out, _ = call("show", path, *wrong, "--save", "mine")
        assert (code, out) == (2, "")
    assert call("export", path, "-o", "x.exe", "--save", "mine")[0] == 2
    assert call("export", path, "-o", "no/x.mp3", "--save", "mine")[0] == 2
    assert call("show", path, "--save", "Mine")[2].endswith("Try --save mine.\n")
    assert not home.exists()


def test_export_saves_and_is_named_after_the_preset(call, home, write, tmp_path):
    code, out, err = call("export", write(SHORT), "--hold", "6s", "--save", "mine")
    assert (code, out.split()[0]) == (0, "build/routine.mp3")
    assert "Saved as" in err
    code, out, _ = call("export", "mine")
    assert (code, out.split()[0]) == (0, "build/mine.mp3")
    assert (tmp_path / "build/mine.mp3").is_file()


def test_list_marks_presets(call, home):
    call("show", "taster", "--level", "full", "--save", "mine")
    rows = {row["id"]: row for row in json.loads(call("list", "--json")[1])}
    assert set(rows["mine"]) == {"id", "title", "tags", "duration", "estimated", "file"}
    assert (rows["mine"]["title"], rows["mine"]["file"]) == ("Taster (mine)", "home/presets/mine.yaml")
    assert rows["mine"]["duration"] > rows["taster"]["duration"]
    assert next(line for line in call("list")[1].splitlines() if line.startswith("mine")).endswith("(preset of taster)")
    (home / "presets/broken.yaml").write_text("routine: gone\n")
    code, out, err = call("list", "--json")
    assert (code, err.count("Left out")) == (0, 1)
    assert "mine" in {row["id"] for row in json.loads(out)}


def test_list_has_nothing_to_save(call, home):
    code, out, err = call("list", "--save", "mine")
    assert (code, out) == (2, "")
    assert err == "A preset is of one routine. Write `audioguide show ROUTINE --save mine`.\n"
    assert "--save" not in list_command.get_help(list_command.make_context("list", ["--json"]))


def test_a_misspelt_preset_is_named(call, home):
    call("show", "taster", "--save", "morning")
    assert "Did you mean morning?" in call("show", "mornign")[2]
    assert call("check", "morning", "home/presets/morning.yaml") == (0, "", "")


def test_standing_wishes_are_below_all_else(call, home, write):
    path = write(SHORT)
    home.mkdir()
    config = home / "config.yaml"
    config.write_text("options:\n  hold: 8s\n  level: brief\n  holds: {pigeon: 5s}\n  skip: [cat-cow]\n")
    assert asked(call("show", path, "--json")[1]) == [8]
    assert asked(call("show", path, "--json", "--hold", "9s")[1]) == [9]
    config.write_text("options: {holds: {rest-pose: 8s, pigeon: 5s}, background: none}\n")
    assert asked(call("show", path, "--json")[1]) == [8]
    assert asked(call("show", path, "--json", "--hold", "rest-pose=9s", "--save", "mine")[1]) == [9]
    assert asked(call("show", "mine", "--json")[1]) == [9]
    assert "background" not in (home / "presets/mine.yaml").read_text()


def test_only_the_command_line_reads_standing_wishes(home, write):
    import audioguide

    home.mkdir()
    (home / "config.yaml").write_text("options: {holds: {rest-pose: 8s}}\n")
    (step,) = (step for step in audioguide.load(write(SHORT)).routine.steps if hasattr(step, "hold"))
    assert step.hold.amount == 5


def test_a_refused_wish_says_which_file_asked_for_it(call, home, write):
    path = write(SHORT)
    home.mkdir()
    (home / "config.yaml").write_text("options: {holds: {rest-pose: 31m}}\n")
    code, _, err = call("show", path)
    assert code == 2
    assert "over the limit" in err
    assert err.endswith("It was asked for in home/config.yaml:1.\n")
    assert call("show", path, "--level", "brief")[2].endswith("It was asked for in home/config.yaml:1.\n")
    assert call("show", path, "--hold", "rest-pose=32m")[2].endswith("--beyond-limits.\n")
    call("show", path, "--hold", "rest-pose=9s", "--save", "mine")
    preset = home / "presets/mine.yaml"
    preset.write_text(preset.read_text().replace("9s", "39m"))
    assert call("show", "mine")[2].endswith("It was asked for in home/presets/mine.yaml:5.\n")
    (home / "config.yaml").write_text("options:\n  voice: hart\n")
    for command in (("show", path), ("list",), ("export", path)):
        code, out, err = call(*command)
        assert (code, out) == (2, "")
        assert err.startswith("home/config.yaml:2:10: There is no voice 'hart'.")


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor that replaces a word."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text().replace('7s', 'soon'))\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")


def test_edit_opens_and_checks(call, home, editor, write):
    call("show", write(SHORT), "--hold", "rest-pose=7s", "--save", "mine")
    code, out, _ = call("edit", "mine")
    assert code == 2
    assert out.startswith("home/presets/mine.yaml:6:16: 'soon' is not a length of time.")


def test_edit_of_a_shipped_routine_wants_a_copy(call, home, monkeypatch):
    monkeypatch.setenv("VISUAL", "true")
    code, _, err = call("edit", "taster")
    assert code == 2
    assert "`audioguide edit taster --copy`" in err
    assert not home.exists()
    assert call("edit", "taster", "--copy")[0] == 0
    assert (home / "scripts/taster.yaml").is_file()
    assert call("edit", "taster")[0] == 0
    assert "Did you mean taster?" in call("edit", "tasetr")[2]
    monkeypatch.setenv("VISUAL", "false")
    code, _, err = call("edit", "taster")
    assert (code, err.split(".")[0]) == (1, "false: Editing failed")


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self):
        return True


def test_delete_asks_for_a_yes_and_spares_what_is_shipped(call, home, monkeypatch):
    call("show", "taster", "--save", "mine")
    code, _, err = call("delete", "mine")
    assert (code, err) == (2, "Delete home/presets/mine.yaml? Add --yes to confirm.\n")
    for answer, kept in ((False, True), (True, False)):
        with monkeypatch.context() as terminal:
            terminal.setattr("sys.stdin", Terminal("y\n" if answer else "n\n"))
            code, _, err = call("delete", "mine")
        assert (code, "Delete home/presets/mine.yaml? [y/N]" in err) == (0, True)
        assert (home / "presets/mine.yaml").exists() is kept
    call("show", "taster", "--save", "mine")
    assert call("delete", "mine", "--yes") == (0, "", "Deleted home/presets/mine.yaml.\n")
    assert call("show", "mine")[0] == 2
    assert call("delete", "taster", "--yes")[2].startswith("taster came with audioguide, so it cannot be deleted.")
    assert call("delete", "home/x.yaml", "--yes")[0] == 2


def test_delete_of_a_routine_tells_of_its_presets_and_of_what_stands_in(call, home):
    (home / "scripts").mkdir(parents=True)
    (home / "scripts/short.yaml").write_text(SHORT)
    (home / "scripts/taster.yaml").write_text(SHORT)
    call("show", "short", "--save", "mine")
    assert "presets do not work without it: mine." in call("delete", "short", "--yes")[2]
    assert "The shipped one is used again." in call("delete", "taster", "--yes")[2]


def test_help_and_import_do_not_read_presets_and_wishes():
    loaded = "assert not {'audioguide.session.preset', 'audioguide.session.config', 'pydantic'} & set(sys.modules)"
    for code in ("import audioguide", "import audioguide.cli.main"):
        subprocess.run([sys.executable, "-c", f"import sys; {code}; {loaded}"], check=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_presets_is_not_waited_for(call, home):
    (home / "presets").mkdir(parents=True)
    os.mkfifo(home / "presets" / "stuck.yaml")
    assert call("list")[0] == 0
    code, _, err = call("show", "stuck")
    assert (code, err.startswith("There is no routine 'stuck'.")) == (2, True)


def test_what_cannot_be_deleted_is_told(call, home):
    (home / "presets" / "mine.yaml").mkdir(parents=True)
    code, _, err = call("delete", "mine", "--yes")
    assert (code, "presets/mine.yaml cannot be deleted: " in err) == (1, True)


def test_it_is_the_same_session_in_the_log_from_any_folder(call, home, write, tmp_path, monkeypatch):
    """Left in the middle here, gone on with there; so is a routine that is named by its path."""
    call("show", write(SHORT), "--save", "mine")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    for here, there in (("mine", "mine"), ("mine", "home/presets/mine.yaml"), ("../routine.yaml", "routine.yaml")):
        key = resolve(here, Options()).key
        monkeypatch.chdir(tmp_path)
        with SessionLog(print).begin(key, "Short") as entry:
            entry.end("stopped", Progress(left=lambda: Bookmark(2, "pose", "Rest pose", seconds=40)))
        assert call("play", there, "--resume", "--output", "wav:played.wav") == (0, "", "")
        monkeypatch.chdir(tmp_path / "below")
