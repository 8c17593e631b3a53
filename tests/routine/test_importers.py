"""Whole scripts, in the styles that people write them in, to routines."""

import re
from pathlib import Path

import pytest
from fakes import FakeVoice
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import RequestError, RoutineError
from audioguide.routine.importers.read_text import LARGEST_TEXT, MOST_LINES, read_source
from audioguide.routine.importers.script import parse_script, read_script, script_to_yaml, understand
from audioguide.routine.load import check_routine, load
from audioguide.schema.document import parse_document
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases

SCRIPTS = sorted(one for one in (Path(__file__).parent / "importers").glob("*.*") if one.suffix != ".yaml")


def script(text, name="script.txt"):
    return parse_script(text, name)


def steps(text, name="script.txt"):
    return script(text, name).data["steps"]


def guesses(text, name="script.txt"):
    return [str(guess) for guess in script(text, name).assumptions]


def said(document):
    """All words that the routine itself brings, in the order in which they are spoken."""
    found = []
    steps = [one for step in document.data["steps"] for one in step.get("steps", [step])]
    for step in steps:
        pose = step.get("pose", {})
        texts = (step.get("say"), pose.get("name"), pose.get("instructions"), pose.get("release"))
        for text in texts:
            found += re.findall(r"\w+", re.sub(r"\{pause [^}]*\}", " ", text or "").lower())
    return found


def unsaid(document):
    """The words of a source that became a length, so that they are done instead of said, and those that are told."""
    for line, told in document.explain(500):
        for fate, _, words in (run.strip().partition(": ") for run in told.split(" · ")):
            if fate in ("a time", "left out"):
                yield words or line[7:]


def fixture(stem):
    return read_script(next(path for path in SCRIPTS if path.stem == stem))


def holds(document):
    found = [step for step in document.data["steps"] if "pose" in step]
    return [(step["pose"]["name"], step["pose"]["hold"], step.get("rounds", 1)) for step in found]


def test_a_meditation_keeps_its_silences_and_is_not_made_an_exercise():
    document = fixture("evening-meditation")
    assert document.data["title"] == "Evening Body Scan"
    assert holds(document) == []
    texts = [step["say"] for step in document.data["steps"]]
    assert texts[0].endswith("Close your eyes {pause 1s} and let the day go by.")
    assert texts[1].endswith("Notice where they touch the ground. {pause 20s}")
    assert "{pause 30s}" in texts[3]


def test_a_handout_of_exercises():
    document = fixture("physio-handout")
    assert document.data["title"] == "Exercises for your lower back"
    assert holds(document) == [("Knee to chest", "20s", 3), ("Pelvic tilt", "10s", 5), ("Prone press-up", "30s", 1)]
    first, *_, last = document.data["steps"]
    assert first == {"say": "Do these twice a day. Stop if anything hurts, and call us."}
    assert last == {"say": "Rest for a day. Then begin again with fewer.", "chapter": "If it hurts"}
    assert document.data["steps"][1]["pose"]["sides"] == ["left side", "right side"]
    assert document.data["steps"][3]["pose"]["release"] == "Come back down slowly."


def test_a_yoga_class_with_headings_in_capitals():
    document = fixture("yoga-class")
    assert document.data["title"] == "Yoga for runners"
    assert holds(document) == [
        ("Mountain pose", "5 breaths", 1),
        ("Standing forward fold", "45s", 1),
        ("Low lunge, right leg", "30s", 1),
        ("Low lunge, left leg", "30s", 1),
        ("Corpse pose", "1m", 1),
    ]
    fold = document.data["steps"][2]["pose"]
    assert (fold["limits"], fold["release"]) == ("22s..1m30s", "Slowly roll up.")


def test_a_breathing_exercise_that_is_counted_down():
    document = fixture("breathing")
    assert holds(document) == []
    counted = "Five {pause 0.6s} four {pause 0.6s} three {pause 0.6s} two {pause 0.6s} one."
    assert {"say": counted} in document.data["steps"]
    assert document.data["steps"][1] == {"breathe": {"pattern": "4-4-4", "rounds": 1}}
    assert document.data["steps"][-1]["say"] == "Wait ten seconds. {pause 10s} Then open your eyes."


