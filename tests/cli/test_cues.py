"""What is said, cue by cue, and breathing: as the command line shows it, and as it is heard."""

import json
from pathlib import Path

import numpy as np
import pytest
from waves import in_steps

from audioguide.model.cues import CUES
from audioguide.system import paths
from audioguide.units import RATE

HEAD = "title: Mine\ndefaults: {voice: pico-us, background: none, level: brief, breath: 4-6%s}\nsteps:\n"
SQUAT = "  - {pose: {name: Squat, reps: 5}}\n"
ROUTINE = f"""\
{HEAD}\
  - {{pose: {{name: Bridge, hold: 40s}}}}
  - {{rest: 5s}}
  - {{pose: {{name: Pigeon, hold: 9s, sides: [left, right]}}, rounds: 3}}
  - {{pose: {{name: Plank, hold: 20s}}, rounds: 3}}
{SQUAT}\
  - {{breathe: {{pattern: 4-6, rounds: 4}}}}
"""


@pytest.fixture
def show(call, write):
    def show(text, *options, name="mine.yaml"):
        code, out, err = call("show", write(text, name), "--json", *options)
        assert code == 0, err
        return json.loads(out)["cues"]

    return show


def texts(cues, role, step=None):
    return [cue["text"] for cue in cues if cue["role"] == role and step in (None, cue["step"])]


def ticks(cues, step=None):
    return [cue["start_frame"] for cue in cues if cue["chime"] == "tick" and step in (None, cue["step"])]


def holds(cues, step):
    return [cue for cue in cues if cue["kind"] == "hold" and cue["step"] == step]


def test_each_cue_of_a_hold_can_be_left_out_or_short(show):
    usual = show(ROUTINE % "")
    assert texts(usual, "countdown", 1) == ["Three.", "Two.", "One."]
    assert texts(usual, "ten", 1) == ["Ten seconds."]
    assert len(texts(usual, "halfway", 1)) == 1
    assert len(texts(usual, "breath", 1)) == 2
    assert (ticks(usual), texts(usual, "begin", 1)) == ([], ["Begin."])
    none = show(ROUTINE % "", "--cues", "halfway=off,ten=off,countdown=off,breath=none,begin=off")
    assert not any(texts(none, role) for role in ("halfway", "ten", "countdown", "breath", "begin"))
    assert not [cue for cue in none if cue["chime"] == "start"]
    assert len(texts(none, "count")) == 5  # what has to be said is said
    (hold,), (name,) = holds(none, 1), [cue for cue in none if cue["text"] == "Bridge."]
    assert hold["start_frame"] - name["start_frame"] - name["frames"] == 3 * RATE  # the time to settle, nothing else
    short = show(ROUTINE % "", "--cues", "halfway=short,ten=short,countdown=short,begin=short,tick=short,breath=first")
    wanted = {"halfway": ["Halfway."], "ten": ["Ten."], "countdown": ["One."], "begin": []}
    assert {role: texts(short, role, 1) for role in wanted} == wanted
    (hold,) = holds(short, 1)
    end = hold["start_frame"] + hold["frames"]
    assert ticks(short, 1) == [end - left * RATE for left in (3, 2, 1)]
    assert len([cue for cue in short if cue["chime"] == "start" and cue["step"] == 1]) == 1


@pytest.mark.parametrize(("breath", "voiced"), [("none", 0), ("first", 1), ("some", 2), ("all", 4)])
def test_so_many_breaths_are_led(show, breath, voiced):
    text = HEAD + "  - {pose: {name: Cat, hold: 40s, breath_words: {in: Arch, out: Round}}}\n"
    text += "  - {pose: {name: Bridge, hold: 40s}}\n  - {breathe: {pattern: 4-6, rounds: 4}}\n"
    cues = show(text % "", "--cues", f"breath={breath},halfway=off,ten=off,countdown=off")
    assert [len(texts(cues, "breath", step)) for step in (1, 2, 3)] == [2 * voiced] * 3
    assert sum(cue["kind"] == "breath" for cue in cues) == 24


def test_ticks_mark_each_second_and_never_the_release(show):
    cues = show(
        HEAD % "" + "  - {pose: {name: A, hold: 12.3s}}\n  - {pose: {name: B, hold: 5s}}\n", "--cues", "tick=on"
    )
    for step, count in ((1, 11), (2, 4)):
        (hold,) = holds(cues, step)
        assert ticks(cues, step) == [hold["start_frame"] + second * RATE for second in range(1, count + 1)]
    assert ticks(show(HEAD % "" + SQUAT, "--cues", "tick=on")) == []  # the counts are the beat


