"""The one-file page in three engines, opened from `file://` as somebody does who was given it, and heard."""

import os

import pytest
from browser import TWO_POSES
from engines import ENGINES, engine, missing
from page_server import wait_for

from audioguide.session.open import open_session

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one-file")
    (folder / "two.yaml").write_text(TWO_POSES, "utf-8")
    open_session(str(folder / "two.yaml")).export(folder / "Two poses & a # rest.html")
    return folder / "Two poses & a # rest.html"


@pytest.fixture
def browser(request, tmp_path, sound_server):
    """One of the engines, on a phone's screen, where its sound is heard."""
    if program := missing(request.param):
        reason = f"needs {program}, which is not installed"
        pytest.fail(reason) if os.environ.get("AUDIOGUIDE_REAL") else pytest.skip(reason)
    with engine(request.param, tmp_path / request.param) as running:
        running.resize(390, 844)
        yield running


def shown(name: str) -> str:
    return f"document.querySelector('.{name}').textContent"


@pytest.mark.parametrize("browser", ENGINES, indirect=True)
def test_it_plays_from_a_file_without_a_network(browser, page, sound_server, tmp_path):
    browser.open(page.as_uri())
    assert browser.run("return document.title;") == "Two <b>poses</b> & a rest"
    browser.until("document.querySelectorAll('.chapters button').length === 3")
    with sound_server.recording() as recording:
        browser.click("[aria-label=Play]")
        browser.until("document.querySelector('audio').currentTime > 1.5")
        browser.until("navigator.mediaSession.playbackState === 'playing'")
        wait_for(lambda: abs(recording.frames).max() > 1000)  # of 32768: somebody speaks
    browser.until(f"{shown('pose')} === 'Stand tall' && {shown('next')} === 'Next: Fold'")
    browser.press("n")
    browser.until(f"{shown('pose')} === 'Fold' && {shown('caption')} === 'Fold.'")
    browser.until("navigator.mediaSession.metadata.title === 'Fold'")
    browser.until("document.querySelector('.pacer').dataset.phase === 'in'")
    left = int(browser.run(f"return {shown('left')};"))
    browser.until(f"Number({shown('left')}) < {left}")
    browser.press("Space")
    browser.until("document.querySelector('[aria-label=Play]')")
    browser.screenshot(tmp_path / "page.png")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth;")
    at = browser.run("return document.querySelector('audio').currentTime;")
    browser.call("POST", "refresh")
    browser.until(f"Math.abs(document.querySelector('.position').valueAsNumber - {at}) < 2")
    browser.until(f"{shown('pose')} === 'Fold'")
    assert browser.requests() == []
    assert browser.errors() == []


@pytest.mark.parametrize("name", ENGINES)
def test_where_no_scripts_run_it_has_plain_controls(page, tmp_path, name):
    """As in the preview of an iPhone's Files."""
    if program := missing(name):
        pytest.skip(f"needs {program}, which is not installed")
    with engine(name, tmp_path, scripts=False) as browser:
        browser.open(page.as_uri())
        browser.click("audio[controls]")
        browser.screenshot(tmp_path / "page.png")
