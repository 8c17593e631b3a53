"""Work that may hang: a sound system that does not answer must not take the program with it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def errand(work: Callable[[], Result]) -> Future[Result]:
    """Do `work` in a thread of its own that is left behind if it never ends, even when the program does."""
    future: Future[Result] = Future()
    Thread(target=_do, args=(work, future), name="errand", daemon=True).start()
    return future


def _do(work: Callable[[], Result], future: Future[Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # raised again where the result is wanted
        future.set_exception(error)
