"""A session on paper, for a person: its poses with figures and doses, and days to tick, on one to three pages.

Lengths are points (1/72 inch) from a page's upper left corner, or multiples of the size of type.
"""

import base64
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from audioguide.draw import font
from audioguide.draw.figure_svg import HEIGHT, PRINT, WIDTH, measure_figure, place_figure, stand_figure
from audioguide.draw.plot_row import INK, QUIET, translate
from audioguide.draw.svg import box, document, element, number, path, text
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.model.figure import Figure
from audioguide.model.routine import BreathPattern

PAPERS = {"a4": (595.0, 842.0), "letter": (612.0, 792.0)}
MOST_PAGES = 3
_MARGIN = 40.0  # 14 mm: more than printers leave white
_SIZES, _LARGE_SIZES = (12, 11, 10.5, 10, 9.5, 9), (18, 17.5, 17, 16.5, 16)  # the last two only on three pages
_LEADING = 1.28
_LEAST_FIGURE, _MOST_FIGURE = 80.0, 125.0  # widths: 28 and 44 mm
_BETWEEN = 11.0  # the two figures of a moving pose
_CODE = 72.0  # the edge of the QR code: 25 mm
_MOST_ROWS = 60  # more never fit
_RULE = "#c3c8cf"
_SIGN = "M5.5 1 10.3 9.6H.7ZM5.5 4V6.4M5.5 7.4V8.4"  # a triangle with an exclamation mark


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A pose or a breathing exercise: its instructions are `texts`, the fuller one first."""

    name: str
    dose: str
    sides: str
    texts: tuple[str, ...]
    caution: str
    picture: ChapterFigure | BreathPattern | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a sheet; where `person` or `date` is empty there is a line to write on.

    `about` are lines below the title. `logo` is a PNG and how high it is for its width. `days` (0 is Monday) are those
    to tick, in so many `weeks`.
    """

    title: str
    about: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    words: Mapping[str, str]
    person: str = ""
    date: str = ""
    clinic: str = ""
    logo: tuple[bytes, float] | None = None
    link: str = ""
    paper: str = "a4"
    large: bool = False
    days: tuple[int, ...] = tuple(range(7))
    weeks: int = 4


def draw_sheet(sheet: Sheet) -> tuple[list[str], int]:
    """The pages as SVG, and how many rows have no place on them.

    On as few pages as can be read well, with the fuller texts where they fit in large type, or else in smaller type.
    """
    sizes, rows = _LARGE_SIZES if sheet.large else _SIZES, sheet.rows[:_MOST_ROWS]
    for most in range(1, MOST_PAGES + 1):
        usual = sizes if most == MOST_PAGES else sizes[:-2]
        for size, brief in (*((size, False) for size in sizes[:2]), *((size, True) for size in usual)):
            layout = _Layout(sheet, size, brief, rows)
            if len(layout.pages) <= most and len(rows) == len(sheet.rows):
                return layout.draw(), 0
    counts = range(1, len(rows) + 1)
    fit = bisect_right(counts, MOST_PAGES, key=lambda count: len(_Layout(sheet, size, True, rows[:count]).pages))
    return _Layout(sheet, size, True, rows[:fit]).draw(), len(sheet.rows) - fit


class _Stack:
    """Lines of text below each other; the next one goes to `bottom`."""

    def __init__(self, left: float, width: float, bottom: float = 0.0) -> None:
        self.left, self.width, self.bottom = left, width, bottom
        self.shapes: list[str] = []

    def put(self, words: str, size: float, fill: str = INK, *, bold: bool = False, most: int = 14) -> None:
        lines = font.wrap(words, size, self.width, bold=bold)
        if len(lines) > most:
            lines[most - 1 :] = [font.shorten(" ".join(lines[most - 1 :]), size, self.width, bold=bold)]
        for line in lines:
            self.shapes.append(text(line, self.left, self.bottom + 0.99 * size, size, fill, bold=bold))
            self.bottom += _LEADING * size


