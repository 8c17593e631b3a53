"""What was heard on the page is logged by itself, and it asks once how it felt."""

import shutil
from itertools import product

import pytest
from browser import opened, violations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_server import wait_for
from playwright.sync_api import expect

from audioguide.player.history import SessionLog
from audioguide.system import paths

SIX_MINUTES = """\
title: Sechs Minuten
language: de
defaults: {background: none, level: brief}
steps:
  - pose: {name: Stehen, instructions: Steh auf., hold: 340s, limits: 10s..400s}
  - pose: {name: Beugen, instructions: Beug dich., hold: 12s, limits: 10s..40s}
"""


def sessions(server):
    """The log of the machine that serves the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "roots", lambda: (server.home,))
        return SessionLog(print).records()


def forget(server):
    shutil.rmtree(server.home / "log", ignore_errors=True)


@pytest.fixture
def empty(server):
    forget(server)
    yield server
    forget(server)


def told(server, session="lower-back-cool-down", **data):
    return server.ask("POST", f"api/sessions/{session}/heard", data)


def test_a_report_is_logged_once_with_what_is_told_later(empty):
    reply = told(empty, ago=1000, heard=1000.0)
    assert (reply.status, reply.data["logged"], reply.data["ask"]) == (200, True, True)
    assert ["bridge", "Bridge"] in reply.data["poses"]
    assert told(empty, ago=1007, heard=1000.0, felt="right", hurt=["bridge"]).data["ask"] is False
    (record,) = sessions(empty)
    facts = [record.key, record.felt, record.hurt, record.source, record.done, record.counts]
    assert facts == ["lower-back-cool-down", "right", ("bridge",), "phone", True, True]


def test_what_is_no_session_is_not_asked_about(empty):
    assert told(empty, ago=1000, heard=60).data["logged"] is False
    assert told(empty, "short-one", ago=20, heard=60).data == {
        "logged": True, "ask": False, "poses": [["Stand tall", "Stand tall"]], "language": "en",
    }  # fmt: skip
    (empty.home / "log" / "off").touch()
    assert told(empty, ago=1000, heard=1000).data["ask"] is False
    assert len(sessions(empty)) == 1


ANY = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
KEYS = st.sampled_from(["ago", "heard", "felt", "hurt", "options", "other"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, ANY | st.lists(ANY, max_size=2)))
def test_any_report_is_taken_or_refused_in_a_sentence(empty, data):
    reply = told(empty, **data)
    assert reply.status in (200, 422)
    assert reply.status == 200 or reply.data["error"].endswith((".", "?"))


def finish(page, site, job):
    """Listen to the end: all but that was heard before a reload."""
    page.goto(f"{site.address}#job/{job}")
    page.wait_for_selector(".chapters button", state="attached")
    page.evaluate(
        f"sessionStorage.setItem('heard {job}', JSON.stringify({{ heard: 340, started: Date.now() - 340000 }}))"
    )
    page.reload()
    page.wait_for_selector(".chapters button", state="attached")
    page.get_by_role("button", name="Beugen").click()
    page.get_by_role("button", name="Play").click()
    wait_for(lambda: page.evaluate("document.querySelector('audio[src]').currentTime") > 340)
    page.evaluate("const audio = document.querySelector('audio[src]'); audio.currentTime = audio.duration - 0.5")


@pytest.fixture(scope="module")
def made(site):
    (site.home / "scripts" / "sechs.yaml").write_text(SIX_MINUTES)
    facts = site.made("sechs")
    assert facts["state"] == "ready", facts["error"]
    return facts["job"]


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_the_page_asks_at_the_end_and_notes_the_answer(browser, site, made):
    forget(site)
    for scheme, width in product(("light", "dark"), (320, 1280)):
        with opened(browser, color_scheme=scheme, viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            finish(page, site, made)
            expect(page.get_by_role("button", name="No answer")).to_be_in_viewport()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
            if scheme == "light":
                page.get_by_role("button", name="No answer").click()
                expect(page.locator(".felt")).to_have_count(0)
                continue
            page.get_by_label("Did something hurt?").select_option("Beugen")
            page.get_by_role("button", name="Hard").click()
            expect(page.locator(".felt")).to_contain_text("Noted.")
            expect(page.locator(".felt")).to_contain_text("physiotherapist")
            assert violations(page) == []
    records = sessions(site)
    assert {(record.source, record.done) for record in records} == {("phone", True)}
    assert (records[-1].felt, records[-1].hurt) == ("harder", ("Beugen",))
    forget(site)


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_what_could_not_be_sent_is_sent_when_the_page_is_opened_again(browser, site, made):
    forget(site)
    with opened(browser) as context:
        page = context.new_page()
        page.route("**/heard", lambda route: route.abort())
        finish(page, site, made)
        wait_for(lambda: page.evaluate("localStorage.getItem('reports')?.length > 5"))
        assert sessions(site) == []
        page.unroute("**/heard")
        with page.expect_response("**/heard"):
            page.goto(site.address)
            page.reload()
        wait_for(lambda: page.evaluate("localStorage.getItem('reports')") == "{}")
    assert [record.title for record in sessions(site)] == ["Sechs Minuten"]
    forget(site)
