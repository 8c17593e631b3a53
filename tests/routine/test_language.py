"""The words of a language over those of a routine: whatever the routine, nothing but its words changes."""

import json
from pathlib import Path

from any_routine import WRITTEN
from hypothesis import given
from hypothesis import strategies as st

from audioguide.model.options import Options
from audioguide.model.routine import PoseStep, SayStep
from audioguide.routine.customise import customise
from audioguide.routine.language import lay_words
from audioguide.routine.load import check_routine
from audioguide.schema.document import parse_document
from audioguide.schema.yaml_writer import to_yaml

TEXTS = {"title", "name", "instructions", "caution", "release", "say", "chapter", "in", "out"}
AROUND = {"pose", "steps", "prompts", "breath_words", "sides"}


def document(data, file="any.yaml"):
    return parse_document(to_yaml(data), file)


def in_german(data):
    """The language file of a routine whose texts all become another one."""
    if isinstance(data, list):
        return [in_german(one) if isinstance(one, dict) else f"Ü {one}" for one in data]
    texts = {key: f"Ü {text}" for key, text in data.items() if key in TEXTS}
    return texts | {key: in_german(inner) for key, inner in data.items() if key in AROUND}


@given(WRITTEN)
def test_a_language_file_changes_the_words_and_nothing_else(written):
    words, original = document(in_german(written), "any.de.yaml"), document(written)
    laid, problems = lay_words(original, words, "de")
    assert not problems
    before, after = (check_routine(Path("any.yaml"), one)[0] for one in (original, laid))
    assert after.language == "de"
    assert after.title == "Ü Any"
    for old, new in zip(before.steps, after.steps, strict=True):
        assert (new.number, new.place) == (old.number, old.place)
        if isinstance(old, SayStep):
            assert new.text == f"Ü {old.text}"
        elif isinstance(old, PoseStep):
            assert new.pose.name == f"Ü {old.pose.name}"
            assert new.pose.sides == tuple(f"Ü {side}" for side in old.pose.sides)
            assert [prompt.say for prompt in new.prompts] == [f"Ü {prompt.say}" for prompt in old.prompts]
            assert (new.hold, new.rounds, new.settle, new.cues, new.pose.reps) == (
                (old.hold, old.rounds, old.settle, old.cues, old.pose.reps)
            )
        else:
            assert new == old
    for name in {step.pose.name for step in before.steps if isinstance(step, PoseStep)}:
        by_name = [customise(after, Options(keep=(one,))).routine for one in (name, f"Ü {name}")]
        assert by_name[0] == by_name[1]
    texts = [path for path in words.places if isinstance(words.value(path), str)]
    assert all(laid.places[path] == words.places[path] for path in texts)


@given(WRITTEN, st.data())
def test_what_a_language_file_lacks_or_has_too_much_is_told_where_it_is(written, data):
    words = json.loads(json.dumps(in_german(written)))
    owners = [words]
    for owner in owners:
        inner = owner.values() if isinstance(owner, dict) else owner
        owners += [one for one in inner if isinstance(one, dict | list)]
    owner = data.draw(st.sampled_from(owners))
    if isinstance(owner, list):
        owner.append({})
        expected = ("unlike-original", "error")
    elif texts := [key for key in owner if key in TEXTS]:
        del owner[data.draw(st.sampled_from(texts))]
        expected = ("missing-words", "warning")
    else:
        owner["hold"] = "30s"
        expected = ("unknown-key", "error")
    _, problems = lay_words(document(written), document(words, "any.de.yaml"), "de")
    assert [(problem.code, problem.severity) for problem in problems] == [expected]
    assert problems[0].place.file == "any.de.yaml"


ANYTHING = st.recursive(
    st.sampled_from([None, True, 7, 0.5, "", "Hm.", "left"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TEXTS, *AROUND, "hold"]), inner),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.sampled_from(["title", "name", "steps", "pose", "sides", "hold"]), ANYTHING, min_size=1)


def assert_only_words_differ(old, new, key=""):
    if isinstance(old, dict):
        for inner, value in old.items():
            assert_only_words_differ(value, new[inner], inner)
    elif isinstance(old, list):
        for one, other in zip(old, new, strict=True):
            assert_only_words_differ(one, other, key)
    elif key not in TEXTS | AROUND:
        assert new == old


@given(MAPPINGS, MAPPINGS)
def test_whatever_stands_in_a_language_file_only_words_change_and_what_is_no_word_is_told(original, words):
    laid, problems = lay_words(document(original), document(words, "any.de.yaml"), "de")
    assert_only_words_differ(original, laid.data)
    assert {*laid.data} <= {*original, "language", "original_name", "original_sides"}
    wrong = [problem for problem in problems if problem.severity == "error"]
    assert wrong or words.keys() <= original.keys()
