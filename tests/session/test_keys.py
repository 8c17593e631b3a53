"""`keys:` in the settings: what may stand there, what is told of what may not, and which keys are in force then."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioguide.errors import RequestError
from audioguide.player.commands import NAMED_KEYS, Command, KeyMap
from audioguide.session.config import read_config

WORDS = {command.word: command for command in Command}


@pytest.fixture
def configured(monkeypatch, tmp_path):
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path))

    def read(text):
        (tmp_path / "config.yaml").write_text(text, "utf-8")
        return read_config()

    return read


def test_a_clicker_turns_poses_and_pauses():
    keys = KeyMap().commands
    assert [keys[key] for key in ("pagedown", "pageup")] == [Command.NEXT, Command.PREVIOUS]
    assert {keys[key] for key in ("b", ".", "f5", "escape")} == {Command.PAUSE}


def test_no_key_has_two_commands_and_every_command_has_one():
    assert len(KeyMap().commands) == sum(len(command.keys) for command in Command)
    assert all(command.keys for command in Command)


def test_what_is_written_is_in_force(configured):
    keys = configured('keys: {longer: [a, ">"], mute: 7, voice-up: f2, stop: []}').keys
    assert keys.keys[Command.LONGER] == ("a", ">")
    assert [keys.commands[key] for key in ("a", ">", "7", "f2")] == [
        *[Command.LONGER] * 2,
        Command.MUTE,
        Command.VOICE_UP,
    ]
    assert keys.commands.keys().isdisjoint({"+", "m", "0", "q"})
    assert keys.commands["pagedown"] is Command.NEXT  # which has lost ">" only
    assert not keys.keys[Command.BACKGROUND_DOWN]
    assert ["a", ">", "5", "s", "longer", "in", "this", "hold"] in [line.split() for line in keys.format_help()]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keys: {longr: a}", "config.yaml:1:8: There is no command 'longr' of the player. Did you mean longer?"),
        ("keys:\n  next: pagdown\n", "config.yaml:2:9: There is no key 'pagdown' to give. Did you mean pagedown?"),
        ("keys: {mute: ctrl+c}", "config.yaml:1:14: There is no key 'ctrl+c' to give. Write a sign"),
        ("keys:\n  mute: [x]\n  stop: [y, x]\n", "config.yaml:3:13: The key 'x' is given to mute already."),
        (
            'keys: {mute: "?"}',
            "config.yaml:1:14: There is no key '?' to give. Write a sign (but ?, which lists the keys)",
        ),
        ("keys: {mute: {a: b}}", "config.yaml:1:14: "),
        ("keys: [a]", "config.yaml:1:7: "),
        ("keys: {mute: true}", "config.yaml:1:14: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(configured, text, told):
    with pytest.raises(RequestError) as caught:
        configured(text)
    assert told in str(caught.value)


def test_everything_wrong_is_told_at_once(configured):
    with pytest.raises(RequestError) as caught:
        configured("keys:\n  longr: a\n  mute: pagdown\n  stop: [x]\n  next: [x]\n")
    assert [problem.place.line for problem in caught.value.problems] == [2, 3, 5]


@pytest.mark.parametrize("text", ["keys:", "keys: {}"])
def test_nothing_is_what_the_program_has(configured, text):
    assert configured(text).keys is None


@settings(max_examples=40)
@given(written=st.dictionaries(st.sampled_from([*WORDS, "longr"]), st.lists(st.sampled_from(NAMED_KEYS) | st.text())))
def test_any_keys_are_in_force_or_refused_with_a_place(tmp_path_factory, written):
    folder = tmp_path_factory.getbasetemp()
    (folder / "config.yaml").write_text(json.dumps({"keys": written}), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDIOGUIDE_HOME", str(folder))
        try:
            keys = read_config().keys or KeyMap()
        except RequestError as error:
            assert "config.yaml" in str(error)
            return
    for word, own in written.items():
        assert all(keys.commands[key] is WORDS[word] for key in own)
    assert all(keys.commands[key] is command for command, own in keys.keys.items() for key in own)
    assert all(line.isprintable() for line in keys.format_help())
