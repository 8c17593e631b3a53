"""A session changed without its file: the options of one pose, and changes of what is written."""

import io
import json
import re
import subprocess

import mutagen
import numpy as np
import pytest
from PIL import Image
from waves import in_steps

import audioguide
from audioguide.model.options import OPTIONS
from audioguide.system.ffmpeg import find_ffmpeg, run_ffmpeg

ROUTINE = """\
title: Mine
defaults: {voice: pico-us, background: none, level: brief, breath: 4-6}
steps:
  - say: Hello.
  - {pose: childs-pose, hold: 30s}
  - {pose: pelvic-tilt, hold: 2 breaths}
  - {pose: standing-hamstring-stretch, rounds: 3}
  - {pose: {name: Squat, reps: 10, tempo: 2-1-2}}
  - breathe: {pattern: 4-6, rounds: 2}
"""
HAMSTRINGS = "standing-hamstring-stretch"


@pytest.fixture
def mine(call, write):
    """Shows the routine with options: its cues, and what is said of them."""
    path = write(ROUTINE, "mine.yaml")

    def mine(*options, source=path):
        code, out, err = call("show", source, "--json", *options)
        assert code == 0, err
        return json.loads(out)["cues"], err

    return mine


def held(cues, pose):
    return [cue["asked"] for cue in cues if cue["kind"] == "hold" and cue["pose"] == pose]


def refused(call, write, *options):
    code, _, err = call("show", write(ROUTINE, "mine.yaml"), *options)
    assert code == 2
    return err


def test_a_hold_changes_by_so_much(mine):
    cues, err = mine("--hold", "+5s")
    assert (held(cues, "childs-pose"), held(cues, "pelvic-tilt"), held(cues, HAMSTRINGS)) == ([35], [30], [20] * 3)
    assert err == "Stayed at their limits: Standing hamstring stretch (20s).\n"
    assert held(mine("--hold", "-5s")[0], "childs-pose") == [25]
    assert held(mine("--hold", "45s", "--hold", "+5s")[0], "childs-pose") == [50]
    assert held(mine("--hold", "45s", "--hold", "childs-pose=+5s")[0], "childs-pose") == [50]
    assert held(mine("--hold", "+5s", "--hold", "childs-pose=+10s")[0], "childs-pose") == [40]
    assert held(mine("--hold", "pelvic-tilt=+1 breath")[0], "pelvic-tilt") == [30]


def test_a_change_is_one_of_the_preset(mine, home):
    """What the command changes is what the preset has, not what the routine has; saved, it is one number."""
    mine("--hold", "childs-pose=40s", "--hold", f"{HAMSTRINGS}=-2s", "--save", "kept")
    cues, _ = mine("--hold", "childs-pose=+5s", "--hold", f"{HAMSTRINGS}=-1s", "--save", "kept", source="kept")
    assert (held(cues, "childs-pose"), held(cues, HAMSTRINGS)) == ([45], [17] * 3)
    kept = (home / "presets/kept.yaml").read_text()
    assert "childs-pose: 45s" in kept
    assert "stretch: -3s" in kept
    assert held(mine(source="kept")[0], HAMSTRINGS) == [17] * 3


def test_rounds_and_reps_of_one_pose(mine):
    cues, _ = mine("--rounds", f"{HAMSTRINGS}=2", "--rounds", "6=4", "--reps", "squat=12", "--reps", "childs-pose=4")
    assert held(cues, HAMSTRINGS) == [20, 20]
    assert sum(cue["kind"] == "breath" and cue["step"] == 6 for cue in cues) == 8
    counts = [cue["step"] for cue in cues if cue["role"] == "count"]
    assert counts == [2] * 4 + [5] * 12


