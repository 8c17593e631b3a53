"""Options in written form: what is written is read back, and every mistake is found where it stands."""

import re
from pathlib import Path
from shlex import split

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.cli.flags import session_options
from audioguide.errors import RequestError, RoutineError
from audioguide.model.cues import AS_USUAL, CUES, Cues
from audioguide.model.options import OPTIONS, Options, to_arguments, to_data
from audioguide.model.routine import CHIMES, LEVELS, BreathPattern, Length, LengthChange
from audioguide.routine.options_form import OptionsForm, PresetForm, SettingsForm, to_options
from audioguide.schema.document import parse_document
from audioguide.schema.json_document import to_document
from audioguide.schema.validate import validate
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.config import template

seconds = st.floats(1, 21_000).map(lambda value: round(value, 6))
lengths = st.builds(Length, seconds) | st.builds(Length, st.integers(1, 4999), st.just("breaths"))
names = st.sampled_from(["bridge", "childs-pose", "7 bridge", "Doorway chest opener", "none", "yes", "90 90"])
phases = st.integers(1, 20) | st.sampled_from([2.5, 4.25])
choices = {name.replace("-", "_"): st.none() | st.sampled_from(how) for name, (how, _) in CUES.items()}
cues = st.builds(Cues, **choices).filter(AS_USUAL.__ne__)


changes = st.builds(LengthChange, seconds.flatmap(lambda one: st.sampled_from([one, -one])))
changes |= st.builds(LengthChange, st.integers(-99, 99), st.just("breaths"))
times = st.integers(1, 999)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=120).map(lambda text: " ".join(text.split()))
titles = texts.filter(str.isprintable).filter(bool)


def by_pose(values):
    return st.dictionaries(names, values).map(lambda values: tuple(values.items()))


VALUES = {
    "hold": lengths | changes,
    "holds": by_pose(lengths | changes),
    "rounds": by_pose(times),
    "reps": by_pose(times),
    "sides": by_pose(
        st.lists(st.sampled_from(["left", "right arm", "to the left"]), min_size=1, max_size=8).map(tuple)
    ),
    "swap": by_pose(st.sampled_from(["dead-bug", "7"])),
    "settle": st.just(0.0) | seconds,
    "scale": st.floats(0.1, 10),
    "length": seconds,
    "breath": st.builds(BreathPattern, phases, phases, phases, phases),
    "language": st.sampled_from(["de", "es"]),
    "level": st.sampled_from(LEVELS),
    "background": st.sampled_from(["none", "warm-drone", "/music/my song.mp3"]),
    "chime": st.sampled_from(["none", *CHIMES]),
    "cues": cues,
    "voice": st.just("heart"),
    "fallback": st.just("pico-us"),
    "pace": st.floats(0.5, 2),
    "voice_level": st.floats(-12, 6),
    "background_level": st.floats(-20, 10),
    "skip": st.lists(names, unique=True).map(tuple),
    "keep": st.lists(names, unique=True).map(tuple),
    "title": titles,
    "artist": titles,
    "album": titles,
    "cover": st.sampled_from(["none", "/pictures/logo.png"]),
    "beyond_limits": st.booleans(),
    "only": st.just("holds"),
    "silence": st.just("digital"),
}
some_options = st.fixed_dictionaries({}, optional={row.name: VALUES[row.name] for row in OPTIONS}).map(
    lambda values: Options(**values)
)


@given(some_options)
def test_what_is_written_is_what_is_read(options):
    text = to_yaml({"routine": "taster", "options": to_data(options)})
    read = to_options(validate(parse_document(text, "p.yaml"), PresetForm).options)
    assert read.over(Options()) == options.over(Options())


@given(some_options)
def test_what_is_written_after_a_command_is_what_it_reads(options):
    @click.command()
    @session_options
    def command(options):
        return options

    assert command.main(split(to_arguments(options)), standalone_mode=False) == options


@given(some_options, some_options)
def test_options_over_others_stay_so_when_they_are_written(over, under):
    """A preset holds one value for each pose, in which what was added is added up."""
    try:
        both = over.over(under)
        written = to_options(parse_data(to_data(both)))
    except RequestError as error:  # seconds and breaths
        assert "cannot be added" in str(error)
        return
    assert dict(written.rounds) == dict(under.rounds) | dict(over.rounds)
    assert written.over(Options()) == both.with_poses(lambda row, pose: pose)


def parse_data(data):
    return validate(to_document(data, "options", lambda keys: ("", 1)), OptionsForm)


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
