"""The first view in a browser: what goes on, what is due, mine, filters that combine, and a list that stays."""

import re
from datetime import date

import pytest
from browser import TWO_POSES, opened
from page_server import PageServer, wait_for
from playwright.sync_api import expect

pytestmark = [pytest.mark.real("chromium"), pytest.mark.slow]

SHIPPED = 14  # routines

PLAN = """\
plan: Back in four weeks
routine: two-poses
start: {today}
weeks: 4
days: [{day}]
at: "00:00"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A server of its own: these tests change what it remembers."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "home" / "scripts").mkdir(parents=True)
    (folder / "home" / "plans").mkdir()
    (folder / "home" / "scripts" / "two-poses.yaml").write_text(TWO_POSES, "utf-8")
    today = date.today()
    plan = PLAN.format(today=today, day="mon tue wed thu fri sat sun".split()[today.weekday()])
    (folder / "home" / "plans" / "back.yaml").write_text(plan)
    with PageServer(folder) as running:
        yield running


@pytest.fixture
def view(browser, home):
    with opened(browser) as context:
        page = context.new_page()
        page.goto(home.address)
        expect(page.locator(".card")).to_have_count(SHIPPED + 3)
        yield page


def titles(page):
    return page.locator(".card h3").all_text_contents()


def chip(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_chips_combine_and_are_remembered(view, home):
    every = titles(view)
    assert every.index("Two <b>poses</b> & a rest") < every.index("Lower-back cool-down")  # mine first
    chip(view, "After a run").click()
    after = titles(view)
    assert 1 < len(after) < len(every)
    chip(view, "Hips").click()
    hips = titles(view)
    assert {*hips} < {*after}
    chip(view, "10–20 min").click()
    assert {*titles(view)} <= {*hips}
    expect(view.locator(".found")).to_contain_text(re.compile(r"^\d+ sessions?"))
    chosen = titles(view)
    view.reload()
    wait_for(lambda: titles(view) == chosen)
    expect(chip(view, "Hips")).to_have_attribute("aria-pressed", "true")
    chip(view, "Under 10 min").click()  # of one group one is enough
    assert {*chosen} <= {*titles(view)}
    view.get_by_role("button", name="Show all").click()
    assert titles(view) == every
    durations = {row["title"]: row["duration"] for row in home.get("api/sessions?language=en").data["sessions"]}
    chip(view, "Over 20 min").click()
    assert {*titles(view)} == {title for title, seconds in durations.items() if seconds > 1200}


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "es-ES"])
def test_poses_are_found_in_the_language_of_the_page_and_in_english(browser, home, locale):
    rows = home.get(f"api/sessions?language={locale[:2]}").data["sessions"]
    doing = {row["title"] for row in rows if "childs-pose" in row["poses"]}
    own = {"en": "CHILDS POSE", "de": "stellung kindes", "es": "postura nino"}[locale[:2]]
    with opened(browser, locale=locale) as context:
        page = context.new_page()
        page.goto(home.address)
        expect(page.locator(".card")).to_have_count(SHIPPED + 3)
        search = page.get_by_role("searchbox")
        every = len(titles(page))
        for words in (own, "child's pose"):
            search.fill(words)
            wait_for(lambda: len(titles(page)) < every)
            assert doing <= {*titles(page)}
        assert doing == {*titles(page)}
        search.fill("")
        search.fill("xyzzy")
        expect(page.locator(".card")).to_have_count(0)
        expect(page.locator(".found")).to_be_visible()


def test_a_favourite_is_mine_at_once_and_for_good(browser, view, home):
    heart = view.get_by_role("button", name="Favourite: Slow breathing")
    with view.expect_response("**/favourite"):
        heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    with opened(browser) as context:  # another device
        other = context.new_page()
        other.goto(home.address)
        expect(other.locator("section", has=other.get_by_role("heading", name="Yours"))).to_contain_text(
            "Slow breathing"
        )
        chip(other, "♥ Favourites").click()
        assert titles(other) == ["Slow breathing"]
    view.route("**/favourite", lambda route: route.fulfill(status=503, json={"error": "Not now.", "hint": ""}))
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")  # it was not taken


def test_what_goes_on_starts_at_its_place_with_one_touch(view, home):
    job = home.made("two-poses")["job"]
    assert home.ask("PUT", f"api/jobs/{job}/place", {"position": 9}).status == 204
    view.reload()
    going = view.locator(".going")
    expect(going).to_contain_text("Two <b>poses</b> & a rest")
    expect(going).to_contain_text("1 min left")
    going.click()
    view.wait_for_url(f"**#job/{job}/play")


def test_what_is_due_today_opens_its_session(view):
    due = view.locator(".due")
    expect(due).to_contain_text("Today: Back in four weeks, 1 of 4")
    due.click()
    expect(view.get_by_role("heading", level=1)).to_contain_text("Two <b>poses</b>")
    expect(view.locator(".one")).to_have_count(2)


def test_what_was_made_is_named_by_what_differs_renamed_and_deleted_in_place(view, home):
    first, other = (home.made("two-poses", **options)["job"] for options in ({"level": "full"}, {"pace": 0.9}))
    view.reload()
    view.get_by_text("Made here").click()
    rows = {job: view.locator(f'.made li:has(a[href*="{job}"])') for job in (first, other)}
    labels = [home.get(f"api/jobs/{job}").data["label"] for job in rows]
    assert labels[0] != labels[1]
    assert all(labels)
    for row, label in zip(rows.values(), labels, strict=True):
        expect(row).to_contain_text(label)
    rows[first].get_by_role("button", name="Rename").click()
    name = view.get_by_label("New name")
    name.fill("  <i>Evening</i>  ")
    name.press("Enter")
    expect(rows[first]).to_contain_text("<i>Evening</i>")
    expect(rows[first].get_by_role("button", name="Rename")).to_be_focused()
    wait_for(lambda: home.get(f"api/jobs/{first}").data["label"] == "<i>Evening</i>")
    rows[other].get_by_role("button", name="Delete").click()
    view.get_by_role("button", name="Cancel").click()
    rows[other].get_by_role("button", name="Delete").click()
    view.locator(".warn").click()
    expect(rows[other]).to_have_count(0)
    expect(rows[first]).to_be_visible()
    assert home.get(f"api/jobs/{other}").status == 404 or home.get(f"api/jobs/{other}").data["state"] == "cancelled"


def test_the_list_is_where_it_was_and_does_not_flash(view):
    card = view.locator(".card").nth(9)
    card.scroll_into_view_if_needed()
    top, title = card.bounding_box()["y"], card.locator("h3").text_content()
    view.evaluate("window.seen = document.querySelectorAll('.card')[9]")
    card.get_by_role("link").click()
    expect(view.get_by_role("heading", level=1)).to_have_text(title)
    assert view.evaluate("scrollY") == 0
    view.go_back()
    expect(card).to_be_visible()
    assert abs(card.bounding_box()["y"] - top) <= 1
    assert view.evaluate("window.seen === document.querySelectorAll('.card')[9]")  # the very same, not built again
    expect(card.get_by_role("link")).to_be_focused()
    view.reload()
    expect(card).to_be_visible()
    wait_for(lambda: abs(card.bounding_box()["y"] - top) <= 1)


SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("address", ["", "#session/lower-back-cool-down", "#compose"])
def test_nothing_moves_while_it_loads(browser, home, address):
    with opened(browser) as context:
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.goto(home.address + address, wait_until="networkidle")
        page.wait_for_selector(".card, .one, .compose")
        assert page.evaluate("window.shift") < 0.01


def test_hundreds_of_own_routines_are_there_at_once(browser, tmp_path):
    """Only what is near the screen is drawn."""
    scripts = tmp_path / "home" / "scripts"
    scripts.mkdir(parents=True)
    for number in range(300):
        (scripts / f"own-{number}.yaml").write_text(TWO_POSES.replace("title: Two", f"title: {number:03} Two"), "utf-8")
    with PageServer(tmp_path) as running, opened(browser) as context:
        page = context.new_page()
        page.goto(running.address)
        expect(page.locator(".card")).to_have_count(300 + SHIPPED + 2, timeout=180_000)  # never seen before
        assert page.locator(".card .picture").count() < 30
        page.get_by_role("searchbox").fill("207 two")
        expect(page.locator(".card")).to_have_count(1)
        expect(page.locator(".card .picture")).to_have_count(1)


def test_the_language_is_the_phones_and_can_be_changed(browser, home):
    with opened(browser, locale="de-AT") as context:
        page = context.new_page()
        page.goto(home.address)
        expect(page.get_by_role("heading", level=1)).to_have_text("Einheiten")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".card", has_text="Ausklang für den unteren Rücken")).to_contain_text("unterer Rücken")
        page.get_by_label("Sprache dieser Seite").select_option("es")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sesiones")
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "es")
        page.goto(f"{home.address}?lang=en")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")


def test_sessions_of_another_language_are_one_chip_away(view):
    chip(view, "German").click()
    card = view.locator(".card", has_text="Ausklang für den unteren Rücken")
    expect(card).to_contain_text("German")
    card.get_by_role("link").click()
    expect(view.get_by_role("heading", level=1)).to_have_attribute("lang", "de")
    expect(view.locator(".one .name").first).to_have_text("Beinrückseite im Stehen")


def test_a_network_that_is_lost_comes_back_by_itself(view):
    view.context.set_offline(True)
    view.get_by_role("link", name="Slow breathing").click()
    expect(view.locator(".lost")).to_contain_text("No connection to the computer.")
    view.context.set_offline(False)
    expect(view.get_by_role("heading", level=1)).to_have_text("Slow breathing")
    expect(view.locator(".lost")).to_have_count(0)
