"""What the page is told of sessions: which there are, their sliders, their length; on a real server."""

import json
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from page_server import PageServer

from audioguide.model.cues import CUES
from audioguide.model.options import OPTIONS
from audioguide.system import paths

SHIPPED = Path(__file__).resolve().parents[2]


def test_every_session_is_told_with_its_length_and_its_picture(server):
    reply = server.get("api/sessions")
    rows = {row["id"]: row for row in reply.data["sessions"]}
    assert {"short-one", "long-one", "taster", "lower-back-cool-down"} <= set(rows)
    there = {id for id in rows if not id.startswith("upload-")}
    assert there == {"short-one", "long-one"} | {path.stem for path in paths.routine_files().values()}
    short = rows["short-one"]
    assert (short["title"], short["description"], short["tags"]) == ("Short one", "Over in a few seconds.", ["test"])
    assert 15 < short["duration"] < 30
    ((start, end),) = short["bars"]
    assert 0 < start < end < 1
    assert abs((end - start) * short["duration"] - 12) < 0.01
    assert all(colour.startswith("#") for colour in short["palette"])


def test_no_path_of_this_machine_is_told(server):
    for path in ("api/sessions", "api/sessions/short-one", "", "qr.svg"):
        body = server.get(path).body
        assert str(server.home).encode() not in body
        assert b"/scripts" not in body


def test_a_session_has_a_slider_for_each_pose(server):
    form = server.get("api/sessions/lower-back-cool-down").data
    holds = {hold["select"]: hold for hold in form["holds"]}
    assert holds["childs-pose"]["name"] == "Child's pose"
    assert len(holds) == len(form["holds"])
    for hold in form["holds"]:
        assert hold["shortest"] <= hold["seconds"] <= hold["longest"]
    values = {option["key"]: option["value"] for option in form["options"]}
    assert (values["level"], values["beyond-limits"], values["settle"]) == ("normal", False, "")
    for option in form["options"]:
        assert not option["choices"] or option["value"] in {"", *(value for value, _, _ in option["choices"])}
    assert form["length"]["shortest"] < form["duration"] < form["length"]["longest"]


def test_a_session_is_offered_in_the_languages_that_it_has_words_in(server):
    def offered(id):
        options = {option["key"]: option for option in server.get(f"api/sessions/{id}").data["options"]}
        return [code for code, *_ in options["language"]["choices"]] if "language" in options else []

    assert {"en", "de"} <= {*offered("taster")}
    assert offered("short-one") == []
    reply = server.ask("POST", "api/sessions/taster/length", {"options": {"language": "de", "skip": ["cat-cow"]}})
    assert [hold["name"] for hold in reply.data["holds"]] == ["Stellung des Kindes"]
    refused = server.ask("POST", "api/sessions/short-one/length", {"options": {"language": "de"}})
    assert (refused.status, "has no words in" in refused.data["error"]) == (422, True)


def test_every_option_of_the_table_is_there_but_files(server):
    """Those of the session, those of each pose, and what has a slider of its own."""
    form = server.get("api/sessions/lower-back-cool-down").data
    session = [option["key"] for option in form["options"]]
    poses = {option["key"] for hold in form["holds"] for option in hold["more"]}
    assert {"swap", "skip", "sides", "rounds"} <= poses
    files = {row.key for row in OPTIONS if row.takes_file} - {"background"}
    rows = sorted(row.key for row in OPTIONS if row.key not in {"length", "holds", "reps", *files})
    assert sorted([*session, *poses - {"reps"}]) == rows
    counted = server.get("api/sessions/core-and-back").data
    assert "reps" in {option["key"] for hold in counted["holds"] for option in hold["more"]}
    cues = next(option for option in form["options"] if option["key"] == "cues")
    assert [name for name, _ in cues["parts"]] == list(CUES)