@pytest.mark.slow
def test_names_and_rounds(show):
    def names(options, step=3):
        return texts(show(ROUTINE % "", *options), "name", step)

    quick = [
        "Pigeon, left.",
        "Pigeon, right.",
        "Again, left.",
        "Again, right.",
        "Last round, left.",
        "Last round, right.",
    ]
    assert names([]) == quick
    assert names(["--cues", "names=off"]) == ["Left.", "Right.", *quick[2:]]
    assert names(["--cues", "names=on"])[2::2] == ["Pigeon, left. Again.", "Pigeon, left. Last round."]
    assert names(["--cues", "rounds=off"]) == quick[:2] * 3
    assert names(["--cues", "rounds=off,names=short"]) == [*quick[:2], *["Left.", "Right."] * 2]
    assert names(["--cues", "rounds=on"])[::2] == [
        *("Pigeon, left. Round one of three.", "Left. Round two of three.", "Left. Round three of three.")
    ]
    assert names([], 4) == ["Plank.", "Plank. Again.", "Plank. Last round."]
    assert names(["--cues", "names=short"], 4) == ["Plank.", "Again.", "Last round."]
    assert names(["--cues", "names=off,rounds=off"], 4) == []


@pytest.mark.slow
def test_a_step_without_a_name_can_be_found_again(call, write):
    """`--start-at` begins where the step begins, whatever is said there."""
    path = write(ROUTINE % ", cues: {names: off}")
    code, _, err = call("play", path, "--output", f"wav:{path}.wav", "--plain", "--start-at", "plank")
    assert code == 0, err


def test_what_comes_next_is_not_told(show):
    assert "Next" in texts(show(ROUTINE % ""), "say", 2)[0] or "Pigeon" in texts(show(ROUTINE % ""), "say", 2)[0]
    assert texts(show(ROUTINE % "", "--cues", "next=off"), "say", 2) == ["Rest."]


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_half_of_the_session_is_told_once(show, language):
    poses = "".join(
        f"  - {{pose: {{name: {name}, hold: {hold}s}}}}\n" for name, hold in zip("ABCD", (20, 20, 50, 20), strict=True)
    )
    text = f"language: {language}\n" + (HEAD % "").replace("voice: pico-us, ", "") + poses
    usual, told = show(text), show(text, "--cues", "halfway-session=on")
    (news,) = [cue for cue in told if cue["role"] == "say"]
    assert not texts(usual, "say")
    assert news["step"] == 3  # half of it is reached in the third pose, and told before
    assert told[told.index(news) + 1]["text"] == "C."
    only = HEAD + "  - {pose: {name: A, hold: 20s}}\n"
    assert not texts(show(only % "", "--cues", "halfway-session=on"), "say")  # there is nothing before


def test_the_nearest_word_counts_cue_by_cue(show, call, home, write):
    text = HEAD % ", cues: {halfway: off, ten: short}"
    text += "  - {pose: {name: A, hold: 40s}, cues: {halfway: on}}\n"
    text += "  - repeat: 1\n    cues: {countdown: off}\n    steps: [{pose: {name: B, hold: 40s}}]\n"
    cues = show(text)
    assert [len(texts(cues, "halfway", step)) for step in (1, 2)] == [1, 0]
    assert texts(cues, "ten") == ["Ten."] * 2
    assert [len(texts(cues, "countdown", step)) for step in (1, 2)] == [3, 0]
    home.mkdir(exist_ok=True)
    (home / "config.yaml").write_text("options: {cues: {ten: off, countdown: on}}\n", "utf-8")
    cues = show(text, "--cues", "countdown=short", "--cues", "breath=none", "--save", "kept")
    assert [len(texts(cues, "halfway", step)) for step in (1, 2)] == [1, 0]
    assert (texts(cues, "ten"), texts(cues, "countdown"), texts(cues, "breath")) == ([], ["One."] * 2, [])
    assert "cues:\n    countdown: short\n    breath: none\n" in (home / "presets/kept.yaml").read_text("utf-8")
    assert json.loads(call("config", "--json")[1])["options"]["cues"]["value"] == {"ten": "off", "countdown": "on"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("haflway=off", "There is no cue 'haflway'. Did you mean halfway?"),
        ("halfway=of", "The cue 'halfway' cannot be 'of'. Write on, off or short."),
        ("breath=short", "The cue 'breath' cannot be 'short'. Write none, first, some or all."),
        ("next=short", "The cue 'next' cannot be 'short'. Write on or off."),
        ("halfway", "'halfway' is no cue. Write halfway=off, or several with commas between them."),
        ("", "'' is no cue."),
        ("ten=on,ten=off", "The cue 'ten' is there twice. Keep one of them."),
    ],
)
def test_a_wrong_cue_is_refused(call, write, given, said):
    code, out, err = call("show", write(ROUTINE % ""), "--cues", given)
    assert (code, out) == (2, "")
    assert said in err


