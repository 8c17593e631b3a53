"""Blocks of sound as a pydub AudioSegment, for programs that go on with one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioguide.media import segment_type
from audioguide.sound.block import Block
from audioguide.units import RATE

if TYPE_CHECKING:
    from pydub import AudioSegment


def segment_of(blocks: Iterable[Block]) -> AudioSegment:
    """The blocks, one after the other: stereo, 44.1 kHz, 16 bit, all of it in memory.

    The segment's own `export` uses the ffmpeg that audioguide brings along.
    """
    samples = b"".join(np.rint(np.clip(block, -1, 1) * 32767).astype("<i2").tobytes() for block in blocks)
    return segment_type()(samples, sample_width=2, frame_rate=RATE, channels=2)
