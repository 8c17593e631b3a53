"""`audioguide config`: where wishes are written, what is in force, where it comes from; and a broken file."""

import json

import pytest

from audioguide.session.config import config_file, template


def test_without_a_file_all_is_built_in(call, home):
    code, out, err = call("config")
    assert (code, err) == (0, "")
    assert out.startswith(f"{home / 'config.yaml'}  (does not exist")
    facts = json.loads(call("config", "--json")[1])
    assert facts["exists"] is False
    assert {one["source"] for one in facts["options"].values()} == {"built-in"}
    assert facts["options"]["voice"]["value"] == "heart"
    assert facts["folders"]["presets"] == str(home / "presets")
    assert facts["environment"]["AUDIOGUIDE_HOME"] == str(home)


def test_what_is_written_is_in_force_with_its_line(call, home):
    home.mkdir()
    (home / "config.yaml").write_text("# mine\noptions:\n  level: full\n\n  holds: {bridge: 1:30}\n  skip: [pigeon]\n")
    facts = json.loads(call("config", "--json")[1])
    assert facts["options"]["level"] == {"value": "full", "source": "config.yaml:3"}
    assert facts["options"]["holds"] == {"value": {"bridge": "1m30s"}, "source": "config.yaml:5"}
    assert facts["options"]["skip"] == {"value": ["pigeon"], "source": "config.yaml:6"}
    lines = [line.split() for line in call("config")[1].splitlines()]
    assert ["level", "full", "config.yaml:3"] in lines
    assert ["holds", "bridge", "1m30s", "config.yaml:5"] in lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("options:\n  levle: full\n", "config.yaml:2:3: There is no key 'levle' here. Did you mean level?"),
        ("options:\n  voice: hart\n", "config.yaml:2:10: There is no voice 'hart'. Did you mean heart?"),
        ("level: full\n", "config.yaml:1:1: There is no key 'level' here."),
        ("level\n", "config.yaml:1:1: There are no options here. Begin with `options:`."),
        ("options: [\n", "config.yaml:1:10: The [ that opens here"),
    ],
)
def test_a_broken_file_is_shown_with_its_place_and_refused_by_the_others(call, home, text, said):
    home.mkdir()
    (home / "config.yaml").write_text(text)
    code, out, _ = call("config")
    assert code == 2
    assert out.splitlines()[0] == str(home / "config.yaml")
    assert said in out
    assert json.loads(call("config", "--json")[1])["problems"]
    code, out, err = call("show", "taster")
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "options:\n", template()])
def test_a_file_without_wishes_is_fine(call, home, text):
    home.mkdir()
    (home / "config.yaml").write_text(text)
    assert call("config")[0] == 0
    assert call("list")[0] == 0


def test_edit_begins_a_commented_file(call, home, monkeypatch):
    monkeypatch.setenv("VISUAL", "true")
    assert call("config", "--edit")[0] == 0
    assert (home / "config.yaml").read_text() == template()
    (home / "config.yaml").write_text("options: {level: brief}\n")
    assert call("config", "--edit")[0] == 0
    assert (home / "config.yaml").read_text() == "options: {level: brief}\n"


def test_a_folder_in_its_place(call, home):
    (home / "config.yaml").mkdir(parents=True)
    code, out, _ = call("config")
    assert code == 2
    assert "is a folder" in out


def test_without_a_home_it_lies_where_the_system_keeps_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("AUDIOGUIDE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_file().name == "config.yaml"
    assert "audioguide" in config_file().parts


def test_a_pose_that_no_routine_has_is_told_with_the_nearest_and_the_rest_is_in_force(call, home):
    home.mkdir()
    (home / "config.yaml").write_text(
        "options:\n  level: brief\n  holds: {pigon: 30s, Quick steps: 10s}\n  skip: [bridge]\n"
    )
    code, out, _ = call("config")
    assert code == 0
    told = "config.yaml:3:11: warning: No routine has a pose 'pigon', so this is not used. Did you mean pigeon?"
    assert told in out
    assert out.count("warning") == 1
    assert ["level", "brief", "config.yaml:2"] in [line.split() for line in out.splitlines()]
    assert call("config", "--json")[0] == 0


def test_a_folder_in_its_place_is_told(call, home):
    (home / "config.yaml").mkdir(parents=True)
    assert call("config")[0] == 2
    code, out, err = call("show", "taster")
    assert (code, out) == (2, "")
    assert err.endswith("config.yaml is a folder. Move it away: `audioguide config --edit` begins another.\n")
