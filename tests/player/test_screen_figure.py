"""The figure on the screen: where there is room, on its side, moving as the pose does, and never over anything."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest
from player_views import Part, Puppet, now
from test_screen import text

from audioguide.model.chapter_figure import figure_of
from audioguide.model.options import Options
from audioguide.player.ui.big_text import draw_cells, fit_figure
from audioguide.player.ui.screen import PlayerApp
from audioguide.player.ui.view import ViewBuilder
from audioguide.routine.load import read_library
from audioguide.session.config import Config
from audioguide.session.open import build_session
from audioguide.session.preset import resolve
from audioguide.units import RATE

TILES = set("▘▝▖▌▞▛▗▚▐▜▙▟▔")  # which nothing but a figure is made of

LIFTS = """\
title: Lifts
defaults: {background: none}
steps:
  - pose:
      {name: Lift, reps: 3, tempo: 2-1-3, sides: [left, right], figure: {frames: [
        {spine: [90, 90], head: 90, near_arm: [-90, -90, -90], near_leg: [-90, -90, 0]},
        {spine: [90, 90], head: 90, near_arm: [80, 80, 80], near_leg: [-90, -90, 0]}]}}
"""


@cache
def opened(routine):
    session = build_session(resolve(routine, Options(), Config()))
    return session.routine.steps, session.outline.timeline


def holds(routine, pose=None):
    return [cue for cue in opened(routine)[1].cues if cue.kind == "hold" and (pose is None or cue.pose == pose)]


def shown(routine, *moments, size=(80, 24), unicode=True, figures=True):
    """The screen at some moments of a session, in seconds."""
    steps, timeline = opened(routine)
    player, screens = Puppet(), []
    app = PlayerApp(player, ViewBuilder("Morning", steps=steps if figures else ()), lambda now: None, unicode=unicode)

    async def run():
        async with app.run_test(size=size) as pilot:
            for moment in moments:
                player.moment = now(moment, Part(timeline.sections))
                for _ in range(2):  # the parts have their places after the first
                    app.look()
                    await pilot.pause()
                screens.append(text(app))

    asyncio.run(run())
    return screens


def tiles(screen):
    lines = enumerate(screen.split("\n"))
    return {(row, column, sign) for row, line in lines for column, sign in enumerate(line) if sign in TILES}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_figure_moves_with_the_breath_and_stands_on_its_side(size):
    cow = holds("lower-back-cool-down", "cat-cow")[0].start / RATE
    one, other = (hold.start / RATE + 1 for hold in holds("lower-back-cool-down", "bird-dog")[:2])
    screens = shown("lower-back-cool-down", 2, cow + 0.1, cow + 4, cow + 9.9, one, other, 1068, size=size)
    introduction, empty, full, empty_again, right, left, closing = map(tiles, screens)
    assert introduction == closing == set()
    assert min(map(len, (empty, full, right, left))) > 20
    assert empty == empty_again != full
    assert right != left


def _slow(*size):
    return pytest.param(size, marks=pytest.mark.slow)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), _slow(60, 18), _slow(60, 24), _slow(100, 20), _slow(132, 43)])
def test_it_is_over_nothing(size):
    cues = holds("lower-back-cool-down")[3::7]
    moments = [at for cue in cues for at in (cue.start / RATE - 3, cue.start / RATE + 2)]
    for bare, full in zip(
        *(shown("lower-back-cool-down", *moments, size=size, figures=f) for f in (0, 1)), strict=True
    ):
        for line, other in zip(bare.split("\n"), full.split("\n"), strict=True):
            assert all(sign in (" ", now) for sign, now in zip(line, other.ljust(len(line)), strict=False))
        assert size != (40, 12) or bare == full


def test_none_in_ascii():
    cow = holds("lower-back-cool-down", "cat-cow")[0].start / RATE + 3
    assert shown("lower-back-cool-down", cow, unicode=False) == shown(
        "lower-back-cool-down", cow, unicode=False, figures=False
    )


def test_a_counted_pose_moves_at_its_tempo(tmp_path):
    (path := tmp_path / "lifts.yaml").write_text(LIFTS)
    steps, timeline = opened(str(path))
    view = ViewBuilder("", steps=steps)
    for side, hold in enumerate(holds(str(path))):
        counts = [cue.start for cue in timeline.cues if cue.role == "count" and hold.start <= cue.start < hold.end]
        for start in counts:
            found = [
                view.build(now(start / RATE + at, Part(timeline.sections))).figure for at in (0, 1, 2, 3, 4.5, 5.9)
            ]
            assert {figure.side for figure, _ in found} == {side}
            assert [round(moment, 1) for _, moment in found] == [0, 0.5, 1, 1, 0.5, 0]


def test_every_pose_can_be_drawn_in_any_room():
    for step in read_library()[0]:
        figure = figure_of(step)
        assert figure, step.pose.name
        columns, rows = 30, 8
        drawn = draw_cells(figure, 1.0, columns, rows)
        assert fit_figure(figure, columns, rows) > 0
        assert len(drawn) == rows
        assert {len(line) for pair in drawn for line in pair} == {len(drawn[0][0])}
        assert len(drawn[0][0]) <= columns
        assert sum(sign != " " for signs, _ in drawn[:-1] for sign in signs) >= 5, step.pose.name
