import json

import numpy as np
import pytest
from click.testing import CliRunner

from audioguide.cli.main import group, run
from audioguide.system.ffmpeg import measure_loudness


@pytest.fixture
def audioguide(capfd):
    """Run a command: exit code, stdout, stderr."""

    def call(*arguments):
        code = run(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_lists_them_with_what_they_are(audioguide):
    code, out, err = audioguide("backgrounds")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert {"warm-drone", "singing-bowls", "ocean", "rain", "pink-noise", "brown-noise", "breath-swell"} <= set(lines)
    assert lines["binaural"].endswith("(stereo only)")
    assert "Put files of any format there." in lines["music"]


def test_lists_them_as_json_with_ones_own(audioguide, home):
    own = home / "voices/backgrounds"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("description: My noise.\nlayers: [{noise: {slope: -2}}]\n")
    (own / "wrong.yaml").write_text("layers: [{nose: {}}]\n")
    code, out, _ = audioguide("backgrounds", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(rows["ocean"]) == {"name", "description", "stereo_only", "own", "file", "problem"}
    assert (rows["ocean"]["own"], rows["mine"]["own"]) == (False, True)
    assert rows["mine"]["description"] == "My noise."
    assert "wrong.yaml:1:11" in rows["wrong"]["problem"]
    assert rows["binaural"]["stereo_only"] is True


def test_a_preview_is_written_as_it_sounds_in_a_hold(audioguide, tmp_path):
    import miniaudio

    path = tmp_path / "ocean.wav"
    code, out, _ = audioguide("backgrounds", "preview", "ocean", "-o", str(path), "--seconds", "8")
    assert (code, out) == (0, f"{path}  0:08\n")
    decoded = miniaudio.decode_file(str(path), output_format=miniaudio.SampleFormat.FLOAT32)
    sound = np.frombuffer(decoded.samples, np.float32).reshape(-1, 2)
    assert len(sound) == 8 * 44_100
    assert not sound[0].any()
    assert not sound[-1].any()
    assert measure_loudness(sound[88_200:-88_200]) == pytest.approx(-29, abs=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ocaen",), "Did you mean ocean?"),
        (("ocean", "-o", "a.xyz"), ".xyz is not a format"),
        (("ocean", "-o", "nowhere/a.wav"), "There is no folder nowhere"),
        (("ocean", "--seconds", "0"), "more than 0"),
        (("ocean", "--seconds", "2h"), "an hour is the most"),
        (("music",), "There is no music in"),
    ],
)
def test_what_cannot_be_previewed(audioguide, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = audioguide("backgrounds", "preview", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.real("pulseaudio")
@pytest.mark.real("parec")
def test_a_preview_is_heard(audioguide, sound_server):
    code, _, err = audioguide("backgrounds", "preview", "rain", "--seconds", "0.5")
    assert (code, err) == (0, "")


def test_help_names_the_preview():
    assert "preview" in CliRunner().invoke(group, ["backgrounds", "--help"]).output
