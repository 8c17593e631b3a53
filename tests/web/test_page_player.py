"""The player in the page: it begins before all is made, and captions, pacer, poses and lock screen follow the sound."""

import re
from itertools import pairwise
from statistics import median

import pytest
from browser import clock, opened, wait_until_true
from page_server import wait_for
from playwright.sync_api import expect

pytestmark = pytest.mark.real("chromium")

SAMPLES = """
seconds => new Promise((done) => {
  const audio = document.querySelector("audio[src]");
  const until = audio.currentTime + seconds;
  const found = [];
  const look = () => {
    const pacer = document.querySelector(".pacer");
    const scale = Number(document.querySelector(".disc").style.transform.match(/[0-9.]+/)[0]);
    const caption = document.querySelector(".caption").textContent;
    const pose = document.querySelector(".pose").textContent;
    found.push({ at: audio.currentTime, caption, pose, phase: pacer.dataset.phase, scale });
    if (audio.currentTime < until && !audio.ended) requestAnimationFrame(look);
    else done(found);
  };
  requestAnimationFrame(look);
})
"""

LOCK_SCREEN = """
window.lock = { actions: {} };
const media = navigator.mediaSession;
media.setActionHandler = (action, act) => (window.lock.actions[action] = act);
media.setPositionState = (state) => (window.lock.position = state);
"""

METADATA = "(({ title, artist, artwork }) => ({ title, artist, artwork }))(navigator.mediaSession.metadata)"

FRAME = 0.1
"""Seconds that a frame of the picture may take: a few of a screen's, which has sixty a second."""


def open_job(page, site, job):
    site.ask("PUT", f"api/jobs/{job}/place", {"position": 0})  # where another test has left it
    page.goto(f"{site.address}#job/{job}")
    page.wait_for_selector(".chapters button", state="attached")


def play(page):
    page.get_by_role("button", name="Play").click()
    wait_for(lambda: clock(page) > 0.2)


@pytest.fixture(scope="module")
def made(site):
    """The short session with two poses, made, and its timeline."""
    facts = site.made("two-poses")
    assert facts["state"] == "ready", facts["error"]
    return facts["job"], site.get(f"api/jobs/{facts['job']}/timeline").data


def shown(parts, what, since, until):
    """What may be shown of some parts in a frame that was drawn at a moment between two."""
    edges = (part[edge] for part in parts for edge in ("start", "end"))
    moments = (since, until, *(edge for edge in edges if since < edge < until))
    return {next((part[what] for part in parts if part["start"] <= time < part["end"]), "") for time in moments}


def lingering(cues, since, until):
    """What was said last, if no hold is under way: it may stay to be read."""
    if shown([cue for cue in cues if cue["kind"] == "hold"], "kind", since, until) == {"hold"}:
        return set()
    said = [cue for cue in cues if cue["kind"] == "speech" and cue["start"] <= until]
    return {cue["text"] for cue in said[-1 - sum(cue["start"] > since for cue in said) :]}


@pytest.mark.slow
def test_captions_pose_and_pacer_follow_the_sound(page, site, made):
    job, timeline = made
    open_job(page, site, job)
    play(page)
    samples = page.evaluate(SAMPLES, 9)
    assert samples[-1]["at"] - samples[0]["at"] >= 8.5
    cues = [{**cue, "end": cue["start"] + cue["duration"]} for cue in timeline["cues"]]
    speech, breaths = ([cue for cue in cues if cue["kind"] == kind] for kind in ("speech", "breath"))
    # The page draws once a frame, so between two samples; a busy machine has fewer frames, and no frame is behind.
    assert median(other["at"] - one["at"] for one, other in pairwise(samples)) < FRAME
    for before, sample in pairwise(samples):
        drawn = before["at"], sample["at"]
        assert sample["caption"] in shown(speech, "text", *drawn) | lingering(cues, *drawn), drawn
        assert sample["phase"] in shown(breaths, "phase", *drawn), drawn
        assert sample["pose"] in shown(timeline["chapters"], "title", *drawn), drawn
    assert {sample["phase"] for sample in samples} >= {"in", "out"}
    assert len({sample["caption"] for sample in samples}) >= 3
    for one, other in pairwise(samples):
        if one["phase"] == other["phase"] == "in":
            assert other["scale"] >= one["scale"]
        if one["phase"] == other["phase"] == "out":
            assert other["scale"] <= one["scale"]


