"""`audioguide voices level`: a voice of one's own is measured once, and until then every export says so."""

import pytest

import audioguide
from audioguide.cli.main import run

PROFILE = """\
# My own pace.
engine: hibari
model: heart
language: en
rate: {narration: 1.0, breath: 0.8, count: 0.9}
pause: 0.5   # short
sample: Lie on your back and let your breath settle. Breathe in, and out.
"""


@pytest.fixture
def mine(home):
    (home / "voices").mkdir(parents=True)
    path = home / "voices/mine.yaml"
    path.write_text(PROFILE)
    return path


@pytest.mark.slow
def test_a_voice_that_was_never_measured_is_told_and_then_measured(mine, tmp_path, capsys):
    routine = tmp_path / "r.yaml"
    routine.write_text("title: t\nsteps:\n- say: Walk around until your breath has settled.\n")
    command = ["export", str(routine), "--voice", "mine", "-o", str(tmp_path / "a.wav"), "--loudness"]
    assert run(command) == 0
    before = capsys.readouterr()
    assert "The voice mine was never measured: run `audioguide voices level mine`." in before.err
    assert "voice -16." in before.out or "voice -15." in before.out  # each text is levelled by itself till then
    assert run(["voices", "level", "mine"]) == 0
    said = capsys.readouterr().out
    assert "mine.yaml  narration +" in said
    text = mine.read_text()
    assert text.startswith(PROFILE)
    assert text.count("gain:") == 1
    assert run(command) == 0
    after = capsys.readouterr()
    assert "never measured" not in after.err
    gain = audioguide.load(str(routine), voice="mine").voice.gain
    assert gain is not None
    assert 4 < gain.narration < 10
    mine.write_text(text.replace(f"gain: {{narration: {gain.narration:g}", "gain:\n  {narration: 0"))
    assert run(["voices", "level", "mine"]) == 0  # again, whatever stood there
    assert mine.read_text().count("gain:") == 1
    assert audioguide.load(str(routine), voice="mine").voice.gain == gain


def test_a_shipped_voice_and_what_cannot_be_written(mine, capsys):
    assert run(["voices", "level", "heart"]) == 0
    assert "heart comes with the program and keeps its gain; its sample asks for narration +" in capsys.readouterr().out
    assert run(["voices", "level", "hart"]) == 2
    assert "heart" in capsys.readouterr().err
    flow = "{engine: hibari, model: heart, language: en, rate: {narration: 1, breath: 1, count: 1}}\n"
    mine.write_text(flow)
    assert run(["voices", "level", "mine"]) == 2
    assert mine.read_text() == flow
    assert capsys.readouterr().err.count("\n") <= 2