class _Layout:
    """Some rows of a sheet in one size of type: a height and shapes for each block of each page, with its top."""

    def __init__(self, sheet: Sheet, size: float, brief: bool, rows: Sequence[SheetRow]) -> None:
        self.sheet, self.size, self.brief = sheet, size, brief
        self.small = max(0.85 * size, min(_LARGE_SIZES) if sheet.large else 8.0)
        self.right, self.floor = (edge - _MARGIN for edge in PAPERS[sheet.paper])
        moving = any(isinstance(row.picture, ChapterFigure) and row.picture.moves for row in rows)
        beside = moving and not sheet.large  # in large type the two figures of a moving pose are below each other
        usual = 96.0 if sheet.large else min(7.4 * size, 92.0) if moving else min(10.5 * size, _MOST_FIGURE)
        self.wide = max(_LEAST_FIGURE, usual)
        self.cell = 2 * self.wide + _BETWEEN if beside else self.wide * any(row.picture for row in rows)
        blocks = [self.draw_head(), *(self.draw_row(count, row) for count, row in enumerate(rows, 1))]
        if more := len(sheet.rows) - len(rows):
            stack = _Stack(_MARGIN, self.right - _MARGIN)
            stack.put(sheet.words["more"].replace("{n}", str(more)), size, bold=True)
            blocks.append((stack.bottom, "".join(stack.shapes)))
        if sheet.weeks:
            blocks.append(self.draw_days())
        self.pages: list[list[str]] = [[]]
        top = _MARGIN
        for height, shapes in blocks:
            if top + height > self.floor - 1.4 * self.small and self.pages[-1]:
                self.pages.append([])
                top = _MARGIN + 1.8 * self.small
            self.pages[-1].append(translate(0, top, shapes))
            top += height

    def draw(self) -> list[str]:
        """The pages: what they continue above, and words of care and their numbers below."""
        drawn = []
        width, height = PAPERS[self.sheet.paper]
        for page, shapes in enumerate(self.pages, 1):
            stack = _Stack(_MARGIN, self.right - _MARGIN, _MARGIN)
            if page > 1:
                stack.put(" · ".join(filter(None, (self.sheet.title, self.sheet.person))), self.small, QUIET, most=1)
            count = f"{page} / {len(self.pages)}" if len(self.pages) > 1 else ""
            stack.width -= font.text_width(count, self.small) + self.size
            stack.bottom = self.floor - 0.99 * self.small
            stack.put(self.sheet.words["care"], self.small, QUIET, most=1)
            stack.shapes.append(text(count, self.right, self.floor, self.small, QUIET, anchor="end"))
            frame = box(0, 0, width, height, "#ffffff")
            drawn.append(document(width, height, frame, *shapes, *stack.shapes, unit="pt"))
        return drawn

    def draw_head(self) -> tuple[float, str]:
        sheet, size, shapes = self.sheet, self.size, list[str]()
        stack = _Stack(_MARGIN, self.right - _MARGIN - (_CODE + 2 * size) * bool(sheet.link))
        shapes += _draw_strip(sheet, size, stack)
        stack.put(sheet.title, (1.6 if sheet.large else 2.1) * size, bold=True, most=3)
        for line in sheet.about:
            stack.put(line, size, QUIET, most=3)
        if sheet.link:
            caption = _Stack(self.right - _CODE, _CODE, _CODE + 0.3 * size)
            caption.put(sheet.words["listen"], self.small, QUIET)
            shapes += [_draw_code(sheet.link, caption.left), *caption.shapes]
            stack.bottom = max(stack.bottom, caption.bottom)
        top = bottom = stack.bottom + 0.9 * size
        middle = _MARGIN + 0.64 * (self.right - _MARGIN)
        fields = (_MARGIN, middle, "name", sheet.person), (middle + 2 * size, self.right, "date", sheet.date)
        for left, right, label, value in fields:
            words = sheet.words[label]
            start = left + font.text_width(words, self.small) + 0.8 * size
            field = _Stack(start, right - start, top)
            field.put(value, size, bold=True)
            bottom = max(bottom, field.bottom, top + _LEADING * size)
            shapes += [text(words, left, top + 0.99 * size, self.small, QUIET), *field.shapes]
            shapes.append(box(start, bottom, right, bottom + 0.6, QUIET))
        return bottom + 1.2 * size, "".join((*stack.shapes, *shapes))

    def draw_row(self, count: int, row: SheetRow) -> tuple[float, str]:
        size, left = self.size, _MARGIN + 2.3 * self.size
        stack = _Stack(left + self.cell + 1.2 * size * bool(self.cell), 0.0, 0.1 * size)
        stack.width = self.right - stack.left
        stack.put(row.name, (1.15 if self.sheet.large else 1.3) * size, bold=True, most=3)
        stack.put(row.dose, (1.0 if self.sheet.large else 1.1) * size, bold=True, most=5)
        stack.put(row.sides, self.small, QUIET, most=4)
        stack.bottom += 0.2 * size
        stack.put(row.texts[-1 if self.brief else 0] if row.texts else "", size)
        if row.caution:
            sign = f"translate({number(stack.left)} {number(stack.bottom + 0.2 * size)}) scale({size / 10:.3f})"
            stack.shapes.append(element("path", d=_SIGN, fill="none", stroke=INK, transform=sign))
            stack.left, stack.width, stack.bottom = stack.left + 1.5 * size, stack.width - 1.5 * size, stack.bottom + 2
            stack.put(row.caution, size, most=5)
        disc, end = 0.95 * size, 0.4 * size
        shapes = [element("circle", cx=_MARGIN + disc, cy=disc, r=disc, fill=INK)]
        shapes.append(text(str(count), _MARGIN + disc, 1.31 * size, size, "#ffffff", bold=True, anchor="middle"))
        if isinstance(row.picture, BreathPattern):
            end, tall = 2.8 * size, min(2.4 * size, 0.3 * self.cell)
            shapes.append(translate(0, 0.4 * size, _draw_breath(row.picture, left + self.cell / 2, tall)))
        elif row.picture:
            figure, side = row.picture.figure, row.picture.side
            room, below = self.wide if figure.moves else min(self.cell, _MOST_FIGURE), figure.moves and self.sheet.large
            for share, moment in ((0.0, 0.0), (1.0, 1.0)) if figure.moves else ((0.5, 0.0),):
                drawn, wide, tall = _draw(figure, moment, side)
                scale = min(0.96 * room / wide, (_LEAST_FIGURE if below else min(8 * size, 110.0)) / tall)
                top, x = max(0.4 * size, (stack.bottom - tall * scale) / 2), left + (self.cell - room) * share
                top = end + 14.0 * share if below else top
                end = top + tall * scale
                place = f"translate({number(x + (room - wide * scale) / 2)} {number(top)}) scale({scale:.4f})"
                shapes.append(element("g", drawn, transform=place))
                if figure.view != "above":
                    shapes.append(box(x, end, x + room, end + 1.2, PRINT.ground))
            if figure.moves:
                start = left + self.cell / 2 - 4 * (not below), top - 11 if below else (top + end) / 2
                arrow = f"{path(start)}{'v8m-3 -3 3 3 3 -3' if below else 'h8m-3 -3 3 3-3 3'}"
                shapes.append(element("path", d=arrow, fill="none", stroke=QUIET, stroke_width=1.1))
        bottom = max(end, stack.bottom, 2 * size) + 0.5 * size
        rule = box(_MARGIN, bottom, self.right, bottom + 0.6, _RULE)
        return bottom + 0.7 * size, "".join((*shapes, *stack.shapes, rule))

    def draw_days(self) -> tuple[float, str]:
        """A box for each day of each week, and beside them lines for notes."""
        sheet, size, shapes = self.sheet, self.size, list[str]()
        names, labels = sheet.words["days"].split(), _Stack(_MARGIN, self.right, 2.1 * size)
        weeks = [sheet.words["week"].replace("{n}", str(week)) for week in range(1, sheet.weeks + 1)]
        left = _MARGIN + max(font.text_width(label, size) for label in weeks) + size
        step = max(2.5 * size, *(font.text_width(names[day], self.small) + 0.7 * size for day in sheet.days))
        notes = left + len(sheet.days) * step + 1.5 * size
        has_notes = self.right - notes > 8 * size
        for label in weeks:
            top = labels.bottom
            labels.put(label, size)
            for column in range(len(sheet.days)):
                x, edge = left + (column + 0.5) * step, 0.68 * size
                shapes.append(box(x - edge, top, x + edge, top + 2 * edge, "none", stroke=INK, stroke_width=1, rx=1.5))
            if has_notes:
                shapes.append(box(notes, top + 1.36 * size, self.right, top + 1.36 * size + 0.6, _RULE))
            labels.bottom = top + 1.8 * size
        for column, day in enumerate(sheet.days):
            x = left + (column + 0.5) * step
            shapes.append(text(names[day], x, 1.5 * size, self.small, QUIET, anchor="middle"))
        if has_notes:
            shapes.append(text(sheet.words["notes"], notes, 1.5 * size, self.small, QUIET))
        return labels.bottom, "".join((*labels.shapes, *shapes))