def test_a_script_for_a_speech_service():
    document = fixture("narrator")
    assert holds(document) == [("Kneel down, and sit back on your heels", "30s", 1)]
    assert document.data["steps"][-1]["say"] == "Lovely. Come back up. {pause 0.8s} Well done friend."


def test_pauses_with_slashes():
    document = fixture("slashes")
    assert holds(document) == [("Reach both arms up over your head", "15s", 1)]
    assert document.data["steps"][1]["pose"]["release"] == "And let go."


def test_a_list_of_intervals():
    document = fixture("intervals")
    assert holds(document) == [
        ("Warm up by marching on the spot for one minute", "1m", 1),
        ("Plank", "45s", 1),
        ("Side plank", "30s", 2),
        ("Bird dog", "40s", 1),
        ("Glute bridge", "30s", 1),
    ]
    assert [step["rest"] for step in document.data["steps"] if "rest" in step] == ["15s", "15s"]


def test_markdown_loses_its_marks_and_keeps_its_words():
    document = fixture("markdown-class")
    assert document.data["title"] == "Desk break"
    assert holds(document)[:2] == [("Neck stretch", "20s", 1), ("Chest opener", "30s", 1)]
    assert document.data["steps"][0]["say"] == "Five minutes for your neck and shoulders."
    assert document.data["steps"][-1]["say"] == "{pause 3s} Well done & see you tomorrow."


WORDS = {
    "evening-meditation": """Welcome. Find a place where you can lie down undisturbed. Close your eyes and let the day
        go by. Bring your attention to your feet. Notice where they touch the ground. Now let that attention travel up,
        to your calves and your knees. You don't need to change anything. Just observe. Inhale for a count of four hold
        for two and exhale for six. I will count you back up. 5 4 3 2 1 Wriggle your fingers. Open your eyes when you
        like. Thank you for listening.""",
    "slashes": """Welcome to this short session. Find a comfortable seat, and close your eyes. Reach both arms up over
        your head. And let go. Notice how your shoulders feel now. You are done.""",
    "narrator": """Hello, and welcome back. Today we stretch. Kneel down, and sit back on your heels. Walk your hands
        forward. Lovely. Come back up. Well done friend.""",
    "breathing": """Sit tall. Now hold the out-breath while I count. Five four three two one And once more. 5 4 3 2 1
        Wait ten seconds. Then open your eyes.""",
}


@pytest.mark.parametrize("stem", WORDS)
def test_every_word_is_said_in_its_order(stem):
    assert said(fixture(stem)) == re.findall(r"\w+", WORDS[stem].lower())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_routine_written_is_the_one_played_directly(path):
    document = read_script(path)
    routine, problems = check_routine(path, document)
    assert problems == ()
    again = parse_document(script_to_yaml(document), "again.yaml")
    assert again.data == document.data
    copy, problems = check_routine(Path(path.stem + ".yaml"), again)
    assert problems == ()
    first, second = (compile(one, FakeVoice().measure, find_phrases("en")) for one in (routine, copy))
    assert [(cue.kind, cue.start, cue.frames, cue.text) for cue in first.cues] == [
        (cue.kind, cue.start, cue.frames, cue.text) for cue in second.cues
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_cue_knows_its_line_in_the_script(path):
    lines = path.read_text("utf-8").lower().splitlines()
    for step in load(path).steps:
        assert step.place.file.endswith(path.name)
        assert lines[step.place.line - 1].strip()
        first = getattr(step, "text", "") or (step.pose.name if hasattr(step, "pose") else "")
        word = re.sub(r"\{pause [^}]*\}", "", first).split()[:1]
        assert all(part.strip(".,").lower() in lines[step.place.line - 1] for part in word)


def test_a_heading_is_a_chapter_over_words_and_a_name_over_an_exercise():
    text = "# All\n\n## Welcome\n\nHello.\n\n## Plank\n\nElbows under your shoulders.\n\n[pause 30s]\n"
    assert steps(text, "a.md") == [
        {"say": "Hello.", "chapter": "Welcome"},
        {
            "pose": {
                "name": "Plank",
                "instructions": "Elbows under your shoulders.",
                "hold": "30s",
                "limits": "15s..1m",
            }
        },
    ]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("# One\n\nHello.", "a.md", "One"),
        ("One\n===\n\nHello.", "a.md", "One"),
        ("---\ntitle: 'Two words'\n---\n\n# One\n\nHello.", "a.md", "Two words"),
        ("# One\n\nHello.\n\n# Two\n\nHello.", "a-little_break.md", "A little break"),
        ("Hello.", "evening-calm.txt", "Evening calm"),
        ("Evening calm\n\nHello.", "a.txt", "Evening calm"),
        ("EVENING CALM\n\nHello.", "a.txt", "Evening calm"),
        ("Evening calm\n------------\nHello.", "a.txt", "Evening calm"),
        ("PLANK\nElbows down. [hold 30s]\nSQUAT\nBack straight. [hold 30s]", "core.txt", "Core"),
    ],
)
def test_titles(text, name, title):
    assert script(text, name).data["title"] == title


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("MOUNTAIN POSE", "in capitals"),
        ("Mountain pose:", "colon"),
        ("2. Mountain pose", "numbered"),
        ("Mountain pose\n=====", "underlined"),
        ("Mountain Pose\nArms by your sides.", "title case"),
    ],
)
def test_headings_of_plain_text_are_guesses(line, why):
    text = f"Hello there, all of you.\n\n{line}\n\nStand tall.\n[30s]\n"
    assert steps(text)[1]["pose"]["name"].lower() == "mountain pose"
    assert any(guess.startswith("script.txt:3: ") and why in guess for guess in guesses(text))


