"""How it felt is asked at the end of `play`: in a real terminal, with real keys, of a session that counts."""

import json
import shlex
import subprocess
import sys
from itertools import count

import pytest
from pulse import wait_until
from tmux import Tmux

# A loudspeaker that takes five minutes in a second.
FAST = """
import sys
import audioguide
from audioguide.cli import main

class Fast(audioguide.Device):
    name, audible = "fast", True

    def run(self, supply, halt):
        while not halt.wait(0.001):
            supply.take(min(supply.ahead, 40960))

audioguide.DEVICES.register("fast", Fast)
sys.argv[0] = "audioguide"
main()
"""
ROUTINE = """\
title: Evening
defaults: {background: none, level: brief, cues: {halfway: off, ten: off, countdown: off}}
steps:
  - {pose: bridge, hold: 60s, rounds: 2, rest: 10s}
  - {pose: {name: Doorway, hold: %ss, instructions: Lean.}}
  - {pose: bridge}
"""


@pytest.fixture
def play(home, tmux: Tmux, write):
    """Plays on the terminal, on the fast loudspeaker."""
    script = write(FAST, "fast.py")

    runs = count(1)

    def play(*options: str, seconds: int = 200, after: str = "") -> str:
        path = write(ROUTINE % seconds)
        command = [sys.executable, str(script), "play", str(path), "--output", "fast", *options]
        number = next(runs)  # what the run before has left on the screen is not taken for this one's
        tmux.run(f"clear; echo begins $(({number}))")
        tmux.sees(f"begins {number}")
        tmux.run(f"{shlex.join(command)} {after}; echo run {number}: $?")
        return f"run {number}: 0"

    return play


def last():
    """The last session of the log."""
    shown = subprocess.run([sys.executable, "-m", "audioguide", "log", "--json"], capture_output=True, check=True)
    return json.loads(shown.stdout)["sessions"][-1]


@pytest.mark.real("tmux")
def test_the_question_takes_only_its_keys(home, tmux: Tmux):
    poses = {f"pose-{number}": f"Pose {number}" for number in range(1, 13)}
    code = f"from audioguide.cli.ask_feeling import ask_feeling\nprint('answer', ask_feeling({poses}))"
    ask = f"clear; {shlex.join([sys.executable, '-c', code])}"
    for keys, answer in (
        ("x Space 7 e", "('easier', ())"),
        ("Enter", "(None, ())"),
        ("p 1 2 Enter p Up Enter p Down Enter p 3 0 Enter h", "('harder', ('pose-12', 'pose-1'))"),
    ):
        tmux.run("clear")
        wait_until(lambda: "Enter no answer" not in tmux.shown, "an empty screen")
        tmux.run(ask)
        tmux.sees("Enter no answer\n")
        tmux.press(*keys.split())
        tmux.sees(f"answer {answer}")
    tmux.run(f"{ask} </dev/null")
    tmux.sees("answer (None, ())")
    assert "How was it" not in tmux.shown


@pytest.mark.slow
@pytest.mark.real("tmux")
def test_a_key_that_was_meant_for_the_player_is_no_answer(home, tmux: Tmux):
    code = "from audioguide.cli.ask_feeling import ask_feeling\nprint('answer', ask_feeling({}))"
    tmux.run(f"clear; {shlex.join([sys.executable, '-c', code])}")
    tmux.press("h", "q")  # typed before it begins to ask
    tmux.sees("Enter no answer\n")
    tmux.press("e")
    tmux.sees("answer ('easier', ())")


@pytest.mark.slow
@pytest.mark.real("tmux")
def test_one_key_tells_how_it_felt_and_two_more_what_hurt(home, tmux: Tmux, play):
    before = tmux.modes("before")
    end = play()
    tmux.sees("How was it?  e easier, r right, h harder, p something hurt, Enter no answer")
    tmux.press("x", "r")
    tmux.sees(end)
    assert (last()["felt"], last()["hurt"], last()["counts"]) == ("right", [], True)
    end = play("--plain")
    tmux.sees("How was it?")
    tmux.press("p")
    tmux.sees("2  Doorway")
    tmux.press("Down", "Down", "Down", "Up", "Enter")
    tmux.press("h")
    tmux.sees(end)
    assert "ask a doctor or a physiotherapist" in tmux.shown.replace("\n", " ")
    assert (last()["felt"], last()["hurt"]) == ("harder", ["Doorway"])
    end = play()
    tmux.sees("How was it?")
    tmux.press("p", "1", "Enter", "Enter")
    tmux.sees(end)
    assert (last()["felt"], last()["hurt"]) == (None, ["bridge"])
    assert tmux.modes("after") == before


@pytest.mark.slow
@pytest.mark.real("tmux")
def test_nobody_is_asked_who_does_not_want_it_or_did_not_do_it(home, tmux: Tmux, play):
    end = play("--no-questions")
    tmux.sees(end)
    end = play(seconds=10)  # under five minutes
    tmux.sees(end)
    end = play(after="</dev/null")
    tmux.sees(end)
    (home / "config.yaml").write_text("questions: off\n")
    end = play("--plain")
    tmux.sees(end)
    assert "How was it" not in tmux.shown
    assert (last()["felt"], last()["done"]) == (None, True)
    assert "questions" in subprocess.run(
        [sys.executable, "-m", "audioguide", "config"], capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
