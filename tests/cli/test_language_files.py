"""Language files: the words of a pose or a routine in another language, and `--language`."""

import json

import pytest

from audioguide.system import paths


@pytest.fixture
def own(home):
    """Write a file of one's own, by its path in the folder of scripts."""

    def write(name, text):
        path = home / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_language_file_is_no_routine_and_no_pose(call, own):
    own("week.yaml", "title: Week\nsteps:\n  - say: Go.\n")
    german = own("week.de.yaml", "title: Woche\nsteps:\n  - say: Geh.\n")
    plain = own("tag.de.yaml", "title: Tag\nlanguage: de\nsteps:\n  - say: Geh.\n")
    mine = own("taster.fr.yaml", "title: Avant-goût\n")
    own("poses/bridge.fr.yml", "name: Le pont\n")
    ids = {row["id"] for row in json.loads(call("list", "--json")[1])}
    assert {"week", "tag.de", "taster"} <= ids
    assert not {"week.de", "taster.fr", "taster.de"} & ids
    assert "bridge.fr" not in paths.pose_files()
    assert paths.pose_file("bridge.fr") is None
    assert call("show", "week.de")[0] == call("show", "bridge.fr")[0] == 2
    assert paths.original_file(german) == (german.with_name("week.yaml"), "de")
    assert paths.original_file(plain) is None
    shipped = paths.routine_files()["taster"]
    assert paths.original_file(mine) == (shipped, "fr")
    assert paths.language_file(shipped, "fr") == mine
    assert paths.language_file(shipped, "xx") is None