def test_a_pose_in_the_place_of_another_has_its_slider(server):
    form = server.get("api/sessions/lower-back-cool-down").data
    options = {"swap": {"bird-dog": "pigeon"}, "sides": {"bird-dog": "right"}, "keep": ["bird-dog"]}
    reply = server.ask("POST", "api/sessions/lower-back-cool-down/length", {"options": options})
    before, after = ({hold["select"]: hold for hold in data["holds"]} for data in (form, reply.data))
    assert list(before) == list(after)
    assert (after["bird-dog"]["name"], after["bird-dog"]["longest"]) == ("Pigeon", 60)
    sides = ["left leg in front", "right leg in front"]
    assert ["pigeon", "Pigeon", ["hips", "glutes", "hip flexors"], sides] in form["poses"]
    options = {"sides": {"bird-dog": "right arm and left leg"}}
    reply = server.ask("POST", "api/sessions/lower-back-cool-down/length", {"options": options})
    after = {hold["select"]: hold for hold in reply.data["holds"]}
    assert len(after["bird-dog"]["sides"]) == 2  # so that the other one can still be chosen


def test_every_slider_can_go_to_both_its_ends(server):
    for id in ("lower-back-cool-down", "taster", "core-and-back", "evening-unwind"):
        form = server.get(f"api/sessions/{id}").data
        for end in ("shortest", "longest"):
            holds = {hold["select"]: f"{hold[end]}s" for hold in form["holds"]}
            reply = server.ask("POST", f"api/sessions/{id}/length", {"options": {"holds": holds}})
            assert reply.status == 200, reply.body
            came = {hold["select"]: hold["seconds"] for hold in reply.data["holds"]}
            assert came == {hold["select"]: hold[end] for hold in form["holds"]}


def test_a_moved_slider_makes_it_longer_by_just_that(server):
    before = server.ask("POST", "api/sessions/short-one/length", {"options": {}}).data
    reply = server.ask("POST", "api/sessions/short-one/length", {"options": {"holds": {"Stand tall": "20s"}}}).data
    assert [hold["seconds"] for hold in reply["holds"]] == [20]
    assert 7.9 < reply["duration"] - before["duration"] < 9.5  # "ten seconds" is not said in a shorter one


def test_a_length_moves_the_holds(server):
    asked = {"options": {"length": "17:00"}}
    reply = server.ask("POST", "api/sessions/lower-back-cool-down/length", asked).data
    assert abs(reply["duration"] - 1020) < 0.001
    form = server.get("api/sessions/lower-back-cool-down").data
    assert [hold["seconds"] for hold in reply["holds"]] != [hold["seconds"] for hold in form["holds"]]


def refusal(server, options, session="short-one"):
    reply = server.ask("POST", f"api/sessions/{session}/length", {"options": options})
    assert reply.status == 422, reply.body
    return reply.data["error"], reply.data["hint"]


def test_the_length_can_go_to_both_its_ends(server):
    for id in ("lower-back-cool-down", "evening-unwind", "slow-breathing", "short-one"):
        form = server.get(f"api/sessions/{id}").data
        if id in ("lower-back-cool-down", "evening-unwind"):  # of three poses or more
            assert (
                form["length"]["shortest"] < 0.4 * form["duration"] < 2.5 * form["duration"] < form["length"]["longest"]
            )
        for seconds in form["length"].values():
            reply = server.ask("POST", f"api/sessions/{id}/length", {"options": {"length": seconds}})
            assert (reply.status, reply.data.get("duration")) == (200, seconds), reply.body


def test_what_cannot_be_is_refused_with_the_sentence_of_the_command_line(server):
    over = "A hold of 41s is over the limit of 'Stand tall', which is 40s."
    hint = "Shorten it, or allow it with --beyond-limits."
    assert refusal(server, {"holds": {"Stand tall": "41s"}}) == (over, hint)
    error, hint = refusal(server, {"holds": {"stand tal": "20s"}})
    assert error.startswith("No pose of this routine is called 'stand tal'.")
    assert "Stand tall" in error + hint
    assert refusal(server, {"voice": "nobody"})[0] == "There is no voice 'nobody'."
    assert refusal(server, {"levle": "brief"}) == ("There is no key 'levle' here.", "Did you mean level?")
    assert "cannot take" in refusal(server, {"length": "1:30:00"})[0]
    assert "is not a length of time" in refusal(server, {"hold": "soon"})[0]