def test_a_length_leaves_what_a_person_asked_for(mine):
    """The rounds and the reps of one pose, and one to keep: all else gives way first."""
    asked = ("--rounds", "6=4", "--reps", "squat=4", "--keep", "pelvic-tilt", "--hold", "childs-pose=30s")
    usual = mine(*asked)[0][-1]
    cues, err = mine(*asked, "--length", "4:30")
    assert usual["start"] > 300
    assert sum(cue["kind"] == "breath" and cue["step"] == 6 for cue in cues) == 8
    assert sum(cue["role"] == "count" for cue in cues) == 4
    assert held(cues, "pelvic-tilt")
    assert held(cues, "childs-pose") == [30]
    assert err.startswith("4:30: ")
    assert not any(name in err for name in ("Squat", "Pelvic", "Child", "breath"))


def test_the_time_to_settle(mine):
    def settled(cues):
        begin = next(cue for cue in cues if cue["role"] == "begin")
        said = [cue for cue in cues if cue["kind"] == "speech" and cue["start"] < begin["start"]]
        return begin["start"] - said[-1]["start"] - said[-1]["duration"]

    assert settled(mine("--settle", "20s")[0]) == pytest.approx(20, abs=0.1)
    assert settled(mine("--settle", "0")[0]) == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--hold childs-pose=+5m", 'A hold of 5m30s is over the limit of "Child\'s pose", which is 1m.'),
        ("--hold childs-pose=-16s", '-16s leaves too little of "Child\'s pose", which is held for 30s: 15s is its'),
        ("--hold childs-pose=-40s --beyond-limits", "1s is its shortest. Take away less."),
        (
            "--hold squat=+5s",
            "'Squat' is counted, so its hold cannot change by +5s. Change its reps, as --reps Squat=12",
        ),
        ("--hold childs-pose=+soon", "'soon' is not a length of time. Write 45s, 1m30s, 1:30 or 2 min."),
        ("--hold 1=+5s", "Step 1 is not a pose, so it has no hold."),
        ("--rounds 2", "--rounds 2: name the pose before it, as --rounds POSE=NUMBER."),
        ("--rounds childs-pose=0", "0 times cannot be done here. Write a whole number from 1 to 999."),
        ("--rounds childs-pose=many", "'many' is no number of times. Write a whole number from 1 to 999."),
        ("--rounds 1=2", "Step 1 is not a pose, so it has no rounds."),
        ("--rounds childs-pse=2", "Did you mean childs-pose?"),
        ("--reps squat=1000000", "1000000 times cannot be done here. Write a whole number from 1 to 999."),
        ("--reps 6=5", "Step 6 is not a pose, so it has no reps."),
        ("--keep pigeon", "No pose of this routine is called 'pigeon'."),
        ("--keep 1", "Step 1 is not a pose"),
        (
            "--keep 2 --skip childs-pose",
            "A pose is to be left out, and --keep needs it. Leave out --skip childs-pose or --keep 2.",
        ),
        ("--skip childs-pose --swap 2=bridge", "Leave out --skip childs-pose or --swap 2."),
        ("--swap childs-pose=Child's_pose", "Child's_pose cannot take its own place. The same targets have: "),
        (
            "--swap childs-pose=brigde",
            "There is no pose 'brigde' in the library. Did you mean bridge? The same targets",
        ),
        ("--swap childs-poes=bridge", "No pose of this routine is called 'childs-poes'. Did you mean childs-pose?"),
        ("--swap 1=bridge", "Step 1 is not a pose, so none can take its place."),
        ("--swap childs-pose=", "There is no pose '' in the library."),
        ("--swap bridge", "--swap bridge: name the pose before it, as --swap POSE=OTHER."),
        ("--sides childs-pose=left", '"Child\'s pose" has no sides.'),
        ("--sides childs-pose=", "'' names no sides. Write left, or several as left,left,right, 8 at most."),
        ("--sides childs-pose=a,b,c,d,e,f,g,h,i", "names no sides."),
        ("--pace 0", "A pace of 0 is too far out. Give one from 0.5 to 2, as 0.9."),
        ("--pace 9", "A pace of 9 is too far out."),
        ("--pace nan", "A pace of nan is too far out."),
        ("--pace slow", "'slow' is no pace. Write a number from 0.5 to 2, as 0.9."),
        ("--voice-level 7", "A level of 7 is too far out. Give one from -12 to 6, as +2."),
        ("--background-level -21", "A level of -21 is too far out. Give one from -20 to 10, as -3."),
        ("--background-level loud", "'loud' is no level."),
        ("--settle soon", "--settle: 'soon' is not a length of time."),
        ("--settle 13h", "13h is longer than a session may be (12 hours)."),
    ],
)
def test_what_cannot_be_says_why(call, write, options, message):
    assert message in refused(call, write, *options.split())


