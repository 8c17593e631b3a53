"""What files were read as is kept from one run to the next: by their content, and nothing else can be in a pickle."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from audioguide.errors import RoutineError
from audioguide.model.routine import Limits
from audioguide.routine.routine_form import PoseForm, RoutineForm
from audioguide.schema import form_cache
from audioguide.schema.document import parse_document
from audioguide.schema.form_cache import open_form_cache, remember
from audioguide.schema.validate import validate_kept

POSE = "name: Bridge\ninstructions: Lift your hips.\nhold: 20s\nlimits: 10s..40s\n"
SHOW = (
    "import audioguide.cli.main as cli; from pydantic import TypeAdapter as T; built = []; before = T.rebuild\n"
    "T.rebuild = lambda self, **more: (built.append(self), before(self, **more))[1]\n"
    "code = cli.run(['show', 'lower-back-cool-down']); print(code, len(built))"
)


@pytest.fixture
def next_run(tmp_path, monkeypatch):
    """Begins a run: of what was made before, only the files are left."""
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path))

    def begin():
        monkeypatch.setattr(form_cache, "_made", set())
        monkeypatch.setattr(form_cache, "_kept", set())

    begin()
    return begin


def files() -> list[Path]:
    return sorted(open_form_cache().folder.rglob("*.form"))


def never() -> None:
    raise AssertionError("it is made again")


def test_a_second_run_builds_no_validator_and_shows_the_same(tmp_path):
    said = [
        subprocess.run(
            [sys.executable, "-c", SHOW],
            env=os.environ | {"AUDIOGUIDE_CACHE": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert said[0][:-1] == said[1][:-1]
    assert int(said[0][-1].split()[1]) > 3
    assert said[1][-1] == "0 0"


def test_the_same_content_is_the_same_form(next_run):
    document = parse_document(POSE, "bridge.yaml")
    form = validate_kept(document, PoseForm)
    next_run()
    assert remember("PoseForm", document.data, never) == form == validate_kept(document, PoseForm)
    assert isinstance(form.limits, Limits)
    next_run()
    other = validate_kept(parse_document(POSE.replace("20s", "21s"), "bridge.yaml"), PoseForm)
    assert (form.hold.amount, other.hold.amount) == (20, 21)


def test_what_is_wrong_is_told_each_time(next_run):
    document = parse_document(POSE.replace("20s", "soon"), "bridge.yaml")
    for _ in range(2):
        with pytest.raises(RoutineError, match=r"bridge\.yaml:3:7"):
            validate_kept(document, PoseForm)
        next_run()
    assert files() == []


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "another's"])
def test_a_damaged_file_is_made_again(next_run, harm):
    document = parse_document(POSE, "bridge.yaml")
    form = validate_kept(document, PoseForm)
    (file,) = files()
    content = file.read_bytes()
    if harm == "another's":
        validate_kept(parse_document(POSE.replace("20s", "30s"), "bridge.yaml"), PoseForm)
        content = next(other for other in files() if other != file).read_bytes()
    file.write_bytes({"cut": content[:-9], "flipped": content[:-1] + b"\0", "empty": b"", "another's": content}[harm])
    next_run()
    assert validate_kept(document, PoseForm) == form


class Call:
    """A pickle that would have something run."""

    def __init__(self, function, *arguments):
        self.what = function, arguments

    def __reduce__(self):
        return self.what


@pytest.mark.parametrize("function", [os.mkdir, print, eval, form_cache.open_form_cache])
def test_a_pickle_of_anything_else_is_refused(next_run, tmp_path, function):
    key = form_cache._key("PoseForm", "content")
    open_form_cache().put(key, pickle.dumps(Call(function, *([f"{tmp_path}/made"] if function is os.mkdir else []))))
    assert remember("PoseForm", "content", lambda: "made anew") == "made anew"
    assert not (tmp_path / "made").exists()


def test_another_program_reads_for_itself(next_run, monkeypatch):
    assert remember("kind", 1, lambda: Limits(1.0, 2.0)) == Limits(1.0, 2.0)
    next_run()
    monkeypatch.setattr(form_cache, "_program", lambda: "another version")
    with pytest.raises(AssertionError, match="made again"):
        remember("kind", 1, never)


def test_a_run_keeps_no_more_than_it_should(next_run):
    text = "title: T\nsteps:\n  - {rest: %d}\n"
    for seconds in range(1, 80):
        validate_kept(parse_document(text % seconds, "t.yaml"), RoutineForm)
    assert len(files()) == 50


def test_what_cannot_be_kept_is_made_each_time(next_run):
    class Local:
        pass

    assert isinstance(remember("local", 1, Local), Local)
    assert files() == []


def test_a_folder_that_refuses_costs_only_time(next_run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "file"))
    assert validate_kept(parse_document(POSE, "bridge.yaml"), PoseForm).name == "Bridge"
