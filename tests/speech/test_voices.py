"""Voice profiles: the shipped one is whole, and a broken one says everything that is wrong with it."""

from pathlib import Path

import pytest

from audioguide.errors import RequestError, RoutineError
from audioguide.speech.engines.engine import ENGINES, make_engine
from audioguide.speech.voices import ByPart, find_profile, load_profile
from audioguide.system.paths import voice_files

WHOLE = """\
engine: hibari
model: heart
language: en
rate: {narration: 0.9, breath: 0.8, count: 1}
gain: {narration: 6, breath: 5.5, count: -3}
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", sorted(voice_files()))
def test_shipped_voices_are_whole(name: str) -> None:
    voice = find_profile(name)
    assert voice.name == name
    assert voice.title
    assert voice.description
    assert voice.engine in ENGINES.names()


def test_a_profile_is_read(tmp_path: Path) -> None:
    voice = load_profile(write(tmp_path, WHOLE))
    assert (voice.name, voice.engine, voice.model, voice.language, voice.seed) == ("mine", "hibari", "heart", "en", 0)
    assert voice.rate == ByPart(0.9, 0.8, 1.0)
    assert voice.gain == ByPart(6.0, 5.5, -3.0)


def test_every_problem_is_told_with_its_place(tmp_path: Path) -> None:
    text = WHOLE.replace("model: heart", "modle: heart").replace("breath: 0.8", "breath: fast").replace("-3", "-300")
    with pytest.raises(RequestError) as caught:
        load_profile(write(tmp_path, text + "seed: 1.5\n"))
    assert isinstance(caught.value, RoutineError)
    told = [(problem.place.line, problem.place.column, problem.message) for problem in caught.value.problems]
    assert told == [
        (2, 1, "There is no key 'modle' here."),
        (4, 32, "'breath' has to be a number, not 'fast'."),
        (5, 42, "'count' cannot be -300: -40.0 is the least."),
        (6, 7, "'seed' has to be a whole number, not 1.5."),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: The file is empty."),
        ("- a\n- b\n", "1:1: This is not a routine or a voice."),
        ("just words", "1:1: This is not a routine or a voice."),
        (WHOLE + "engine: again\n", "6:1: The key 'engine' stands here a second time"),
        (WHOLE + "\tseed: 1\n", "6:1: There is a tab here"),
        (WHOLE.replace("0.8", "0.8, counts: 1"), "4:37: There is no key 'counts' here. Did you mean count?"),
        (WHOLE.replace("0.9", ".nan"), "4:19: 'narration' has to be a number"),
        (WHOLE.replace("model: heart", "model: ''"), "2:8: 'model' is empty."),
        (b"\xff\xfe\x00e", "1:1: This is not UTF-8 text."),
        (b"\x00\x01", "1:1: This character may not stand in YAML."),
    ],
)
def test_broken_files_are_told_in_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        load_profile(write(tmp_path, text))
    assert f"mine.yaml:{said}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="There is no file"):
        load_profile(tmp_path / "none.yaml")


def test_an_unknown_voice_or_engine_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean heart"):
        find_profile("hart")
    with pytest.raises(RequestError, match="Did you mean hibari"):
        make_engine(load_profile(write(tmp_path, WHOLE.replace("hibari", "hibary"))))


def test_roles_play_three_parts() -> None:
    numbers = ByPart("narration", "breath", "count")
    assert numbers.of("breath") == "breath"
    assert numbers.of("count") == numbers.of("countdown") == "count"
    assert numbers.of("instructions") == numbers.of("begin") == numbers.of("halfway") == "narration"


def test_what_a_profile_may_leave_out(tmp_path: Path) -> None:
    voice = load_profile(write(tmp_path, WHOLE))
    assert (voice.pause, voice.letters, voice.lexicon, voice.sample) == (0.71, 19.4, True, "")
    more = "pause: 0.5\nletters: 12\nlexicon: mine/words.yaml\nsample: Breathe.\nsource: Me\n"
    (tmp_path / "more").mkdir()
    voice = load_profile(write(tmp_path / "more", WHOLE + more))
    assert (voice.pause, voice.letters, voice.sample, voice.source) == (0.5, 12.0, "Breathe.", "Me")


def test_files_that_it_names_lie_beside_it(tmp_path: Path) -> None:
    voice = load_profile(write(tmp_path, WHOLE + "lexicon: words.yaml\n"))
    assert voice.folder == tmp_path
    assert voice.own_lexicon == tmp_path / "words.yaml"


@pytest.mark.parametrize("line", ["pause: -1", "pause: 6", "letters: 0", "lexicon: [a]", "lexicon: ''", "pause: long"])
def test_values_that_make_no_sense_are_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(RoutineError) as caught:
        load_profile(write(tmp_path, WHOLE + line + "\n"))
    assert {problem.place.line for problem in caught.value.problems} == {6}