SIDED = """\
title: Sided
defaults: {voice: pico-us, background: none, level: brief, breath: 4-6}
steps:
  - say: First comes the pigeon.
  - {pose: pigeon, hold: 30s, rounds: 2, rest: 5s}
  - {pose: low-lunge, rounds: 2, order: rounds-first}
  - pose: childs-pose
"""


@pytest.fixture
def sided(mine, write):
    path = write(SIDED, "sided.yaml")
    return lambda *options: mine(*options, source=path)


def sides(cues, pose):
    return [(cue["side"].split()[0], cue["round"]) for cue in cues if cue["kind"] == "hold" and cue["pose"] == pose]


def test_the_sides_of_one_pose(sided):
    cues, _ = sided("--sides", "pigeon=left,left,right", "--sides", "low-lunge=right")
    assert sides(cues, "pigeon") == [(side, round) for round in (1, 2) for side in ("left", "left", "right")]
    assert sides(cues, "low-lunge") == [("right", 1), ("right", 2)]
    said = [cue["role"] for cue in cues if cue["pose"] == "low-lunge" and cue["kind"] == "speech"]
    assert said.count("instructions") == 1  # although they were those of the left side


@pytest.mark.slow
def test_another_pose_takes_the_place_of_one(sided):
    """It has its own sides and instructions, and the rounds, the rest and the hold of the step."""
    cues, err = sided("--swap", "pigeon=figure-four", "--hold", "figure-four=+5s", "--sides", "figure-four=left")
    swapped = [cue for cue in cues if cue["pose"] == "figure-four"]
    assert [(cue["side"], cue["asked"]) for cue in swapped if cue["kind"] == "hold"] == [
        ("left ankle crossed", 35),
        ("left ankle crossed", 35),
    ]
    assert [cue["duration"] for cue in swapped if cue["kind"] == "rest"] == [5]
    assert any("ankle" in cue["text"] for cue in swapped if cue["role"] == "instructions")
    assert not any(cue["pose"] == "pigeon" for cue in cues)
    assert err == "Step 1 still speaks of Pigeon.\n"
    assert held(sided("--swap", "pigeon=supine-twist", "--hold", "pigeon=20s")[0], "supine-twist") == [20] * 4
    assert held(sided("--swap", "pigeon=foam-roll-calves")[0], "foam-roll-calves") == [30] * 4
    assert held(sided("--swap", "pigeon=icing")[0], "icing") == [600] * 2  # 30 s are under its limit
    assert "Icing has other targets than Pigeon. The same targets have: " in sided("--swap", "pigeon=icing")[1]
    assert held(sided("--swap", "childs-pose=cat-cow")[0], "cat-cow") == [50]


def test_poses_can_change_places(sided):
    cues, _ = sided("--swap", "pigeon=childs-pose", "--swap", "childs-pose=pigeon", "--hold", "pigeon=20s")
    assert [cue["step"] for cue in cues if cue["kind"] == "hold" and cue["pose"] == "childs-pose"] == [2, 2]
    assert [cue["asked"] for cue in cues if cue["kind"] == "hold" and cue["step"] == 5] == [20, 20]


