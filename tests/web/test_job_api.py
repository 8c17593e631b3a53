"""Jobs: from the queue to a file on the phone, and all that can happen on the way; on a real server."""

import http.client
import os
import resource
import signal
import threading
from pathlib import Path

import pytest
from mutagen.mp3 import MP3
from page_server import PageServer, started, wait_for
from processes import alive, below

from audioguide.model.options import Options
from audioguide.session.preset import resolve


def open_files(server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_a_session_is_made_and_is_what_its_timeline_says(server, tmp_path):
    states = []
    job = server.order("short-one", holds={"Stand tall": "14s"})
    for kind, facts in server.events(job["job"]):
        states.append((kind, facts["state"]))
    assert states[-1] == ("ready", "ready")
    assert {kind for kind, _ in states[:-1]} == {"progress"}
    assert (facts["label"], facts["name"]) == ("Stand tall 14s", "short-one Stand tall 14s.mp3")
    assert facts["done"] == facts["total"] == round(facts["duration"], 3)
    assert server.get(f"api/jobs/{job['job']}").data == facts

    timeline = server.get(f"api/jobs/{job['job']}/timeline").data
    assert timeline["complete"] is True
    assert timeline["format"] == "audioguide-timeline/1"
    assert timeline["duration"] == pytest.approx(facts["duration"])
    assert timeline["chapters"][-1]["end"] == pytest.approx(facts["duration"])
    assert [cue["asked"] for cue in timeline["cues"] if cue["kind"] == "hold"] == [14]
    assert {cue["file"] for cue in timeline["cues"]} == {None}

    reply = server.get(f"api/jobs/{job['job']}/file")
    assert reply.headers["content-type"] == "audio/mpeg"
    assert "attachment" in reply.headers["content-disposition"]
    assert "short-one%20Stand%20tall%2014s.mp3" in reply.headers["content-disposition"]
    assert len(reply.body) == facts["bytes"]
    path = tmp_path / "short.mp3"
    path.write_bytes(reply.body)
    made = MP3(path)
    assert made.info.length == pytest.approx(facts["duration"], abs=0.06)
    assert str(made.tags["TIT2"]) == "Short one"
    assert resolve(path, Options()).options.holds[0][1].amount == 14
    assert server.get(f"api/jobs/{job['job']}/sound").body == reply.body
    cover = server.get(f"api/jobs/{job['job']}/cover.jpg")
    assert (cover.headers["content-type"], cover.body[:3]) == ("image/jpeg", b"\xff\xd8\xff")


def test_the_same_again_is_the_same_job(server):
    first, again = (server.order("short-one", level="brief") for _ in range(2))
    assert first["job"] == again["job"]
    other = server.order("short-one", level="full")
    assert other["job"] != first["job"]
    listed = [job["job"] for job in server.get("api/jobs").data]
    assert listed.index(other["job"]) < listed.index(first["job"])


def test_it_is_heard_while_it_is_made(bare):
    """The sound that grows is the very same as in the finished file, which has tags in front."""
    path = bare.home / "scripts/quiet.yaml"
    path.write_text("title: Quiet\nsteps: [{say: Hello.}, {rest: 15m}, {say: Hello.}]\n")
    job = bare.order("quiet")["job"]
    path.unlink()
    connection = http.client.HTTPConnection(bare.host, bare.port, timeout=120)
    connection.request("GET", f"/api/jobs/{job}/sound")
    reply = connection.getresponse()
    assert reply.headers["Accept-Ranges"] == "none"
    assert "Content-Length" not in reply.headers
    sound = reply.read(100_000)
    facts = bare.get(f"api/jobs/{job}").data
    assert facts["state"] == "making"
    assert bare.get(f"api/jobs/{job}/timeline").data["complete"] is False
    sound += reply.read()
    connection.close()
    *_, (kind, _) = bare.events(job)
    assert kind == "ready"
    file = bare.get(f"api/jobs/{job}/file").body
    head = 4096  # the first MP3 frame tells the length, which is known in the end
    assert file.endswith(sound[head:])
    assert len(sound) > 1_000_000


def test_a_broken_download_goes_on(server):
    job = server.made()["job"]
    whole = server.get(f"api/jobs/{job}/file")
    etag, size = whole.headers["etag"], len(whole.body)
    head = server.ask("HEAD", f"api/jobs/{job}/file")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(size), b"")
    with server.connect() as connection:  # the first try breaks off
        connection.sendall(f"GET /api/jobs/{job}/file HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n\r\n".encode())
        connection.recv(1000)
    rest = server.get(f"api/jobs/{job}/file", Range="bytes=10000-", If_Range=etag)
    assert (rest.status, rest.headers["content-range"]) == (206, f"bytes 10000-{size - 1}/{size}")
    assert whole.body[:10_000] + rest.body == whole.body
    assert server.get(f"api/jobs/{job}/file", Range="bytes=-5").body == whole.body[-5:]
    assert server.get(f"api/jobs/{job}/file", Range="bytes=5-5").body == whole.body[5:6]
    other = server.get(f"api/jobs/{job}/file", Range="bytes=10000-", If_Range='"another"')
    assert (other.status, other.body) == (200, whole.body)
    assert server.get(f"api/jobs/{job}/file", If_None_Match=etag).status == 304
    beyond = server.get(f"api/jobs/{job}/file", Range=f"bytes={size}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert server.get(f"api/jobs/{job}/file", Range="bytes=9-3").status == 400
    for odd in ("bytes=a-b", "bits=0-1", "bytes=" + ",".join("0-1" for _ in range(500)), "bytes=--1", "bytes="):
        whatever = server.get(f"api/jobs/{job}/file", Range=odd)
        assert (whatever.status, whatever.body) == (200, whole.body), odd
    head = server.ask("HEAD", f"api/jobs/{job}/file", Range="bytes=0-9")  # ranges are for GET
    assert (head.status, head.headers["content-length"]) == (200, str(size))


@pytest.mark.slow
def test_a_hundred_jobs_at_once(tmp_path):
    """One a core is made, some wait in turn, and the others are told to come again."""
    replies = []
    with PageServer(tmp_path) as server:

        def order(number: int) -> None:
            options = {"scale": 0.5 + number / 1000}
            replies.append(server.ask("POST", "api/jobs", {"session": "long-one", "options": options}))

        threads = [threading.Thread(target=order, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        statuses = [reply.status for reply in replies]
        assert set(statuses) == {202, 429}
        refused = next(reply for reply in replies if reply.status == 429)
        assert refused.data["error"] == "Too many sessions are waiting to be made."
        jobs = server.get("api/jobs").data
        cores = len(os.sched_getaffinity(0))
        assert sum(job["state"] == "making" for job in jobs) <= cores
        waiting = [job["place"] for job in jobs if job["state"] == "waiting"]
        assert sorted(waiting) == list(range(1, len(waiting) + 1))
        assert len(waiting) <= 40
        assert server.get("api/sessions").status == 200
        processes = below(server.process.pid)
    assert not [pid for pid in processes if alive(pid)]
    left = list(server.sessions.iterdir())
    whole = {path.stem for path in left if path.suffix == ".mp3"}  # those that were finished
    assert {path.name.partition(".")[0] for path in left} == whole
    assert not [path for path in left if "sound" in path.suffix or path.suffix == ".part"]


@pytest.mark.slow
def test_a_job_is_cancelled_wherever_it_is(bare):
    cores = len(os.sched_getaffinity(0))
    jobs = [bare.order("long-one", scale=0.5 + number / 10)["job"] for number in range(cores + 1)]
    first, last = jobs[0], jobs[-1]
    wait_for(lambda: bare.get(f"api/jobs/{first}").data["state"] == "making")
    wait_for(lambda: bare.get(f"api/jobs/{first}").data["done"])
    assert bare.get(f"api/jobs/{last}").data["state"] == "waiting"
    assert bare.ask("DELETE", f"api/jobs/{last}").data["state"] == "cancelled"
    assert bare.ask("DELETE", f"api/jobs/{first}").data["state"] == "cancelled"
    assert [kind for kind, _ in bare.events(first)] == ["cancelled"]
    for kind in ("file", "sound", "cover.jpg"):
        assert bare.get(f"api/jobs/{first}/{kind}").status == 404
    assert not [path.name for path in bare.sessions.iterdir() if first in path.name]
    for job in jobs:
        bare.ask("DELETE", f"api/jobs/{job}")
    wait_for(lambda: len(below(bare.process.pid)) <= 1)  # which waits for the next job
    ready = bare.made()["job"]  # and the places are free again
    assert bare.ask("DELETE", f"api/jobs/{ready}").status == 200
    assert bare.get(f"api/jobs/{ready}").status == 404
    assert list(bare.sessions.iterdir()) == []


def test_a_sound_breaks_off_with_its_job(bare):
    job = bare.order("long-one")["job"]
    connection = http.client.HTTPConnection(bare.host, bare.port, timeout=60)
    connection.request("GET", f"/api/jobs/{job}/sound")
    reply = connection.getresponse()
    reply.read(10_000)
    bare.ask("DELETE", f"api/jobs/{job}")
    with pytest.raises(http.client.IncompleteRead):
        reply.read()
    connection.close()


@pytest.mark.slow
def test_a_client_that_goes_away_leaves_nothing_behind(bare):
    job = bare.order("long-one")["job"]
    wait_for(lambda: bare.get(f"api/jobs/{job}").data["done"])
    before = open_files(bare)
    for path in ("sound", "events", "timeline", "sound"):
        connection = bare.connect()
        connection.sendall(f"GET /api/jobs/{job}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{bare.port}\r\n\r\n".encode())
        connection.recv(100)
        connection.close()
    body = b"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n" % bare.port
    with bare.connect() as connection:
        connection.sendall(body + b"Content-Length: 50\r\n\r\n{")
    wait_for(lambda: open_files(bare) <= before)
    assert bare.ask("DELETE", f"api/jobs/{job}").data["state"] == "cancelled"


@pytest.mark.slow
def test_a_server_that_is_killed_offers_nothing_half_written(tmp_path):
    with PageServer(tmp_path) as server:
        job = server.order("long-one")["job"]
        wait_for(lambda: server.get(f"api/jobs/{job}").data["done"])
        workers = below(server.process.pid)
        assert workers
        server.stop(signal.SIGKILL)
        wait_for(lambda: not [pid for pid in workers if alive(pid)])
        assert list(server.sessions.glob("*.mp3")) == []
        assert list(server.sessions.iterdir()) == []
    with PageServer(tmp_path) as server:
        assert server.get(f"api/jobs/{job}").data["state"] == "kept"
        assert list(server.sessions.iterdir()) == []
        assert server.get(f"api/jobs/{job}/sound").status == 200  # it is made again
        assert server.get(f"api/jobs/{job}").data["state"] == "ready"


@pytest.mark.slow
def test_a_worker_that_is_killed_fails_its_job_and_no_other(bare):
    job = bare.order("long-one")["job"]
    wait_for(lambda: bare.get(f"api/jobs/{job}").data["done"])
    for process in below(bare.process.pid):
        os.kill(process, signal.SIGKILL)
    *_, (kind, facts) = bare.events(job)
    assert (kind, facts["error"]) == ("failed", "The session could not be made.")
    assert not [path for path in bare.sessions.iterdir() if path.suffix != ".part" or "sound" in path.name]
    again = bare.order("long-one")["job"]
    assert again != job
    bare.ask("DELETE", f"api/jobs/{again}")


@pytest.mark.slow
def test_the_disk_is_full_in_the_middle(tmp_path):
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    with PageServer(tmp_path, preexec_fn=small) as server:
        facts = server.made("long-one")
        assert facts["state"] == "failed"
        assert facts["error"]
        assert str(tmp_path) not in facts["error"]
        assert list(server.sessions.iterdir()) == []
        assert server.made("short-one")["state"] == "ready"


@pytest.mark.slow
def test_the_oldest_make_room(tmp_path):
    with PageServer(tmp_path, command=started(MAX_FILES_BYTES=700_000)) as server:
        first, second = (server.made("short-one", holds={"Stand tall": hold})["job"] for hold in ("20s", "21s"))
        wait_for(lambda: server.get(f"api/jobs/{first}").status == 404)
        assert server.get(f"api/jobs/{second}/file").status == 200
        assert {path.name.partition(".")[0] for path in server.sessions.iterdir()} == {second}
        assert [job["job"] for job in server.get("api/jobs").data] == [second]


def test_a_file_that_somebody_took_away_is_made_again(bare):
    facts = bare.made()
    for path in bare.sessions.iterdir():
        path.unlink()
    assert bare.get(f"api/jobs/{facts['job']}").data["state"] == "kept"
    assert len(bare.get(f"api/jobs/{facts['job']}/file").body) == facts["bytes"]
    assert bare.made() == bare.get(f"api/jobs/{facts['job']}").data


def test_what_servers_before_left_behind_is_taken_away(tmp_path):
    sessions = tmp_path / "cache/sessions"
    sessions.mkdir(parents=True)
    names = ("a" * 32 + ".mp3", "a" * 32 + ".sound", "b" * 32 + ".mp3", "my.mp3")
    old, part, recent, other = (sessions / name for name in names)
    for path in (old, part, recent, other):
        path.write_bytes(b"x")
    for path in (old, part):
        os.utime(path, (0, 0))
    with PageServer(tmp_path) as server:
        server.get("")
        assert {path.name for path in sessions.iterdir()} == {recent.name, other.name}


@pytest.mark.slow
def test_a_job_that_takes_too_long_is_given_up(tmp_path):
    with PageServer(tmp_path, command=started(MAX_JOB_SECONDS=2)) as server:
        facts = server.made("long-one")
        assert (facts["state"], facts["error"]) == ("failed", "Making this session took too long.")
        assert len(below(server.process.pid)) <= 1
        assert list(server.sessions.iterdir()) == []


def test_a_name_that_is_not_english(server):
    path = server.home / "scripts/Müde Beine.yaml"
    path.write_text("title: Müde Beine\nsteps: [{rest: 2}, {say: Hello.}]\n")
    assert server.get("api/sessions/M%C3%BCde%20Beine").data["title"] == "Müde Beine"
    facts = server.made("Müde Beine")
    path.unlink()
    assert facts["name"] == "Müde Beine.mp3"
    disposition = server.get(f"api/jobs/{facts['job']}/file").headers["content-disposition"]
    assert disposition == "attachment; filename*=utf-8''M%C3%BCde%20Beine.mp3"


def test_a_session_that_is_too_long_is_refused(bare):
    path = bare.home / "scripts/night.yaml"
    path.write_text("title: Night\nsteps: [{rest: 2h}, {say: Good morning.}]\n")
    reply = bare.ask("POST", "api/jobs", {"session": "night", "options": {}})
    path.unlink()
    assert reply.status == 422
    assert reply.data["error"] == "This session is longer than 2h, the maximum on the page."


def test_what_cannot_be_made_says_why(server):
    for options, word in (({"voice": "nobody"}, "nobody"), ({"length": "1:30:00"}, "cannot take")):
        reply = server.ask("POST", "api/jobs", {"session": "short-one", "options": options})
        assert reply.status == 422
        assert word in reply.data["error"]
