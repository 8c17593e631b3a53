"""Language files: the words of a pose or a routine in another language, and `--language`."""

import json
import re
from shutil import copy

import pytest
from carrying import carry, heard
from extras import needs

from audioguide import RequestError, load
from audioguide.session.check import check
from audioguide.system import paths

pytestmark = needs("py_nanotts")  # speaks German and Spanish

WEEK = """\
title: Week
defaults: {voice: heart, breath: 4-6, level: brief, background: none}
steps:
  - say: Welcome.
  - pose: bridge
  - pose: {name: Side bend, sides: [left arm, right arm], instructions: Lean over., hold: 5s, release: Come back.}
  - say: That is all.
    chapter: The end
"""
WOCHE = """\
title: Woche
steps:
  - say: Willkommen.
  - {}
  - pose: {name: Seitbeuge, sides: [linker Arm, rechter Arm], instructions: Neig dich zur Seite., release: Komm zurück.}
  - say: Das war alles.
    chapter: Das Ende
"""


@pytest.fixture
def own(home):
    """Write a file of one's own, by its path in the folder of scripts."""

    def write(name, text):
        path = home / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def week(own):
    own("week.de.yaml", WOCHE)
    return own("week.yaml", WEEK)


def titles(call, *words):
    """The title of each routine and preset, by its id."""
    code, out, err = call("list", "--json", *words)
    assert code == 0, err
    return {row["id"]: row["title"] for row in json.loads(out)}


def texts(session):
    return [cue["text"] for cue in heard(session)["cues"] if cue["kind"] == "speech"]


def test_a_language_file_is_no_routine_and_no_pose(call, own):
    own("week.yaml", WEEK)
    german = own("week.de.yaml", WOCHE)
    plain = own("tag.de.yaml", "title: Tag\nlanguage: de\nsteps:\n  - say: Geh.\n")
    mine = own("taster.fr.yaml", "title: Avant-goût\n")
    own("poses/bridge.fr.yml", "name: Le pont\n")
    ids = {*titles(call)}
    assert {"week", "tag.de", "taster"} <= ids
    assert not {"week.de", "taster.fr", "taster.de"} & ids
    assert "bridge.fr" not in paths.pose_files()
    assert paths.pose_file("bridge.fr") is None
    assert call("show", "week.de")[0] == call("show", "bridge.fr")[0] == 2
    assert paths.original_file(german) == (german.with_name("week.yaml"), "de")
    assert paths.original_file(plain) is None
    shipped = paths.routine_files()["taster"]
    assert paths.original_file(mine) == (shipped, "fr")
    assert paths.language_file(shipped, "fr") == mine
    assert paths.language_file(shipped, "xx") is None


def test_a_routine_is_led_in_another_language(call, week):
    english, session = load(week), load(week, language="de")
    german = heard(session)
    assert (german["routine"], german["title"], session.voice.name) == ("week", "Woche", "pico-de")
    assert [chapter["title"] for chapter in german["chapters"]] == ["Einleitung", "Brücke", "Seitbeuge", "Das Ende"]
    assert {"Willkommen.", "Neig dich zur Seite.", "Komm zurück."} <= {*texts(session)}
    assert not {*texts(session)} & {*texts(english)}
    before, after = ([(step.number, step.place) for step in one.routine.steps] for one in (english, session))
    assert before == after
    remarks = load(week, language="de", voice="heart").remarks
    assert remarks == ("The voice heart speaks English, the routine is in German.",)


def test_it_is_the_same_routine_by_the_names_of_either_language(week):
    ways = (("bridge", "Side bend", "left"), ("Bridge", "3", "left arm"), ("Brücke", "Seitbeuge", "linker"))
    for bridge, bend, side in ways:
        session = load(week, language="de", holds={bridge: "20s", bend: "9s"}, sides={bend: side})
        holds = [(cue["asked"], cue["side"]) for cue in heard(session)["cues"] if cue["kind"] == "hold"]
        assert holds == [(20, None), (9, "linker Arm")]
    swapped = load(week, language="de", swap={"Side bend": "pigeon"})
    assert "Taube" in {chapter["title"] for chapter in heard(swapped)["chapters"]}


