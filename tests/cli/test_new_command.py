"""`audioguide new` and `audioguide schema -o`."""

import json
import os
import sys
from pathlib import Path

import pytest

from audioguide.routine.json_schema import SCHEMA_FILE, json_schema

SHIPPED = Path(__file__).resolve().parents[2]


def test_a_new_routine_passes_the_strictest_check_and_can_be_shown(call, tmp_path):
    code, out, err = call("new", "quiet-morning.yaml")
    assert (code, err) == (0, "")
    assert "`audioguide play quiet-morning.yaml`" in out
    assert call("check", "--strict", "quiet-morning.yaml") == (0, "", "")
    assert call("show", "quiet-morning.yaml", "--level", "brief")[1].startswith("Quiet morning ")
    assert [item.name for item in tmp_path.iterdir()] == ["quiet-morning.yaml"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("there.yaml", "there.yaml exists already. Choose another name."),
        ("new.txt", "new.txt does not end with .yaml. Write `audioguide new new.yaml`."),
        ("new", "new does not end with .yaml."),
        ("no/new.yaml", "There is no folder no. Make it, or choose another."),
        ("x" * 300 + ".yaml", "is too long for this disk. Choose a shorter one."),
    ],
)
def test_what_cannot_be_written_is_refused(call, write, name, said):
    write("mine", "there.yaml")
    code, out, err = call("new", name)
    assert (code, out) == (2, "")
    assert said in err


def test_beside_a_schema_it_switches_completion_on(call, tmp_path):
    code, out, _ = call("schema", "-o", SCHEMA_FILE)
    assert code == 0
    line = f"# yaml-language-server: $schema={SCHEMA_FILE}"
    assert out.splitlines()[-1] == line
    assert json.loads((tmp_path / SCHEMA_FILE).read_text()) == json_schema() == json.loads(call("schema")[1])
    call("new", "mine.yaml")
    assert (tmp_path / "mine.yaml").read_text().splitlines()[0] == line
    assert call("schema", "-o", "no/x.json")[0] == 2


def test_a_schema_never_takes_the_place_of_a_routine(call, tmp_path):
    call("new", "mine.yaml")
    before = (tmp_path / "mine.yaml").read_text()
    code, out, err = call("schema", "-o", "mine.yaml")
    assert (code, out) == (2, "")
    assert err == f"mine.yaml does not end with .json. Write -o {SCHEMA_FILE}.\n"
    assert (tmp_path / "mine.yaml").read_text() == before


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="file names are text there")
def test_a_file_whose_name_is_no_text_gets_a_title_that_is(call, tmp_path):
    name = os.fsdecode(b"n\xe9.yaml")
    assert call("new", name)[0] == 0
    assert 'title: "N?"' in (tmp_path / name).read_text()


@pytest.mark.parametrize("ending", ["yaml", "yml"])
def test_either_ending_is_an_id(call, home, ending):
    """Of a routine, a preset, a pose, a voice, a background, and of what a routine includes."""
    files = {
        "scripts/quiet": "title: Q\ndefaults: {voice: anna, background: hum}\nsteps: [{include: part}, {pose: tree}]\n",
        "scripts/part": "title: Part\nsteps: [{say: Now.}]\n",
        "scripts/poses/tree": "name: Tree\nrelease: Stand.\n",
        "voices/anna": (SHIPPED / "voices/heart.yaml").read_text("utf-8"),
        "voices/backgrounds/hum": "layers: [{noise: {slope: -3}}]\n",
        "presets/short": "routine: quiet\noptions: {hold: 10s}\n",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / f"{name}.{ending}").write_text(text, "utf-8")
    assert {"quiet", "short"} <= {row["id"] for row in json.loads(call("list", "--json")[1])}
    code, out, _ = call("show", "short", "--json")
    assert (code, [cue["pose"] for cue in json.loads(out)["cues"] if cue["kind"] == "hold"]) == (0, ["tree"])
    assert call("show", "short", "--hold", "12s", "--save", "short")[0] == 0
    assert [path.name for path in (home / "presets").iterdir()] == [f"short.{ending}"]
    assert call("delete", "short", "--yes")[0] == 0
