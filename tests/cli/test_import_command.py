"""`audioguide import`, and scripts in the place of a routine."""

import json
import os
import sys

import pytest

SCRIPT = """\
Desk break

Hello. Take your time…

Reach up with both arms.
[pause 12s]
And lower them.
"""

ROUTINE = """\
# Made from break.txt.
title: Desk break
steps:
  # Line 1: A short first line that stands alone is taken for a heading: 'Desk break'. If it is
  # none, end it with a full stop.
  # Line 3: Three dots are a pause of 1s. For another length, write [pause 2s] in their place.
  - say: Hello. Take your time. {pause 1s}
  # Line 6: Held for 12s, and named by its first words: 'Reach up with both arms'. For another name,
  # write a heading above it.
  - pose:
      name: Reach up with both arms
      hold: 12s
      limits: 6s..24s
      release: And lower them.
"""

GUESSES = """\
break.txt:1: A short first line that stands alone is taken for a heading: 'Desk break'. \
If it is none, end it with a full stop.
break.txt:3: Three dots are a pause of 1s. For another length, write [pause 2s] in their place.
break.txt:6: Held for 12s, and named by its first words: 'Reach up with both arms'. \
For another name, write a heading above it.
"""


@pytest.fixture
def call(call, tmp_path):
    """Run a command in a folder with a script."""
    (tmp_path / "break.txt").write_text(SCRIPT, "utf-8")
    return call


def test_the_routine_goes_to_stdout_and_the_guesses_to_stderr(call):
    assert call("import", "break.txt") == (0, ROUTINE, GUESSES)


def test_a_file_is_written_whole_and_never_over_another(call, tmp_path):
    code, out, err = call("import", "break.txt", "-o", "break.yaml")
    assert (code, err) == (0, GUESSES)
    assert out.startswith("break.yaml  2 steps.")
    assert (tmp_path / "break.yaml").read_text("utf-8") == ROUTINE
    (tmp_path / "break.yaml").write_text("mine", "utf-8")
    code, _, err = call("import", "break.txt", "-o", "break.yaml")
    assert (code, err) == (2, "break.yaml exists already. Choose another name, or add --force.\n")
    assert (tmp_path / "break.yaml").read_text("utf-8") == "mine"
    assert call("import", "break.txt", "-o", "break.yaml", "--force")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["break.txt", "break.yaml"]
    assert call("check", "break.yaml")[0] == 0


HANDOUT = """\
# Knees

- **Level**: easy

![A knee](knee.png)

Instructor: Sit on a chair. (softly)

- Knee raise – 3 x 10, per side
"""


def test_every_word_has_a_fate_and_what_is_left_out_is_told(call, tmp_path):
    (tmp_path / "knees.md").write_text(HANDOUT, "utf-8")
    code, out, err = call("import", "knees.md", "--explain")
    assert code == 0
    explained = out.splitlines()
    assert explained[:2] == ["    1  # Knees", "       the title"]
    assert "left out, a picture" in explained[explained.index("    5  ![A knee](knee.png)") + 1]
    at = explained.index("    9  - Knee raise – 3 x 10, per side") + 1
    assert explained[at] == "       a name: Knee raise · a time: 3 x 10 per side"
    assert max(map(len, explained)) <= 80
    told = err.splitlines()
    assert told[0] == "left out: line 3: information “Level: easy”"
    assert [line for line in told if "line 5" in line and "picture" in line and "A knee" in line]
    assert [line for line in told if "line 7" in line and "Instructor" in line]
    assert call("import", "knees.md", "--explain", "-o", "knees.yaml")[1].startswith(out.rstrip())
    assert "reps: 10" in (tmp_path / "knees.yaml").read_text("utf-8")


def test_subtitles_and_tables_are_played_like_any_routine(call, tmp_path):
    (tmp_path / "a.srt").write_text("1\n00:00:00,500 --> 00:00:02,000\nSit.\n\n2\n00:00:12,500 --> 00:00:13,000\nUp.\n")
    cues = json.loads(call("show", "a.srt", "--json")[1])["cues"]
    said = {cue["text"]: cue["start"] for cue in cues if cue["kind"] == "speech" and cue.get("text")}
    assert said["Up."] - said["Sit."] == pytest.approx(12, abs=0.05)
    (tmp_path / "b.csv").write_text("Exercise,Sets,Hold\nBridge,2,20 s\n")
    holds = [cue for cue in json.loads(call("show", "b.csv", "--json")[1])["cues"] if cue["kind"] == "hold"]
    assert [cue["asked"] for cue in holds] == [20, 20]