def test_a_wrong_cue_of_a_file_is_told_where_it_stands(call, write):
    text = (
        HEAD % "" + "  - pose: {name: A, hold: 9s}\n    cues:\n      ten: yes\n      haflway: true\n      tick: false\n"
    )
    code, out, _ = call("check", write(text))
    assert code == 2
    first, second = out.splitlines()
    assert "6:12: 'ten' cannot be 'yes'. Write 'on', 'off' or 'short'." in first
    assert "7:7: There is no key 'haflway' here. Did you mean halfway?" in second


def test_ones_own_words_may_leave_a_cue_empty(show, call, home, write):
    english, folder = paths.prompts_file("en").read_text("utf-8"), home / "voices/prompts"
    folder.mkdir(parents=True)
    lines = [line for line in english.splitlines() if not line.startswith(("halfway:", "ten:", "countdown:", "begin:"))]
    lines = [line for line in lines if not line.startswith(("again:", "last_round:"))]
    own = "\n".join([*lines, 'halfway: ""', "ten:", "countdown: []", 'begin: ""', 'again: ""', "last_round: []"])
    (folder / "en.yaml").write_text(own, "utf-8")
    cues = show(ROUTINE % "")
    assert not any(texts(cues, role) for role in ("halfway", "ten", "countdown", "begin"))
    assert texts(cues, "name", 4) == ["Plank."] * 3
    lines = [line for line in english.splitlines() if not line.startswith(("  out: {full", "    - ", "  full:"))]
    lines.insert(lines.index("rest:") + 1, "  full: []")
    own = (
        "\n".join(lines)
        .replace("  rest: {full: Hold", '  out: ""\n  rest: {full: Hold')
        .replace("  name:", "  name: Breathe.")
    )
    own = own.replace("  release:", "  release: Done.")
    (folder / "en.yaml").write_text(own, "utf-8")
    cues = show(ROUTINE % "")
    assert not [text for text in texts(cues, "breath") if "out" in text.lower() or "xhale" in text]
    assert len(texts(cues, "breath", 6)) == 4
    assert texts(cues, "say", 2) == ["Rest."]
    (folder / "en.yaml").write_text(own.replace("nothing: a moment of rest", 'nothing: ""'), "utf-8")
    code, _, err = call("show", write(ROUTINE % ""))
    assert code == 2
    assert "Only these may be empty: begin, ten, countdown, halfway, " in err
    assert "[no-words]" in err


def test_in_breathing_the_breath_is_what_counts(show):
    text = HEAD % "" + "  - {breathe: {pattern: 4-6, rounds: 4}%s}\n"
    usual, asked = show(text % ""), show(text % ", cues: {halfway: on, ten: on, countdown: on}")
    assert not any(texts(usual, role) for role in ("halfway", "ten", "countdown"))
    assert texts(asked, "breath") == texts(usual, "breath")
    assert len(texts(usual, "breath")) == 8
    assert (len(texts(asked, "halfway")), texts(asked, "countdown")) == (1, ["Three.", "Two.", "One."])
    out, (hold,) = [cue for cue in usual if cue["kind"] == "breath"][-1], holds(usual, 1)
    assert out["frames"] == 6 * RATE
    assert out["start_frame"] + out["frames"] == hold["start_frame"] + hold["frames"]


def test_a_ladder_grows_evenly_and_is_announced_once(show, call, write):
    text = HEAD % "" + "  - {breathe: {pattern: 4-4, to: 6-8, rounds: 8}}\n"
    cues = show(text)
    (hold,) = holds(cues, 1)
    breaths = [cue for cue in cues if cue["kind"] == "breath"]
    for cycle in range(8):
        inhale, exhale = breaths[2 * cycle : 2 * cycle + 2]
        assert abs(inhale["frames"] - (4 + 2 * cycle / 7) * RATE) <= 1
        assert abs(exhale["frames"] - (4 + 4 * cycle / 7) * RATE) <= 1
    assert hold["frames"] == sum(cue["frames"] for cue in breaths) == 88 * RATE
    (name,) = texts(cues, "name")
    assert name.endswith(
        "We start with in for four, out for four. Breath by breath we move to in for six, out for eight."
    )
    assert len(texts(cues, "breath")) == 16
    assert "Breathing 4-4 → 6-8" in call("show", write(text))[1]