def test_no_file_of_this_machine_is_used(server, tmp_path):
    """Neither one that is there, nor one that is not: the answers tell nothing about it."""
    (tmp_path / "own.mp3").write_bytes(b"ID3")
    files = [row for row in OPTIONS if row.takes_file]
    assert {row.key for row in files} == {"background", "cover"}
    for row in files:
        for path in (tmp_path / "own.mp3", tmp_path / "gone.mp3", "../own.mp3", "/etc/passwd", "~/a.png", "/dev/zero"):
            asked = {"session": "short-one", "options": {row.key: str(path)}}
            reply = server.ask("POST", "api/jobs", asked)
            told = f"{str(path)!r} cannot be used here as the {row.key}."
            assert (reply.status, reply.data["error"]) == (422, told)
            assert reply.data["hint"].startswith("Known: ")


def test_what_would_take_long_to_be_timed_is_refused(server):
    beyond = {"beyond-limits": True}
    assert refusal(server, {"breath": "0.01-0.01"})[0] == "'0.01-0.01' has a part of under 0.5 seconds."
    for options in ({"hold": "11h"}, {"length": "11h"}):
        assert refusal(server, {**options, **beyond})[0] == "This session is longer than 2h, the maximum on the page."


def test_there_is_no_session_but_those_that_are_listed(server, tmp_path):
    for id in ("nobody", "..%2Fshort-one", "..%2f..%2f..%2fetc%2fpasswd", "%00", "short-one.yaml", "%2e%2e", "poses"):
        for path in (f"api/sessions/{id}", f"api/sessions/{id}/length"):
            method = "POST" if path.endswith("length") else "GET"
            assert server.ask(method, path, {} if method == "POST" else None).status == 404, path
    outside = tmp_path / "outside.yaml"
    outside.write_text("title: Out\nsteps: [{say: Out.}]\n")
    for id in (str(outside), outside.as_uri()):
        reply = server.ask("POST", "api/jobs", {"session": id, "options": {}})
        assert reply.status == 404


def test_a_routine_that_was_edited_is_read_anew(tmp_path):
    with PageServer(tmp_path) as server:
        before = server.get("api/sessions/short-one").data
        file = server.home / "scripts/short-one.yaml"
        file.write_text(file.read_text().replace("hold: 12s", "hold: 30s"))
        after = server.get("api/sessions/short-one").data
        assert (before["holds"][0]["seconds"], after["holds"][0]["seconds"]) == (12, 30)
        file.write_text("title: [\n")
        assert "short-one" not in {row["id"] for row in server.get("api/sessions").data["sessions"]}
        assert server.get("api/sessions/short-one").status == 422


def test_what_concerns_every_session_is_told_once(tmp_path):
    """With the file's name and the line, and not where the file lies; what a standing wish does not fit is left out."""
    voices = tmp_path / "home/voices"
    voices.mkdir(parents=True)
    (voices / "lexicon.yaml").write_text("asana:\n  say: [ah\n")
    (tmp_path / "home/config.yaml").write_text("options: {length: 8:30}\n")
    with PageServer(tmp_path) as server:
        told = server.get("api/sessions").data
    assert {row["id"] for row in told["sessions"]} == {"espalda-ligera", "feierabend"}
    (problem,) = told["problems"]
    assert problem["error"].startswith("lexicon.yaml:2:8: The [ that opens here")