def test_a_preset_keeps_what_is_said_of_a_pose_that_is_swapped_in(sided, mine, home):
    sided("--swap", "pigeon=figure-four", "--hold", "figure-four=40s", "--keep", "2", "--save", "other")
    kept = (home / "presets/other.yaml").read_text()
    assert "pigeon: figure-four" in kept
    assert "keep: [2 pigeon]" in kept
    cues, err = mine(source="other")
    assert held(cues, "figure-four") == [40] * 4
    assert "no longer matches" not in err
    (home / "config.yaml").write_text("options: {holds: {figure-four: 20s}, sides: {figure-four: left}}")
    assert held(mine(source="other")[0], "figure-four") == [40] * 2


def test_a_file_carries_the_pose_that_was_swapped_in(mine, call, home, tmp_path, write):
    """It works where that pose is not known, or is another one."""
    (home / "scripts/poses").mkdir(parents=True)
    own = home / "scripts/poses/own-squat.yaml"
    own.write_text("name: Own squat\nreps: 3\nsides: [left, right]\ninstructions: Do it.\ntargets: [lower back]\n")
    options = ("--swap", "childs-pose=own-squat", "--sides", "own-squat=right")
    assert call("export", write(ROUTINE), *options, "-o", "a.mp3")[0] == 0
    shown = mine(*options)[0]
    own.unlink()
    assert [(cue["start_frame"], cue["text"]) for cue in mine(source="a.mp3")[0]] == [
        (cue["start_frame"], cue["text"]) for cue in shown
    ]
    assert call("export", "a.mp3", "--rounds", "own-squat=2", "-o", "b.mp3")[0] == 0
    assert sum(cue["role"] == "count" for cue in mine("--swap", "pelvic-tilt=bridge", source="b.mp3")[0]) == 16
    assert call("check", "b.mp3")[0] == 0
    assert "no pose 'own-squat'" in call("show", write(ROUTINE), *options)[2]


def test_the_pace_is_that_of_the_narration(mine):
    def lengths(*options):
        cues, roles = mine(*options)[0], ("name", "breath", "count")
        return {role: sum(cue["duration"] for cue in cues if cue["role"] == role) for role in roles}

    usual, slow = lengths(), lengths("--pace", "0.7")
    assert slow["name"] == pytest.approx(usual["name"] / 0.7, rel=0.1)
    assert (slow["breath"], slow["count"]) == (usual["breath"], usual["count"])


@pytest.mark.slow
def test_a_pace_is_carried_once(mine, call, write):
    """The file has the voice as it is, and the pace beside it."""
    assert call("export", write(ROUTINE), "--pace", "0.7", "--level", "brief", "-o", "slow.mp3")[0] == 0
    assert mine(source="slow.mp3")[0][-1]["start_frame"] == mine("--pace", "0.7")[0][-1]["start_frame"]
    usual = mine()[0][-1]["start_frame"]
    assert mine("--pace", "1", source="slow.mp3")[0][-1]["start_frame"] == usual


def test_a_voice_of_one_pace_says_so(mine, home):
    (home / "voices").mkdir(parents=True)
    (home / "recordings").mkdir()
    voice = "engine: recorded\nmodel: ../recordings\nlanguage: en\nfallback: pico-us\n"
    parts = "{narration: 1, breath: 1, count: 1}"
    (home / "voices/own.yaml").write_text(f"title: Own\n{voice}rate: {parts}\ngain: {parts}\n")
    _, err = mine("--voice", "own", "--pace", "0.7")
    assert "The voice Own has one pace, which --pace does not change." in err


def stems(**options):
    """The voice, the background and the mix of a short session, and where nobody speaks in its hold."""
    steps = [{"pose": {"name": "Sit", "hold": "12s", "instructions": "Sit tall."}, "background": "pink-noise"}]
    session = audioguide.load({"title": "T", "steps": steps}, voice="pico-us", **options)
    with session.stream() as stream:
        parts = [*stream.stems()]
    hold = next(cue.start for section in session.compile().sections for cue in section.cues if cue.kind == "hold")
    sounds = [np.concatenate([getattr(part, name) for part in parts]) for name in ("voice", "background", "mix")]
    return [*sounds, slice(hold + 4 * 44100, hold + 7 * 44100)]


