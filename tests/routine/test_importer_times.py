"""Pauses in the spellings that people use, and what words say about time."""

import pytest

from audioguide.routine.importers import pauses, phrasing
from audioguide.routine.importers.pauses import find_amount
from audioguide.routine.importers.text_pieces import Amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2s", Amount(2)),
        ("2,5 s", Amount(2.5)),
        ("500ms", Amount(0.5)),
        ("1:30", Amount(90)),
        ("1m30s", Amount(90)),
        ("1 minute and 30 seconds", Amount(90)),
        ("half a minute", Amount(30)),
        ("a minute and a half", Amount(90)),
        ("one and a half minutes", Amount(90)),
        ("twenty-five seconds", Amount(25)),
        ("a few seconds", Amount(3)),
        ("a 30-second hold", Amount(30)),
        ("20–30 seconds", Amount(20, upper=30)),
        ("thirty to sixty seconds", Amount(30, upper=60)),
        ("10s-15s", Amount(10, upper=15)),
        ("five slow, even breaths", Amount(breaths=5)),
        ("3-5 breaths", Amount(breaths=3)),
        ("a count of five", Amount(5)),
        ("a moment", Amount(3)),
    ],
)
def test_amounts(text, amount):
    assert find_amount(text)[0] == amount


@pytest.mark.parametrize(
    "text",
    ["5", "a plan", "chapter 3", "1.2.3", "10000000000s", "5 sides", "the 2nd minute man", "twenty Notice your breath"],
)
def test_what_is_no_amount(text):
    assert find_amount(text) is None


def read(text):
    return [
        (mark.kind, mark.amount.seconds or f"{mark.amount.breaths} breaths") for mark in pauses.find_pause_marks(text)
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
        "<#2#>",
    ],
)
def test_one_pause_in_many_spellings(text):
    assert read(f"Words {text} words.") == [("pause", 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[silence 1 min]", [("pause", 60)]),
        ("[hold 45s]", [("hold", 45)]),
        ("[Hold]", [("hold", pauses.DEFAULT_HOLD)]),
        ("[stay for 5 breaths]", [("hold", "5 breaths")]),
        ("[rest: 1 minute]", [("rest", 60)]),
        ("(pause)", [("pause", pauses.PAUSE)]),
        ("[PAUSE]", [("pause", pauses.PAUSE)]),
        ("(Long pause)", [("pause", pauses.LONG)]),
        ("[short pause]", [("pause", pauses.SHORT)]),
        ('<break strength="strong"/>', [("pause", 1)]),
        ("Breathe… and out", [("pause", pauses.DOTS)]),
        ("Breathe... and out", [("pause", pauses.DOTS)]),
        ("Breathe . . . and out", [("pause", pauses.DOTS)]),
        ("(breathe in… and out)", [("pause", pauses.DOTS)]),
        ("[pause to let them settle]", [("pause", pauses.PAUSE)]),
        ("5, 4, 3", [("pause", pauses.COUNT_GAP)] * 2),
        ("Three… two… one", [("pause", pauses.COUNT_GAP)] * 2),
        ("one two three four", [("pause", pauses.COUNT_GAP)] * 3),
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
    assert pauses.parse_pause_line(line)


@pytest.mark.parametrize(
    "line", ["Rest.", "Hold for 30 seconds.", "Wait ten seconds.", "Pause here if you want to.", "5"]
)
def test_a_line_for_the_listener_is_none(line):
    assert pauses.parse_pause_line(line) is None


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
    timed = phrasing.find_timing(sentence)
    assert (timed.kind, timed.amount.seconds) == (kind, seconds)


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
    assert phrasing.find_timing(sentence) is None


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
    listed = phrasing.parse_list_item(line)
    assert (listed.words, listed.amount.seconds, listed.times) == expected


@pytest.mark.parametrize("line", ["Hold: 30 seconds", "Hold for 30 seconds", "Keep it there for 30 seconds.", "Plank"])
def test_lines_of_prose(line):
    assert phrasing.parse_list_item(line) is None


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
    assert phrasing.find_repeats(sentence) == count


@pytest.mark.parametrize(
    ("sentence", "pair"),
    [
        ("Hold 30 seconds on each side.", ("left side", "right side")),
        ("Repeat on each leg.", ("left leg", "right leg")),
        ("Repeat on the other side.", ("first side", "other side")),
        ("Switch sides.", ("first side", "other side")),
        ("Keep both legs straight.", None),
        ("Look to the other side of the room.", None),
    ],
)
def test_sides(sentence, pair):
    assert phrasing.find_sides(sentence) == pair