def test_a_file_carries_its_words_and_stays_in_its_language(call, week):
    asked = {"sides": {"Side bend": "left"}, "swap": {"bridge": "pigeon"}, "level": "brief"}
    session = load(week, language="de", **asked)
    data = json.loads(session.pack().payload)
    assert data["routine"]["language"] == "de"
    assert "language" not in data["options"]
    assert data["poses"]["pigeon"]["name"] == "Taube"
    path = carry(session.pack().payload, call.folder / "a.mp3")
    week.unlink()
    assert heard(load(path)) == heard(session)
    again = load(path, holds={"Side bend": "7s"}, rounds={"Pigeon": 2}, language="de")
    cues = [(cue["asked"], cue["side"]) for cue in heard(again)["cues"] if cue["kind"] == "hold"]
    assert len(cues) == 5
    assert cues[-1] == (7, "linker Arm")
    with pytest.raises(RequestError, match="Woche has no words in Spanish"):
        load(path, language="es")
    assert call("import", path, "-o", "mine.yaml")[0] == 0
    assert call("check", "mine.yaml")[:2] == (0, "")
    assert texts(load("mine.yaml")) != texts(session)  # its options are told, and not in it
    assert "Neig dich zur Seite." in texts(load("mine.yaml"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "week", "--language", "es"), "Week has no words in Spanish. It has words in: en, de."),
        (("show", "week", "--language", "ger"), "There are no prompts in the language 'ger'."),
        (("show", "feierabend", "--language", "en"), "Feierabend has no words in English. It has words in: de."),
        (("show", "week.de.yaml"), "week.de.yaml has nothing but the words of week.yaml. Name that one, with --lang"),
        (("list", "--language", "DEU"), "There are no prompts in the language 'DEU'. Did you mean de?"),
        (("poses", "--language", "deu"), "There are no prompts in the language 'deu'. Did you mean de?"),
        (("show", "pigeon", "--language", "deu"), "There are no prompts in the language 'deu'. Did you mean de?"),
        (("edit", "taster", "--copy", "--language", "fr"), "There are no prompts in the language 'fr'."),
        (("edit", "taster", "--language", "de"), "Only a copy can be in another language. Add --copy."),
    ],
)
def test_a_language_that_is_not_there_is_refused(call, week, words, message):
    for name in ("week.yaml", "week.de.yaml"):
        copy(week.with_name(name), call.folder)
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert message in err


def test_in_its_own_language_nothing_changes():
    for id, language in (("feierabend", "de"), ("taster", "en")):
        assert heard(load(id)) == heard(load(id, language=language))


def test_the_settings_and_a_preset_can_ask_for_it(call, week, home):
    (home / "presets").mkdir()
    preset, settings = home / "presets/woche.yaml", home / "config.yaml"
    preset.write_text("routine: week\noptions: {language: de}\n")
    settings.write_text("options: {language: es}\n")
    found = titles(call)
    assert (found["woche"], found["taster"], found["feierabend"]) == ("Woche (woche)", "Para probar", "Feierabend")
    assert found["week"] == "Week"  # it has no Spanish words
    found = titles(call, "--language", "en")
    assert (found["woche"], found["taster"], "feierabend" in found) == ("Week (woche)", "Taster", False)
    assert "Paloma" in call("poses")[1]
    preset.write_text("routine: week\noptions: {language: fr}\n")
    assert "woche.yaml:2:21: There are no prompts in the language 'fr'" in call("show", "woche")[2]
    assert ":2:21: There are no prompts in the language 'fr'" in call("check", preset)[1]
    assert "'fr'" in call("list")[2]
    preset.write_text("routine: week\noptions: {language: es}\n")
    code, _, err = call("show", "woche")
    assert (code, err.startswith("Week (woche) has no words in Spanish. It has words in: en, de. It was")) == (2, True)
    assert "woche.yaml:2." in err
    assert "Spanish" in call("check", preset)[1]
    settings.write_text("options: {language: fr}\n")
    assert "config.yaml:1:21" in call("show", "taster")[2]


def test_lists_and_single_poses_are_in_it(call):
    found = titles(call, "--language", "de")
    assert found["taster"] == "Kostprobe"
    assert "feierabend" in found
    assert "espalda-ligera" not in found
    poses = {row["id"]: row for row in json.loads(call("poses", "--language", "de", "--json")[1])}
    assert (poses["pigeon"]["name"], poses["pigeon"]["original_name"]) == ("Taube", "Pigeon")
    assert call("show", "Taube", "--language", "de")[1].startswith("Taube, ")
    assert call("show", "pigeon", "--language", "de")[1] == call("show", "Pigeon", "--language", "de")[1]
    assert call("poses", "draw", "Taube", "--language", "de", "-o", "a.svg")[0] == 0


def test_a_pose_without_words_is_told_and_said_as_it_is(call, own):
    own("poses/plie.yaml", "name: Plié\nhold: 5s\nrelease: Rise.\n")
    own("week.yaml", "title: Week\nsteps:\n  - pose: bridge\n  - pose: plie\n  - say: Good.\n")
    german = own("week.de.yaml", "title: Woche\nsteps:\n  - {}\n  - {}\n  - say: Gut.\n")
    session = load("week", language="de")
    assert session.remarks == ("Without words in German, so said as they are written: Plié.",)
    assert "Rise." in texts(session)
    assert load("week").remarks == ()
    code, out, _ = call("check", german)
    assert code == 0
    assert re.search(r"week\.yaml:4:5: warning: 'Plié' has no words in German\. Write them in .*plie\.de\.yaml\.", out)
    assert call("check", "week")[:2] == (0, "")
    own("poses/plie.de.yaml", "name: Plié\nrelease: Komm hoch.\n")
    assert load("week", language="de").remarks == ()
    assert call("check", german)[:2] == (0, "")
    own("poses/plie.de.yaml", "name: Plié\nsides: [links]\n")
    code, _, err = call("show", "week", "--language", "de")
    assert (code, "plie.de.yaml:2:1" in err) == (2, True)


