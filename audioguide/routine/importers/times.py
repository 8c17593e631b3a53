"""Joins times that stand for one: asked for in words and marked, or several in a row."""

from dataclasses import replace

from audioguide.routine.importers.pieces import Piece, Time, Words
from audioguide.routine.importers.report import Report

_LOOK = 4  # most sentences between words that ask for a time and the mark of it


def join_times(found: list[Piece], report: Report) -> list[Piece]:
    """The pieces, with a pause that is both asked for in words and marked as one, and pauses in a row added up."""
    joined: list[Piece] = []
    for index, piece in enumerate(found):
        if not isinstance(piece, Time) or piece.kind == "dose":
            joined.append(piece)
            continue
        last = joined[-1] if joined else None
        if piece.source == "wording" and (better := _find_mark(piece, found, index)):
            mark = found[better]
            if isinstance(mark, Time) and better != index:
                kind = piece.kind if mark.kind == "pause" else mark.kind
                dose = replace(piece.dose, hold=mark.length if kind == "hold" else None)
                found[better] = replace(mark, kind=kind, dose=dose, text="")  # a mark is not said
            if piece.text:
                joined.append(Words(piece.text, piece.place, piece.block, piece.item))
        elif (
            not isinstance(last, Time)
            or last.kind == "dose"
            or piece.dose.between
            or "count" in (last.source, piece.source)
        ):
            joined.append(piece)
        elif last.source == "dots":
            joined[-1] = piece
        elif piece.source == "dots" or (last.kind != piece.kind == "pause" and last.seconds == piece.seconds):
            continue  # said twice
        elif last.kind == piece.kind == "pause":
            report.guess(last.place, "Pauses in a row are added up.", "sum")
            joined[-1] = replace(last, length=replace(last.length, seconds=last.seconds + piece.seconds, breaths=0))
        else:
            joined.append(piece)
    return joined


def _find_mark(asked: Time, found: list[Piece], index: int) -> int | None:
    """The index of the mark for a time that words ask for; `index` itself where the time is counted aloud instead."""
    counts = words = breaks = 0
    block = asked.block
    for at in range(index + 1, len(found)):
        piece = found[at]
        if not isinstance(piece, Words | Time):
            break
        breaks += piece.block != block
        block = piece.block
        words += isinstance(piece, Words)
        if breaks > 1 or words > _LOOK + counts:
            break
        if not isinstance(piece, Time) or piece.source == "dots" or piece.kind == "dose":
            continue
        if piece.source == "count":
            counts += 1
            continue
        if counts or piece.source not in ("written", "line"):
            break
        return at if not words or abs(piece.seconds - asked.seconds) <= 1 else None
    return index if counts and counts + 1 >= 0.7 * asked.seconds else None
