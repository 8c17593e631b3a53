"""A process that makes one session: `python -m audioguide.web.worker`, an order on its input, news on its output.

The news are lines of JSON. When the input ends, whoever wanted the session is gone, and it ends, too.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from audioguide.errors import AudioguideError, RequestError
from audioguide.export.formats import FORMATS
from audioguide.export.tags.tags import Tags
from audioguide.export.writer import write_mp3, write_tags
from audioguide.model.timeline import Section, Timeline
from audioguide.session.open import session_of_plan
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.session import Session
from audioguide.session.stream import SessionStream
from audioguide.system.files import atomic_write, write_bytes
from audioguide.system.process import share_one_heap
from audioguide.timeline.serialize import to_json
from audioguide.units import RATE

Tell = Callable[[dict[str, Any]], None]

OFTEN = 0.2
"""Seconds between two reports of how far it is."""

_NICENESS = 5
"""The server comes first: somebody is looking at the page."""

_AT_A_TIME = 1
"""Pieces that are encoded at a time: there is a job for each core."""

_TO_END = 5.0
"""Seconds that it has to put things away before it is over."""


@dataclass(frozen=True)
class JobRequest:
    """What is to be made, and where: `sound` grows while it is made, and has no tags; `file` is there when it is whole,
    and `cover` when that is drawn.
    """

    plan: ResolvedRoutine
    sound: Path
    file: Path
    cover: Path


def main() -> None:
    """Make what is ordered."""
    share_one_heap()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it says when it ends
    orders = sys.stdin.buffer
    news = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no news
    lock = threading.Lock()

    def tell(facts: dict[str, Any]) -> None:
        with lock:
            news.write(json.dumps(facts, allow_nan=False).encode() + b"\n")

    order: JobRequest = pickle.load(orders)
    threading.Thread(target=_watch, args=(orders,), daemon=True).start()
    try:
        make(order, tell)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except AudioguideError as error:
        tell(_failure(error, order.file.parent))
        sys.exit(error.exit_code)


def make(order: JobRequest, tell: Tell) -> None:
    """Make a session. Raises what making it raises; then there is no `file`."""
    session = replace(session_of_plan(order.plan), tell=lambda line: tell({"note": line}))
    often = _Seldom()

    def spoken(made: int, asked: int) -> None:
        if often.now():
            tell({"stage": "speaking", "done": made, "total": asked})

    session = session.fitted(spoken)
    tell({"notes": list(session.notes), "title": session.routine.title})
    try:
        with atomic_write(order.file) as (part,):
            timeline, tags = _encode(session, order, tell)
            shutil.copyfile(order.sound, part)
            write_tags(part, FORMATS[".mp3"], tags)
    except BaseException:
        order.cover.unlink(missing_ok=True)
        raise
    finally:
        order.sound.unlink(missing_ok=True)
    duration = round(timeline.frames / RATE, 6)
    tell({"ready": True, "bytes": order.file.stat().st_size, "duration": duration})


def _encode(session: Session, order: JobRequest, tell: Tell) -> tuple[Timeline, Tags]:
    """Write the sound as it comes, and tell of every section as soon as it is known."""
    guess, told, often = session.guess(), 0, _Seldom()

    def written(done: int, known: int) -> None:
        nonlocal told
        told = _tell_sections(session, live.sections, told, tell)
        if often.now():
            tell({"stage": "making", "done": done / RATE, "total": (live.frames or max(guess, known)) / RATE})

    # The session ends before the threads are waited for, which wait for it.
    with ThreadPoolExecutor(2, "aside") as aside, session.live() as live:
        tags = aside.submit(_tagged, session, live, order)
        write_mp3(live, order.sound, FORMATS[".mp3"], 2, _AT_A_TIME, aside, written)
        timeline = session.timeline_of(live.sections)
        _tell_sections(session, live.sections, told, tell)
        return timeline, tags.result()


def _tagged(session: Session, live: SessionStream, order: JobRequest) -> Tags:
    tags = session.tags_of(live, session.mark(order.file))
    write_bytes(order.cover, tags.cover)
    return tags


def _tell_sections(session: Session, sections: Sequence[Section], told: int, tell: Tell) -> int:
    """Tell those that were not told yet; returns how many are told then."""
    if len(sections) > told:
        data = to_json(session.timeline_of(sections[told:]))
        # Where a routine lies on this machine is nobody's business.
        cues = [cue | {"file": None} for cue in data["cues"]]
        tell({"frames": data["frames"], "chapters": data["chapters"], "cues": cues})
    return len(sections)


class _Seldom:
    """Says when it is time for another report."""

    def __init__(self) -> None:
        self._last = 0.0

    def now(self) -> bool:
        time_now = time.monotonic()
        if time_now < self._last + OFTEN:
            return False
        self._last = time_now
        return True


def _failure(error: AudioguideError, folder: Path) -> dict[str, Any]:
    """The failure as the page shows it; where the files lie stays here."""
    message, hint = (error.message, error.hint) if isinstance(error, RequestError) else (str(error), "")
    return {"failed": (message or str(error)).replace(str(folder), "the cache"), "hint": hint}


def _watch(orders: Any) -> None:
    orders.read(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_TO_END)
    os._exit(1)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # What is unpickled names the module by what it is called elsewhere.

    main()
