"""What an export says of its sound, measured while it is written: contract figures of the mix and its stems."""

from __future__ import annotations

import math
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioguide.mixer import Stems
from audioguide.sound.block import Block, is_nothing
from audioguide.sound.meter import SEGMENT, Meter, Peak, Powers, loudness_of
from audioguide.timeline.model import Role, Section
from audioguide.units import frames

NARRATION: tuple[Role, ...] = ("say", "name", "instructions", "begin", "release")
"""The speech outside holds."""

FROM_THE_ENDS, FROM_SPEECH = frames(2.0), frames(1.5)
"""So far from the ends of a hold, and from words in it, its background is measured."""

Span = tuple[int, int]

_PACKED = struct.Struct("<d4I")


@dataclass(frozen=True, slots=True)
class Figures:
    """Loudness in LUFS (BS.1770, gated); the true peak in dBTP, of the mix before it is encoded; the background in LU
    relative to the narration, while someone speaks and in holds where nobody does. None where there is none.
    """

    narration: float | None
    programme: float | None
    true_peak: float | None
    under_speech: float | None
    in_holds: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was measured of a piece: the powers of its 100 ms, one after the other (`meter.Meter`), of the mix, of the
    narration, of the background under speech and in holds; and its highest true peak.
    """

    programme: Powers
    narration: Powers
    under_speech: Powers
    in_holds: Powers
    peak: float

    def packed(self) -> bytes:
        """As bytes, which `unpacked` reads."""
        parts = (self.programme, self.narration, self.under_speech, self.in_holds)
        return _PACKED.pack(self.peak, *map(len, parts)) + b"".join(part.astype("<f4").tobytes() for part in parts)


def unpacked(content: bytes) -> tuple[Heard, bytes]:
    """What was measured, and what follows it in the bytes. ValueError where it is not whole."""
    try:
        peak, *counts = _PACKED.unpack_from(content)
    except struct.error as error:
        raise ValueError(error) from None
    powers = np.frombuffer(content, "<f4", sum(counts), _PACKED.size)
    # Copies: a view would hold all of the bytes, which are the piece.
    programme, narration, under_speech, in_holds = (part.copy() for part in np.split(powers, np.cumsum(counts[:-1])))
    return Heard(programme, narration, under_speech, in_holds, peak), content[_PACKED.size + powers.nbytes :]


class Listener:
    """Measures a piece of a section while its blocks pass by; it begins at frame `start` of the session."""

    def __init__(self, section: Section, start: int, mono: bool) -> None:
        speech = [(cue.start, cue.end) for cue in section.cues if cue.kind == "speech"]
        self._quiet = list(_quiet(section, speech))
        narration = [cue for cue in section.cues if cue.role in NARRATION]
        channels = 1 if mono else 2
        self._programme, self._peak = Meter(channels), Peak()
        self._narration = _Excerpt(Meter(channels), ((cue.start, cue.end) for cue in narration))
        self._under = _Excerpt(Meter(channels), speech)
        self._start = self._at = start
        self._mono = mono

    def hear(self, stems: Stems) -> None:
        """Go on with the next frames."""
        # A voice is the same on both channels.
        mix = stems.mix[:, :1] if stems.only_voice else self._channels(stems.mix)
        self._programme.hear(mix)
        self._peak.hear(mix)
        for part in self._narration.cut(self._at, len(mix)):
            self._narration.meter.hear(stems.voice[part, :1])
        for part in self._under.cut(self._at, len(mix)):
            self._under.meter.hear(self._channels(stems.background[part]))
        self._at += len(mix)

    def heard(self) -> Heard:
        """What was measured."""
        programme = self._programme.powers
        # In the quiet of a hold nothing but its background sounds.
        quiet = np.zeros(len(programme), bool)
        for first, last in self._quiet:
            begin, end = -((self._start - first) // SEGMENT), (last - self._start) // SEGMENT
            quiet[max(0, begin) : max(0, end)] = True
        excerpts = self._narration.meter.powers, self._under.meter.powers, programme[quiet]
        return Heard(programme, *excerpts, self._peak.highest)

    def _channels(self, block: Block) -> NDArray[np.float32]:
        if is_nothing(block):
            return block[:, :1]
        return block.mean(axis=1, keepdims=True) if self._mono else block


def figures_of(pieces: Sequence[Heard]) -> Figures:
    """The figures of a session that was measured in pieces."""

    def loudness(powers_of: Callable[[Heard], Powers]) -> float | None:
        return loudness_of(np.concatenate([np.zeros(0, np.float32), *map(powers_of, pieces)]))

    narration = loudness(lambda piece: piece.narration)

    def relative(powers_of: Callable[[Heard], Powers]) -> float | None:
        found = loudness(powers_of)
        return None if narration is None or found is None else found - narration

    peak = max((piece.peak for piece in pieces), default=0.0)
    return Figures(
        narration,
        loudness(lambda piece: piece.programme),
        20 * math.log10(peak) if peak else None,
        relative(lambda piece: piece.under_speech),
        relative(lambda piece: piece.in_holds),
    )


class _Excerpt:
    """Parts of a section that are measured as one: its spans, those still to come, in order."""

    def __init__(self, meter: Meter, spans: Iterable[Span]) -> None:
        self.meter = meter
        self._spans = deque(spans)

    def cut(self, start: int, count: int) -> Iterator[slice]:
        """What of the block of `count` frames from `start` belongs to it."""
        while self._spans and self._spans[0][0] < start + count:
            first, last = self._spans[0]
            if start < last:
                yield slice(max(first - start, 0), min(last - start, count))
            if last > start + count:
                return
            self._spans.popleft()


def _quiet(section: Section, speech: list[Span]) -> Iterator[Span]:
    """Where in the holds of a section nobody speaks, or is about to, or just did."""
    for hold in section.cues:
        if hold.kind == "hold" and hold.bed:
            start, end = hold.start + FROM_THE_ENDS, hold.end - FROM_THE_ENDS
            for first, last in speech:
                if last + FROM_SPEECH > start and first - FROM_SPEECH < end:
                    if start < first - FROM_SPEECH:
                        yield start, first - FROM_SPEECH
                    start = last + FROM_SPEECH
            if start < end:
                yield start, end
