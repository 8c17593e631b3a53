"""The command line as a person meets it: what is printed where, and the exit codes of contract 3."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import heeds
from pulse import wait_until

from audioguide.cli.commands.play import save_edits
from audioguide.cli.main import COMMANDS
from audioguide.model.options import Options
from audioguide.model.routine import Length
from audioguide.player.transport import TransportState
from audioguide.session.preset import resolve
from audioguide.timeline.edits import EditedHold

SHORT = "title: Short\nsteps:\n  - say: Hello.\n  - {pose: {name: Rest pose, hold: 5s}}\n"


def test_help_names_every_command(call):
    code, out, _ = call("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)
    for name in COMMANDS:
        code, out, _ = call(name, "--help")
        assert code == 0
        assert "Usage: audioguide" in out


def test_list(call):
    code, out, _ = call("list")
    assert code == 0
    assert {"four-poses", "lower-back-cool-down", "taster"} <= {line.split()[0] for line in out.splitlines()}
    _, out, _ = call("list", "--json", "--tag", "Yoga")
    (row,) = json.loads(out)
    assert set(row) == {"id", "title", "tags", "duration", "estimated", "file"}
    assert row["id"] == "four-poses"


def test_list_leaves_out_what_an_option_does_not_fit(call):
    _, out, _ = call("list", "--json", "--hold", "downward-dog-split=20s")
    assert [row["id"] for row in json.loads(out)] == ["four-poses", "lower-back-cool-down"]


def test_a_list_that_is_kept_is_that_of_the_files_options_and_clips_there_are(call, home, monkeypatch, tmp_path):
    """What it prints the second time is the same; each change of a file, and what is spoken since, shows at once."""
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    own, included = home / "scripts" / "mine.yaml", home / "scripts" / "part.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(SHORT.replace("Hello", "Not yet said"), "utf-8")
    included.write_text("title: Part\nsteps:\n  - include: mine\n", "utf-8")

    def listed(*options):
        lines = [call("list", *options)[1] for _ in range(2)]
        assert lines[0] == lines[1]
        return {line.split()[0]: line for line in lines[0].splitlines()}

    first = listed()
    assert json.loads((tmp_path / "cache" / "list.json").read_text("utf-8"))
    assert "~" in first["mine"]
    assert listed("--hold", "9s")["mine"] != first["mine"]
    call("show", "mine")  # speaks it
    assert "~" not in listed()["mine"]
    shutil.rmtree(tmp_path / "cache" / "clips")
    assert listed()["taster"] == first["taster"]
    own.write_text(SHORT.replace("Short", "Long").replace("5s", "5m"), "utf-8")
    assert "Long" in (changed := listed())["mine"]
    assert changed["part"] != first["part"]
    (tmp_path / "cache" / "list.json").write_text("[1", "utf-8")
    assert listed() == changed


def test_list_tells_once_what_concerns_every_routine(home):
    """A typo in the person's own lexicon: routines in English are left out, and it says why."""

    def listed(*arguments, **environment):
        command = [sys.executable, "-m", "audioguide", "list", *arguments]
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    (home / "voices").mkdir(parents=True)
    (home / "voices/lexicon.yaml").write_text("asana:\n  say: [ah\n")
    code, out, err = listed("--json", "--length", "8:30")
    assert (code, {row["id"] for row in json.loads(out)}) == (2, {"espalda-ligera", "feierabend"})
    assert err.startswith(f"{home}/voices/lexicon.yaml:2:8: The [ that opens here")
    assert err.count("\n") == 1
    (home / "voices/lexicon.yaml").unlink()
    code, out, err = listed(AUDIOGUIDE_CACHE_MB="abc")
    assert (code, out) == (2, "")
    assert err.startswith("AUDIOGUIDE_CACHE_MB")
    assert err.count("\n") == 1


def test_lengths_are_exact_once_all_is_spoken(call, write):
    call("show", "taster")
    row = next(row for row in json.loads(call("list", "--json")[1]) if row["id"] == "taster")
    assert not row["estimated"]
    assert row["duration"] == pytest.approx(json.loads(call("show", "taster", "--json")[1])["duration"], abs=0.001)


