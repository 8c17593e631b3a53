"""What `import audioguide` offers, used as a program would use it."""

import io
import pydoc
import subprocess
import sys

import numpy as np
import pytest

import audioguide
from audioguide.model.options import OPTIONS

ROUTINE = {"title": "Two breaths", "steps": [{"say": "Sit down."}, {"breathe": {"pattern": "4-6", "rounds": 2}}]}


@pytest.fixture(scope="module")
def session() -> audioguide.Session:
    return audioguide.load(ROUTINE, background="none")


def test_every_public_name_is_there_and_in_the_manual() -> None:
    manual = pydoc.render_doc(audioguide, renderer=pydoc.plaintext)
    for name in audioguide.__all__:
        assert getattr(audioguide, name) is not None
        assert name in manual or name == "__version__"
    assert dir(audioguide) == sorted(audioguide.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = audioguide.nothing_like_it


def test_load_describes_every_option() -> None:
    manual = pydoc.render_doc(audioguide.load, renderer=pydoc.plaintext)
    assert [row.name for row in OPTIONS if f"`{row.name}`" not in manual] == []


def test_importing_it_loads_next_to_nothing() -> None:
    code = "import sys, audioguide; print([name for name in sys.modules if name.startswith(('numpy', 'audioguide.s'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_what_can_be_named_is_listed() -> None:
    assert audioguide.load("taster").routine.id in audioguide.routines()
    assert audioguide.poses()["bridge"].name == "bridge.yaml"
    assert {"heart"} <= audioguide.voices().keys()
    assert {"warm-drone"} <= audioguide.backgrounds().keys()


def test_check_lists_problems(write) -> None:
    assert audioguide.check("taster") == ()
    (problem,) = audioguide.check(write("title: T\nsteps:\n  - pose: brigde\n"))
    assert (problem.place.line, problem.severity, problem.hint) == (3, "error", "Did you mean bridge?")


def test_a_routine_is_a_mapping_too(session) -> None:
    assert isinstance(session, audioguide.Session)
    assert isinstance(session.routine, audioguide.Routine)
    assert session.routine.title == "Two breaths"
    with pytest.raises(audioguide.RoutineError) as caught:
        audioguide.load({"title": "T", "steps": [{"pose": "brigde"}]})
    assert caught.value.problems[0].place.within == "step 1"


def test_the_sound_is_samples_and_blocks(session) -> None:
    timeline = session.compile()
    assert isinstance(timeline, audioguide.Timeline)
    assert isinstance(timeline.cues[0], audioguide.Cue)
    samples = session.samples()
    assert (samples.shape, samples.dtype) == ((timeline.frames, 2), np.float32)
    assert 0.1 < np.abs(samples).max() <= 1
    assert np.array_equal(np.concatenate([*session.blocks()]), samples)
    assert session.compile() is timeline


@pytest.mark.parametrize(("format", "magic"), [("flac", b"fLaC"), ("mp3", b"ID3"), ("WAV", b"RIFF")])
def test_an_export_goes_to_a_path_or_to_a_binary_file(session, tmp_path, format, magic) -> None:
    file = io.BytesIO()
    timeline = session.export(file, format=format)
    assert timeline == session.compile()
    path = tmp_path / f"session.{format.lower()}"
    session.export(path, format=format)
    assert file.getvalue() == path.read_bytes()
    assert file.getvalue().startswith(magic)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((io.BytesIO(),), "A binary file has no ending that names the format"),
        ((io.BytesIO(), "ogg"), "is not a format audioguide writes"),
        ((None,), "None is no file"),
        (("a.mp3", "wav"), "a.mp3 does not end with .wav"),
    ],
)
def test_an_export_that_cannot_be_is_refused(session, tmp_path, monkeypatch, arguments, message) -> None:
    monkeypatch.chdir(tmp_path)
    target, *format = arguments
    with pytest.raises(audioguide.RequestError, match=message):
        session.export(target, format=format[0] if format else None)
    assert [*tmp_path.iterdir()] == []


def test_stems_lie_beside_a_path(session) -> None:
    with pytest.raises(audioguide.RequestError, match="Give a path"):
        session.export(io.BytesIO(), format="wav", stems=True)
