"""What the page remembers of the person: places, favourites, names, presets, what is due; also over a restart."""

import json
import signal
import threading

import pytest
from page_server import LAN, PageServer, started

from audioguide.errors import EnvironmentFailure
from audioguide.system import clock
from audioguide.web import state as states


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(states, "user_dir", lambda: tmp_path)
    return states.State()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"format": "audioguide-page/2"}', b'{"favourites": 3}', b'{"jobs": []}', b'{"x": 1}'],
)
def test_what_is_no_state_is_set_aside_and_told(state, tmp_path, capfd, content):
    (tmp_path / "page.json").write_bytes(content)
    assert state.change(lambda memory: memory.favourites.append("a")).favourites == ["a"]
    (aside,) = tmp_path.glob("page-damaged-*.json")
    assert aside.read_bytes() == content
    assert aside.name in capfd.readouterr().err
    assert states.State().read().favourites == ["a"]


def test_two_servers_at_once_lose_nothing_of_each_other(state, tmp_path):
    def add(own, name):
        for _ in range(20):
            own.change(lambda memory: memory.favourites.append(f"{name} {len(memory.favourites)}"))

    threads = [threading.Thread(target=add, args=(one, name)) for one, name in ((state, "a"), (states.State(), "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(state.read().favourites)) == 40
    assert (tmp_path / "page.json").stat().st_mode & 0o777 == 0o600  # it has the secret


def test_a_folder_that_may_not_be_written_costs_only_the_memory(state, monkeypatch, capfd):
    def refuse(*paths):
        raise EnvironmentFailure("It may not be written.")

    monkeypatch.setattr(states, "atomic_write", refuse)
    assert len(state.find_secret()) == 22
    assert "for this time only" in capfd.readouterr().err


def test_favourites_places_and_presets(bare):
    job = bare.made()
    assert bare.ask("PUT", "api/sessions/short-one/favourite", {"on": True}).status == 204
    assert bare.ask("PUT", f"api/jobs/{job['job']}/place", {"position": 7.5}).status == 204
    home = bare.get("api/home").data
    assert home["favourites"] == ["short-one"]
    assert home["used"]["short-one"] < 60
    going = home["going"]
    assert (going["job"], going["duration"]) == (job["job"], job["duration"])
    assert going["position"] == bare.get(f"api/jobs/{job['job']}").data["resume"] == pytest.approx(7.5, abs=0.02)
    assert bare.ask("PUT", f"api/jobs/{job['job']}/place", {"position": job["duration"] - 1}).status == 204
    assert bare.ask("PUT", "api/sessions/short-one/favourite", {"on": False}).status == 204
    home = bare.get("api/home").data
    assert (home["going"], home["favourites"]) == (None, [])

    family = "Vor dem Schlafen \N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
    named = bare.ask("PATCH", f"api/jobs/{job['job']}", {"name": family}).data
    assert (named["label"], named["renamed"], named["name"]) == (family, True, f"short-one {family}.mp3")
    for name in ("two\nlines", "\u202ebackwards", "\ud800", "x" * 101, 7, None):
        assert bare.ask("PATCH", f"api/jobs/{job['job']}", {"name": name}).status == 422
    assert bare.ask("PATCH", f"api/jobs/{job['job']}", {"name": " "}).data["label"] == ""

    asked = {"name": "Morning, short!", "options": {"holds": {"Stand tall": "20s"}}}
    assert bare.ask("POST", "api/sessions/short-one/preset", asked).data == {"id": "morning-short"}
    assert bare.get("api/sessions/morning-short").data["holds"][0]["seconds"] == 20
    again = bare.ask("POST", "api/sessions/short-one/preset", asked)
    assert (again.status, again.data["error"]) == (409, "There is a preset morning-short already.")
    for name in ("", "!", "taster", 3, None):
        assert bare.ask("POST", "api/sessions/short-one/preset", asked | {"name": name}).status == 422
    (bare.home / "presets/morning-short.yaml").unlink()


PLAN = """\
plan: Every day
routine: short-one
start: {today}
weeks: 2
days: [mon, tue, wed, thu, fri, sat, sun]
"""


def test_what_is_due_of_a_plan_is_a_session_and_its_day_is_logged(bare):
    folder = bare.home / "plans"
    folder.mkdir(exist_ok=True)
    (folder / "daily.yaml").write_text(PLAN.format(today=clock.now().date()))
    (due,) = bare.get("api/home").data["due"]
    assert (due["session"], due["plan"], due["number"], due["title"]) == ("plan:daily:1", "Every day", 1, "Short one")
    form = bare.get(f"api/sessions/{due['session']}").data
    report = {"ago": 60, "heard": form["duration"], "options": {}}
    assert bare.ask("POST", f"api/sessions/{due['session']}/heard", report).data["logged"] is True
    assert bare.get("api/home").data["due"] == []
    assert bare.get("api/sessions/plan:daily:99").status == 404
    (folder / "daily.yaml").unlink()


@pytest.mark.slow
def test_everything_lasts_over_a_restart(tmp_path):
    command = started("127.0.0.2")
    with PageServer(tmp_path, command=LAN) as server:
        address, job = server.base, server.made(holds={"Stand tall": "14s"})
        server.ask("PATCH", f"api/jobs/{job['job']}", {"name": "Mine"})
        details = [server.get(f"api/jobs/{job['job']}/{part}").body for part in ("timeline", "figures", "file")]
        gone = server.made(level="brief")
        *others, unfinished = (server.order("long-one", scale=scale) for scale in (0.7, 0.8, 0.9, 1))  # the last waits
        server.ask("PUT", f"api/jobs/{unfinished['job']}/place", {"position": 90})
        server.ask("PUT", f"api/jobs/{job['job']}/place", {"position": 6})
        server.sessions.joinpath(f"{gone['job']}.mp3").unlink()
    with PageServer(tmp_path, command=command) as server:
        assert server.base == address
        rows = {row["job"]: row for row in server.get("api/jobs").data}
        assert (rows[job["job"]]["label"], rows[job["job"]]["state"]) == ("Mine", "ready")
        assert server.get("api/home").data["going"]["position"] == pytest.approx(6, abs=0.02)
        assert [server.get(f"api/jobs/{job['job']}/{part}").body for part in ("timeline", "figures", "file")] == details
        assert server.order(holds={"Stand tall": "14s"})["job"] == job["job"]
        kept = server.get(f"api/jobs/{unfinished['job']}").data
        assert (kept["state"], kept["resume"]) == ("kept", pytest.approx(90, abs=0.02))
        *_, (kind, facts) = server.events(gone["job"])
        assert (kind, facts["bytes"]) == ("ready", gone["bytes"])
        for one in (*others, unfinished):
            assert server.ask("DELETE", f"api/jobs/{one['job']}").status == 200
    memory = json.loads((tmp_path / "home/page.json").read_bytes())
    assert set(memory["jobs"]) == {job["job"], gone["job"]}
    assert memory["secret"] in address


SLOW = """\
import time
from audioguide.web import state
change = state.State.change
state.State.change = lambda *arguments: (time.sleep(0.5), change(*arguments))[1]
"""


@pytest.mark.slow
def test_what_was_answered_is_there_after_the_server_was_killed(tmp_path):
    """On a slow disk. The file of a job may have been finished when nobody was left to note how long it is."""
    command = started()
    with PageServer(tmp_path, command=[*command[:-1], SLOW + command[-1]]) as server:
        job, deleted = server.made(), server.made(level="brief")
        cues = server.get(f"api/jobs/{job['job']}/timeline").data["cues"]
        asked = {"hold": "longer", "position": next(cue["start"] for cue in cues if cue["kind"] == "hold") + 1}
        changed = server.ask("POST", f"api/jobs/{job['job']}/change", asked).data
        server.ask("DELETE", f"api/jobs/{deleted['job']}")
        assert server.ask("PATCH", f"api/jobs/{job['job']}", {"name": "Mine"}).status == 200
        server.stop(signal.SIGKILL)
    file = tmp_path / "home/page.json"
    memory = json.loads(file.read_bytes())
    assert {id: one["label"] for id, one in memory["jobs"].items()} == {
        job["job"]: "Mine",
        changed["job"]: changed["label"],
    }
    memory["jobs"][job["job"]] |= {"bytes": 0, "duration": 0}
    file.write_text(json.dumps(memory))
    with PageServer(tmp_path, command=command) as server:
        found = server.get(f"api/jobs/{job['job']}").data
        assert (found["bytes"], found["duration"]) == (job["bytes"], job["duration"])


STRANGER = "title: Loud\nsteps:\n" + "".join(
    f"  - {{pose: {{name: P{n}, hold: 10s}}, background: b{n}}}\n" for n in range(6)
)


@pytest.mark.slow
def test_a_session_with_too_many_layers_is_refused(tmp_path):
    folder = tmp_path / "home/voices/backgrounds"
    folder.mkdir(parents=True)
    noise = "  - noise: {slope: -3, low: 40, high: 9000}\n"
    layers = "layers:\n" + "".join(f"{noise}    level: -{number}\n" for number in range(12))
    for number in range(6):
        (folder / f"b{number}.yaml").write_text(layers)
    with PageServer(tmp_path) as server:
        reply = server.ask("POST", "api/routines", STRANGER.encode(), content_type="text/yaml")
    assert (reply.status, reply.data["problems"][0]["line"]) == (422, 8)
    assert "more than 60 layers" in reply.data["error"]


@pytest.mark.slow
def test_a_worker_that_takes_too_much_memory_is_ended_and_that_is_told(tmp_path):
    with PageServer(tmp_path, command=started(MAX_WORKER_BYTES=80_000_000)) as server:
        facts = server.made("long-one")
    assert (facts["state"], facts["error"]) == ("failed", "Making this session took too much memory.")