def test_show_as_table_and_json(call, write):
    path = write(SHORT)
    code, out, err = call("show", path, "--all")
    assert (code, err) == (0, "")
    assert "Rest pose" in out
    assert "HOLD" in out
    data = json.loads(call("show", path, "--json")[1])
    assert data["format"] == "audioguide-timeline/1"
    assert next(cue for cue in data["cues"] if cue["kind"] == "hold")["asked"] == 5


@pytest.mark.parametrize("length", ["2:10", "140", "2m5s"])
def test_length_is_exact_to_the_frame(call, length):
    code, out, _ = call("show", "taster", "--length", length, "--json")
    assert code == 0
    assert json.loads(out)["frames"] == {"2:10": 130, "140": 140, "2m5s": 125}[length] * 44100


def test_a_length_that_cannot_be_names_those_that_can(call):
    code, out, err = call("export", "taster", "--length", "20:00")
    assert (code, out) == (2, "")
    assert "This session cannot take 20:00: with these options it takes " in err
    assert "--beyond-limits" in err
    assert not Path("build/taster.mp3").exists()


def test_a_fitted_export_is_what_is_shown(call):
    code, out, _ = call("export", "taster", "--length", "2:20", "-o", "t.wav", "--json")
    assert code == 0
    assert json.loads(out)["frames"] == 140 * 44100


def test_list_leaves_out_what_cannot_take_a_length(call):
    code, out, err = call("list", "--json", "--length", "2:20", "--only", "holds")
    assert (code, err) == (0, "")
    assert [(row["id"], row["duration"]) for row in json.loads(out)] == [("taster", 140.0)]


def test_a_long_silence_at_the_end_is_told(call):
    text = "title: t\ndefaults: {snap: breath, breath: 4-6}\nsteps:\n  - {pose: {name: P, hold: 20s}, rounds: 4}\n"
    Path("slow.yaml").write_text(text)
    duration = json.loads(call("show", "slow.yaml", "--json")[1])["duration"]
    code, out, err = call("show", "slow.yaml", "--length", f"{duration + 25:.3f}s", "--only", "holds", "--json")
    assert (code, err) == (0, "It ends with 25 seconds of silence: all that can move does so by whole breaths.\n")
    assert json.loads(out)["duration"] == pytest.approx(duration + 25, abs=0.001)


