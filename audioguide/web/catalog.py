"""Which sessions there are, by id: routines, presets, and what was dropped on the page.

An id from a request is only ever looked up among the names that were found: it is never made into a path.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from audioguide.draw import cover
from audioguide.errors import AudioguideError, suggest
from audioguide.model.options import Options
from audioguide.model.timeline import Timeline
from audioguide.session.open import session_of_plan, works
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session
from audioguide.speech.lexicon import lexicon_of
from audioguide.system import paths
from audioguide.units import RATE
from audioguide.web.limits import check_session
from audioguide.web.responses import Refusal, error_json
from audioguide.web.uploads import Uploads


class Catalog:
    """The sessions that the page offers, at the person's standing wishes. To be used from any thread."""

    def __init__(self, standing: Options) -> None:
        self.standing = standing
        self.dropped = Uploads()
        self._rows: dict[str, tuple[object, dict[str, Any]]] = {}
        self._timing = threading.Lock()  # one thread works at a time: the second one finds the length worked out

    def plan(self, id: str) -> ResolvedRoutine:
        """The plan of a session. Refused when there is none of that id; RequestError when it cannot be used."""
        if dropped := self.dropped.get(id):
            return dropped
        known = _files()
        if id not in known:
            raise Refusal(404, f"There is no session {id!r}.", suggest(id, known))
        return resolve(known[id], Options(), self.standing)

    def session(self, id: str, options: Options) -> tuple[ResolvedRoutine, Session]:
        """A session with options over those that it has, and its plan with them.

        Raises as `plan` and `session_of`; RequestError where it is too much for the page.
        """
        found = self.plan(id)
        found = replace(found, options=options.over(found.options))
        session = session_of_plan(found)
        check_session(session)
        return found, session

    def rows(self) -> tuple[list[dict[str, Any]], list[Mapping[str, str]]]:
        """Every session that can be used, with its length, and why others cannot: each reason once, without paths.

        What was worked out before is not worked out again. One that the standing wishes do not fit is left out.
        """
        rows: list[dict[str, Any]] = []
        problems: dict[str, Mapping[str, str]] = {}
        for id in (*self.dropped.ids(), *_files()):
            try:
                with self._timing:
                    rows.append(self._row(id))
            except Refusal:
                continue  # it is gone by now
            except AudioguideError as error:
                if str(error) not in problems and not self._unfit(id):
                    problems[str(error)] = error_json(error, located=True)
        return rows, [*problems.values()]

    def forget(self, id: str) -> None:
        """Work its length out anew: more of it is spoken now."""
        self._rows.pop(id, None)

    def _unfit(self, id: str) -> bool:
        """Whether it is the standing wishes that do not fit."""
        try:
            found = self.plan(id)
            return works(replace(found, options=found.kept))
        except (AudioguideError, Refusal):
            return False

    def _row(self, id: str) -> dict[str, Any]:
        found = self.plan(id)
        session = session_of_plan(found)
        made_of = found, session.voice, session.words, lexicon_of(session.voice, "say")
        kept = self._rows.get(id)
        if kept is None or kept[0] != made_of:
            timeline, exact = session.outline()
            kept = self._rows[id] = made_of, row(id, found, timeline, exact=exact)
        return kept[1]


def row(id: str, plan: ResolvedRoutine, timeline: Timeline, *, exact: bool) -> dict[str, Any]:
    """What the page shows of a session among others. `bars` are its holds, as fractions of the whole."""
    routine = plan.routine
    return {
        "id": id,
        "title": routine.title,
        "description": routine.description,
        "tags": list(routine.tags),
        "language": routine.language,
        "duration": round(timeline.frames / RATE, 3),
        "estimated": not exact,
        "bars": bars(timeline),
        "palette": cover.choose_palette(routine.id),
    }


def bars(timeline: Timeline) -> list[tuple[float, float]]:
    """Where the holds begin and end, as fractions of the whole."""
    return [(round(bar.start, 5), round(bar.end, 5)) for bar in cover.hold_bars(timeline)]


def _files() -> dict[str, Path]:
    """Routines and presets whose name is text."""
    files = paths.routine_files() | paths.preset_files()
    return {id: path for id, path in files.items() if id.isprintable()}
