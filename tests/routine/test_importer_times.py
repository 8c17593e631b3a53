"""Pauses in the spellings that people use, and what words say about time."""

import pytest

from audioguide.routine.importers import marks
from audioguide.routine.importers.asked import find_asked
from audioguide.routine.importers.doses import read_dose
from audioguide.routine.importers.lengths import Duration, scan
from audioguide.routine.importers.lines import parse_listed
from audioguide.routine.importers.vocabulary import load_vocabulary

ENGLISH = load_vocabulary("en")


def find_durations(text):
    return [token.value for token in scan(text, ENGLISH)[0] if token.code in "DG"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2s", Duration(2)),
        ("2,5 s", Duration(2.5)),
        ("500ms", Duration(0.5)),
        ("1:30", Duration(90)),
        ("1m30s", Duration(90)),
        ("1 minute and 30 seconds", Duration(90)),
        ("half a minute", Duration(30)),
        ("a minute and a half", Duration(90)),
        ("one and a half minutes", Duration(90)),
        ("twenty-five seconds", Duration(25)),
        ("a few seconds", Duration(3)),
        ("a 30-second hold", Duration(30)),
        ("20–30 seconds", Duration(20, upper=30)),
        ("thirty to sixty seconds", Duration(30, upper=60)),
        ("10s-15s", Duration(10, upper=15)),
        ("five slow, even breaths", Duration(breaths=5)),
        ("3-5 breaths", Duration(breaths=3, upper=5)),
        ("a count of five", Duration(5)),
        ("a moment", Duration(3)),
    ],
)
def test_amounts(text, amount):
    (found, *_) = find_durations(text)
    assert (found.seconds, found.breaths, found.upper) == (amount.seconds, amount.breaths, amount.upper)


@pytest.mark.parametrize(
    "text",
    ["5", "a plan", "chapter 3", "1.2.3", "10000000000s", "5 sides", "the 2nd minute man", "twenty Notice your breath"],
)
def test_what_is_no_amount(text):
    assert find_durations(text) == []


def read(text):
    kinds = {"dots": "pause", "count": "pause"}
    return [
        (kinds.get(mark.kind, mark.kind), mark.duration.seconds or f"{mark.duration.breaths} breaths")
        for mark in marks.find_marks(text, ENGLISH)
        if mark.kind not in ("spoken", "direction")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[pause 2s]",
        "[Pause: 2 seconds]",
        "[PAUSE 2]",
        "[[pause 2s]]",
        "(pause 2)",
        "(Pause for two seconds)",
        "{pause 2s}",
        "{{pause: 2}}",
        "<pause 2s>",
        "<break time='2s'/>",
        '<break time="2000ms" />',
        "[2s]",
        "[2 seconds]",
        "[2 sec pause]",
        "[Gap: 2 seconds]",
        "[a pause of 2 seconds]",
        "[silence 2 sec.]",
        "[wait 2 s]",
        "[beat 2s]",
        "[pause=2]",
        "/2s",
        "/ 2 sec",
        "*pause 2 seconds*",
        "**Pause: 2s**",
        "_pause 2s_",
        "-- pause 2s --",
        "— pause for two seconds —",
    ],
)
def test_one_pause_in_many_spellings(text):
    assert read(f"Words {text} words.") == [("pause", 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[silence 1 min]", [("pause", 60)]),
        ("[hold 45s]", [("hold", 45)]),
        ("[Hold]", [("hold", marks.DEFAULT_HOLD)]),
        ("[stay for 5 breaths]", [("hold", "5 breaths")]),
        ("[rest: 1 minute]", [("rest", 60)]),
        ("(pause)", [("pause", marks.PAUSE)]),
        ("[PAUSE]", [("pause", marks.PAUSE)]),
        ("(Long pause)", [("pause", marks.LONG)]),
        ("[short pause]", [("pause", marks.SHORT)]),
        ("Breathe… and out", [("pause", marks.DOTS)]),
        ("Breathe... and out", [("pause", marks.DOTS)]),
        ("Breathe . . . and out", [("pause", marks.DOTS)]),
        ("(breathe in… and out)", [("pause", marks.DOTS)]),
        ("[pause to let them settle]", [("pause", marks.PAUSE)]),
        ("5, 4, 3", [("pause", marks.COUNT_GAP)] * 2),
        ("Three… two… one", [("pause", marks.COUNT_GAP)] * 2),
        ("one two three four", [("pause", marks.COUNT_GAP)] * 3),
    ],
)
def test_other_marks(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(rest)",
        "*hold*",
        "(5)",
        "[3]",
        "[softly]",
        "(if you like, pause and look)",
        "and/or",
        "10/12",
        "in 1984, 1985",
        "20, 30, 40",
        "It is 5, 6 or so.",
        "<b>",
        "a [link] here",
        "(your right side)",
        "Hello.. there",
    ],
)
def test_what_is_no_mark(text):
    assert read(text) == []


