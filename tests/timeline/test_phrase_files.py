"""The language files: complete, alike in their placeholders, short enough, and wrong ones told of where."""

import re

import pytest
from fakes import FakeVoice

from audioguide.errors import RequestError, RoutineError
from audioguide.model.timeline import Utterance
from audioguide.schema import document
from audioguide.session.check import check
from audioguide.system import paths
from audioguide.timeline.phrases import find_phrases
from audioguide.units import to_frames

LANGUAGES = ("de", "en", "es")
FOLDER = paths.roots()[-1] / "voices/prompts"
ENGLISH = (FOLDER / "en.yaml").read_text("utf-8")

every_language = pytest.mark.parametrize("language", LANGUAGES)


def placeholders(value, path=()):
    """The placeholders of each text, by its key; those that a language may do without, left out."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from placeholders(inner, (*path, key))
        case list() if path[0] not in ("sides", "own_side", "articles"):
            for inner in value:
                yield from placeholders(inner, path)
        case str():
            yield path, frozenset(re.findall(r"\{\w+\}", value)) - {"{n}"}


def test_these_are_the_languages():
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(LANGUAGES)


@every_language
def test_every_language_has_all_keys_with_the_same_placeholders(language):
    def read(name):
        return set(placeholders(document.read_document(FOLDER / f"{name}.yaml").data))

    assert read(language) == read("en")


@every_language
def test_what_drones_has_several_wordings(language):
    data = find_phrases(language).texts
    assert len(set(data.halfway)) == len(data.halfway) >= 4
    assert len(set(data.release)) == len(data.release) >= 4
    assert len(set(data.breath.inhale.full)) == len(set(data.breath.exhale.full)) >= 3
    for several in (data.rest.full, data.last_rest.full, data.breathing.name, data.breathing.release):
        assert len(set(several)) == len(several) >= 4
    assert len(set(data.numbers)) == 20


@every_language
@pytest.mark.parametrize("pace", [12, 15])
def test_words_of_a_hold_fit_their_moments_even_in_a_slow_voice(language, pace):
    """In-breaths of four seconds and counts of one leave the gap before what follows."""
    known, gap = find_phrases(language), to_frames(0.25)

    def length(text, role):
        return FakeVoice(pace).measure(Utterance(text, role))

    assert all(length(text, "countdown") <= to_frames(1) - gap for text in known.texts.countdown)
    assert length(known.texts.ten, "ten") <= to_frames(7) - gap
    for form in (known.texts.breath.of(part) for part in ("in", "more", "hold", "out", "rest")):
        assert all(length(text, "breath") <= to_frames(4) - gap for text in form.full)
        assert length(form.short, "breath") <= to_frames(2) - gap
        assert len(form.short) <= min(map(len, form.full))


@every_language
def test_texts_are_sentences(language):
    data = find_phrases(language).texts
    said = [data.begin, data.ten, *data.countdown, *data.halfway, *data.release, *data.rest.full, data.rest.short]
    said += [*data.last_rest.full, data.last_rest.short, *data.breathing.name, *data.breathing.release]
    said += [text for part in ("in", "more", "hold", "out", "rest") for text in data.breath.of(part).full]
    said += [data.halfway_session, data.again, data.last_round]
    for text in said:
        assert re.fullmatch(r"[^\W\d_].*\.", text), text
        assert text[0].isupper(), text


def test_a_language_of_a_persons_own(own_prompts):
    (own_prompts / "xx.yaml").write_text(ENGLISH.replace("begin: Begin.", "begin: Ek."), "utf-8")
    assert find_phrases("xx").texts.begin == "Ek."
    assert find_phrases("xx").texts.ten == "Ten seconds."
    with pytest.raises(RequestError, match="There are no prompts in the language 'yy'"):
        find_phrases("yy")


WRONG = {
    "a key too many": ("begin: Begin.", "begin: Begin.\nbegn: Begin.", "begn:", "There is no key 'begn' here."),
    "a key that is missing": ("ten: Ten seconds.\n", "", "code: eng", "'ten' is missing here."),
    "an unknown placeholder": (
        "Round {round} of",
        "Round {rond} of",
        "Round {rond}",
        "{rond} stands for nothing.",
    ),
    "a placeholder that is missing": ("Take a rest. Then comes {next}.", "Rest.", "Rest.\n", "{next} is missing"),
    "one where there is none": ("And let go.", "'And let {pose} go.'", "'And let {pose}", "{pose} stands for nothing"),
    "a lone brace": ("And let go.", '"And let go {."', '"And let go {', "A brace here has no partner."),
    "no words": ("begin: Begin.", "begin: '...'", "'...'", "There is nothing to say here."),
    "no list": ("[Three., Two., One.]", "Three.", "Three.\nhalf", "'countdown' has to be a list"),
    "no wording": ("[Halfway.,", "[...,", "...,", "There is nothing to say here."),
    "a countdown of two": ("[Three., Two., One.]", "[Two., One.]", "[Two.,", "The countdown has 2 words"),
    "half a pair": ("Exhale., ", "", "in: {", "There are 3 wordings for in, and 2 for out."),
    "a code of two letters": ("code: eng", "code: en", "en\n", "'en' is not an ISO 639-2 code."),
    "a phase that is missing": ("  hold: Hold for {seconds}.\n", "", "name:", "'hold' is missing here."),
}


@pytest.mark.parametrize(("old", "new", "at", "message"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_where_it_is_written(own_prompts, old, new, at, message):
    text = ENGLISH.replace(old, new, 1)
    assert text != ENGLISH
    (own_prompts / "zz.yaml").write_text(text, "utf-8")
    with pytest.raises(RoutineError) as raised:
        find_phrases("zz")
    (problem,) = raised.value.problems
    assert problem.message.startswith(message)
    line = text.splitlines(keepends=True)[problem.place.line - 1]
    assert (line[problem.place.column - 1 :] + text.split(line, 1)[1]).startswith(at)


def test_a_routine_in_a_language_whose_file_is_wrong(own_prompts, write):
    (own_prompts / "zz.yaml").write_text(ENGLISH.replace("begin:", "begn:"), "utf-8")
    found = check(write("title: t\nlanguage: zz\nsteps:\n  - say: Hello.\n"))
    assert [(problem.code, problem.place.line) for problem in found] == [("unknown-key", 5)]
    assert all(problem.place.file.endswith("zz.yaml") for problem in found)
