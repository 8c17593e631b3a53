"""Makes one session in a process of its own: `python -m audioguide.web.worker`.

It reads a pickled JobRequest from its standard input and prints reports, each a line of JSON. A line of its input after
that is the frame that somebody wants to hear now. When its input closes, the server is gone, and it ends too.
"""

import json
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty, Queue
from typing import Any, BinaryIO

from audioguide.draw.figure_svg import describe_figures
from audioguide.errors import AudioguideError
from audioguide.export.captions import write_sidecar
from audioguide.export.formats import FORMATS
from audioguide.export.mp3 import Mp3File
from audioguide.export.segment_cache import SegmentEncoder, open_segment_cache
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.timeline import Timeline
from audioguide.session.open import build_session
from audioguide.session.output import build_tags, compute_fingerprint
from audioguide.session.session import Session
from audioguide.session.stream import SessionStream
from audioguide.system.files import atomic_write, write_bytes, write_text
from audioguide.system.process import share_one_heap
from audioguide.timeline.serialize import to_json
from audioguide.units import RATE
from audioguide.web.export_job import JobRequest

_REPORT_SECONDS = 0.2  # time between two reports of progress
_NICENESS = 5  # the server comes first: somebody is looking at the page
_HELD_AHEAD = 120.0  # seconds that a hold is made ahead which goes on until somebody ends it
_ENCODERS = 1  # pieces that are encoded at a time: there is one job for each core already
_END_SECONDS = 5.0  # time to clean up before the process is ended


def main() -> None:
    """Make the session that is asked for on standard input."""
    share_one_heap()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when its workers end
    reporter = _Reporter(os.fdopen(os.dup(1), "wb", buffering=0))
    os.dup2(2, 1)  # what a library prints is not a report
    try:
        request: JobRequest = pickle.load(sys.stdin.buffer)
    except EOFError:  # the server has ended before there was a job
        sys.exit(0)
    wanted: Queue[int] = Queue()
    threading.Thread(target=_read_input, args=(sys.stdin.buffer, wanted), daemon=True).start()
    try:
        _make_session(request, reporter, wanted)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except AudioguideError as error:
        from audioguide.web.http_json import error_json

        failure = error_json(error)
        message = failure["error"].replace(str(request.place.parent), "the cache")  # no path leaves this machine
        reporter.send({"failed": message, "hint": failure["hint"]})
        sys.exit(error.exit_code)


class _Reporter:
    """Sends reports to the server, from any thread."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._next_progress = 0.0

    def send(self, report: dict[str, Any]) -> None:
        with self._lock:
            self._output.write(json.dumps(report, allow_nan=False).encode() + b"\n")

    def send_progress(self, stage: str, done: float, total: float) -> None:
        """Send it, unless another one was sent a moment ago."""
        now = time.monotonic()
        if now >= self._next_progress:
            self._next_progress = now + _REPORT_SECONDS
            self.send({"stage": stage, "done": done, "total": total})


def _make_session(request: JobRequest, reporter: _Reporter, wanted: Queue[int]) -> None:
    """Speak, mix and encode a session. When that fails, its error is raised and no file is left."""
    session = replace(build_session(request.resolved), on_note=lambda note: reporter.send({"note": note}))
    session = session.fit(lambda made, asked: reporter.send_progress("speaking", made, asked))
    reporter.send({"notes": list(session.notes), "title": session.routine.title})
    if request.told:
        session = replace(session, pack=build_session(request.told).pack)
    details, file = request.file(".json"), request.file(".mp3")
    try:
        with atomic_write(file) as (part,):
            timeline, tags = _encode(session, request, reporter, wanted)
            shutil.copyfile(request.file(".sound0"), part)
            write_tags(part, FORMATS[".mp3"], tags)
            about = {"timeline": to_json(timeline, files=False) | {"complete": True}}
            for ending in (".vtt", ".chapters.json"):  # for the podcast feed
                write_sidecar(beside := request.file(ending), beside.suffix, timeline)
            write_text(details, json.dumps(about | {"figures": describe_figures(session.routine.steps)}))
    except BaseException:
        for path in (details, request.file(".jpg")):
            path.unlink(missing_ok=True)
        raise
    finally:
        for path in request.place.parent.glob(f"{request.place.name}.sound*"):
            path.unlink(missing_ok=True)
    duration = round(timeline.frames / RATE, 6)
    reporter.send({"ready": True, "bytes": file.stat().st_size, "duration": duration})


def _encode(session: Session, request: JobRequest, reporter: _Reporter, wanted: Queue[int]) -> tuple[Timeline, Tags]:
    """Write the sound while it is made, and report each section as soon as it is known."""
    estimate, reported, mixed, is_heard = session.outline.timeline.frames, 0, 0, False

    def report_sections() -> None:
        nonlocal reported
        if sections := live.sections[reported:]:
            reported += len(sections)
            data = to_json(session.to_timeline(sections), files=False)
            reporter.send({"frames": data["frames"], "chapters": data["chapters"], "cues": data["cues"]})

    def report_spoken(made: int, asked: int) -> None:
        if not is_heard:
            reporter.send_progress("speaking", made, asked)

    def report_mixed(frames: int) -> None:
        nonlocal mixed
        mixed += frames
        if not is_heard:
            reporter.send_progress("making", mixed / RATE, max(estimate, mixed) / RATE)

    is_kept = any(edit.open_ended for edits, _ in request.history[-1:] for edit in edits.values())

    def write_from(start: int) -> int | None:
        """Write it from a frame to its end; the frame to go on with, if another one is wanted."""
        nonlocal is_heard
        form, cache, begun = FORMATS[".mp3"], open_segment_cache(), time.monotonic()
        with Mp3File(request.file(f".sound{start}"), form) as file:
            encoder = SegmentEncoder(live, form, 2, cache, _ENCODERS, aside, session.awake, start, report_mixed)
            for content, last in encoder:
                file.append(content)
                report_sections()
                reporter.send({"sound": start, "until": last})
                known = live.frames or max(estimate, live.available)
                reporter.send_progress("making", (last - start) / RATE, known / RATE)
                if not is_heard and hasattr(os, "nice"):
                    os.nice(_NICENESS)
                is_heard = True  # somebody can hear it now
                ahead = (last - start) / RATE - _HELD_AHEAD - (time.monotonic() - begun) if is_kept else 0.0
                with suppress(Empty):
                    return wanted.get(timeout=max(ahead, 0.001))
            if start == 0:
                file.finish(live.available)
        return 0 if start else None

    # The stream ends before the pool waits for its threads, since they wait for the stream.
    with ThreadPoolExecutor(2, "aside") as aside, session.stream(report_spoken, request.history) as live:
        tags = aside.submit(_prepare_tags, session, live, request)
        start: int | None = request.start
        while start is not None:
            start = write_from(start)
        report_sections()
        return session.to_timeline(live.sections), tags.result()


def _prepare_tags(session: Session, live: SessionStream, request: JobRequest) -> Tags:
    tags = build_tags(session, live, partial(compute_fingerprint, session, request.file(".mp3")))
    write_bytes(request.file(".jpg"), tags.cover)
    return tags


def _read_input(requests: BinaryIO, wanted: Queue[int]) -> None:
    for line in requests:
        wanted.put(int(line))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_END_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