def test_a_title_over_one_exercise_is_its_name_too():
    for text in ("# Plank\n\nElbows down.\n\n[hold 30s]", "# Plank\n\n[hold 30s]", "# Plank (30s)\n\nElbows down."):
        assert holds(script(text, "a.md")) == [("Plank", "30s", 1)]
    assert holds(script("# Core\n\nHello there.\n\nDrop your hips. [hold 30s]", "a.md"))[0][0] == "Drop your hips"


def test_hash_is_a_comment_in_plain_text_only():
    assert said(script("# slowly\nOne. # and softly\n#2\nTwo.")) == ["one", "two"]
    assert steps("# Chapter\nOne.\n# Other\nTwo.\n", "a.md")[0] == {"say": "One.", "chapter": "Chapter"}
    assert said(script("One <!-- not\nthis --> two.", "a.md")) == ["one", "two"]


def test_a_pause_that_is_asked_for_and_marked_is_there_once():
    for text in (
        "Reach up. Hold for 30 seconds. [pause 30s]",
        "Reach up. Hold for 30 seconds.\n\n[30s]",
        "Reach up. Hold for 30 seconds. Keep breathing. (pause 30)",
    ):
        assert holds(script(text)) == [("Reach up", "30s", 1)]
        assert "pause" not in str(steps(text))


def test_a_count_that_takes_the_time_of_a_hold_is_the_hold():
    text = "Reach up. Hold for five seconds: 5, 4, 3, 2, 1. And lower."
    assert holds(script(text)) == []
    assert said(script(text)) == "reach up hold for five seconds 5 4 3 2 1 and lower".split()


def test_pauses_in_a_row_are_added_up():
    assert holds(script("Reach up. [pause 5s] [pause 10s]")) == [("Reach up", "15s", 1)]


def test_the_other_side_gets_its_time():
    (step,) = steps("Pull your heel to your seat. Hold for 20 seconds. Repeat on the other leg.")
    assert step["pose"]["sides"] == ["first leg", "other leg"]
    assert step["pose"]["instructions"] == "Hold for 20 seconds."


def test_sides_that_are_described_apart_stay_two_poses():
    text = "Lift your left leg. [hold 20s]\n\nLift your right leg. [hold 20s]\n"
    assert holds(script(text)) == [("Lift your left leg", "20s", 1), ("Lift your right leg", "20s", 1)]


def test_repeats_after_the_way_out_belong_to_the_exercise():
    (step,) = steps("Lie down. Lift your hips. Hold for 5 seconds and lower slowly.\nDo 10 repetitions.")
    assert step["reps"] == 10
    assert step["pose"]["instructions"] == "Lift your hips. Hold for 5 seconds and lower slowly."
    assert "release" not in step["pose"]