def test_whatever_a_session_is_made_of_may_be_edited(tmp_path):
    home = tmp_path / "home"
    files = {
        "scripts/poses/tree.yaml": ("name: Tree\ninstructions: Stand.\nhold: 10s\n", ("Stand", "Now stand")),
        "scripts/inner.yaml": ("title: In\nsteps: [{rest: 5s}]\n", ("5s", "9s")),
        "voices/anna.yaml": ((SHIPPED / "voices/heart.yaml").read_text("utf-8"), ("pause: 0", "pause: 1")),
        "voices/prompts/en.yaml": ((SHIPPED / "voices/prompts/en.yaml").read_text("utf-8"), ("begin: ", "begin: Now ")),
    }
    for name, (text, _) in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    steps = "[{pose: tree}, {include: inner}, {say: One. Two.}]"
    (home / "scripts/outer.yaml").write_text(f"title: Out\ndefaults: {{voice: anna}}\nsteps: {steps}\n")
    with PageServer(tmp_path, clips=False) as server:

        def lengths():
            row = next(row for row in server.get("api/sessions").data["sessions"] if row["id"] == "outer")
            asked = server.ask("POST", "api/sessions/outer/length", {"options": {}})
            return row["duration"], asked.data["duration"]

        seen = [lengths()]
        for name, (text, change) in files.items():
            assert change[0] in text
            (home / name).write_text(text.replace(*change), "utf-8")
            seen.append(lengths())
        assert all(listed == told for listed, told in seen)
        assert len(set(seen)) == len(seen), seen


def test_standing_wishes_and_presets_are_in_force(tmp_path):
    (tmp_path / "home/presets").mkdir(parents=True)
    (tmp_path / "home/config.yaml").write_text("options: {level: full}\n")
    preset = "routine: short-one\noptions: {holds: {Stand tall: 33s}}\n"
    (tmp_path / "home/presets/my-short.yaml").write_text(preset)
    with PageServer(tmp_path) as server:
        form = server.get("api/sessions/my-short").data
        values = {option["key"]: option["value"] for option in form["options"]}
        assert (form["holds"][0]["seconds"], values["level"]) == (33, "full")
        asked = {"options": {"holds": {"Stand tall": "11s"}}}
        assert server.ask("POST", "api/sessions/my-short/length", asked).data["holds"][0]["seconds"] == 11


