"""Draws the pictures of README and docs anew, from the program as it is: `python tests/bench/pictures.py [NAME …]`.

Each is what a person sees who does the same: a terminal, a phone's browser, a printed page. Needs tmux, Chromium and
pdftoppm. docs/speed.png is drawn with its figures: `python tests/bench --write`.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import chromium, opened
from page_server import PageServer
from PIL import Image, ImageDraw, ImageFont
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text
from tmux import Tmux

import audioguide
from audioguide.export.tags.id3 import read_cover

DOCS = Path(__file__).parents[2] / "docs"
COOL_DOWN = "lower-back-cool-down"
MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
INK, GROUND = "#c5c8c6", "#292929"
CELL = 20, 40  # pixels of a character of a terminal, in twice the size that it is shown in
DIM = "#868887"
BLOCKS = {"█": (0, 8), "▀": (0, 4)} | {chr(0x2580 + rows): (8 - rows, 8) for rows in range(1, 8)}
"""Characters of blocks: from and to which eighth of their height."""
QUARTERS = dict(zip("▘▝▀▖▌▞▛▗▚▐▜▄▙▟", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), strict=True))
"""And those of quarters: 1 is the upper left one, 2 the upper right, 4 the lower left, 8 the lower right."""
FIRST_MONDAY = date(2026, 10, 5)
# What is done on the days of each week: how it felt, or the pose that hurt; "" is a day on which nothing is done.
SIX_WEEKS = (
    (("easier", "right", "right"), "begun"),
    (("right", "bridge", "right"), "Wed: a pose hurt, left out on Fri"),
    (("right", "right", "easier"), ""),
    (("", "", ""), "missed"),
    (("right", "right", "harder"), "Fri: felt harder"),
    (("right",), "lengths stay, today's is due"),
)


def run(folder: Path, *words: str, now: str = "") -> str:
    """What a command prints, with folders of its own below `folder`."""
    own = {"AUDIOGUIDE_HOME": str(folder / "home")} | ({"AUDIOGUIDE_NOW": now} if now else {})
    command = [sys.executable, "-m", "audioguide", *words]
    return subprocess.run(command, cwd=folder, env=os.environ | own, check=True, capture_output=True, text=True).stdout


def save(picture: Image.Image, name: str, colors: int = 128) -> None:
    """As a PNG of few colours, which is a third as large."""
    picture.convert("RGB").quantize(colors, dither=Image.Dither.NONE).save(DOCS / name, optimize=True)


def save_page(folder: Path, file: str, name: str) -> None:
    """The first page of a PDF as it is on paper."""
    subprocess.run(["pdftoppm", "-png", "-r", "84", "-singlefile", folder / file, folder / "page"], check=True)
    save(Image.open(folder / "page.png"), name, 64)


def draw_cover(folder: Path) -> None:
    run(folder, "export", COOL_DOWN, "-o", "a.mp3")
    cover = Image.open(io.BytesIO(read_cover(folder / "a.mp3")))
    cover.resize((420, 420), Image.Resampling.LANCZOS).save(DOCS / "cover.jpg", quality=90, optimize=True)


def draw_timeline(folder: Path) -> None:
    run(folder, "show", COOL_DOWN, "--plot", "a.png")
    save(Image.open(folder / "a.png"), "timeline.png", 256)


def draw_figures(folder: Path) -> None:
    run(folder, "poses", "draw", "--all", "-o", "a.png")
    whole = Image.open(folder / "a.png")
    save(whole.resize((1100, round(whole.height * 1100 / whole.width)), Image.Resampling.LANCZOS), "figures.png", 64)


def draw_sheet(folder: Path) -> None:
    logo = Image.new("RGBA", (300, 100))
    ImageDraw.Draw(logo).ellipse((0, 0, 99, 99), "#505050")
    ImageDraw.Draw(logo).rectangle((110, 34, 299, 66), "#505050")
    logo.save(folder / "logo.png")
    words = "--for", "Anna Berg", "--clinic", "Physio Nord", "--logo", "logo.png", "--link", "https://example.org/anna"
    run(folder, "sheet", "hip-openers", *words, "-o", "a.pdf")
    save_page(folder, "a.pdf", "sheet.png")


def do_six_weeks(folder: Path) -> str:
    """Plan six weeks, and log what was done in them; returns the moment at which it is looked at."""
    hour = "T18:30+01:00"
    words = "--days", "mon,wed,fri", "--weeks", "6", "--progress", "+5s a week", "--start", str(FIRST_MONDAY)
    run(folder, "plan", "new", "back", "--routine", COOL_DOWN, *words, now=f"{FIRST_MONDAY}{hour}")
    for week, (felt, _) in enumerate(SIX_WEEKS):
        for day, how in zip((0, 2, 4), felt, strict=False):
            if how:
                now = f"{FIRST_MONDAY + timedelta(weeks=week, days=day)}{hour}"
                option = "--felt" if how in ("easier", "right", "harder") else "--hurt"
                run(folder, "log", "add", "--next", option, how, now=now)
    return f"{FIRST_MONDAY + timedelta(weeks=5, days=2)}{hour}"


def draw_plan(folder: Path) -> None:
    now = do_six_weeks(folder)
    with terminal(folder, now) as on:
        on.run("audioguide plan")
        on.sees("of 18 done")
        shown = Text.from_ansi(on.tell("capture-pane", "-e", "-p").rstrip("$ \n"))
    lines = list(shown.split())
    for line, (_, note) in zip(lines[3:], SIX_WEEKS, strict=False):
        line.pad_right(44 - line.cell_len)
        line.append(note, "italic #8fb8de")
    console = Console(record=True, width=82, file=io.StringIO(), force_terminal=True)
    console.print(Text("\n").join(lines))
    svg = console.export_svg(title="Six weeks", font_aspect_ratio=0.61)
    (DOCS / "plan.svg").write_text(svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas"), "utf-8")


def draw_report(folder: Path) -> None:
    now = do_six_weeks(folder)
    run(folder, "log", "report", "-o", "a.pdf", "--for", "Zoë Łuczak", now=now)
    save_page(folder, "a.pdf", "report.png")


def paint(color: Color | None, otherwise: str) -> str:
    """A colour as a terminal of this theme shows it."""
    return otherwise if color is None or color.is_default else color.get_truecolor(SVG_EXPORT_THEME).hex


def cells(line: Text) -> Iterator[tuple[int, str, str, str]]:
    """Each character of a line of a terminal: its column, itself, its colour and what is behind it."""
    column = 0
    for segment in line.render(Console(width=200)):
        style = segment.style if isinstance(segment.style, Style) else Style()
        color, behind = paint(style.color, INK), paint(style.bgcolor, GROUND)
        color, behind = (behind, color) if style.reverse else (color, behind)
        color = DIM if style.dim and color == INK else color
        for character in segment.text.rstrip("\n"):
            yield column, character, color, behind
            column += 1


def render_terminal(shown: str) -> Image.Image:
    """A terminal, whose blocks touch as they do there."""
    lines = Text.from_ansi(shown.rstrip("\n")).split()
    (wide, high), edge = CELL, 24
    size = max(line.cell_len for line in lines) * wide + 2 * edge, len(lines) * high + 2 * edge
    picture = Image.new("RGB", size, GROUND)
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(MONO, 33)
    for row, line in enumerate(lines):
        for column, character, color, behind in cells(line):
            left, top = edge + column * wide, edge + row * high
            right, low = left + wide, top + high
            draw.rectangle((left, top, right - 1, low - 1), behind)
            if character in BLOCKS:
                begin, end = BLOCKS[character]
                draw.rectangle((left, top + high * begin // 8, right - 1, top + high * end // 8 - 1), color)
            elif character in QUARTERS:
                for quarter in (one for one in range(4) if QUARTERS[character] >> one & 1):
                    x, y = left + quarter % 2 * wide // 2, top + quarter // 2 * high // 2
                    draw.rectangle((x, y, x + wide // 2 - 1, y + high // 2 - 1), color)
            elif character in "━─╸╺":
                draw.rectangle((left, top + high // 2 - 2, right - 1, top + high // 2 + 1), color)
            elif character != " ":
                draw.text((left, top + 1), character, color, font)
    return picture


@contextmanager
def terminal(folder: Path, now: str = "") -> Iterator[Tmux]:
    """One of 84 columns and 27 lines, in which `audioguide` is this one."""
    opened = Tmux(folder)
    try:
        opened.tell("resize-window", "-x", "84", "-y", "27")
        opened.run(f"export AUDIOGUIDE_HOME={folder}/home PYTHONPATH={Path(audioguide.__file__).parents[1]}")
        opened.run(
            f"{f'export AUDIOGUIDE_NOW={now}; ' if now else ''}alias audioguide='{sys.executable} -m audioguide'"
        )
        opened.run("PS1='$ '; clear")
        yield opened
    finally:
        opened.close()
        time.sleep(1)  # what ran in it has the folder open


def draw_screen(folder: Path) -> None:
    with terminal(folder) as on:
        on.run(f"audioguide play {COOL_DOWN} --start-at cat-cow --output null --no-questions")
        on.sees("next  Bird dog", 120)
        on.sees("“Round", 120)
        time.sleep(2.5)  # in the middle of a breath
        save(render_terminal(on.tell("capture-pane", "-e", "-p")), "screen.png", 64)


def draw_page(folder: Path) -> None:
    with PageServer(folder) as server, chromium() as browser:
        for name in ("short-one", "long-one"):  # of the tests
            (server.home / f"scripts/{name}.yaml").unlink()
        made = server.made(COOL_DOWN)
        server.ask("PUT", f"api/jobs/{made['job']}/place", {"position": 289.0})
        views = []
        with opened(browser, device_scale_factor=2) as context:
            page = context.new_page()
            page.goto(server.address)
            page.wait_for_selector(".card")
            page.wait_for_load_state("networkidle")
            views.append(page.screenshot())
            page.goto(f"{server.address}#session/{COOL_DOWN}")
            line = page.locator(".one", has_text="Cat-cow")
            line.locator("summary").first.click()
            line.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 85)")
            time.sleep(1)
            views.append(page.screenshot())
            page.goto(f"{server.address}#job/{made['job']}")
            page.get_by_role("button", name="Play").click()
            time.sleep(8)
            views.append(page.screenshot())
        pictures = [Image.open(io.BytesIO(view)) for view in views]
        whole = Image.new("RGB", (sum(one.width for one in pictures) + 64, pictures[0].height), "#808080")
        for number, one in enumerate(pictures):
            whole.paste(one, (number * (one.width + 32), 0))
        save(whole, "page.png", 128)


DRAWN: dict[str, Callable[[Path], None]] = {
    "cover.jpg": draw_cover,
    "timeline.png": draw_timeline,
    "figures.png": draw_figures,
    "sheet.png": draw_sheet,
    "plan.svg": draw_plan,
    "report.png": draw_report,
    "screen.png": draw_screen,
    "page.png": draw_page,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or DRAWN:
        with tempfile.TemporaryDirectory() as folder:
            DRAWN[name](Path(folder))
        print(name, flush=True)