def test_a_time_in_a_heading_is_the_hold_of_an_exercise_and_not_of_a_whole_part():
    text = (
        "Hello there.\n\nBody scan (5 minutes):\nImagine a wave.\nPause.\nAnd another one.\n\nNeck roll (20 s):\nTurn."
    )
    assert holds(script(text)) == [("Neck roll", "20s", 1)]
    assert steps("15-minute meditation\n\nHello.")[0] == {"say": "Hello."}


def test_a_rest_is_a_rest():
    assert steps("Jump. [hold 20s]\n\nRest for a minute.\n\nJump. [hold 20s]")[1:3] == [
        {"say": "Rest for a minute."},
        {"rest": "1m"},
    ]


def test_sides_and_rounds_in_a_heading_are_those_of_the_exercise():
    (step,) = steps("# Side bend (30 seconds each side)\n\nReach up and over.\n", "a.md")
    assert (step["pose"]["hold"], len(step["pose"]["sides"])) == ("30s", 2)
    (step,) = steps("# Plank, 20 s x 3\n\nLift your hips.\n", "a.md")
    assert (step["pose"]["hold"], step["rounds"]) == ("20s", 3)


def test_a_heading_that_is_a_rest_is_one():
    assert steps("# Class\n\n## Jump\n\nJump. [hold 20s]\n\n## Rest: 20 s\n\n## Turn\n\nTurn.", "a.md")[1:] == [
        {"rest": "20s"},
        {"say": "Turn.", "chapter": "Turn"},
    ]


def test_words_between_two_holds_in_a_paragraph_are_the_second_one_s():
    text = "Left leg forward. Hold for 30 seconds. Right leg forward. Hold for 20 seconds.\nRest."
    assert holds(script(text)) == [("Left leg forward", "30s", 1), ("Right leg forward", "20s", 1)]
    kept = "Fold forward. Hold for 30 seconds. Keep your back long. Breathe out."
    assert holds(script(kept)) == [("Fold forward", "30s", 1)]


def test_what_stands_under_an_exercise_and_its_time_is_said_before_the_hold():
    text = "Mountain Pose - 1 min\nStand with your feet together.\n\n"
    text += "Tree Pose: 30s each side\nStand on one leg.\nLet go.\n"
    first, second = (step["pose"] for step in steps(text))
    assert (first["name"], first["instructions"]) == ("Mountain Pose", "Stand with your feet together.")
    assert (second["instructions"], second["release"]) == ("Stand on one leg.", "Let go.")
    assert second["sides"] == ["left side", "right side"]
    told = "script.txt:1: What stands under 'Mountain Pose' is said before its hold of 1m."
    assert guesses(text)[0].startswith(told)


def test_the_first_of_numbered_steps_is_no_title():
    text = "Step 1: Stand up\nStep 2: Reach up. Hold 15 sec.\nStep 3: Fold. Hold 20 sec.\n"
    assert said(script(text))[:4] == ["step", "1", "stand", "up"]
    assert holds(script(text))[1] == ("Step 3: Fold", "20s", 1)


def test_a_vague_time_is_a_guess():
    (told,) = guesses("Breathe in. (pause for a moment) Breathe out.")
    assert told.startswith("script.txt:1: (pause for a moment) does not say how long, and is taken as 3s. For another")
    assert any(
        "'Hold for a few breaths' is taken as 3 breaths." in told for told in guesses("Fold. Hold for a few breaths.")
    )


def test_pauses_between_dashes():
    assert steps("Settle in. - pause - Feel the floor.") == [{"say": "Settle in. {pause 3s} Feel the floor."}]


def test_what_is_guessed_says_where():
    found = guesses("Hello.\nTake care… (pause)\nFold forward. [pause 20s]\n[softly] You are done, dear [pause 3")
    assert found == [
        "script.txt:2: Three dots are a pause of 1s. For another length, write [pause 2s] in their place.",
        "script.txt:2: (pause) does not say how long, and is taken as 3s. For another length, write [pause 5s].",
        "script.txt:3: Held for 20s, and named by its first words: 'Fold forward'. "
        "For another name, write a heading above it.",
        "script.txt:4: A bracket is opened here and not closed, so its words are said.",
        "left out: line 4: a direction “[softly]”",
    ]


