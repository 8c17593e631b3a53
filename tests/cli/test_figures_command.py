"""`audioguide poses draw`, and what is said of figures that are wrong, also in a stranger's file."""

import json
import re
from html import unescape

import pytest
from carrying import carry, data_of
from PIL import Image

FRAME = {"spine": [90, 90], "head": 90, "near_arm": [-80, -80, -80], "near_leg": [-90, -90, 0]}


def routine(figure):
    pose = {"name": "Stand", "instructions": "Stand.", "hold": "10s", "release": "Rest.", "figure": figure}
    return {"title": "Stands", "steps": [{"pose": pose}, {"say": "That was it."}]}


def test_one_pose_and_all_of_them_are_drawn_as_the_ending_says(call, tmp_path):
    for ending, start in ((".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        one = tmp_path / f"one{ending}"
        assert call("poses", "draw", "tree", "-o", str(one)) == (0, "", f"Wrote {one}.\n")
        assert one.read_bytes().startswith(start)
    sheet = tmp_path / "sheet.svg"
    assert call("poses", "draw", "--all", "-o", str(sheet)) == (0, "", f"Wrote {sheet}.\n")
    names = {row["name"] for row in json.loads(call("poses", "--json")[1])}
    assert names <= {*map(unescape, re.findall(r">([^<]+)</text>", sheet.read_text()))}
    assert Image.open(tmp_path / "one.png").getbbox()
    cow, end = (tmp_path / f"one{name}.svg" for name in ("", "-end"))
    call("poses", "draw", "cat-cow", "--moment", "1", "-o", str(end))
    assert cow.read_bytes() != end.read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bird-dgo", "-o", "a.svg"], "There is no pose 'bird-dgo'. Did you mean bird-dog?"),
        (["bird-dog", "-o", "a.gif"], ".gif is not a picture that audioguide draws."),
        (["bird-dog", "--all", "-o", "a.svg"], "Draw one pose, or all of them. Name a pose, or give --all."),
        (["-o", "a.svg"], "Draw one pose, or all of them. Name a pose, or give --all."),
        (["plain", "-o", "a.svg"], "Plain has no figure. Write one in its file: docs/figures.md says how."),
    ],
)
def test_what_cannot_be_drawn_is_said(words, message, call, home):
    (home / "scripts/poses").mkdir(parents=True)
    (home / "scripts/poses/plain.yaml").write_text("name: Plain\nhold: 10s\ninstructions: Sit.\n")
    code, out, err = call("poses", "draw", *words)
    assert (code, out) == (2, "")
    assert err.startswith(message)


def test_a_joint_that_bends_the_wrong_way_is_told(tmp_path, call):
    back = {**FRAME, "near_leg": [-90, -60, 0]}
    (tmp_path / "knee.yaml").write_text(json.dumps(routine({"frames": [back]})))
    code, out, err = call("check", str(tmp_path / "knee.yaml"))
    assert (code, err) == (0, "")
    assert "warning: The near knee is bent as no knee bends." in out


WRONG = [
    ({"frames": [{**FRAME, "head": "up"}]}, "An angle is a number from -720 to 720 degrees, not 'up'."),
    ({"frames": [{**FRAME, "head": 3141.59}]}, "An angle is a number from -720 to 720 degrees, not '3141.59'."),
    ({"frames": [{**FRAME, "head": [90, 100]}]}, "An angle is a number from -90 to 90 degrees, not '100'."),
    ({"frames": [{**FRAME, "head": True}]}, "An angle is a number from -720 to 720 degrees, not 'True'."),
    ({"frames": [{**FRAME, "head": [1, 2, 3]}]}, "An angle is a number from -720 to 720 degrees, not '[1, 2, 3]'."),
    ({"frames": [{**FRAME, "near_arm": [1, 2]}]}, "Here belong 3 angles: upper arm, forearm, hand."),
    ({"frames": [{**FRAME, "near_leg": None}]}, "Here belong 3 angles: thigh, shin, foot."),
    ({"frames": [{key: FRAME[key] for key in FRAME if key != "near_leg"}]}, "'near_leg' is missing here."),
    ({"frames": [{**FRAME, "middle_leg": [1, 2, 3]}]}, "There is no key 'middle_leg' here. Did you mean"),
    ({"frames": [FRAME] * 9}, "'frames' is too long: at most 8."),
    ({"frames": [FRAME] * 100}, "There are over 1,000 values in this figure."),
    ({"frames": []}, "'frames' is empty."),
    ({}, "'frames' is missing here."),
    ({"frames": [FRAME], "props": {"table": "hips"}}, "There is no prop 'table'."),
    ({"frames": [FRAME], "props": {"chair": "hip"}}, "'chair' cannot be 'hip'."),
    ({"frames": [FRAME], "on_floor": ["near_paw"]}, "'on_floor' cannot be 'near_paw'."),
    ({"frames": [FRAME], "view": "behind"}, "'view' cannot be 'behind'."),
    ("standing", "'figure' has to be a mapping of keys, not 'standing'."),
]


@pytest.mark.parametrize(("figure", "message"), WRONG)
def test_a_pose_whose_figure_is_wrong_is_heard_without_it_and_told(figure, message, tmp_path, call):
    path = tmp_path / "wrong.yaml"
    path.write_text(json.dumps(routine(figure)))
    code, out, _ = call("check", str(path))
    (line,) = out.splitlines()
    assert (code, message in line) == (0, True), line
    assert re.match(r".*wrong\.yaml:1:\d+: warning: ", line)
    code, out, err = call("show", str(path))
    assert (code, "Stand" in out, "Without its figure: " in err, err.count("\n")) == (0, True, True, 1)


def test_a_million_numbers_in_a_file_of_a_stranger_cost_the_figure_alone(tmp_path, call):
    data = data_of("taster")
    pose = next(iter(data["poses"].values()))
    pose["figure"] = {"frames": [FRAME], "on_floor": [0] * 1_000_000}
    path = carry(json.dumps(data).encode(), tmp_path / "strange.mp3")
    code, _, err = call("show", str(path))
    assert (code, err.count("Without its figure: "), err.count("\n")) == (0, 1, 1)
    assert f"pose {pose.get('id', '')}" in err