def test_show_takes_the_script_itself_and_gives_the_same_session(call):
    call("import", "break.txt", "-o", "break.yaml")
    code, direct, err = call("show", "break.txt", "--json")
    assert (code, err) == (0, GUESSES)
    direct, written = json.loads(direct), json.loads(call("show", "break.yaml", "--json")[1])
    hold = next(cue for cue in direct["cues"] if cue["kind"] == "hold")
    assert (hold["asked"], hold["file"], hold["line"]) == (12, "break.txt", 5)
    for session in (direct, written):
        for cue in session["cues"]:
            del cue["line"], cue["file"]
    assert direct == written


def test_options_and_check_work_on_a_script(call, tmp_path):
    data = json.loads(call("show", "break.txt", "--json", "--hold", "20s")[1])
    assert next(cue["asked"] for cue in data["cues"] if cue["kind"] == "hold") == 20
    assert call("check", "break.txt")[0] == 0
    (tmp_path / "long.txt").write_text("Lift.\n\n[hold 13 hours]\n", "utf-8")
    code, out, _ = call("check", "long.txt")
    assert code == 2
    assert out.startswith("long.txt:3:")


def test_of_many_guesses_a_listener_is_told_a_few(call, tmp_path):
    (tmp_path / "many.txt").write_text("Lift it. [20s]\n\n" * 9, "utf-8")
    _, _, err = call("show", "many.txt")
    assert len(err.splitlines()) == 5
    assert err.endswith("There are 5 more: see `audioguide import many.txt`.\n")
    (tmp_path / "many.txt").write_text("Lift it. [20s]\n\n" * 5, "utf-8")
    assert len(call("show", "many.txt")[2].splitlines()) == 5
    assert "There are " not in call("show", "many.txt")[2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nothing.txt"], "There is no file nothing.txt. Check the spelling.\n"),
        (["folder.txt"], "folder.txt is a folder. Name a text file in it.\n"),
        (["a.yaml"], "a.yaml is a routine already, by its ending. Name a text, as plain text or Markdown.\n"),
        (["break.txt", "-o", "a.txt"], "a.txt does not end with .yaml. Write `-o a.yaml`.\n"),
        (["break.txt", "-o", "no/a.yaml"], "There is no folder no. Make it, or choose another.\n"),
        (["break.txt", "-o", "folder.yaml"], "folder.yaml exists already. Choose another name, or add --force.\n"),
        (["empty.txt"], "empty.txt:1:1: There are no words in this file. Write what is to be said. [empty-file]\n"),
    ],
)
def test_what_is_wrong_is_one_sentence(call, tmp_path, arguments, expected):
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "empty.txt").touch()
    assert call("import", *arguments) == (2, "", expected)


def test_a_routine_that_could_not_be_played_is_not_written(call, tmp_path):
    (tmp_path / "long.txt").write_text("Lift.\n\n[hold 13 hours]\n", "utf-8")
    code, out, err = call("import", "long.txt", "-o", "long.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("long.txt:3:")
    assert not (tmp_path / "long.yaml").exists()


def test_scripts_cost_a_session_of_yaml_nothing():
    """What reads scripts is loaded with the first of them."""
    import subprocess

    program = "import sys, audioguide.routine.load; sys.exit('audioguide.routine.importers.script' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="file names are text there")
def test_a_file_whose_name_is_no_text_is_read_like_any_other(call, tmp_path):
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("Reach up.\n[pause 12s]\n")
    code, out, _ = call("import", name)
    assert code == 0
    assert out.startswith("# Made from caf?.txt.\ntitle: Caf\n")
    assert call("show", name)[0] == 0


def test_a_word_that_the_voice_cannot_speak_is_told_with_its_place(call, write):
    path = write("Sit down.\n\nBow, and say “नमस्ते” to all.\n[pause 10s]\nRest. Дыши.\n", "bow.txt")
    code, out, err = call("import", path, "-o", "bow.yaml")
    assert code == 0
    assert "bow.txt:3:15: The voice cannot say 'नमस्ते': it reads Latin letters only, not 'नमसत'. Write" in err
    assert "bow.txt:5:7: The voice cannot say 'Дыши'" in err
    french = write("Asseyez-vous et dites नमस्ते à tous, respirez par le nez.\n", "fr.txt")
    assert "fr.txt:1:23: The voice cannot say 'नमस्ते'" in call("import", french)[2], "without phrases in its language"
    code, out, _ = call("check", "bow.yaml")
    assert (code, out.count("[unspeakable]")) == (2, 2)