def _draw_strip(sheet: Sheet, size: float, stack: _Stack) -> Iterator[str]:
    """The clinic above the title: its logo, and beside it its name."""
    if not (sheet.logo or sheet.clinic):
        return
    left, tall = stack.left, 0.0
    if sheet.logo:
        content, ratio = sheet.logo
        wide = min(3.6 * size / ratio, 0.4 * stack.width)
        tall = wide * ratio
        data = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        link = {"xmlns:xlink": "http://www.w3.org/1999/xlink", "xlink:href": data}
        yield element("image", x=left, y=0.0, width=wide, height=tall, **link)
        left += wide + size
    name = _Stack(left, stack.left + stack.width - left)
    name.put(sheet.clinic, 1.15 * size, bold=True, most=3)
    if name.shapes:
        yield translate(0, max(0.0, tall - name.bottom) / 2, "".join(name.shapes))
    stack.bottom = max(tall, name.bottom) + 1.2 * size


def _draw_code(link: str, left: float) -> str:
    """The QR code of a link: the dark runs of each of its rows."""
    import segno

    runs, matrix = "", segno.make(link, error="m", micro=False).matrix
    for y, row in enumerate(matrix):
        for dark, run in groupby(range(len(row)), row.__getitem__):
            first, *rest = run
            runs += f"M{first} {y}h{len(rest) + 1}v1H{first}z" if dark else ""
    place = f"translate({number(left)} 0) scale({_CODE / len(matrix):.5f})"
    return element("g", element("path", d=runs, fill="#000000"), transform=place)


def _draw_breath(pattern: BreathPattern, middle: float, tall: float) -> str:
    """A breath as a line: up in and down out."""
    x, y = middle - 1.5 * tall, tall
    curve = f"M{number(x)} {number(y)}"
    for part, seconds in pattern.parts:
        end, goal = x + 3 * tall * seconds / pattern.cycle, 0.0 if part in ("in", "more", "hold") else tall
        half = number((x + end) / 2)
        curve += f"C{half} {number(y)} {half} {number(goal)} {number(end)} {number(goal)}"
        x, y = end, goal
    return element("path", d=curve, fill="none", stroke=INK, stroke_width=2.2, stroke_linecap="round")


@lru_cache(256)
def _draw(figure: Figure, moment: float, side: int) -> tuple[str, float, float]:
    """A figure with its width and height; one that is seen from above with its mat, another without the ground."""
    if figure.view == "above":
        return place_figure(figure, 0.0, 0.0, WIDTH, moment=moment, side=side, palette=PRINT), WIDTH, HEIGHT
    west, _, east, north = (edge * WIDTH for edge in measure_figure(figure))
    return stand_figure(figure, 0.0, north, WIDTH, moment=moment, side=side, palette=PRINT), east - west, north