def test_an_included_routine_without_words_is_told(own, home):
    own("inner.yaml", WEEK)
    own("outer.yaml", "title: Outer\nsteps:\n  - include: inner\n")
    own("outer.de.yaml", "title: Außen\nsteps:\n  - {}\n")
    (note,) = load("outer", language="de").remarks
    assert note.endswith("inner.yaml has no words in 'de': its steps are in 'en'.")
    own("inner.de.yaml", WOCHE)
    session = load("outer", language="de")
    assert session.remarks == ()
    assert "Willkommen." in texts(session)
    (home / "scripts/inner.yaml").unlink()
    (home / "scripts/inner.de.yaml").write_text("title: Innen\nlanguage: de\nsteps:\n  - pose: bridge\n")
    own("outer.yaml", "title: Outer\nsteps:\n  - include: inner.de\n")
    assert load("outer", language="de").routine.title == "Außen"


def test_check_tells_what_a_language_file_lacks_and_what_is_wrong_in_it(call, write):
    write(WEEK, "week.yaml")
    bend = WOCHE.replace("instructions: Neig dich zur Seite., ", "hold: 9s, ")
    write(bend.replace("  - {}\n", "  - pose: Brücke\n"), "week.de.yaml")
    expected = [
        (4, 5, "unknown-key"),
        (5, 5, "missing-words"),
        (5, bend.splitlines()[4].index("hold") + 1, "unknown-key"),
    ]
    for source in ("week.yaml", "week.de.yaml"):
        code, out, _ = call("check", source, "--json")
        assert code == 2
        assert [(one["line"], one["column"], one["code"]) for one in json.loads(out)] == expected
        assert {one["file"] for one in json.loads(out)} == {"week.de.yaml"}
    assert call("show", "week.yaml", "--language", "de")[0] == 2
    write(WOCHE.replace("Willkommen.", f"Nun {'und ' * 25}gut. [pause 5s] Ах."), "week.de.yaml")
    places = {problem.code: problem.place[:3] for problem in check("week.de.yaml")}
    line = (call.folder / "week.de.yaml").read_text("utf-8").splitlines()[2]
    parts = {"long-sentence": "Nun", "pause-mark": "[", "unspeakable": "А"}
    assert places == {code: ("week.de.yaml", 3, line.index(part) + 1) for code, part in parts.items()}
    assert call("check", "week.yaml")[:2] == (0, "")
    write("title: [", "week.de.yaml")
    assert [call("check", source)[0] for source in ("week.yaml", "week.de.yaml")] == [2, 2]
    write("title: Woche\n", "week.xx.yaml")
    assert "There are no prompts in the language 'xx'" in call("check", "week.xx.yaml")[1]


def test_ones_own_words_come_before_the_shipped_ones_which_are_for_the_shipped_routine(call, own, home):
    own("poses/bridge.de.yaml", "name: Kleine Brücke\n")
    assert call("show", "bridge", "--language", "de")[1].startswith("Kleine Brücke")
    own("taster.yaml", paths.routine_files()["taster"].read_text("utf-8") + "  - say: More.\n")
    with pytest.raises(RequestError, match=r"Taster has no words in German\. It has words in: en, es\."):
        load("taster", language="de")
    (home / "config.yaml").write_text("options: {language: de}\n")
    assert titles(call)["taster"] == "Taster"


def test_a_copy_for_oneself_is_in_the_language(call, monkeypatch, home):
    monkeypatch.setenv("EDITOR", "true")
    assert call("edit", "taster", "--copy", "--language", "de")[:2] == (0, "")
    assert [chapter["title"] for chapter in heard(load("taster"))["chapters"]][-1] == "Stellung des Kindes"


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "es"])
def test_every_shipped_routine_and_pose_is_there_in_full(language):
    for id, path in (paths.routine_files() | paths.pose_files()).items():
        if id not in ("feierabend", "espalda-ligera"):
            assert [str(problem) for problem in check(path.with_name(f"{path.stem}.{language}.yaml"))] == []
            if path.parent.name == "scripts":
                session = load(id, language=language)
                assert (session.remarks, session.routine.language, session.voice.language[:2]) == (
                    (),
                    language,
                    language,
                )
