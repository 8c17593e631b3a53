"""A class: thirty phones that begin at once, each with a session of its own that it hears whole; and its evening."""

import http.client
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from processes import below

PHONES = 30


def take_part(server, number: int) -> tuple[int, int, int]:
    """What a phone does: the list, a start, the sound while it is made, a change, the changed sound and file."""
    assert "short-one" in {row["id"] for row in server.get("api/sessions").data["sessions"]}
    job = server.order("short-one", holds={"Stand tall": f"{12 + number / 4}s"})["job"]
    connection = http.client.HTTPConnection(server.host, server.port, timeout=300)
    connection.request("GET", f"{server.base}api/jobs/{job}/sound")
    streamed = len(connection.getresponse().read())
    connection.close()
    changed = server.ask("POST", f"api/jobs/{job}/change", {"position": 4.0, "hold": "longer"}, timeout=300)
    assert changed.status == 202, changed.body
    *_, (_, facts) = server.events(changed.data["job"])
    assert facts["state"] == "ready", facts["error"]
    return streamed, facts["bytes"], len(server.get(f"api/jobs/{facts['job']}/file").body)


@pytest.mark.slow
def test_thirty_phones_begin_at_once(bare):
    with ThreadPoolExecutor(PHONES) as phones:
        found = list(phones.map(lambda number: take_part(bare, number), range(PHONES)))
    assert all(size == fetched for _, size, fetched in found)
    assert all(fetched > streamed > 12 * 16_000 for streamed, _, fetched in found)


@pytest.mark.slow
def test_sessions_leave_nothing_behind_in_the_server(bare):
    """`python tests/bench/serving.py jobs` makes 300."""

    def memory() -> float:
        pages = int(Path(f"/proc/{bare.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    sizes = []
    for number in range(36):
        assert bare.made("short-one", holds={"Stand tall": f"{10 + number / 10}s"})["state"] == "ready"
        sizes.append(memory())
    assert sizes[-1] - sizes[5] < 3  # MB; 5.5 where the garbage of each stays
    assert len(below(bare.process.pid)) <= 1  # the worker that waits for the next
