"""One version of a session: the sections that are made so far, and their mix."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from audioguide.mixer import Mixer, Stems
from audioguide.timeline.changes import UNCHANGED, Changes
from audioguide.timeline.compile import START, Compiler, Point
from audioguide.timeline.heard import heard
from audioguide.timeline.model import Section


class Take:
    """A session with certain changes. It grows; what is there stays. One thread may extend it while others read."""

    def __init__(self, compiler: Compiler, mixer: Mixer, changes: Changes = UNCHANGED) -> None:
        self.changes = changes
        self.sections: list[Section] = []
        self.frames: int | None = None
        """Length of the session, once it is known."""
        self._compiler = compiler
        self._mixer = mixer
        self._points: list[Point] = []
        self._next: Point | None = START

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self._mixer.available

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames of the mix from `start`."""
        return self._mixer.stems(start, count)

    def blocks(self, start: int, stop: int) -> Iterator[Stems]:
        """The frames from `start` to `stop`, as `Mixer.blocks` has them."""
        return self._mixer.blocks(start, stop)

    def mixer(self) -> Mixer:
        """What mixes it, for a thread that goes through a part of it while others go through other parts."""
        return self._mixer.beside()

    def extend(self) -> bool:
        """Make the next section; whether there is any left after it. Raises what compiling it raises."""
        if self._next:
            section, following = self._compiler.section(self._next, self.changes)
            self.sections.append(section)
            self._points.append(self._next)
            self._mixer.add(section)
            self._next = following
        if self._next is None:
            self.frames = self.available
        return self._next is not None

    def index(self, frame: int) -> int:
        """The number of the section that a frame is in; the last one, where that is not made yet."""
        return bisect_right(self.sections, frame, key=lambda section: section.chapter.start) - 1

    def changed(self, changes: Changes, index: int, since: int) -> Take:
        """This one, with other changes from the frame `since` on, in the section `index`: the last one that is made.

        Up to `since` it is the same, cue by cue; and sample by sample, as `Mixer.changed` says.
        """
        point = self._points[index]
        section, following = self._compiler.section(point, changes, heard(self.sections[index], since))
        made = Take(self._compiler, self._mixer.changed(section, since), changes)
        made.sections, made._points = [*self.sections[:index], section], self._points[: index + 1]
        made._next = following
        if following is None:
            made.frames = made.available
        return made