def test_skipped_by_pose_and_by_seconds(page, site, made):
    job, timeline = made
    starts = [chapter["start"] for chapter in timeline["chapters"]]
    open_job(page, site, job)
    play(page)
    page.get_by_role("button", name="Fold").click()
    wait_for(lambda: starts[2] <= clock(page) < starts[2] + 2)
    expect(page.locator(".chapters [aria-current]")).to_contain_text("Fold")
    expect(page.locator(".pose")).to_have_text("Fold")
    page.get_by_role("button", name="Previous pose").click()
    wait_for(lambda: starts[1] <= clock(page) < starts[1] + 2)
    page.get_by_role("button", name="Next pose").click()
    wait_for(lambda: starts[2] <= clock(page) < starts[2] + 2)
    page.get_by_role("button", name="15 seconds back").click()
    wait_for(lambda: starts[2] - 15 <= clock(page) < starts[2] - 12)
    page.get_by_role("button", name="15 seconds forward").click()
    wait_for(lambda: starts[2] <= clock(page) < starts[2] + 3)
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Position").fill("5")
    wait_for(lambda: clock(page) == pytest.approx(5, abs=0.1))
    expect(page.get_by_label("Position")).to_have_attribute("aria-valuetext", re.compile("^5 seconds of "))


def test_after_the_end_it_begins_again(page, site, made):
    job, timeline = made
    open_job(page, site, job)
    play(page)
    page.get_by_label("Position").fill(str(int(timeline["duration"])))
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Play").click()
    wait_for(lambda: 0 < clock(page) < 5)


def test_the_lock_screen_shows_the_pose_and_skips(browser, site, made):
    job, timeline = made
    starts = [chapter["start"] for chapter in timeline["chapters"]]
    with opened(browser) as context:
        page = context.new_page()
        page.add_init_script(LOCK_SCREEN)
        open_job(page, site, job)
        play(page)
        act = "([name, details]) => window.lock.actions[name](details ?? {})"
        page.evaluate(act, ["nexttrack", None])
        page.evaluate(act, ["nexttrack", None])
        wait_for(lambda: clock(page) >= starts[2])
        metadata = page.evaluate(METADATA)
        assert (metadata["title"], metadata["artist"]) == ("Fold", "Two <b>poses</b> & a rest")
        [cover] = metadata["artwork"]
        assert cover["src"] == f"{site.address}api/jobs/{job}/cover.jpg"
        assert context.request.get(cover["src"]).body()[:3] == b"\xff\xd8\xff"
        position = page.evaluate("window.lock.position")
        assert position["duration"] == pytest.approx(timeline["duration"], abs=0.01)
        assert position["position"] == pytest.approx(clock(page), abs=1)
        page.evaluate(act, ["previoustrack", None])
        wait_for(lambda: starts[1] <= clock(page) < starts[2])
        page.evaluate(act, ["seekto", {"seekTime": 20}])
        wait_for(lambda: 20 <= clock(page) < 22)
        page.evaluate(act, ["seekbackward", {}])
        wait_for(lambda: 5 <= clock(page) < 8)
        page.evaluate(act, ["seekforward", {"seekOffset": 10}])
        wait_for(lambda: 15 <= clock(page) < 19)
        page.evaluate(act, ["pause", None])
        assert page.evaluate("navigator.mediaSession.playbackState") == "paused"
        page.evaluate(act, ["play", None])
        assert page.evaluate("navigator.mediaSession.playbackState") == "playing"
        page.get_by_role("link", name="Back").click()
        page.get_by_role("button", name="End it").click()
        assert page.evaluate("navigator.mediaSession.metadata") is None


def test_with_the_screen_off_the_lock_screen_follows(browser, site, made):
    """A page that is not seen gets no frames to draw."""
    job, timeline = made
    with opened(browser) as context:
        page = context.new_page()
        page.add_init_script("window.requestAnimationFrame = () => 1")
        open_job(page, site, job)
        play(page)
        pose = "navigator.mediaSession.metadata?.title"
        assert page.evaluate(pose) == "Introduction"
        start = timeline["chapters"][1]["start"]
        wait_for(lambda: clock(page) > start + 0.5)
        assert page.evaluate(pose) == "Stand tall"


