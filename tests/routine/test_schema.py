"""The JSON Schema that editors use agrees with what the program reads."""

import jsonschema
import pytest
from ruamel.yaml import YAML

from audioguide import resources
from audioguide.routine.written import json_schema

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", resources.routines().values(), ids=lambda path: path.stem)
def test_every_shipped_routine_agrees_with_it(path):
    VALIDATOR.validate(YAML(typ="safe", pure=True).load(path))


@pytest.mark.parametrize(
    "step",
    [
        {"pose": "bridge", "hld": "3s"},
        {"pose": "bridge", "hold": "forever"},
        {"pose": "bridge", "level": "loud"},
        {"breathe": {"pattern": "x", "rounds": 1}},
        {"repeat": 2},
        {"sai": "hello"},
    ],
)
def test_what_is_wrong_does_not(step):
    assert not VALIDATOR.is_valid({"title": "t", "steps": [step]})
