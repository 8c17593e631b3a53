"""The page for everybody: axe-core finds nothing on any view, at any width, in both schemes; nothing sticks out."""

from itertools import product

import pytest
from browser import WRONG, opened, violations, wait_until_true
from playwright.sync_api import expect

pytestmark = pytest.mark.real("chromium")

STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

SMALL = """
[...document.querySelectorAll("button, select, input, .card, .card-link, a.main, summary")]
  .filter((element) => element.checkVisibility() && !["radio", "checkbox"].includes(element.type))
  .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44)
  .map(([html]) => html)
"""


@pytest.fixture(scope="module")
def jobs(site):
    """One that is made, and one that was cancelled."""
    made = site.made("two-poses")["job"]
    other = site.order("long-one", level="brief")["job"]
    site.ask("DELETE", f"api/jobs/{other}")
    return made, other


def session(page, site, jobs):
    page.goto(f"{site.address}#session/two-poses")
    unfold(page)
    page.get_by_label("Fold: Hold", exact=True).press("End")
    with page.expect_response("**/length"):
        page.get_by_label("Whole session", exact=True).press("End")


def unfold(page):
    page.wait_for_selector(".one, .card, .player")
    page.locator("details:not([open]) > summary").evaluate_all("found => found.forEach((summary) => summary.click())")


def refused(page, site, jobs):
    page.goto(f"{site.address}#session/two-poses")
    page.evaluate("sessionStorage.setItem('options two-poses', JSON.stringify({ holds: { Fold: '90s' } }))")
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()


def sessions(page, site, jobs):
    page.get_by_text("Open it on a phone").click()
    page.get_by_label("Search").focus()


def problems(page, site, jobs):
    file = {"name": "own.yaml", "mimeType": "", "buffer": WRONG.encode()}
    page.get_by_label("Choose a routine").set_input_files(file)
    expect(page.locator(".problems li")).to_have_count(2)


def ready(page, site, jobs):
    page.goto(f"{site.address}#job/{jobs[0]}")
    page.get_by_role("button", name="Play").click()
    page.locator(".chapters button").nth(1).click()
    expect(page.locator("[aria-current]")).to_be_visible()


def ended(page, site, jobs):
    page.goto(f"{site.address}#job/{jobs[0]}")
    page.get_by_role("button", name="Play").click()
    position = page.get_by_label("Position", exact=True)
    wait_until_true(page, "() => Number(document.querySelector('.position').max) > 5")
    position.fill(position.get_attribute("max"))
    expect(page.locator(".ending")).to_be_visible()


def cancelled(page, site, jobs):
    page.goto(f"{site.address}#job/{jobs[1]}")
    expect(page.get_by_role("alert")).to_be_visible()


def making(page, site, jobs):
    """An answer of the server as it is while a session is made, for as long as the check takes."""
    facts = site.get(f"api/jobs/{jobs[0]}").data
    page.route(f"**/api/jobs/{jobs[0]}", lambda route: route.fulfill(json={**facts, "state": "making", "done": 20}))
    page.route("**/events", lambda route: route.abort())
    page.goto(f"{site.address}#job/{jobs[0]}")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def gone(page, site, jobs):
    page.goto(f"{site.address}#job/gone")
    expect(page.get_by_role("alert")).to_be_visible()


def compose(page, site, jobs):
    page.goto(f"{site.address}#compose")
    page.get_by_label("Knees").check()
    page.route("**/api/compose", lambda route: route.fulfill(status=422, json={"error": "No pose is left."}))
    page.get_by_label("Wrists").check()
    page.get_by_role("button", name="Put it together").click()
    expect(page.get_by_role("alert")).to_be_visible()


VIEWS = (sessions, problems, compose, session, refused, making, ready, ended, cancelled, gone)
PHONE, OTHERS = [(390, 844, "100%")], [(320, 640, "100%"), (844, 390, "100%"), (1280, 800, "100%"), (390, 844, "200%")]


@pytest.mark.parametrize("sizes", [PHONE, pytest.param(OTHERS, marks=pytest.mark.slow)], ids=["phone", "others"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_for_everybody(browser, site, jobs, view, sizes):
    """One page, in both schemes, and with letters of twice the size."""
    with opened(browser) as context:
        page = context.new_page()
        page.goto(site.address)
        page.wait_for_selector(".card")
        view(page, site, jobs)
        for (width, height, letters), scheme in product(sizes, ("light", "dark")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", letters)
            assert violations(page) == [], (width, letters, scheme)
            assert page.evaluate(STICKS_OUT) <= 0, (width, letters, scheme)
            assert page.evaluate(SMALL) == [], (width, letters, scheme)


@pytest.mark.slow
def test_without_motion_the_disc_stands_still_and_words_say_the_breath(browser, site, jobs):
    with opened(browser, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(f"{site.address}#job/{jobs[0]}")
        page.get_by_role("button", name="Play").click()
        seen = set()
        for word in ("in", "out"):
            expect(page.locator(".word")).to_have_text(word, timeout=20_000)
            seen.add(page.locator(".disc").evaluate("disc => getComputedStyle(disc).transform"))
        assert len(seen) == 1
        assert violations(page) == []


@pytest.mark.slow
@pytest.mark.parametrize(("size", "width"), [("200%", 320), ("32px", 390)])
def test_large_letters_fit_a_small_screen(browser, site, jobs, size, width):
    with opened(browser, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        for address in ("", "#session/two-poses", f"#job/{jobs[0]}"):
            page.goto(site.address + address)
            page.wait_for_selector(".card, .slider, .chapters button", state="attached")
            unfold(page)
            page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", size)
            assert page.evaluate(STICKS_OUT) <= 0, address