def test_a_reload_finds_it_where_it_was(page, site, made):
    job, _ = made
    open_job(page, site, job)
    play(page)
    page.get_by_label("Position").fill("20")
    wait_for(lambda: clock(page) > 20.5)
    page.reload()
    page.wait_for_selector(".chapters button", state="attached")
    wait_for(lambda: clock(page) >= 20)
    if page.get_by_role("button", name="Play").count():  # a browser may want a click first
        page.get_by_role("button", name="Play").click()
    wait_for(lambda: 20.8 < clock(page) < 25)


@pytest.mark.slow
def test_it_plays_before_all_is_made_and_goes_on_after_that(page, site):
    """While it grows; then what is asked for beyond its end; then in the finished file, at the same place."""
    page.goto(f"{site.address}#session/long-one")
    page.locator("#choice-breath").select_option("4-4")
    page.locator(".start").click()  # which plays it
    page.wait_for_selector(".chapters button", state="attached")
    wait_for(lambda: clock(page) > 0.2)
    job = page.url.split("#job/")[1].split("/")[0]
    assert site.get(f"api/jobs/{job}").data["state"] == "making"
    assert page.evaluate("document.querySelector('audio[src]').duration") == float("inf")
    wait_for(lambda: page.locator(".chapters button").count() >= 3)
    page.locator(".chapters button").nth(2).click()
    start = site.get(f"api/jobs/{job}/timeline").data["chapters"][2]["start"]
    wait_for(lambda: start <= float(page.get_by_label("Position").input_value()) < start + 5)
    samples = page.evaluate(SAMPLES, 1)
    assert all(one["at"] <= other["at"] for one, other in pairwise(samples))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("This session was cancelled")


@pytest.mark.slow
def test_what_is_not_made_yet_plays_as_soon_as_it_is(page, site):
    facts = site.order("long-one", scale=0.2)
    page.goto(f"{site.address}#job/{facts['job']}")
    page.wait_for_selector(".chapters button", state="attached")
    play(page)
    position = page.get_by_label("Position")
    target = int(position.get_attribute("max")) - 60
    position.fill(str(target))
    wait_for(lambda: target <= clock(page) < target + 30)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    heard = float(position.input_value())
    wait_for(lambda: page.evaluate("Number.isFinite(document.querySelector('audio[src]').duration)"))
    wait_for(lambda: heard < clock(page))
    assert heard <= float(position.input_value()) < heard + 40


MOVES = """\
title: Moves
defaults: {background: none, level: brief, breath: 4-6}
steps:
  - {pose: cat-cow, hold: 2 breaths}
  - {pose: bird-dog, hold: 5s}
"""

SHAPES = "[...document.querySelectorAll('.posture:not([hidden]) path')].map((path) => path.getAttribute('d')).join()"


@pytest.mark.parametrize("motion", ["no-preference", pytest.param("reduce", marks=pytest.mark.slow)])
def test_the_figure_moves_with_the_breath_and_stands_on_its_side(browser, site, motion):
    (site.home / "scripts/moves.yaml").write_text(MOVES)
    job = site.made("moves")["job"]
    cues = site.get(f"api/jobs/{job}/timeline").data["cues"]
    breath = next(cue["start"] for cue in cues if cue["kind"] == "breath")
    sides = [cue["start"] for cue in cues if cue["kind"] == "hold" and cue["side"]]
    with opened(browser, reduced_motion=motion) as context:
        page = context.new_page()
        open_job(page, site, job)
        wait_until_true(page, "() => document.querySelector('.posture') !== null")
        seen = {}
        for name, at in {"start": 0.1, "out": breath + 0.2, "in": breath + 3.8, "out again": breath + 9.8}.items():
            seen[name] = look_at(page, at)
        one, other = (look_at(page, at + 1) for at in sides[:2])
        assert seen["start"] == ""
        assert all([seen["out"], seen["in"], one, other])
        assert (seen["in"] == seen["out"]) == (motion == "reduce")
        assert one != other


def look_at(page, seconds):
    """The paths of the figure where the sound stands, which does not play."""
    page.evaluate(
        "at => { const p = document.querySelector('.position'); p.step = 'any'; p.value = at;"
        "p.dispatchEvent(new Event('change')); }",
        seconds,
    )
    page.wait_for_timeout(100)
    return page.evaluate(SHAPES)
