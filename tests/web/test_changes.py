"""What is changed while it is heard on the phone, and a sound that begins at any second; on a real server."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_server import wait_for

from audioguide.model.options import Options
from audioguide.session.preset import resolve
from audioguide.system.mp3_frames import frame_ends, tag_length
from audioguide.units import MP3_FRAME, RATE


def change(server, job, position, **asked):
    reply = server.ask("POST", f"api/jobs/{job}/change", {"position": position, **asked})
    assert reply.status == 202, reply.body
    return reply.data


def hold_of(server, job):
    timeline = server.get(f"api/jobs/{job}/timeline").data
    return next(cue for cue in timeline["cues"] if cue["kind"] == "hold"), timeline


def ended(server, job):
    *_, (kind, facts) = server.events(job)
    assert kind == "ready", facts
    return facts


@pytest.fixture
def made(bare):
    """A job with a hold of 12 seconds, which may have 10 to 40, and the second at which that begins."""
    job = bare.made()["job"]
    return bare, job, hold_of(bare, job)[0]["start"]


def test_a_hold_is_longer_while_it_is_heard_and_so_is_the_file(made, tmp_path):
    server, job, start = made
    longer = change(server, job, start + 3, hold="longer")
    assert (longer["changed"], longer["message"], longer["length"]) == (True, "Stand tall: 17 s", [17, "seconds"])
    assert longer["position"] == pytest.approx(start + 3, abs=0.03)
    assert (longer["options"], longer["label"]) == ({"holds": {"Stand tall": "17s"}}, "Stand tall 17s")
    sound = server.get(f"api/jobs/{longer['job']}/sound?from={longer['position']}").body
    facts = ended(server, longer["job"])
    (before, old), (after, new) = hold_of(server, job), hold_of(server, longer["job"])
    assert (before["duration"], after["duration"]) == (12, 17)
    assert facts["duration"] == pytest.approx(old["duration"] + 5, abs=0.03)
    until = [cue for cue in old["cues"] if cue["start"] < start + 3 and cue["kind"] != "hold"]
    assert [cue for cue in new["cues"] if cue["kind"] != "hold"][: len(until)] == until  # nothing heard is said anew
    ends = [0, *frame_ends(sound)]
    assert (len(ends) - 2) * MP3_FRAME / RATE == pytest.approx(facts["duration"] - longer["position"], abs=0.06)
    path = tmp_path / "changed.mp3"
    path.write_bytes(server.get(f"api/jobs/{longer['job']}/file").body)
    assert resolve(path, Options()).options.holds[0][1].amount == 17


@pytest.mark.slow
def test_a_hold_goes_on_until_it_is_ended(made):
    server, job, start = made
    kept = change(server, job, start + 2, hold="keep")
    assert (kept["message"], kept["options"]) == ("Stand tall goes on until you end it", {})
    again = change(server, kept["job"], start + 3, hold="keep")
    assert (again["changed"], again["job"]) == (False, kept["job"])
    wait_for(lambda: server.get(f"api/jobs/{kept['job']}/timeline").data["cues"])
    assert hold_of(server, kept["job"])[0]["asked"] is None
    over = change(server, kept["job"], start + 19, hold="end")
    assert over["message"] == "Stand tall ends"
    ended(server, over["job"])
    assert hold_of(server, over["job"])[0]["duration"] == pytest.approx(19.6, abs=0.1)
    late = change(server, over["job"], start + 1, hold="end")
    assert (late["changed"], late["message"]) == (False, "There is no hold here that is kept going.")


@pytest.mark.slow
def test_many_presses_make_one_job_and_its_limit_is_told(made):
    server, job, start = made
    last, messages, before = job, [], {row["job"] for row in server.get("api/jobs").data}
    for press in range(8):
        answer = change(server, last, start + 2 + press / 5, hold="longer")
        last, messages = answer["job"], [*messages, answer["message"]]
    assert messages[4:6] == ["Stand tall: 37 s", "Stand tall: 40 s, its longest"]
    assert messages[-1] == "Stand tall: 40 s, its longest"
    assert ended(server, last)["options"] == {"holds": {"Stand tall": "40s"}}
    assert {row["job"] for row in server.get("api/jobs").data} == before | {last}
    for press in range(6):
        answer = change(server, last, start + 4 + press / 5, hold="shorter")
        last = answer["job"]
    assert answer["message"] == "Stand tall: 10 s"
    back = change(server, last, start + 6, hold="longer")
    assert back["message"] == "Stand tall: 15 s"


@pytest.mark.slow
def test_volumes_are_changed_and_everything_stays_where_it_is(made):
    server, job, start = made
    softer = change(server, job, start + 3, options={"voice-level": -4})
    assert (softer["position"], softer["label"]) == (pytest.approx(start + 3, abs=0.03), "voice -4")
    both = change(server, softer["job"], start + 4, options={"background-level": -3})
    assert both["options"] == {"voice-level": -4, "background-level": -3}
    ended(server, both["job"])
    assert hold_of(server, both["job"]) == hold_of(server, job)
    slower = change(server, both["job"], start + 4, options={"pace": 0.8})
    ended(server, slower["job"])
    begun = hold_of(server, slower["job"])[0]["start"]  # where it was only guessed before it was spoken
    assert slower["position"] - 4 == pytest.approx(begun, abs=1.5)


def test_a_sound_begins_where_it_is_asked_to(made):
    server, job, start = made
    file = server.get(f"api/jobs/{job}/file").body
    at = tag_length(file[:10])
    ends = [at, *frame_ends(file, at)]
    for seconds in (0, 1.5, start, 20):
        sound = server.get(f"api/jobs/{job}/sound?from={seconds}").body
        head = next(frame_ends(sound))
        assert b"Info" in sound[:head]
        assert sound[head:] == file[ends[1 + round(seconds * RATE / MP3_FRAME)] :]
    reply = server.get(f"api/jobs/{job}/sound?from=3000")
    assert (reply.status, reply.data["error"]) == (422, "This session ends before that.")
    for odd in ("", "x", "nan", "-1", "1e999", "1e6", "0x1", "%00"):
        assert server.get(f"api/jobs/{job}/sound?from={odd}").status == 422, odd


@pytest.mark.slow
def test_an_hour_is_heard_at_its_end_while_its_beginning_is_made(bare):
    bare.ask("DELETE", f"api/jobs/{bare.made('long-one')['job']}")  # all of it is spoken, and the segments are known
    job = bare.order("long-one", background="brown-noise")["job"]
    with bare.connect() as connection:
        connection.sendall(b"GET /api/jobs/%s/sound?from=3500 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % job.encode())
        assert connection.recv(17).endswith(b"200 OK\r\n")
        assert wait_for(lambda: bare.get(f"api/jobs/{job}").data["done"]) < 3000
    assert ended(bare, job)["duration"] > 3600


@pytest.mark.slow
def test_a_finished_session_is_changed_after_a_restart(tmp_path):
    from page_server import PageServer

    with PageServer(tmp_path) as server:
        first = server.made()["job"]
        job = change(server, first, hold_of(server, first)[0]["start"] + 3, hold="longer")["job"]
        ended(server, job)
    with PageServer(tmp_path) as server:
        start = hold_of(server, job)[0]["start"]
        answer = change(server, job, start + 3, hold="longer")
        assert (answer["message"], answer["position"]) == ("Stand tall: 22 s", pytest.approx(start + 3, abs=0.05))


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.none(), max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(body=st.dictionaries(st.sampled_from(["position", "hold", "options", "name", "x"]), ODD, max_size=4) | ODD)
def test_whatever_is_asked_of_a_job_is_answered_or_refused(server, body):
    job = server.made()["job"]
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    for method, path in (("POST", "change"), ("PUT", "place"), ("PATCH", "")):
        reply = server.ask(method, f"api/jobs/{job}/{path}".rstrip("/"), content, content_type="application/json")
        assert reply.status in (200, 202, 204, 422), (reply.status, reply.body)
        if reply.status == 422:
            assert reply.data["error"].endswith((".", "?"))
    assert server.ask("POST", "api/jobs/nobody/change", {"position": 1, "hold": "longer"}).status == 404
