"""The timeline as a picture to print, on A4 sheets in landscape: PNG, PDF or SVG by the file's ending.

The session is wrapped into rows of equal length. Each shows the names of its poses, the holds as bars with the breath
in them, the speech, and a clock. Lengths are points (1/72 inch) from a sheet's upper left corner.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from audioguide.draw import font, plot_row
from audioguide.draw.plot_row import INK, LEFT, QUIET, RIGHT, PlotRow, PoseRun, draw_row, translate
from audioguide.draw.svg import box, document, text
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.model.timeline import Section, Timeline
from audioguide.units import RATE, format_clock

_WIDTH, _HEIGHT = RIGHT + LEFT, 595
_FIRST_ROW, _LAST_ROW = 84, _HEIGHT - 46
_TALLEST_ROW, _ROW_GAP = 120.0, 7.0
_AIRY, _DENSE, _MOST_SHEETS = 7, 10, 24  # rows on a sheet: usual, and the most that can be read
_LEAST_SECONDS, _SECONDS, _MOST_SECONDS = 45, 180, 300  # in a row: of a short session, of most, and of very long ones


def draw_sheets(
    timeline: Timeline, description: str = "", figures: Sequence[ChapterFigure | None] = (), *, single: bool
) -> list[str]:
    """The sheets as SVG, with the `figures` of the chapters; `single` puts everything on one sheet, however dense."""
    shown = {chapter.start: figure for chapter, figure in zip(timeline.chapters, figures, strict=False)}
    runs = [replace(run, figure=shown.get(run.start)) for run in _find_runs(timeline.sections)]
    rows = _split_rows(timeline.frames, single)
    sheets = []
    for sheet, on_sheet in groupby(rows, lambda row: row.sheet):
        note = f"{sheet + 1} / {rows[-1].sheet + 1}" if rows[-1].sheet else ""
        if single and rows[0].end > _SECONDS * RATE:
            note = "A PDF shows this larger, on several sheets."
        shapes = (shape for row in on_sheet for shape in draw_row(runs, row, timeline.frames))
        frame = box(0, 0, _WIDTH, _HEIGHT, "#ffffff"), *_draw_head(timeline, description)
        sheets.append(document(_WIDTH, _HEIGHT, *frame, *shapes, *_draw_legend(note), unit="pt"))
    return sheets


def _split_rows(frames: int, single: bool) -> list[PlotRow]:
    """Rows of equal length, a multiple of 5 s, such that the last one is nearly full."""
    seconds = frames / RATE
    most = _DENSE if single else _AIRY
    count = max(min(_AIRY, math.ceil(seconds / _LEAST_SECONDS)), math.ceil(seconds / _SECONDS))
    if single:
        count = min(count, most)
    elif count > _MOST_SHEETS * most:
        count = math.ceil(seconds / _MOST_SECONDS)
    length = math.ceil(seconds / count / 5) * 5 * RATE
    pitch = (_LAST_ROW - _FIRST_ROW + _ROW_GAP) / max(3, min(count, most))
    height = min(pitch - _ROW_GAP, _TALLEST_ROW)
    tops = (_FIRST_ROW + pitch * (place % most) for place in range(math.ceil(frames / length)))
    return [PlotRow(at // most, top, top + height, at * length, (at + 1) * length) for at, top in enumerate(tops)]


def _find_runs(sections: Sequence[Section]) -> list[PoseRun]:
    def step(section: Section) -> int:
        return next((cue.step or 0 for cue in section.cues if cue.kind == "hold"), -1 - section.chapter.start)

    runs: list[PoseRun] = []
    colours: dict[str, tuple[str, str]] = {}
    for _, group in groupby(sections, step):
        chapters = list(group)
        first, last = chapters[0].chapter, chapters[-1].chapter
        # `Bird dog` for `Bird dog, round 1 of 4` and the following rounds.
        common = {section.chapter.title.rpartition(",")[0] for section in chapters}
        name = common.pop() if len(chapters) > 1 and len(common) == 1 and "" not in common else first.title
        cues = tuple(cue for section in chapters for cue in section.cues)
        pose = next((cue.pose or name for cue in cues if cue.kind == "hold"), None)
        pair = (
            colours.setdefault(pose, plot_row.COLOURS[len(colours) % len(plot_row.COLOURS)])
            if pose
            else plot_row.NO_POSE
        )
        runs.append(PoseRun(name, pair, first.start, last.end, cues))
    return runs


def _draw_head(timeline: Timeline, description: str) -> Iterator[str]:
    holds = [cue.frames for cue in timeline.cues if cue.kind == "hold"]
    count = f"{len(holds)} hold{'' if len(holds) == 1 else 's'}, together {format_clock(sum(holds))}" if holds else ""
    for left, right, baseline, size, colour, bold in (
        (timeline.title, format_clock(timeline.frames), 51, 22, INK, True),
        (description, count, 68, 9, QUIET, False),
    ):
        width = RIGHT - LEFT - 24 - font.text_width(right, size, bold=bold)
        yield text(font.shorten(left, size, width, bold=bold), LEFT, baseline, size, colour, bold=bold)
        yield text(right, RIGHT, baseline, size, colour, bold=bold, anchor="end")


def _draw_legend(note: str) -> Iterator[str]:
    middle, x = _HEIGHT - 31.0, float(LEFT)
    for sign, words in plot_row.SIGNS:
        yield translate(x, middle, sign)
        yield text(words, x + 25, middle + 2.6, 7.5, QUIET)
        x += 45 + font.text_width(words, 7.5)
    yield text(note, RIGHT, middle + 2.6, 7.5, QUIET, anchor="end")