def bodies():
    numbers = st.integers() | st.just(10**400) | st.floats(allow_nan=True)
    odd = st.none() | st.booleans() | numbers | st.text(max_size=20)
    deep = st.recursive(odd, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
    keys = st.sampled_from([row.key for row in OPTIONS])
    times = st.sampled_from(["45s", "1:30", "5 breaths", "1e308", "-3", "9" * 400, "12:00", "4-6", "full", "none"])
    keys |= st.sampled_from(["", "@", "@say", "[key]", "0", "pose", "say", "\0", "\ud800"])
    options = st.dictionaries(keys | st.text(max_size=8), times | deep, max_size=4)
    holds = st.dictionaries(st.sampled_from(["Stand tall", "1", "2", "0", ""]) | st.text(max_size=9), times | deep)
    return (
        st.fixed_dictionaries({"options": options | deep}) | deep | holds.map(lambda made: {"options": {"holds": made}})
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=bodies())
@example(body={"options": {"@": None}})
@example(body={"options": {"": None}})
@example(body={"options": {"\ud800": None}})
@example(body={"options": {"pose": 1, "say": 1}})
@example(body={"options": {"holds": {"": "1s", "@": "1s", "[key]": None}}})
@example(body={"options": {"hold": 10**400, "length": "9" * 400 + ":00:00"}})
@example(body={"options": {"holds": {"9" * 5000: "1s"}, "skip": ["9" * 5000]}})
@example(body={"options": {"skip": [None, {"@": 1}], "level": ["@"]}})
@example(body={"@": {}, "options": []})
@example(body={"session": {"@": 1}, "options": {}})
@example(body={"session": "\ud800", "options": {}})
def test_whatever_is_asked_is_answered_or_refused(server, body):
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    for path in ("api/sessions/short-one/length", "api/jobs"):
        reply = server.ask("POST", path, content, content_type="application/json")
        assert reply.status in (200, 404, 422), (reply.status, reply.body)
        if reply.status != 200:
            assert reply.data["error"].endswith((".", "?")), reply.data


def test_json_that_no_parser_likes_is_refused(server):
    for content in (
        b"",
        b"{",
        b"[" * 30_000,
        b'{"options":' * 5_000,
        b'{"options": {"scale": NaN}}',
        b'{"options": {"scale": 1e999}}',
        b'{"options": {"hold": %s}}' % (b"9" * 5_000),
        b'{"options": {"hold": "\xff"}}',
        b'{"options": {"voice": "\\ud800"}}',
        b'{"options": {"holds": {"\\u0000": "1s"}}}',
        b'"options"',
        b'{"options": null}',
        b'{"options": {}, "session": "short-one", "path": "/etc/passwd"}',
    ):
        reply = server.ask("POST", "api/sessions/short-one/length", content, content_type="application/json")
        assert reply.status == 422, (content[:60], reply.status, reply.body)
        assert reply.data["error"]


def test_each_pose_has_its_figure_and_a_later_answer_only_those_that_are_new(server):
    form = server.get("api/sessions/lower-back-cool-down").data
    assert all(hold["figure"].startswith("<svg") and "var(--figure-near)" in hold["figure"] for hold in form["holds"])
    assert [hold["figure"] for hold in server.get("api/sessions/short-one").data["holds"]] == [None]
    reply = server.ask("POST", "api/sessions/lower-back-cool-down/length", {"options": {"swap": {"bridge": "pigeon"}}})
    assert [hold["name"] for hold in reply.data["holds"] if hold["figure"]] == ["Pigeon"]


def test_a_session_has_a_frieze_of_its_poses(server):
    rows = {row["id"]: row["frieze"] for row in server.get("api/sessions").data["sessions"]}
    assert (rows["short-one"], rows["taster"]) == (False, True)
    frieze = server.get("api/sessions/taster/frieze.svg")
    assert (frieze.status, frieze.headers["content-type"]) == (200, "image/svg+xml")
    assert "max-age" in frieze.headers["cache-control"]
    assert frieze.body.count(b"<g ") == 2
    assert server.get("api/sessions/short-one/frieze.svg").body.startswith(b"<svg")
    assert server.get("api/sessions/nobody/frieze.svg").status == 404


STRANGER = """\
title: From a stranger
steps:
  - repeat: 100
    steps:
      - pose: {name: Plain, hold: 1s}
      - pose: {name: "<b>Arms</b>", hold: 1s, sides: [left, right], figure: {frames: [
          {spine: [90, 90], head: 90, near_arm: [-90, -90, -90], near_leg: [-90, -90, 0]},
          {spine: [90, 90], head: 90, near_arm: [80, 80, 80], near_leg: [-90, -90, 0]}]}}
"""


def test_the_figures_of_a_job_are_sent_once_each_not_once_a_step(bare):
    id = bare.ask("POST", "api/routines", STRANGER.encode(), content_type="text/yaml").data["id"]
    job = bare.order(id)["job"]
    reply = bare.get(f"api/jobs/{job}/figures")
    assert bare.ask("DELETE", f"api/jobs/{job}").status == 200
    assert "max-age" in reply.headers["cache-control"]
    assert [len(moments) for moments in reply.data["drawings"]] == [5, 5]
    assert len(reply.data["steps"]) == 100
    assert {json.dumps(step) for step in reply.data["steps"].values()} == {
        json.dumps({"sides": {"": 0, "left": 0, "right": 1}, "moves": False, "rep": None})
    }
    assert b"Arms" not in reply.body


def test_a_session_is_in_the_language_that_is_asked_for_where_it_has_words_in_it(server):
    def rows(language):
        return {row["id"]: row for row in server.get(f"api/sessions?language={language}").data["sessions"]}

    german, odd = rows("de"), rows("../x")
    row = german["lower-back-cool-down"]
    assert (row["title"], row["language"], row["own"]) == ("Ausklang für den unteren Rücken", "de", False)
    assert {"childs-pose", "Stellung des Kindes"} <= {*row["poses"]}
    assert row["targets"][0] == "lower back"
    assert odd["lower-back-cool-down"]["title"] == "Lower-back cool-down"
    assert (german["short-one"]["language"], german["short-one"]["own"]) == ("en", True)
    form = server.get("api/sessions/lower-back-cool-down?language=de").data
    assert (form["title"], form["languages"]) == (row["title"], ["en", "de", "es"])
    assert server.get("api/sessions/short-one?language=de").data["language"] == "en"
