"""The figures as tables: the short one in the README, all of them in docs/speed.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from picture import draw
from records import BUSY, ROOT, Records, days, held, machine, rows_of, told
from rows import Row

README, PAGE, PICTURE = ROOT / "README.md", ROOT / "docs" / "speed.md", ROOT / "docs" / "speed.png"
OPEN, CLOSE = "<!-- bench -->", "<!-- /bench -->"

SHORT = {
    "20 min: nothing known": "export 20 minutes, nothing known",
    "20 min: nothing known, of LAME": "the same, over one thread of LAME on the same samples",
    "20 min: clips known, of LAME": "with every sentence spoken before",
    "60 min: nothing known, of LAME": "an hour, nothing known, over one thread of LAME",
    "20 min: nothing known, faster than pydub": "faster than a pydub script that has its clips",
    "20 min: nothing known, faster than ffmpeg": "faster than one ffmpeg filter graph that has its clips",
    "20 min: nothing known, faster than w2a's way": "faster than a file for each exercise, joined, without background",
    "20 min: one hold changed": "export again, one hold changed",
    "20 min: one sentence changed": "export again, one sentence changed",
    "one more session, holds of whole seconds": "one more session of a batch, every sentence known",
    "first sound, empty cache": "first sound of `play`, nothing known",
    "first sound, clips known": "first sound of `play`, every sentence known",
    "peak memory, 20 min": "peak memory, 20 minutes",
    "peak memory, 8 h": "peak memory, 8 hours",
}
"""What the README tells, and in which words."""


def write(records: Records, parts: Mapping[str, str]) -> None:
    """README, page and picture; `parts` with a sentence on each."""
    named = machine()
    draw({made.what: made for part in records for made in rows_of(records, part)}, named, PICTURE)
    text = README.read_text("utf-8")
    before, rest = text.split(OPEN)
    after = rest.split(CLOSE)[1]
    table = "\n".join(_short(records, named))
    README.write_text(f"{before}{OPEN}\n{table}\n{CLOSE}{after}", "utf-8")
    PAGE.write_text("\n".join(_page(records, parts, named)) + "\n", "utf-8")


def _short(records: Records, named: str) -> Iterator[str]:
    found = {made.what: made for part in records for made in rows_of(records, part)}
    shown = {words: found[what] for what, words in SHORT.items() if what in found}
    yield "| what | measured | promised |"
    yield "| --- | --- | --- |"
    for words, made in shown.items():
        yield f"| {words} | {told(made)} | {held(made)} |"
    yield ""
    yield f"{named}; {days(records)}.{_busy(shown.values())}"


HEAD = """\
# Speed

How long things take compared with other programs, and how much memory they need. One command, run in a checkout, writes
this page, its picture and the table in the README:

    python tests/bench --write              # all parts; --quick: fewer rounds
    python tests/bench export start         # only some
    python tests/bench --long --write       # also what takes longest: 8 hours of sound, 1,000 kills, an hour with pydub

Things that are compared run in turns, and a ratio is of two runs of the same round, so a busy machine slows both. The
sessions are a routine of 20 minutes and one of an hour, assembled from shipped ones, with `warm-drone` in the holds.

![The 20 minutes: seconds that each way of making them takes](speed.png)
"""


def _busy(rows: Iterable[Row]) -> str:
    """What the daggers mean, if there are any."""
    return f" {BUSY}." if any(made.busy for made in rows) else ""


def _page(records: Records, parts: Mapping[str, str], named: str) -> Iterator[str]:
    yield HEAD
    yield f"Machine: {named}. Taken on {days(records)}."
    for part, said in parts.items():
        if rows := rows_of(records, part):
            yield f"\n## {part}\n\n{said}\n"
            yield "| what | measured | promised | how |"
            yield "| --- | --- | --- | --- |"
            for made in rows:
                yield f"| {made.what} | {told(made)} | {held(made)} | {made.how.replace('|', '')} |"
            if busy := _busy(rows):
                yield f"\n{busy.strip()}"