def test_guesses_are_comments_in_the_routine_written():
    text = script_to_yaml(script("Hello.\n\nFold forward. [pause 20s]"))
    comment, step = "  # Line 3: Held for 20s, and named by its first words: 'Fold forward'.", "  - pose:"
    assert re.search(f"^{re.escape(comment)}.*\n(  # .*\n)*{step}", text, re.MULTILINE)


def test_braces_do_not_become_placeholders():
    assert steps("Hello {friend}, and {next}. {pause 2s} {{") == [{"say": "Hello friend, and next. {pause 2s}"}]


def test_long_words_and_names_are_cut():
    long = "Kneel " + "and bend " * 300
    name, text = (steps(f"{long}. [hold 20s]")[-1]["pose"][key] for key in ("name", "instructions"))
    assert len(name) <= 120
    assert len(text) <= 5000
    assert said(script(f"{long}. [hold 20s]")) == long.lower().split()
    assert all(len(step["say"]) <= 1300 for step in steps("word " * 5000))


def refused(text, name="script.txt"):
    document = script(text, name)
    _, problems = check_routine(Path(name), document)
    return [str(problem) for problem in problems]


def test_over_12_hours_is_told_with_the_line_of_the_script():
    assert refused("Lift.\n\n[hold 13 hours]")[0].startswith("script.txt:3:")
    assert "12" in refused("Lift.\n\n[hold 13 hours]")[0]
    assert refused("Lift. [hold 7h]\n\nLower. [hold 7h]")[0].startswith("script.txt:3:")