@pytest.mark.parametrize("line", ["Pause.", "Pause for a few seconds.", "PAUSE 5s", "30 seconds", "- silence, 1 min -"])
def test_a_whole_line_may_be_a_direction(line):
    assert marks.parse_pause(line, ENGLISH)


@pytest.mark.parametrize(
    "line", ["Rest.", "Hold for 30 seconds.", "Wait ten seconds.", "Pause here if you want to.", "5"]
)
def test_a_line_for_the_listener_is_none(line):
    assert marks.parse_pause(line, ENGLISH) is None


@pytest.mark.parametrize(
    ("sentence", "kind", "seconds"),
    [
        ("Hold for 30 seconds.", "hold", 30),
        ("Now hold this for half a minute.", "hold", 30),
        ("Hold: 30 sec", "hold", 30),
        ("Stay here, breathing easily, for one minute.", "hold", 60),
        ("Finish with a 20 second hold.", "hold", 20),
        ("Wait ten seconds.", "pause", 10),
        ("Rest for a minute.", "rest", 60),
        ("Rest in child's pose for a minute.", "hold", 60),
        ("March on the spot for 45 seconds.", "hold", 45),
        ("Sit quietly for two minutes.", "pause", 120),
        ("Hold your breath for 7 seconds.", "pause", 7),
        ("Hold for a moment.", "pause", 3),
        ("Inhale for four seconds.", "pause", 4),
    ],
)
def test_what_words_ask_for(sentence, kind, seconds):
    timed = find_asked(sentence, ENGLISH)
    assert (timed.kind, timed.duration.seconds) == (kind, seconds)


@pytest.mark.parametrize(
    "sentence",
    [
        "Never hold for more than 30 seconds.",
        "Don't hold it for 30 seconds.",
        "This takes 5 minutes.",
        "We have been at it for ten minutes.",
        "Hold on to a chair.",
        "Hold the wall.",
    ],
)
def test_words_that_ask_for_no_time(sentence):
    assert find_asked(sentence, ENGLISH) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Plank – 45 s", ("Plank", 45, 1)),
        ("Plank: 45 seconds", ("Plank", 45, 1)),
        ("Side plank (30 seconds) x 2", ("Side plank", 30, 2)),
        ("30 sec squats", ("squats", 30, 1)),
        ("Bird dog 1:00", ("Bird dog", 60, 1)),
    ],
)
def test_lines_of_a_list(line, expected):
    listed = parse_listed(line, ENGLISH)
    assert (listed.name, listed.dose.hold.seconds, listed.dose.times or 1) == expected


@pytest.mark.parametrize("line", ["Hold: 30 seconds", "Hold for 30 seconds", "Keep it there for 30 seconds.", "Plank"])
def test_lines_of_prose(line):
    assert parse_listed(line, ENGLISH) is None


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("Repeat 3 times.", 3),
        ("Repeat three more times", 3),
        ("Do this twice.", 2),
        ("Repeat once more.", 2),
        ("3 x", 3),
        ("Reps: 10", 10),
        ("Complete 3 sets.", 3),
        ("Repeat for 30 seconds.", None),
        ("Sometimes it helps.", None),
        ("Repeat on the other side.", None),
    ],
)
def test_how_often(sentence, count):
    dose = read_dose(sentence, ENGLISH)
    assert (dose.repeat or dose.times or dose.sets or dose.reps or None) == count


@pytest.mark.parametrize(
    ("sentence", "pair"),
    [
        ("Hold 30 seconds on each side.", ("left side", "right side")),
        ("Repeat on the other side.", ("first side", "other side")),
        ("Switch sides.", ("first side", "other side")),
        ("Keep both legs straight.", None),
        ("Look to the other side of the room.", None),
    ],
)
def test_sides(sentence, pair):
    assert read_dose(sentence, ENGLISH).sides == pair
