"""Makes one session in a process of its own: `python -m audioguide.web.worker`.

It reads a pickled JobRequest from its standard input and prints reports, each a line of JSON. When its input closes,
the server is gone, and it ends too.
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
from dataclasses import replace
from typing import Any, BinaryIO

from audioguide.errors import AudioguideError
from audioguide.export.formats import FORMATS
from audioguide.export.tags import Tags
from audioguide.export.writer import write_files, write_tags
from audioguide.model.timeline import Timeline
from audioguide.session.open import build_session
from audioguide.session.output import build_tags, compute_fingerprint
from audioguide.session.session import Session
from audioguide.session.stream import SessionStream
from audioguide.system.files import atomic_write, write_bytes
from audioguide.system.process import share_one_heap
from audioguide.timeline.serialize import to_json
from audioguide.units import RATE
from audioguide.web.export_job import JobRequest

_REPORT_SECONDS = 0.2  # time between two reports of progress
_NICENESS = 5  # the server comes first: somebody is looking at the page
_ENCODERS = 1  # pieces that are encoded at a time: there is one job for each core already
_END_SECONDS = 5.0  # time to clean up before the process is ended


def main() -> None:
    """Make the session that is asked for on standard input."""
    share_one_heap()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when its workers end
    reporter = _Reporter(os.fdopen(os.dup(1), "wb", buffering=0))
    os.dup2(2, 1)  # what a library prints is not a report
    request: JobRequest = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_input, args=(sys.stdin.buffer,), daemon=True).start()
    try:
        _make_session(request, reporter)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except AudioguideError as error:
        from audioguide.web.http_json import error_json

        failure = error_json(error)
        message = failure["error"].replace(str(request.file.parent), "the cache")  # no path leaves this machine
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


def _make_session(request: JobRequest, reporter: _Reporter) -> None:
    """Speak, mix and encode a session. When that fails, its error is raised and no file is left."""
    session = replace(build_session(request.resolved), on_note=lambda note: reporter.send({"note": note}))
    session = session.fit(lambda made, asked: reporter.send_progress("speaking", made, asked))
    reporter.send({"notes": list(session.notes), "title": session.routine.title})
    try:
        with atomic_write(request.file) as (part,):
            timeline, tags = _encode(session, request, reporter)
            shutil.copyfile(request.sound, part)
            write_tags(part, FORMATS[".mp3"], tags)
    except BaseException:
        request.cover.unlink(missing_ok=True)
        raise
    finally:
        request.sound.unlink(missing_ok=True)
    duration = round(timeline.frames / RATE, 6)
    reporter.send({"ready": True, "bytes": request.file.stat().st_size, "duration": duration})


def _encode(session: Session, request: JobRequest, reporter: _Reporter) -> tuple[Timeline, Tags]:
    """Write the sound while it is made, and report each section as soon as it is known."""
    estimate, reported = session.outline.timeline.frames, 0

    def report_sections() -> None:
        nonlocal reported
        if sections := live.sections[reported:]:
            reported += len(sections)
            data = to_json(session.to_timeline(sections))
            cues = [cue | {"file": None} for cue in data["cues"]]  # no path leaves this machine
            reporter.send({"frames": data["frames"], "chapters": data["chapters"], "cues": cues})

    def report_progress(done: int, known: int) -> None:
        report_sections()
        reporter.send_progress("making", done / RATE, (live.frames or max(estimate, known)) / RATE)

    # The stream ends before the pool waits for its threads, since they wait for the stream.
    with ThreadPoolExecutor(2, "aside") as aside, session.stream() as live:
        tags = aside.submit(_prepare_tags, session, live, request)
        write_files(live, [request.sound], FORMATS[".mp3"], 2, _ENCODERS, aside, report_progress, session.awake)
        report_sections()
        return session.to_timeline(live.sections), tags.result()


def _prepare_tags(session: Session, live: SessionStream, request: JobRequest) -> Tags:
    tags = build_tags(session, live, compute_fingerprint(session, request.file))
    write_bytes(request.cover, tags.cover)
    return tags


def _end_with_input(requests: BinaryIO) -> None:
    requests.read(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_END_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
