"""The JSON Schema that editors use agrees with what the program reads."""

import jsonschema
import pytest

from audioguide.cli.commands.edit import template
from audioguide.errors import RoutineError
from audioguide.model.cues import CUES
from audioguide.routine.json_schema import IN_A_FORM, KEYS, json_schema
from audioguide.routine.routine_form import RoutineForm
from audioguide.schema.document import parse_document
from audioguide.schema.validate import validate
from audioguide.system import paths

SCHEMA = json_schema()
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)


def test_the_schema_is_one_that_editors_read():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert isinstance(VALIDATOR, jsonschema.Draft7Validator)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_key_has_a_sentence_and_every_sentence_a_key():
    keys = [
        (name, key, facts)
        for name, form in {**SCHEMA["definitions"], "": SCHEMA}.items()
        for key, facts in form.get("properties", {}).items()
    ]
    assert {key for _, key, _ in keys} == {*KEYS, *CUES}
    assert {(name, key) for name, keys in IN_A_FORM.items() for key in keys} <= {(name, key) for name, key, _ in keys}
    for _, key, facts in keys:
        assert facts["description"].endswith("."), key
        assert "default" not in facts or facts["default"] not in (None, {}, [], ""), key


@pytest.mark.parametrize("path", paths.routine_files().values(), ids=lambda path: path.stem)
def test_every_shipped_routine_agrees_with_it(path):
    VALIDATOR.validate(parse_document(path.read_text("utf-8"), path.name).data)


def test_the_routine_to_start_from_agrees_with_it():
    VALIDATOR.validate(parse_document(template("mine", completed=True), "mine.yaml").data)


def test_its_examples_are_right():
    """Each example beside a key is taken by the schema of that key."""
    for name, form in {**SCHEMA["definitions"], "": SCHEMA}.items():
        for key, facts in form.get("properties", {}).items():
            for example in facts.get("examples", ()):
                own = jsonschema.Draft7Validator({**facts, "definitions": SCHEMA["definitions"]})
                assert own.is_valid(example), (name, key, example)


BROKEN = [
    "title: t",
    "steps: [{rest: 5s}]",
    "title: t\nsteps: []",
    "title: t\nsteps: {rest: 5s}",
    "title: t\nstep: [{rest: 5s}]\nsteps: [{rest: 5s}]",
    "title: t\nlanguage: english\nsteps: [{rest: 5s}]",
    "title: t\ntags: short\nsteps: [{rest: 5s}]",
    "title: t\ndefaults: {hold: forever}\nsteps: [{rest: 5s}]",
    "title: t\ndefaults: {rounds: 2}\nsteps: [{rest: 5s}]",
    *(
        f"title: t\nsteps: [{step}]"
        for step in (
            "{pose: bridge, hld: 3s}",
            "{pose: bridge, hold: forever}",
            "{pose: bridge, hold: 45 bananas}",
            "{pose: bridge, hold: 5 breathss}",
            "{pose: bridge, level: loud}",
            "{pose: bridge, rounds: 0}",
            "{pose: bridge, rounds: two}",
            "{pose: bridge, snap: rep}",
            "{pose: bridge, optional: brief}",
            "{pose: bridge, voice: heart}",
            "{pose: {instructions: No name.}}",
            "{pose: {name: n, limits: 10s}}",
            "{pose: {name: n, position: upside-down}}",
            "{pose: {name: n, sides: []}}",
            "{pose: {name: n, tempo: 2-1}}",
            "{pose: {name: n, breath_words: {in: Up}}}",
            "{pose: {name: n, prompts: [{at: 5s}]}}",
            "{pose: {name: n, instructions: {short: x}}}",
            "{breathe: {pattern: x, rounds: 1}}",
            "{breathe: {pattern: 4-6}}",
            "{breathe: 4-6}",
            "{repeat: 2}",
            "{repeat: 2, steps: []}",
            "{repeat: 2, steps: [{sai: hello}]}",
            "{include: [a]}",
            "{rest: soon}",
            "{rest: 5s, say: x}",
            "{sai: hello}",
            "hello",
        )
    ),
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_the_program_refuses_an_editor_marks(text):
    with pytest.raises(RoutineError):
        validate(parse_document(text, "broken.yaml"), RoutineForm)
    assert not VALIDATOR.is_valid(parse_document(text, "broken.yaml").data)