@pytest.mark.parametrize("arguments", [("--length", "0"), ("--length", "soon"), ("--breath", "4"), ("--breath", "x-y")])
def test_a_length_or_a_breath_that_is_none_is_refused(call, arguments):
    code, out, err = call("show", "taster", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(arguments[0])


def test_one_line_says_what_stayed_at_its_limit(call):
    code, _, err = call("show", "taster", "--hold", "3m")
    assert code == 0
    assert err == "Stayed at their limits: Child's pose (1m).\n"


def test_export_makes_build_and_no_other_folder(call, write, tmp_path):
    path = write(SHORT, "short.yaml")
    code, out, _ = call("export", path)
    assert code == 0
    assert out.startswith("build/short.mp3  0:")
    assert (tmp_path / "build/short.mp3").is_file()
    code, _, err = call("export", path, "-o", "other/short.mp3")
    assert code == 2
    assert err == "There is no folder other. Make it, or choose another.\n"
    assert sorted(item.name for item in (tmp_path / "build").iterdir()) == ["short.mp3"]


def test_export_as_json_with_stems(call, write, tmp_path):
    facts = json.loads(call("export", write(SHORT), "-o", "a.flac", "--stems", "--json")[1])
    assert facts["file"] == "a.flac"
    assert facts["stems"] == ["a.voice.wav", "a.background.wav", "a.chimes.wav"]
    assert facts["bytes"] == (tmp_path / "a.flac").stat().st_size
    assert facts["loudness"] is None


def test_a_background_for_two_ears_is_refused_in_one_channel(call, write, tmp_path):
    code, out, err = call("export", write(SHORT), "-o", "a.flac", "--mono", "--background", "binaural")
    assert (code, out) == (2, "")
    assert err.startswith("In one channel the background binaural is lost")
    assert not (tmp_path / "a.flac").exists()


def test_check_prints_problems_to_stdout(call, write):
    closed = "title: Short\nsteps:\n  - {pose: bridge, hold: 10s}\n  - say: That is all.\n"
    good, bad = write(closed, "good.yaml"), write("title: t\nsteps:\n  - pose: brigde\n", "bad.yaml")
    assert call("check", good) == (0, "", "")
    code, out, err = call("check", good, bad, "missing.yaml")
    assert (code, err) == (2, "")
    assert out.splitlines() == [
        "bad.yaml:3:11: There is no pose 'brigde' in the library. Did you mean bridge? [unknown-pose]",
        "missing.yaml:1:1: There is no file missing.yaml. Check the spelling, or see `audioguide list`. [unreadable]",
    ]
    problems = json.loads(call("check", bad, "--json")[1])
    assert problems == [
        {
            "file": "bad.yaml",
            "line": 3,
            "column": 11,
            "severity": "error",
            "code": "unknown-pose",
            "message": "There is no pose 'brigde' in the library.",
            "hint": "Did you mean bridge?",
        }
    ]


def test_schema_is_json(call):
    assert json.loads(call("schema")[1])["title"] == "audioguide routine"


def test_doctor_tries_every_part(call):
    code, out, _ = call("doctor")
    assert code == 0
    assert {"encoder", "voice", "routines", "loudspeaker"} <= {line.split()[1] for line in out.splitlines()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nosuch"], "There is no routine 'nosuch'."),
        (["show", "no/such.yaml"], "There is no file no/such.yaml."),
        (["show", "./"], "is a folder"),
        (["show", "taster", "--hold", "bridge=3"], "No pose of this routine is called 'bridge'."),
        (["show", "taster", "--hold", "childs-pose=3m"], 'over the limit of "Child\'s pose", which is 1m.'),
        (["show", "taster", "--hold", "=3m"], "name the pose"),
        (["show", "taster", "--hold", "soon"], "'soon' is not a length of time"),
        (["show", "taster", "--length", "-5s"], "not a length of time"),
        (["show", "taster", "--scale", "0"], "A factor of 0 is too far out. Give one from 0.1 to 10"),
        (["show", "taster", "--scale", "x"], "is no factor. Write a number from 0.1 to 10"),
        (["show", "taster", "--level", "loud"], "'loud' is not one of"),
        (["show", "taster", "--voice", "hart"], "Did you mean heart?"),
        (["show", "taster", "--background", "warm"], "warm-drone"),
        (["show", "taster", "--skip", "cat"], "No pose of this routine is called 'cat'."),
        (["export", "taster", "-o", "x.exe"], ".exe is not a format"),
        (["export", "taster", "-o", "."], "."),
        (["export", "taster", "-o", ""], "."),
        (["import", "taster.txt", "-o", ""], "does not end with .yaml"),
        (["send", "taster", "--address", ""], "is no IPv4 address"),
        (["exprot", "taster"], "Did you mean export?"),
        (["show"], "Missing argument"),
        (["show", "taster", "--lenght", "3"], "No such option"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_2(call, arguments, said):
    code, out, err = call(*arguments)
    assert code == 2
    assert out == ""
    assert said in err


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "AUDIOGUIDE_CACHE": str(folder / "cache")}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("sent", "moment"), [(signal.SIGINT, 0), (signal.SIGTERM, 0.2), (signal.SIGINT, 0.5), (signal.SIGTERM, 1)]
)
def test_an_interrupted_export_leaves_the_old_file_and_nothing_else(tmp_path, moment, sent):
    target = tmp_path / "cool-down.mp3"
    target.write_bytes(b"as before")
    command = [sys.executable, "-m", "audioguide", "export", "lower-back-cool-down", "-o", str(target)]
    child = subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True)
    wait_until(lambda: heeds(child.pid, signal.SIGTERM), "the program to begin", seconds=60)
    time.sleep(moment)
    child.send_signal(sent)
    _, err = child.communicate(timeout=30)
    if child.returncode == 0:
        pytest.fail("the export was over before it was interrupted")
    assert (child.returncode, err.strip()) == (130, "Stopped.")
    assert [item.name for item in tmp_path.iterdir() if item.name != "cache"] == ["cool-down.mp3"]
    assert target.read_bytes() == b"as before"