def test_breathing_for_a_time_takes_the_whole_breaths_that_fit(show):
    def asked(breathe):
        return holds(show(HEAD % "" + f"  - {{breathe: {{{breathe}}}}}\n"), 1)[0]["asked"]

    assert asked("pattern: 4-6, for: 3m") == 180
    assert asked("pattern: 4-7-8, for: 1m") == 57
    assert asked("pattern: 4-7-8, for: 2s") == 19  # at least one
    assert asked("pattern: 4-4, to: 6-8, for: 1:30") == 88


@pytest.mark.parametrize(
    ("breathe", "said"),
    [
        ("pattern: 4-6, rounds: 3, for: 3m", "has a number of rounds (`rounds`) or a time (`for`), not both."),
        ("pattern: 4-6", "'rounds' is missing here. Add rounds: 8, or for: 3m."),
        ("pattern: 4-6, to: 6-8, rounds: 1", "In one round nothing grows. Write rounds: 2 or more"),
        ("pattern: 4-6, to: 4, rounds: 3", "4 is not a breath pattern"),
        ("pattern: 2+1, rounds: 3", "'2+1' is not a breath pattern"),
        ("pattern: 2+1+1-6, rounds: 3", "'2+1+1-6' is not a breath pattern"),
        ("pattern: 2+0.1-6, rounds: 3", "'2+0.1-6' has a part of under 0.5 seconds."),
        ("pattern: 2+999-6, rounds: 3", "'999' has a part of over 120 seconds."),
        ("pattern: 4-6, for: 13h", "13h is longer than a session may be"),
        ("pattern: 4-6, for: soon", "'soon' is not a length of time"),
    ],
)
def test_wrong_breathing_is_refused(call, write, breathe, said):
    code, out, _ = call("check", write(HEAD % "" + f"  - {{breathe: {{{breathe}}}}}\n"))
    assert code == 2
    assert said in out


def test_a_second_inhale_has_words_and_a_phase_of_its_own(show):
    cues = show(HEAD % "" + "  - {breathe: {pattern: 3+2-6, rounds: 2}}\n  - {pose: {name: A, hold: 22s}}\n")
    breaths = [cue for cue in cues if cue["kind"] == "breath" and cue["step"] == 1]
    assert [(cue["phase"], cue["frames"] / RATE) for cue in breaths] == [("in", 3), ("in", 2), ("out", 6)] * 2
    assert texts(cues, "breath", 1)[1::3] == ["And a little more."] * 2
    assert "a little more for two" in texts(cues, "name", 1)[0].lower()
    posed = show(HEAD % "" + "  - {pose: {name: A, hold: 22s}}\n", "--breath", "3+2-6", "--cues", "breath=all")
    assert [cue["phase"] for cue in posed if cue["kind"] == "breath"] == ["in", "in", "out"] * 2


def test_two_breathing_exercises_go_over_with_a_word(show):
    text = HEAD % "" + "  - {breathe: {pattern: 4-6, rounds: 2}}\n  - {breathe: {pattern: 4-7-8, rounds: 1}}\n"
    cues = show(text)
    assert texts(cues, "name", 2) == ["And now, in for four, hold for seven, out for eight."]
    assert [len(texts(cues, "release", step)) for step in (1, 2)] == [0, 1]
    (chime,) = [cue for cue in cues if cue["chime"] == "release" and cue["step"] == 1]
    (first,) = holds(cues, 1)
    assert chime["start_frame"] == first["start_frame"] + first["frames"]


def test_a_ladder_and_its_ticks_are_heard_where_the_timeline_has_them(call, write):
    text = HEAD % "" + "  - {breathe: {pattern: 2-2, to: 4-5, rounds: 4}, cues: {tick: on}}\n"
    path = write(text)
    code, _, err = call("export", path, "-o", "out.wav", "--stems")
    assert code == 0, err
    cues = json.loads(call("show", path, "--json")[1])["cues"]
    voice, chimes = (np.abs(in_steps(path.with_name(f"out.{stem}.wav"))).max(axis=1) for stem in ("voice", "chimes"))
    words = [cue for cue in cues if cue["role"] == "breath"]
    assert len(words) == 8
    for cue in words:
        start = cue["start_frame"]
        assert not voice[start - RATE // 5 : start].any()
        assert voice[start : start + RATE // 50].any()  # a clip begins 10 ms before its first sound
    starts, loudest = ticks(cues), voice.max()
    assert len(starts) == 25
    for start in starts:
        assert chimes[start : start + RATE // 20].any()
        assert not chimes[start + RATE // 10 : start + RATE // 2].any()
        assert chimes[start : start + RATE // 10].max() < loudest / 4


def test_the_manual_describes_every_cue():
    page = (Path(__file__).parents[2] / "docs/routines.md").read_text("utf-8")
    assert [name for name in CUES if f"| `{name}` |" not in page] == []
