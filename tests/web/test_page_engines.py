"""The page of `serve` in three engines: from the list to a session that is heard while it is made."""

import os

import pytest
from engines import ENGINES, engine, missing
from page_server import wait_for

pytestmark = pytest.mark.slow

PLAYING = "[...document.querySelectorAll('audio')].some((one) => !one.paused && one.currentTime > 1.5)"  # there are two


@pytest.mark.parametrize("name", ENGINES)
def test_from_the_list_to_the_sound(site, sound_server, tmp_path, name):
    if program := missing(name):
        reason = f"needs {program}, which is not installed"
        pytest.fail(reason) if os.environ.get("AUDIOGUIDE_REAL") else pytest.skip(reason)
    with engine(name, tmp_path / name) as page:
        page.open(f"{site.address}?lang=de")
        page.resize(390, 844)
        page.until("document.querySelector('.card')")
        page.run("location.hash = 'session/two-poses';")
        page.until("document.querySelector('.start')")
        page.screenshot(tmp_path / "session.png")
        with sound_server.recording() as recording:
            page.click(".start")
            page.until(PLAYING, 90)
            wait_for(lambda: abs(recording.frames).max() > 1000)  # of 32768: somebody speaks
        page.until("document.querySelector('.pose').textContent === 'Stand tall'")
        page.until("navigator.mediaSession.playbackState === 'playing'")
        page.screenshot(tmp_path / "player.png")
        page.press("Space")
        page.until("[...document.querySelectorAll('audio')].every((one) => one.paused)")
        assert page.run("return document.documentElement.scrollWidth <= innerWidth;")
        assert page.errors() == []
