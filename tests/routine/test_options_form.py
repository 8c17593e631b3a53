"""Options in written form: what is written is read back, and every mistake is found where it stands."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import RequestError, RoutineError
from audioguide.model.cues import AS_USUAL, CUES, Cues
from audioguide.model.options import Options, to_data
from audioguide.model.routine import CHIMES, LEVELS, BreathPattern, Length
from audioguide.routine.options_form import OptionsForm, PresetForm, SettingsForm, to_options
from audioguide.schema.document import parse_document
from audioguide.schema.validate import validate
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.config import template

seconds = st.floats(1, 43_200).map(lambda value: round(value, 6))
lengths = st.builds(Length, seconds) | st.builds(Length, st.integers(1, 9999), st.just("breaths"))
names = st.sampled_from(["bridge", "childs-pose", "7 bridge", "Doorway chest opener", "none", "yes", "90 90"])
phases = st.integers(1, 20) | st.sampled_from([2.5, 4.25])
optional = st.none()
choices = {name.replace("-", "_"): st.none() | st.sampled_from(how) for name, (how, _) in CUES.items()}
cues = st.builds(Cues, **choices).filter(AS_USUAL.__ne__)


@given(
    st.builds(
        Options,
        hold=optional | lengths,
        holds=st.dictionaries(names, lengths).map(lambda holds: tuple(holds.items())),
        scale=optional | st.floats(0.1, 10),
        length=optional | seconds,
        breath=optional | st.builds(BreathPattern, phases, phases, phases, phases),
        level=optional | st.sampled_from(LEVELS),
        cues=optional | cues,
        background=optional | st.sampled_from(["none", "warm-drone"]),
        chime=optional | st.sampled_from(["none", *CHIMES]),
        voice=optional | st.just("heart"),
        skip=st.lists(names, unique=True).map(tuple),
        beyond_limits=st.booleans(),
    )
)
def test_what_is_written_is_what_is_read(options):
    text = to_yaml({"routine": "taster", "options": to_data(options)})
    read = to_options(validate(parse_document(text, "p.yaml"), PresetForm).options)
    assert read.over(Options()) == options.over(Options())


def test_the_words_are_those_of_the_command_line():
    from audioguide.cli.commands.routines import show_command as command

    keys = {field.alias for field in OptionsForm.model_fields.values()} - {"holds"}  # which is --hold POSE=…
    offered = {name.removeprefix("--") for option in command.params for name in option.opts if name.startswith("--")}
    assert keys <= offered


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("levle: brief", "1:3 Did you mean level?"),
        ("level: loud", "1:10 Write 'brief', 'normal' or 'full'."),
        ("hold: soon", "1:9 Write 45s, 1m30s, 1:30 or 2 min."),
        ("holds: {bridge: soon}", "1:19 Write 45s, 1m30s, 1:30 or 2 min."),
        ("holds: 30s", "1:10 Write each key on a line below it, with a colon."),
        ("scale: 11", "1:10 Write it as 1.25."),
        ("scale: true", "1:10 Write it as 1.25."),
        ("scale: .nan", "1:10 Write it as 1.25."),
        ("length: 13h", "1:11 Write 45s"),
        ("breath: 4", "1:11 Write 4-6, 4-7-8 or 4-4-4-4."),
        ("skip: pigeon", "1:9 Write each item on a line with a dash."),
        ("beyond-limits: maybe", "1:18 Write true or false."),
        ("beyond_limits: true", "1:3 Did you mean beyond-limits?"),
        ("voice: ''", "1:10"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(line, said):
    document = parse_document(f"options:\n  {line}\n", "c.yaml")
    with pytest.raises(RoutineError) as caught:
        validate(document, SettingsForm)
    (problem,) = caught.value.problems
    place = f"{problem.place.line - 1}:{problem.place.column}"
    assert f"{place} {problem.hint}".startswith(said)


def test_everything_wrong_is_told_at_once():
    text = "options:\n  level: loud\n  scale: 0\n  holds: {a: x, b: 3s, c: y}\nroutne: x\n"
    with pytest.raises(RoutineError) as caught:
        validate(parse_document(text, "p.yaml"), PresetForm)
    assert sorted(problem.place.line for problem in caught.value.problems) == [
        2,
        3,
        4,
        4,
        5,
    ]  # a misspelt routine is not missing as well


@pytest.mark.parametrize("written", ["holds: {7: 20s}", "skip: [bridge, 7]"])
def test_settings_know_no_step_numbers(written):
    with pytest.raises(RequestError, match="Step 7 is another one in each routine"):
        validate(parse_document(f"options: {{{written}}}", "c.yaml"), SettingsForm)
    validate(parse_document(f"routine: taster\noptions: {{{written}}}", "p.yaml"), PresetForm)


def test_the_settings_file_to_start_from_sets_nothing_and_shows_how_to_write_each_option():
    assert to_options(validate(parse_document(template(), "c.yaml"), SettingsForm).options) == Options()
    shown = re.sub("^  # ", "  ", template(), flags=re.MULTILINE)
    read = validate(parse_document(shown, "c.yaml"), SettingsForm).options
    assert read.model_fields_set == set(OptionsForm.model_fields) - {"length", "title", "beyond_limits"}


def test_the_examples_of_the_manual_are_right():
    manual = (Path(__file__).parents[2] / "docs/presets.md").read_text("utf-8")
    preset, config = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    written = validate(parse_document(preset, "preset"), PresetForm).options
    assert written.model_fields_set == set(OptionsForm.model_fields)
    assert validate(parse_document(config, "config"), SettingsForm).options.level == "brief"