def test_an_interruption_that_python_can_only_report_is_not_reported():
    """Such as one that comes while a module's lock is let go of; it is heeded a moment later."""
    code = """
from audioguide import cli

class Closing:
    def __del__(self):
        cli.handle_signal(2, None)

class Broken:
    def __del__(self):
        raise ValueError("told")

cli.sys.unraisablehook = cli.report_unraisable
Closing()
Broken()
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "KeyboardInterrupt" not in run.stderr
    assert "ValueError: told" in run.stderr


def test_a_reader_that_has_seen_enough_is_no_error():
    pipe = subprocess.run(
        f"{sys.executable} -m audioguide show taster | head -2", shell=True, capture_output=True, text=True, check=True
    )
    assert pipe.stdout.startswith("Taster")
    assert pipe.stderr == ""


def test_nothing_is_left_in_a_fresh_home_but_clips(tmp_path):
    """The inference library would leave an id there, and report its use to its maker."""
    home = tmp_path / "home"
    home.mkdir()
    fresh = {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-m", "audioguide", "export", "taster", "-o", str(tmp_path / "a.mp3")]
    subprocess.run(command, env=fresh, check=True, capture_output=True)
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert left
    assert all("audioguide" in path for path in left), left
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_stop_an_export(tmp_path, closed):
    target = tmp_path / "a.wav"
    line = f"exec {sys.executable} -m audioguide export taster -o {target} {closed}"
    assert subprocess.run(line, shell=True, check=False, stderr=subprocess.DEVNULL).returncode == 0
    assert target.stat().st_size > 10**6


def test_a_link_that_points_to_itself_and_a_file_without_end(call, tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    code, out, _ = call("check", "loop.yaml")
    assert code == 2
    assert "loop.yaml:1:1: loop.yaml cannot be read" in out
    if Path("/dev/zero").exists():
        assert "larger than 1 MB" in call("show", "/dev/zero")[2]


def test_check_says_where_a_name_is_unknown_and_a_text_cannot_be_said(call, write):
    text = """\
title: t
language: xx
defaults: {voice: nobody, background: nope, level: loud}
steps:
  - {pose: brigde, hold: soon}
  - say: 🧘🙏
"""
    _, out, _ = call("check", write(text))
    assert [line.partition(".yaml:")[2].split(" ")[0] for line in out.splitlines()] == [
        *("2:11:", "3:19:", "3:39:", "3:52:"),
        *("5:12:", "5:26:", "6:10:"),
    ]
    _, out, _ = call("check", write("title: t\nsteps:\n  - say: Hello.\n  - say: Привет\n"))
    assert out.startswith("routine.yaml:4:10: The voice cannot say 'Привет'")
    code, _, err = call("show", "routine.yaml")
    assert code == 2
    assert err.startswith("routine.yaml:4:5: The voice cannot say")


@pytest.mark.parametrize("option", [("--voice", "zz"), ("--scale", "nan"), ("--background", "zz")])
def test_list_refuses_what_no_routine_could_fit(call, option):
    code, out, err = call("list", *option)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_something_in_the_place_of_build(call, write, tmp_path):
    (tmp_path / "build").write_text("mine")
    code, _, err = call("export", write(SHORT))
    assert code == 2
    assert err == "There is a file called build here. Choose a place with -o.\n"


def test_a_name_that_is_not_text(call, tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.yaml"
    Path(os.fsdecode(name)).write_text(SHORT)
    assert call("export", os.fsdecode(name), "-o", "a.mp3")[0] == 0


LONG = "\N{DESERET SMALL LETTER LONG I}" * 70
"""A name of 280 bytes, more than a file can have, in 70 characters, fewer than a form allows."""


@pytest.mark.parametrize(
    "command",
    """\
