"""The words of composed sessions: of three languages, of one's own, and what is wrong with them."""

from pathlib import Path

import pytest

from audioguide.errors import RequestError, RoutineError
from audioguide.routine.lead_over import find_lead_overs

SHIPPED = Path(__file__).resolve().parents[2] / "voices/openings/en.yaml"


def write(home, code, old="", new=""):
    text = SHIPPED.read_text("utf-8")
    assert old in text
    (home / "voices/openings").mkdir(parents=True, exist_ok=True)
    (home / f"voices/openings/{code}.yaml").write_text(text.replace(old, new, 1), "utf-8")


def test_titles_name_what_a_session_is_for():
    titles = [
        (find_lead_overs("en").title(["lower back"], 900), "Lower back, 15 minutes"),
        (find_lead_overs("de").title(["lower back", "hips"], 600), "Unterer Rücken und Hüften, 10 Minuten"),
        (find_lead_overs("es").title(["neck", "hips", "calves", "feet"], 312), "Cuello, caderas y más, 5 minutos"),
    ]
    assert [title for title, _ in titles] == [wanted for _, wanted in titles]


def test_wordings_come_in_turn_and_what_is_needed_is_told():
    words = find_lead_overs("en")
    turns = [words.change("standing", "supine", turn) for turn in range(4)]
    assert turns[0] != turns[1]
    assert turns[:2] == turns[2:]
    assert "You need a firm chair and a towel today. Sit down" in words.opening("desk", "chair", ["chair", "towel"], 0)
    assert "need" not in words.opening(None, "standing", [], 0)


def test_ones_own_words_are_said_and_a_language_can_be_added(home):
    write(home, "en", "Welcome. This time is yours.", "Moin.")
    write(home, "it", "Welcome. This time is yours.", "Ciao.")
    assert [find_lead_overs(code).opening(None, "standing", [], 0)[:5] for code in ("en", "it")] == ["Moin.", "Ciao."]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  standing-to-chair:", "  standing-to-bed:", "standing-to-bed, standing-to-chair"),
        ("  before-run:", "  before-swim:", "before-run, before-swim"),
        ("title: ", "titel: ", "'titel'"),
        ("{targets}, {length}", "{targets}, {lenght}", "{lenght}"),
        ("{others} and {last}", "{others} and {", "brace"),
        ("{pause 4s}", "{pause x}", "pause"),
        ("- You need {things} today.", "- You need {}.", "{}"),
        ("and: ", "and: [", "never closed"),
        ("settle: # before the first breaths", "settle: []\nsettle-in:", "settle"),
    ],
)
def test_what_is_wrong_in_ones_own_words_is_told_with_its_place(home, old, new, said):
    write(home, "en", old, new)
    with pytest.raises(RoutineError) as caught:
        find_lead_overs("en")
    assert said in str(caught.value)
    assert "en.yaml:" in str(caught.value)


def test_a_language_without_words_is_refused():
    with pytest.raises(RequestError, match="cannot be composed in the language 'fr'"):
        find_lead_overs("fr")
