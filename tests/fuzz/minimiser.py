"""Makes a find small: pieces are taken out, from large to single ones, as long as it comes out the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any


def minimise(data: bytes, is_same: Callable[[bytes], bool], seconds: float = 60) -> bytes:
    """The smallest input that was found in so many seconds: by lines first, then by signs."""
    end = monotonic() + seconds
    lines = _shrink(data.splitlines(keepends=True), lambda kept: is_same(b"".join(kept)), end)
    small = _shrink(list(b"".join(lines)), lambda kept: is_same(bytes(kept)), end)
    return bytes(small)


def _shrink(parts: Sequence[Any], is_same: Callable[[list[Any]], bool], end: float) -> list[Any]:
    left, size = list(parts), max(1, len(parts) // 2)
    while monotonic() < end:
        at, before = 0, len(left)
        while at < len(left) and monotonic() < end:
            without = left[:at] + left[at + size :]
            if without and is_same(without):
                left = without
            else:
                at += size
        if size == 1 and len(left) == before:
            break
        size = max(1, size // 2)
    return left