@pytest.mark.slow
def test_levels_move_the_voice_and_the_background():
    voice, background, _, held = stems(voice_level=-6)  # where the limiter has nothing to do
    (low, *_), (_, soft, *_) = stems(voice_level=-9), stems(background_level=-5)
    assert low == pytest.approx(voice * 10 ** (-3 / 20), rel=1e-3, abs=1e-4)
    assert np.std(soft[held]) == pytest.approx(np.std(background[held]) * 10 ** (-5 / 20), rel=1e-3)
    loud, _, mix, _ = stems(voice_level=6, background_level=10)
    assert len(loud) == len(low) == len(voice) == len(soft)
    assert np.sqrt(np.mean(loud**2)) > 1.8 * np.sqrt(np.mean(voice**2))
    assert np.abs(mix).max() <= 10 ** (-1 / 20)  # −1 dBFS, whatever is asked for


def picture(path, size=(300, 100), colour=(200, 30, 40), **how):
    Image.new("RGB", size, colour).save(path, **how)
    return path


def cover_of(path):
    """The picture in a file, as ffmpeg reads it, whatever the format; in a book behind those of the chapters."""
    place = "0:v:1" if path.suffix == ".m4b" else "0:v"
    command = [find_ffmpeg(), "-v", "error", "-i", str(path), "-map", place, "-c", "copy", "-f", "image2pipe", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def tags_of(path):
    tags = mutagen.File(path, easy=True)
    return [tags[name][0] for name in ("title", "artist", "album")]


NAMES = ("--title", "Für Anna", "--artist", "Dr. Öz", "--album", "Week 1")


@pytest.mark.parametrize(
    "ending", ["mp3", *(pytest.param(one, marks=pytest.mark.slow) for one in ("m4a", "m4b", "opus", "flac"))]
)
def test_names_and_a_cover_are_in_the_file_and_in_one_that_is_made_of_it(call, write, tmp_path, ending):
    logo = picture(tmp_path / "logo.png")
    first = tmp_path / f"a.{ending}"
    code, _, err = call("export", write(ROUTINE), "--skip", "squat", *NAMES, "--cover", "logo.png", "-o", first)
    assert code == 0, err
    assert tags_of(first) == ["Für Anna", "Dr. Öz", "Week 1"]
    cover = Image.open(io.BytesIO(cover_of(first)))
    assert (cover.format, cover.size, "progressive" in cover.info) == ("JPEG", (1000, 1000), False)
    assert np.abs(np.asarray(cover.resize((9, 9))).astype(int) - (200, 30, 40)).max() < 8
    logo.unlink()
    again = tmp_path / f"b.{ending}"
    assert call("export", first, "--album", "Week 2", "-o", again)[0] == 0
    assert tags_of(again) == ["Für Anna", "Dr. Öz", "Week 2"]
    assert cover_of(again) == cover_of(first)
    assert call("export", again, "--cover", "none", "-o", again)[0] == 0
    assert cover_of(again) != cover_of(first)
    assert str(tmp_path).encode() not in again.read_bytes()  # where it was made


def test_a_preset_keeps_whole_paths_and_begins_its_own_at_its_folder(mine, home, tmp_path, monkeypatch):
    picture(tmp_path / "logo.jpg", quality=95)
    mine(*NAMES, "--cover", "logo.jpg", "--save", "anna")
    assert f"cover: {tmp_path}/logo.jpg" in (home / "presets/anna.yaml").read_text()
    picture(home / "presets/own.png")
    text = (home / "presets/anna.yaml").read_text().replace(f"{tmp_path}/logo.jpg", "own.png")
    (home / "presets/anna.yaml").write_text(text)
    assert mine("--title", "For {her}", source="anna")[0]


def test_a_wrong_cover_is_told_at_once(call, write, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder").mkdir()
    picture(tmp_path / "huge.png", (8000, 8000))
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(50_000_000)
    for name, message in {
        "missing.png": "There is no file missing.png. Check the spelling of --cover.",
        "text.png": "text.png is no picture that can be read. Name a JPEG or a PNG.",
        "empty.png": "empty.png is no picture that can be read.",
        "folder": "folder is a folder. Name a picture file in it.",
        "huge.png": "huge.png has more than 50 million pixels. Make the picture smaller: 1000 pixels are enough.",
        "large.jpg": "large.jpg is larger than 20 MB. Make the picture smaller.",
        "": "is a folder.",
    }.items():
        assert message in refused(call, write, "--cover", name)


def test_what_has_no_tags_says_so(call, write, tmp_path):
    code, out, err = call("export", write(ROUTINE), "--artist", "Anna", "-o", "a.wav")
    assert code == 0
    assert "A .wav has no tags, so it does not have the artist." in err + out


def music(path, seconds=5):
    run_ffmpeg(("-v", "error", "-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-y", str(path)), path, 20)
    return path


@pytest.mark.slow
def test_any_sound_file_is_music_in_the_holds(mine, call, write, home, tmp_path, monkeypatch):
    (tmp_path / "music").mkdir()
    song = music(tmp_path / "music/my song.flac")
    source = write(ROUTINE)
    code, _, err = call("export", source, "--background", "music/my song.flac", "-o", "a.mp3", "--save", "sung")
    assert code == 0, err
    assert "The music my song.flac stays on this machine: elsewhere another one sounds." in err
    assert str(song) in (home / "presets/sung.yaml").read_text()
    assert str(tmp_path).encode() not in (tmp_path / "a.mp3").read_bytes()
    assert "The background my song.flac is not on this machine: warm-drone sounds." in mine(source="a.mp3")[1]
    sounds = {cue["background"] for cue in mine(source="sung")[0] if cue["kind"] == "hold"}
    assert sounds == {"my song.flac"}
    assert "level brief, my song.flac" in call("show", "sung")[1]
    monkeypatch.chdir("/")
    assert call("export", "sung", "--stems", "-o", tmp_path / "b.wav")[0] == 0
    hold = next(cue for cue in mine(source="sung")[0] if cue["kind"] == "hold")
    sound = in_steps(tmp_path / "b.background.wav")[hold["start_frame"] + 44100 * 5 :][: 44100 * 2, 0]
    assert np.argmax(np.abs(np.fft.rfft(sound))) / 2 == pytest.approx(440, abs=1)
    (home / "music").mkdir()
    song.rename(home / "music/my song.flac")
    assert "not on this machine" not in mine(source=tmp_path / "a.mp3")[1]  # the music folder has it
    assert "my song.flac. Check the spelling" in call("show", "sung")[2]
    assert "presets/sung.yaml:" in call("show", "sung")[2]  # where it was asked for


def test_a_routine_of_others_names_no_sound_file_of_this_machine(call, write, tmp_path):
    """Only what is asked for here may be anywhere: a routine names what is in the music folder."""
    song = music(tmp_path / "private.mp3")
    path = write(ROUTINE.replace("background: none", f"background: {song}"), "theirs.yaml")
    code, _, err = call("show", path)
    assert code == 2
    assert "There is no file" in err
    assert "music/private.mp3" in err


def test_a_wrong_background_is_told_at_once(call, write, tmp_path):
    (tmp_path / "text.mp3").write_text("no music")
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "folder.mp3").mkdir()
    for name, message in {
        "missing.mp3": "There is no file missing.mp3. Check the spelling, or put it into ",
        "text.mp3": "text.mp3 is no sound that can be read. Name an MP3 or another file with music.",
        "empty.mp3": "empty.mp3 is empty. Name another file.",
        "folder.mp3": "folder.mp3 is a folder. Name a sound file in it.",
        "rian": "There is no background 'rian'. Did you mean rain?",
    }.items():
        assert message in refused(call, write, "--background", name)


WRONG = {  # a wrong value of each option, and what is said of it wherever it stands
    "hold": ("soon", "'soon' is not a length of time"),
    "holds": ("+soon", "'soon' is not a length of time"),
    "rounds": ("0", "0 times cannot be done here"),
    "reps": ("1000000", "1000000 times cannot be done here"),
    "sides": ("left,,right", "'left,,right' names no sides"),
    "swap": ("brigde", "There is no pose 'brigde' in the library"),
    "settle": ("13h", "13h is longer than a session may be (12 hours)"),
    "scale": ("11", "from 0.1 to 10"),
    "length": ("0", "0 is not a length of time"),
    "breath": ("4", "breath pattern. Write 4-6, 4-7-8 or 4-4-4-4."),
    "language": ("deu", "There are no prompts in the language 'deu'. Did you mean de?"),
    "level": ("loud", "'brief', 'normal'"),
    "background": ("rian", "There is no background 'rian'. Did you mean rain?"),
    "chime": ("gong", "'bell', 'bowl', 'wood'"),
    "cues": ("halfway=loud", "cannot be 'loud'"),
    "voice": ("hart", "There is no voice 'hart'. Did you mean heart?"),
    "fallback": ("hart", "There is no voice 'hart'. Did you mean heart?"),
    "pace": ("9", "A pace of 9 is too far out"),
    "voice_level": ("7", "A level of 7 is too far out"),
    "background_level": ("-21", "A level of -21 is too far out"),
    "title": (120 * "long", "cannot be shown as a name"),
    "artist": ("''", "cannot be shown as a name"),
    "album": ("''", "cannot be shown as a name"),
    "cover": ("gone.png", "gone.png. Check the spelling of --cover."),
    "only": ("words", "'holds'"),
    "silence": ("loud", "'digital'"),
}


@pytest.mark.parametrize(
    "row", [row for row in OPTIONS if row.kind not in ("poses", "switch")], ids=lambda row: row.name
)
def test_a_wrong_value_is_told_where_it_stands(call, write, home, row):
    value, message = WRONG[row.name]
    source, of_pose = write(ROUTINE, "mine.yaml"), "childs-pose=" if row.kind == "by pose" else ""
    code, out, err = call("show", source, row.flag or f"--{row.key}", of_pose + value.strip("'"))
    assert (code, out) == (2, "")
    assert all(word in err for word in re.findall("'[^']+'|[^']+", message)), err
    written = f"{{childs-pose: '{value}'}}" if of_pose else value.replace("halfway=loud", "{halfway: loud}")
    (home / "presets").mkdir(parents=True)
    (home / "presets/wrong.yaml").write_text(f"routine: {source}\noptions:\n  {row.key}: {written}\n")
    code, out, err = call("show", "wrong")
    assert (code, out) == (2, "")
    assert "presets/wrong.yaml:3" in err
    assert all(word in err for word in re.findall("'[^']+'|[^']+", message)), err
    (home / "config.yaml").write_text(f"options:\n  {row.key}: {written}\n")
    code, out, err = call("show", source)
    assert (code, out) == (2, "")
    assert "config.yaml:2" in err


@pytest.mark.parametrize("option", ["--cover", "--background"])
def test_a_list_reads_files_as_other_commands_do(call, tmp_path, option):
    good = picture(tmp_path / "a.png") if option == "--cover" else music(tmp_path / "a.mp3")
    assert "taster" in call("list", option, good.name)[1]
    code, out, err = call("list", option, f"gone{good.suffix}")
    assert (code, out) == (2, "")
    assert err.startswith(f"There is no file gone{good.suffix}. Check the spelling")
