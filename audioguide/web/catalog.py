"""The sessions that the page offers, by id: routines, presets and uploads.

An id from a request is only looked up among the known names; it is never made into a path.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from audioguide.draw import cover
from audioguide.draw.svg import document
from audioguide.errors import AudioguideError, RequestError, suggest
from audioguide.model.chapter_figure import chapter_figures
from audioguide.model.notation import CONTROLS
from audioguide.model.options import OPTIONS, SILENT, Options
from audioguide.model.routine import PoseStep
from audioguide.session.composition import Outline
from audioguide.session.config import Config
from audioguide.session.open import build_session
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session
from audioguide.system import paths
from audioguide.units import RATE
from audioguide.web.due_sessions import find_plan_day, resolve_plan_day
from audioguide.web.http_json import Refusal, error_json
from audioguide.web.limits import check_session
from audioguide.web.row_cache import RowCache, Stamps, stamp_files
from audioguide.web.uploads import Uploads


class Catalog:
    """The sessions, with the person's settings. To be used from any thread."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.uploads = Uploads()
        self.kept: dict[str, Path] = {}  # finished files of sessions that were uploaded to earlier servers
        self._rows = RowCache()
        self._lock = threading.Lock()  # a second thread waits and finds the length that the first has worked out

    def resolve(self, id: str, language: str | None = None) -> ResolvedRoutine:
        """The routine and options of a session. Refused for an unknown id; RequestError when it cannot be used."""
        if uploaded := self.uploads.by_id.get(id):
            return uploaded
        if day := find_plan_day(id):
            return resolve_plan_day(day, self.config, language)
        if (file := self.kept.get(id)) and file.is_file():
            return replace(resolve(file, Options()), source="")
        known = _find_files()
        if id not in known:
            raise Refusal(404, f"There is no session {id!r}.", suggest(id, known))
        return resolve(known[id], Options(language=language), self.config)

    def open(self, id: str, options: Options) -> tuple[ResolvedRoutine, Session]:
        """A session with `options` over its own. Raises as `resolve`, also RequestError where it is too long.

        No file of this machine is read for a request: an option that may be one is refused, but for names.
        """
        names = {"background": (*paths.background_files(), SILENT)}
        for row in OPTIONS:
            name, known = getattr(options, row.name), names.get(row.name, (SILENT,))
            if row.takes_file and name is not None and name not in known:
                raise RequestError(f"{name!r} cannot be used here as the {row.key}.", suggest(name, known))
        resolved = self.resolve(id, options.language)
        # Without its source no message has a command that names it: on a phone there are no commands.
        resolved = replace(resolved, asked=options, options=options.over(resolved.options), source="")
        session = build_session(resolved)
        check_session(session)
        return resolved, session

    def list_sessions(
        self, language: str | None = None, within: float = math.inf
    ) -> tuple[list[dict[str, Any]], list[Mapping[str, str]], int]:
        """A row for every session that can be used, the errors of the others, each once, and how many sessions could
        not be looked at `within` that many seconds.

        A session is in that language where it has words in it. One that the settings do not fit is left out without an
        error. Rows are cached.
        """
        end, stamps, pending = time.monotonic() + within, stamp_files(self.config), 0
        rows: list[dict[str, Any]] = []
        errors: dict[str, Mapping[str, str]] = {}
        files = _find_files()
        for id in (*self.uploads.by_id, *files):
            own = id not in files or paths.is_user_file(files[id])
            row = self._find_row(id, language, stamps)
            if row is None and time.monotonic() > end:
                pending += 1
                continue
            try:
                with self._lock:
                    rows.append({**(row or self._make_row(id, language, stamps)), "own": own})
            except Refusal:
                continue  # it has just been deleted
            except AudioguideError as error:
                if not self._is_unfit(id, error):
                    errors.setdefault(str(error), error_json(error, located=True))
        self._rows.save()
        return rows, [*errors.values()], pending

    def draw_frieze(self, id: str) -> str:
        """The poses of a session as SVG, to stand above the bars of its picture. Raises as `resolve`."""
        session = build_session(self.resolve(id))
        figures = cover.choose_figures(chapter_figures(session.routine, session.outline.timeline))
        palette = cover.figure_palette(session.routine.id)
        return document(1700, 300, cover.draw_frieze(figures, 30, 1670, 295, 280, palette) if figures else "")

    def forget(self, id: str) -> None:
        """Work out the length of a session again, since more of it has been spoken."""
        self._rows.forget(id)

    def _is_unfit(self, id: str, error: AudioguideError) -> bool:
        """Whether a session is refused because the settings do not fit its routine."""
        with suppress(AudioguideError, Refusal):
            if isinstance(error, RequestError) and error.option:
                return self.resolve(id).layer(*error.option) == "settings"
        return False

    def resolve_in(self, id: str, language: str | None) -> ResolvedRoutine:
        """As `resolve`, in a language if the session has words in it and its options name no other one."""
        resolved = self.resolve(id)
        wanted = language in resolved.routine.languages[1:] and not resolved.options.language
        return self.resolve(id, language) if wanted else resolved

    def _make_row(self, id: str, language: str | None, stamps: Stamps) -> dict[str, Any]:
        if row := self._find_row(id, language, stamps):  # another thread has just made it
            return row
        resolved = self.resolve_in(id, language)
        row = build_row(id, resolved, build_session(resolved))
        is_wide = bool(resolved.preset or resolved.written.included)
        self._rows.put(id, language if row["language"] == language else None, stamps, row, is_wide=is_wide)
        return row

    def _find_row(self, id: str, language: str | None, stamps: Stamps) -> dict[str, Any] | None:
        row = self._rows.get(id, None, stamps)
        return row if row and language not in row["languages"][1:] else self._rows.get(id, language, stamps)


def build_row(id: str, resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """A session as the page lists it.

    `poses` are their names in the language of the session, and their ids, which are English: both are searched for.
    `targets` are those of at least a quarter of them, the most frequent first.
    """
    routine = resolved.routine
    poses = [step.pose for step in routine.steps if isinstance(step, PoseStep)]
    aims = Counter(target for pose in poses for target in set(pose.targets))
    return {
        "id": id,
        "title": routine.title,
        "description": routine.description,
        "tags": list(routine.tags),
        "language": routine.language,
        "languages": list(routine.languages) or [routine.language],
        "poses": [*dict.fromkeys(name for pose in poses for name in (pose.name, pose.id) if name)],
        "targets": [target for target, count in aims.most_common() if count >= len(poses) / 4],
        "frieze": any(isinstance(step, PoseStep) and step.pose.figure for step in routine.steps),
        "palette": cover.choose_palette(routine.id),
        "missing": session.missing or None,
        **describe_length(session.outline),
    }


def describe_length(outline: Outline) -> dict[str, Any]:
    """The seconds of a session, estimated unless the outline is exact, and start and end of each hold.

    The latter are the bars of the session's picture, as fractions of the whole.
    """
    return {
        "duration": round(outline.timeline.frames / RATE, 3),
        "estimated": not outline.is_exact,
        "bars": [(round(bar.start, 5), round(bar.end, 5)) for bar in cover.hold_bars(outline.timeline)],
    }


def _find_files() -> dict[str, Path]:
    """The files of routines and presets by id, without names that cannot be printed."""
    files = paths.routine_files() | paths.preset_files()
    return {id: path for id, path in files.items() if not CONTROLS.search(id)}