show LONG|check LONG.yaml|play a/LONG --output null|edit LONG|delete LONG --yes|send LONG|export taster -o LONG.mp3
export taster -o LONG/a.mp3|export taster --to LONG|new LONG/a.yaml|new LONG.yml|import a.txt -o LONG.yaml
import LONG.txt -o a.yaml|play taster --output wav:LONG.wav|show taster --save LONG|show taster --voice LONG
show taster --background LONG|voices preview LONG|show taster --hold LONG=9s|show taster --skip LONG
batch LONG.csv -o .|schema -o LONG.json|show taster --plot LONG.png""".replace("\n", "|").split("|"),
)
def test_a_name_too_long_for_a_file_is_told_in_a_sentence(call, write, command):
    write("Hello.", "a.txt")
    code, out, err = call(*command.replace("LONG", LONG).split())
    said = out + err
    assert code == 2
    assert said.count("\n") == 1
    assert not any(word in said for word in ("refused:", "permissions"))


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("include.yaml", "title: A\nsteps:\n- include: LONG\n", "include.yaml:3:12: There is no routine"),
        ("path.yaml", "title: A\nsteps:\n- include: LONG.yaml\n", "path.yaml:3:12: There is no file"),
        ("pose.yaml", "title: A\nsteps:\n- pose: LONG\n", "pose.yaml:3:9: There is no pose"),
        ("voice.yaml", "title: A\ndefaults: {voice: LONG}\nsteps: [{say: Now.}]\n", "voice.yaml:2:19: There is no"),
        ("preset.yaml", "routine: LONG.yaml\noptions: {}\n", "preset.yaml:1:10: The routine"),
        ("plan.csv", "routine,output\nLONG,a.mp3\n", "plan.csv:2: routine: There is no routine"),
    ],
)
def test_a_name_too_long_that_is_written_is_told_with_its_place(call, write, file, text, place):
    write(text.replace("LONG", LONG), file)
    code, out, err = call(*(("batch", file, "-o", ".") if file == "plan.csv" else ("check", file)))
    assert code == 2
    assert (out + err).startswith(place)


def test_hints_can_be_pasted(call, write, capsys):
    """What a shell takes for more than one word, or waits for the other quote of, is quoted."""
    write("Begin.\n", "it's mine.txt")
    _, out, _ = call("import", "it's mine.txt", "-o", "it's mine.yaml")
    assert shlex.split(out.split("`")[1]) == ["audioguide", "play", "it's mine.yaml"]
    _, _, err = call("edit", "it's mine.mp3")
    assert shlex.split(err.split("`")[1])[:3] == ["audioguide", "import", "it's mine.mp3"]
    pose = "title: Two\nsteps: [{pose: {name: Child's pose, hold: 30s}}]\n"
    routine = resolve(write(pose, "two.yaml"), Options())
    save_edits(routine, [EditedHold(1, "Child's pose", Length(30), Length(35))], None, TransportState(), ask=False)
    hint = capsys.readouterr().err.partition("give ")[2].partition(" --save")[0]
    assert shlex.split(hint) == ["--hold", "Child's pose=35s"]
    assert call("show", "two.yaml", *shlex.split(hint))[0] == 0


def test_a_file_whose_aliases_lie_deep_in_each_other_is_told_wherever_it_lies(call, home):
    deep = "\n".join(f"a{n}: &a{n} {'[' * 99}{f'*a{n - 1}' if n else 'x'}{']' * 99}" for n in range(12))
    (home / "scripts").mkdir(parents=True)
    (home / "scripts/deep.yaml").write_text(deep)
    code, out, err = call("list")
    assert (code, "taster" in out) == (0, True)
    assert "deep.yaml:1:10: This is nested too deeply" in err
    (home / "scripts/deep.yaml").replace(home / "config.yaml")
    code, out, err = call("show", "taster")
    assert (code, out) == (2, "")
    assert "config.yaml:1:10: This is nested too deeply" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--hold 0.00001s --length 20m", "0.00001s is too short for a hold: 1s is the least."),
        ("--breath 0.01-0.01 --beyond-limits", "'0.01-0.01' has a part of under 0.5 seconds."),
        ("--hold 12:00:00 --scale 10 --beyond-limits", "With this the session is longer than 12h"),
        ("--hold 9999breaths --breath 120-120 --beyond-limits", "With this the session is longer than 12h"),
    ],
)
def test_options_have_bounds_that_hold_before_anything_is_laid_out(call, monkeypatch, options, said):
    monkeypatch.setattr("audioguide.timeline.compiler.Compiler.compile_section", None)
    code, out, err = call("show", "taster", *options.split())
    assert (code, out) == (2, "")
    assert said in err


def test_a_hold_scaled_down_beyond_its_limits_is_a_second_at_least(call, write):
    write("title: T\nsteps: [{pose: {name: A, hold: 5s}}]\n", "a.yaml")
    _, out, _ = call("show", "a.yaml", "--scale", "0.1", "--beyond-limits", "--json")
    assert [cue["asked"] for cue in json.loads(out)["cues"] if cue["kind"] == "hold"] == [1.0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "a.md", "--for" + "<ul><li>" * 2_000], "An argument has over 10,000 characters."),
        (["send", *["taster"] * 101], "101 sessions are too many to send. Send at most 100 at a time."),
    ],
)
def test_what_would_take_minutes_is_refused_at_once(call, arguments, said):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
