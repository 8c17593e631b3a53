"""YAML to plain data with places: YAML 1.2 in what words mean, whatever the parser speaks."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioguide.errors import RoutineError
from audioguide.schema.document import parse_document
from audioguide.schema.yaml_writer import to_yaml


def data(text):
    return parse_document(text, "a.yaml").data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((word, word) for word in ("yes", "no", "On", "off", "y", "1:30", "-1:30", "2024-01-01", "1_000", "=", "<<")),
        *(("true", True), ("False", False), ("TRUE", True), ("tRUE", "tRUE"), ("null", None), ("~", None), ("", None)),
        *(("10", 10), ("-3", -3), ("010", 10), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"), ("9" * 301, "9" * 301)),
        *(("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("-1.", -1.0), (".inf", float("inf")), ("1.5.2", "1.5.2")),
        *(("'10'", "10"), ('"true"', "true"), ("!!str 10", "10"), ('!!int "10"', 10), ("!odd 10", "10")),
        *(('"\\ud83d\\ude00\\u00e9"', "😀é"), ('"a\\\\ud83d"', "a\\ud83d")),
        *(("a\u2028b\u2029c\x85d", "a b c d"), ("|\n  one\n  two\n", "one\ntwo\n"), (">\n  one\n  two\n", "one two\n")),
    ],
)
def test_what_a_scalar_means(written, meant):
    assert data(f"a: {written}\n") == {"a": meant}


def test_a_number_that_is_none_is_not_one():
    assert str(data("a: .nan\n")["a"]) == "nan"


def test_json_is_yaml():
    assert data('{"a":[1,{"b":null}],"c":"d\\/e"}') == {"a": [1, {"b": None}], "c": "d/e"}


def test_values_and_keys_have_places_also_behind_signs_that_are_more_than_one_byte():
    document = parse_document("é: [😀, b]\nsteps:\n  - say: &x Hi.\n  - say: *x\nempty:\n", "a.yaml")
    assert document.data == {"é": ["😀", "b"], "steps": [{"say": "Hi."}, {"say": "Hi."}], "empty": None}
    places = {path: (place.line, place.column) for path, place in document.places.items()}
    assert places["é", 1] == (1, 8)
    assert places["steps", 0, "say"] == places["steps", 1, "say"] == (3, 10)
    assert places["empty",] == (5, 1)
    assert (document.keys["steps", 1, "say"].line, document.keys["steps", 1, "say"].column) == (4, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a: ["b", "c\\0d"]', "1:10: No text can have a NUL character in it."),
        ('"a\\0": b', "1:1: No text can have a NUL character in it."),
        ("a: 1\n---\nb: 2\n", "2:1: This is not YAML: A second document begins here."),
        ("a: &x 1\nb: &x 2\n", "2:4: This anchor was used before."),
        ("a: *x\n", "1:4: This alias names nothing that was written above it."),
        ("a: &x [1, [*x]]\n", "1:12: This alias stands for something that it is part of."),
        ("? [a]\n: b\n", "1:3: A key has to be a word."),
        ("a: 1\nb: {c: 1,\n    c: 2}\na: 3\n", "3:5: The key 'c' stands here a second time (first in line 2)."),
        ("a: é \x07\n", "1:6: This character may not stand in YAML."),
        ('a: "\\ud83d"\n', "1:7: This escape stands for no character."),
        ("a: " + "[" * 101 + "]" * 101, "1:104: This is nested too deeply"),
        ("a: " + "[" * 100_000, "1:1003: This is nested too deeply"),
        ("- " * 100_000, "1:1999: This is nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_located(text, said):
    with pytest.raises(RoutineError) as caught:
        data(text)
    assert str(caught.value.problems[0]).startswith(f"a.yaml:{said}")


def test_aliases_of_aliases_are_not_followed_for_ever():
    """A kilobyte whose aliases lie in each other a thousand deep, or come to a million values."""
    deep = "\n".join(f"a{n}: &a{n} {'[' * 99}{f'*a{n - 1}' if n else 'x'}{']' * 99}" for n in range(12))
    wide = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]" for n in range(9))
    for text, code in ((deep, "too-deep"), (wide, "too-large")):
        with pytest.raises(RoutineError) as caught:
            data(text)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_every_shipped_file_is_yaml():
    for path in (*Path("scripts").rglob("*.yaml"), *Path("voices").rglob("*.yaml")):
        assert data(path.read_text("utf-8"))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
ODD_TEXTS = st.sampled_from(
    [
        *("1e3", "0o17", "010", "yes", "1:30", "~", "", " a ", "a: b", "# a", "- a", "\x85a", "b\x85", "c\u2028d"),
        "b " * 60,
        "b " * 60 + "\u2029",
    ]
)


@example({"\x85": "a\u2028b", "c": "d " * 60 + "\x85"})
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | ODD_TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("steps"), inner, max_size=3),
        max_leaves=10,
    )
)
@example({"a\x85b": "c\u2028d" + " long" * 30})
@example(["\x85", "a\u2029b"])
def test_what_is_written_is_read_back(value):
    assert data(to_yaml({"a": value})) == {"a": value}