BAD = {
    "empty": (b"", "1:1: There are no words"),
    "comments only": (b"# one\n# two\n", "1:1: There are no words"),
    "pauses only": (b"[pause 3s]\n...\n", "1:1: There are no words"),
    "an older encoding": ("Hello.\n\xe9\xff time.\n".encode("latin-1"), "2:1: This is not UTF-8 text."),
    "cut off": ("Hello.\nCafé".encode()[:-1], "2:1: The file breaks off"),
    "utf-16 without its mark": ("Hello there.".encode("utf-16-le"), "1:1: This looks like UTF-16"),
    "utf-16 cut off": ("Hello.".encode("utf-16")[:-1], "1:1: The file breaks off"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "1:1: This is no text"),
    "nul": (b"One.\nTwo \0 words that go on for a while.\n", "2:1: This is no text"),
    "escape": (b"One.\n\x1b[1mTwo\n", "2:1: There is a control character"),
    "too many lines": (b"\n" * (MOST_LINES + 1), f"{MOST_LINES + 1}:1: The text has over 20,000 lines"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_located_sentence(case, tmp_path):
    raw, expected = BAD[case]
    path = tmp_path / "script.txt"
    path.write_bytes(raw)
    with pytest.raises(RoutineError) as caught:
        read_script(path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}:{expected}")


@pytest.mark.parametrize("raw", [b"word " * LARGEST_TEXT, b"\n" * 1_000_000])
def test_what_is_far_too_large_is_not_even_read(raw, tmp_path):
    path = tmp_path / "script.txt"
    path.write_bytes(raw)
    with pytest.raises(RoutineError, match=r"script\.txt:1:1: The file is larger than 500 kB"):
        read_script(path)


def test_a_folder_and_nothing(tmp_path):
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(RequestError, match="is a folder"):
        read_script(tmp_path / "folder.txt")
    with pytest.raises(RequestError, match="There is no file"):
        read_script(tmp_path / "nothing.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_with_a_mark_and_all_line_ends(encoding, ends, tmp_path):
    path = tmp_path / "script.txt"
    path.write_bytes(ends.join(["Café first.", "", "Reach up.", "[30s]"]).encode(encoding))
    first, second = read_script(path).data["steps"]
    assert first == {"say": "Café first."}
    assert second["pose"]["hold"] == "30s"
    assert load(path).steps[1].place.line == 3


NASTY = [
    "[pause ",
    "hold for 3 ",
    "5,4,3,2,1, ",
    "[a](",
    "**a ",
    "<!--",
    "(",
    "…",
    "twenty ",
    "on each ",
    "```",
    "a\n\n",
]


@pytest.mark.slow
@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_repetition_is_read_in_proportion_to_its_length(text, name):
    """Not timed: an expression that is not linear would keep the whole suite waiting."""
    try:
        document = script(text * (100_000 // len(text)), name)
    except RoutineError as error:
        assert len(error.problems) == 1
    else:
        assert document.data["steps"]


PHRASE = st.sampled_from(
    "Kneel down.|Notice your breath.|Lift your left leg, and reach.|Hold for 30 seconds.|Stay here for five breaths.|"
    "Repeat 3 times.|Repeat on the other side.|And release.|Rest for a minute.|Wait ten seconds.|Now|[softly]|a b c|x|"
    "Five, four, three, two, one.|hold this for half a minute, then lower|It's {odd} here|inhale for 4 seconds|2 sets|"
    "On each side.|Well done!|Come back up.|Café – ça va?|1. Lie down|- Sit tall|twenty|Hold".split("|")
)
MARK = st.sampled_from(
    "[pause 2s]|(pause)|/5s|…|...|[30s]|<break time='12s'/>|[hold 45s]|[rest 20s]|[silence 1 min]".split("|")
)
GAP = st.sampled_from([" ", "\n", "\n\n", "  ", "\r\n"])


@given(st.lists(st.tuples(st.one_of(PHRASE, PHRASE, MARK), GAP), min_size=1, max_size=30))
def test_words_are_kept_in_order_and_what_comes_out_is_a_routine(parts):
    # What stands behind an item of a list, and only says how long, is done and not said.
    # A short word within a sentence is no text that anybody writes.
    alone = ("1. Lie down", "- Sit tall", "Now", "a b c", "x", "twenty", "2 sets", "Hold")
    gaps = ("\n\n" if part in alone else gap for part, gap in parts)
    text = "Welcome, all of you.\n\n" + "".join(part + gap for (part, _), gap in zip(parts, gaps, strict=True))
    document = script(text)
    _, problems = check_routine(Path("script.txt"), document)
    assert problems == ()
    assert parse_document(script_to_yaml(document), "again.yaml").data == document.data
    dropped = {"pause", "2s", "5s", "30s", "break", "time", "12s", "hold", "45s", "rest", "20s", "silence", "1", "min"}
    # What the program does itself is not said, nor how to say it.
    dropped |= set(re.findall(r"\w+", "repeat 3 times on the other each side softly"))
    dropped |= set(re.findall(r"\w+", " ".join(unsaid(document)).lower()))
    kept = [word for word in re.findall(r"\w+", text.lower()) if word not in dropped]
    headings = {"1", "lie", "down", "sit", "tall", "now", "twenty", "a", "b", "c", "x", "2", "sets"}
    spoken = [word for word in said(document) if word not in dropped]
    assert [w for w in spoken if w not in headings] == [w for w in kept if w not in headings]


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md"]))
def test_any_bytes_are_a_script_or_one_problem(raw, name):
    try:
        document = understand(read_source(raw, name))
    except RoutineError as error:
        assert len(error.problems) == 1
        assert error.problems[0].place.line >= 1
        return
    assert check_routine(Path(name), document)[1] == ()


SIGNS = st.text(st.sampled_from("ab 1.,:;#*_-[](){}<>/|`~\\!?…=\n\"'é–—×5s"), max_size=120)


@given(SIGNS, st.sampled_from(["a.txt", "a.md"]))
def test_any_marks_in_any_order(text, name):
    try:
        document = script(text, name)
    except RoutineError:
        return
    assert check_routine(Path(name), document)[1] == ()
    assert parse_document(script_to_yaml(document), "again.yaml").data == document.data


@pytest.mark.parametrize(
    ("text", "steps_of_it"),
    [
        (
            "Bridge: 3 x 10, hold 5 seconds, 20 s rest",  # with reps that are held, `rest` would lie between the reps
            [{"repeat": 3, "steps": [({"name": "Bridge", "hold": "5s"}, {"reps": 10}), {"rest": "20s"}]}],
        ),
        (
            "Tree pose: stand on one leg, 45 seconds per leg. Focus on a point.",
            [
                (
                    {
                        "name": "Tree pose",
                        "instructions": "Stand on one leg. Focus on a point.",
                        "hold": "45s",
                        "sides": ["left leg", "right leg"],
                    },
                    {},
                )
            ],
        ),
        (
            "Bend your knee to 90° and hold for 10 secs x 5 reps.",
            [({"name": "Bend your knee to 90°", "hold": "10s"}, {"rounds": 5})],
        ),
        (
            "Savasana: 5 minutos\nPostura del niño – 4 min",
            [({"name": "Savasana", "hold": "5m"}, {}), ({"name": "Postura del niño", "hold": "4m"}, {})],
        ),
        ("You need 5 minutes of quiet first.", [{"say": "You need 5 minutes of quiet first."}]),
    ],
)
def test_doses_in_sentences(text, steps_of_it):
    def bare(step):
        if "repeat" in step:
            return {**step, "steps": [bare(inner) for inner in step["steps"]]}
        if "pose" not in step:
            return step
        pose = {key: value for key, value in step["pose"].items() if key != "limits"}
        return pose, {key: value for key, value in step.items() if key != "pose"}

    assert [bare(step) for step in steps(text)] == steps_of_it


@pytest.mark.parametrize(
    ("text", "name", "spoken", "told"),
    [
        ("Main\nSquats: 3 x 10\n\nCool down\nStretch: 30 s", "a.md", "Main Squats Cool down Stretch", []),
        ("Rows: 3 x 10\nPull-ups: 5 sets max reps", "a.txt", "Rows Pull-ups max reps 5 sets", []),
        ("- Plank\n  - Beginner: 30 s\n  - Advanced: 60 s", "a.md", "Plank", ["Beginner", "Advanced 60 s"]),
    ],
)
def test_a_dose_takes_no_name_and_no_other_dose_with_it(text, name, spoken, told):
    document = script(text, name)
    assert said(document) == re.findall(r"\w+", spoken.lower())
    left_out = [guess.message.strip("“”") for guess in document.assumptions if guess.left_out]
    assert left_out == told


def test_a_numbered_exercise_may_have_its_words_and_its_dose_in_lines_of_its_item():
    text = "# Shoulder\n\n1. Pendulum\n   Swing.\n   2 minutes per side\n2. Wall walk\n   Walk up.\n   10 reps"
    first, second = steps(text, "a.md")
    assert (first["pose"]["name"], first["pose"]["instructions"]) == ("Pendulum", "Swing.")
    assert (second["pose"]["name"], second["reps"]) == ("Wall walk", 10)


def test_only_the_words_of_a_dose_are_a_time():
    document = script("### Tree pose\nStand: on one leg, 45 seconds per leg. Focus on a point.", "a.md")
    fates = dict(line for line in document.explain(200) if "point" in line[0])
    assert "a time: 45 seconds per leg" in next(iter(fates.values()))


@pytest.mark.parametrize(
    ("text", "name", "lengths"),
    [
        ("## Plank 30-60 s\n\nElbows down.", "a.md", {(1, "30s")}),
        ("Plank\nElbows down. 30-60 seconds per side.", "a.txt", {(2, "30s")}),
        ("| Exercise | Hold | Rest |\n|---|---|---|\n| Plank | 30-60s | 10-20 s |", "a.md", {(3, "30s"), (3, "10s")}),
        ("Work 30-40s / Rest 10-20s, 2 rounds\n- Squats\n- Lunges", "a.txt", {(1, "30s"), (1, "10s")}),
        ("### Plank\n**Duration:** 30-60 s\n**Rest:** 10-15 s", "a.md", {(2, "30s"), (3, "10s")}),
        ("Plank. 30-60 s hold, 10-20 s rest between sets, 3 sets.", "a.txt", {(1, "30s"), (1, "10s")}),
    ],
)
def test_the_lower_end_of_a_range_is_told_once_where_it_stands(text, name, lengths):
    told = [
        (guess.place.line, match[1])
        for guess in script(text, name).assumptions
        if (match := re.search(r"shorter time is taken: (\w+)\.", guess.message))
    ]
    assert sorted(told) == sorted(lengths)
