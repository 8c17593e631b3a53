"""The page in a browser, on a real server: choosing a session, sliding its holds, making it, and what can go wrong."""

import os
import re
import signal
import sys

import pytest
from browser import TWO_POSES, WRONG, clock, opened
from page_server import LAN, PageServer, wait_for
from playwright.sync_api import expect
from processes import below

pytestmark = pytest.mark.real("chromium")

FOCUSED = """
(({ labels, textContent, ariaLabel }) => ariaLabel ?? labels?.[0]?.textContent ?? textContent)(document.activeElement)
"""


def choose(page, title="Two <b>poses</b> & a rest"):
    page.locator(".card", has_text=title).get_by_role("link").click()
    page.wait_for_selector(".one")


def make(page):
    start(page).click()
    page.wait_for_url(re.compile("#job/"))
    return page.url.split("#job/")[1].split("/")[0]


def start(page):
    return page.get_by_role("button", name=re.compile("^Start "))


def hold(page, pose):
    """The slider of a pose, whose line is unfolded for it."""
    line = page.locator(f'.one:has(.name:text-is("{pose}"))')
    if line.get_attribute("open") is None:
        line.locator("summary").first.click()
    return page.get_by_label(f"{pose}: Hold", exact=True)


def length(page):
    minutes, seconds = page.locator(".total").text_content().strip("~").split(":")
    return int(minutes) * 60 + int(seconds)


def test_the_first_view_is_light_and_comes_from_here_alone(browser, site):
    weights, requests = [], []
    with opened(browser) as context:
        page = context.new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
        network.on("Network.requestWillBeSent", lambda event: requests.append(event["request"]["url"]))
        page.goto(site.address, wait_until="networkidle")
        expect(page.locator(".card").first).to_be_visible()
    assert len(weights) == len(requests)
    assert sum(weights) <= 90_000  # with the poses of the cards that are seen
    assert all(url.startswith(site.address) for url in requests)


def test_sessions_are_found_by_any_of_their_words(page):
    cards = page.locator(".card")
    every = cards.count()
    search = page.get_by_label("Search")
    search.fill("HUFTEN folding")
    expect(cards.filter(visible=True)).to_have_count(1)
    expect(cards.filter(visible=True)).to_contain_text("Two <b>poses</b> & a rest")
    expect(page.locator("#announcement")).to_have_text("1 session")
    search.fill("xyzzy")
    expect(page.get_by_text("No session matches.")).to_be_visible()
    search.fill("")
    expect(cards.filter(visible=True)).to_have_count(every)


@pytest.mark.slow
def test_what_concerns_every_session_is_said_above_them(page, site):
    found = site.get("api/sessions").data
    problem = {"error": "lexicon.yaml:3:1: This is not YAML.", "hint": "Check it."}
    page.route("**/api/sessions?*", lambda route: route.fulfill(json={**found, "problems": [problem]}))
    page.reload()
    expect(page.get_by_role("alert").first).to_contain_text("lexicon.yaml:3:1: This is not YAML.")
    expect(page.locator(".card").first).to_be_visible()


def test_a_slider_moves_its_hold_and_the_length_at_once(page, site):
    choose(page)
    before = length(page)
    slider = hold(page, "Stand tall")
    expect(slider).to_have_attribute("aria-valuetext", "14 seconds")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_label("Stand tall: more").click()
    expect(slider).to_have_attribute("aria-valuetext", "20 seconds")
    wait_for(lambda: length(page) == before + 6)
    page.get_by_label("Stand tall: reset").click()
    wait_for(lambda: length(page) == before)
    expect(slider).to_have_attribute("aria-valuetext", "14 seconds")


def test_a_hold_ends_at_its_limits(page):
    choose(page)
    slider = hold(page, "Fold")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "40 seconds")
    expect(page.get_by_label("Fold: more")).to_be_disabled()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "10 seconds")
    expect(page.get_by_label("Fold: less")).to_be_disabled()


@pytest.mark.slow
def test_the_whole_length_moves_the_holds(page):
    choose(page)
    whole = page.get_by_label("Whole session", exact=True)
    whole.press("PageUp")
    asked = whole.get_attribute("aria-valuetext")
    slider = hold(page, "Fold")
    expect(slider).not_to_have_attribute("aria-valuetext", "12 seconds")
    expect(page.locator(".total")).to_have_attribute("aria-label", re.compile(asked))


@pytest.mark.slow
def test_an_answer_that_is_overtaken_is_dropped(page):
    """The first answer is held back until the second one is shown."""
    choose(page)
    before, held = length(page), []
    page.route("**/length", lambda route: route.continue_() if held else held.append(route))
    slider = hold(page, "Fold")
    with page.expect_request("**/length"):
        slider.press("End")
    with page.expect_response("**/length"):
        slider.press("Home")
    wait_for(lambda: length(page) == before - 2)
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    assert length(page) == before - 2
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.slow
def test_an_answer_to_an_earlier_choice_moves_no_slider(page):
    choose(page)
    held = []
    page.route("**/length", lambda route: held.append(route))
    slider = hold(page, "Fold")
    with page.expect_request("**/length"):
        slider.press("End")
    page.evaluate("window.setTimeout = () => 0")  # the next choice is not asked about yet
    slider.press("ArrowLeft")
    with page.expect_response("**/length") as answer:
        held[0].continue_()
    answer.value.finished()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(slider).to_have_attribute("aria-valuetext", "39 seconds")


@pytest.mark.slow
def test_options_are_asked_for_in_the_words_of_a_preset_and_kept(page, site):
    choose(page)
    page.get_by_label("Full", exact=True).check()
    page.locator("#choice-breath").select_option("5-5")
    page.get_by_label("Background", exact=True).select_option("pink-noise")
    hold(page, "Fold").press("ArrowRight")
    with page.expect_response("**/length"):
        page.get_by_label("Chime", exact=True).select_option("none")
    page.reload()
    expect(page.get_by_label("Full", exact=True)).to_be_checked()
    expect(page.get_by_label("Background", exact=True)).to_have_value("pink-noise")
    expect(hold(page, "Fold")).to_have_attribute("aria-valuetext", "13 seconds")
    job = make(page)
    options = {"level": "full", "breath": "5-5", "background": "pink-noise", "holds": {"Fold": "13s"}, "chime": "none"}
    assert site.get(f"api/jobs/{job}").data["options"] == options
    page.go_back()
    page.get_by_role("button", name="Undo all changes").click()
    expect(page.get_by_label("Full", exact=True)).not_to_be_checked()


def more(page, pose):
    """The folded options of a pose."""
    hold(page, pose)
    return page.get_by_role("group", name=pose, exact=True)


@pytest.mark.slow
def test_every_other_option_of_a_session_and_of_a_pose(page, site):
    page.goto(f"{site.address}#session/lower-back-cool-down")
    before = length(page)
    page.locator("summary", has_text="Cues").click()
    page.get_by_label("Countdown").select_option("off")
    page.get_by_label("Halfway", exact=True).select_option("short")
    bridge = more(page, "Bridge")
    bridge.get_by_label("Rounds: more").click()
    bridge.get_by_label("Keep this pose, whatever the length").check()
    page.locator(".more > summary").click()
    page.get_by_label("Time to settle: more").press("Enter")
    page.get_by_label("Every hold", exact=True).fill(" +5s ")
    page.get_by_label("Every hold", exact=True).press("Tab")
    wait_for(lambda: length(page) > before + 20)
    options = {
        "cues": {"countdown": "off", "halfway": "short"},
        "rounds": {"bridge": 3},
        "keep": ["bridge"],
        "settle": 1,
        "hold": "+5s",
    }
    page.reload()
    expect(page.get_by_label("Countdown")).to_have_value("off")
    expect(page.get_by_label("Every hold", exact=True)).to_have_value("+5s")
    job = make(page)
    assert site.get(f"api/jobs/{job}").data["options"] == options
    site.ask("DELETE", f"api/jobs/{job}")
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("Time to settle: reset").click()
    page.get_by_label("Countdown").select_option("")
    stored = "JSON.parse(sessionStorage.getItem('options lower-back-cool-down'))"
    assert page.evaluate(stored) == {name: options[name] for name in ("rounds", "keep", "hold")} | {
        "cues": {"halfway": "short"}
    }


@pytest.mark.slow
def test_twelve_minutes_of_the_cool_down(page, site):
    """As in the runner's diary: the length, without a countdown, a slower voice; what gave way is said below it."""
    page.goto(f"{site.address}#session/lower-back-cool-down")
    page.locator("summary", has_text="Cues").click()
    page.get_by_label("Countdown").select_option("off")
    page.get_by_label("Pace", exact=True).press("ArrowLeft")
    page.get_by_label("Pace: less").click()
    more(page, "Bridge").get_by_label("Rounds: less").click()
    whole = page.get_by_label("Whole session", exact=True)
    longer = page.get_by_label("Whole session: more")
    whole.press("Home")
    while whole.get_attribute("aria-valuetext") != "12 minutes":
        longer.click()
    expect(page.locator(".lengths .notes")).to_contain_text("12:00: ")
    expect(page.locator(".total")).to_have_attribute("aria-label", re.compile("12 minutes$"))
    job = make(page)
    options = {"cues": {"countdown": "off"}, "pace": 0.9, "rounds": {"bridge": 1}, "length": "720s"}
    assert site.get(f"api/jobs/{job}").data["options"] == options
    site.ask("DELETE", f"api/jobs/{job}")


@pytest.mark.slow
def test_a_pose_is_swapped_and_left_out(page, site):
    """The options of the pose that was there are gone then, as far as another one has others."""
    page.goto(f"{site.address}#session/lower-back-cool-down")
    hold(page, "Child's pose").press("End")
    parts = more(page, "Child's pose")
    assert parts.get_by_label("Another pose instead").locator("optgroup").first.get_attribute("label") == "For the same"
    parts.get_by_label("Another pose instead").focus()
    parts.get_by_label("Another pose instead").select_option("pigeon")
    expect(hold(page, "Pigeon")).to_have_attribute("aria-valuetext", re.compile("second"))
    swapped = page.get_by_role("group", name="Pigeon", exact=True)
    expect(swapped.get_by_label("Another pose instead")).to_be_focused()
    swapped.get_by_label("Sides").select_option("left leg in front")
    options = "JSON.parse(sessionStorage.getItem('options lower-back-cool-down'))"
    assert page.evaluate(options) == {"swap": {"childs-pose": "pigeon"}, "sides": {"childs-pose": "left leg in front"}}
    swapped.get_by_label("Leave this pose out").check()
    expect(hold(page, "Pigeon")).to_have_attribute("aria-valuetext", "left out")
    expect(swapped.get_by_label("Another pose instead")).to_have_count(0)
    assert page.evaluate(options) == {"skip": ["childs-pose"]}
    swapped.get_by_label("Leave this pose out").uncheck()
    expect(hold(page, "Child's pose")).to_be_enabled()
    assert page.evaluate(options) == {}


@pytest.mark.slow
def test_what_is_refused_is_said_and_can_be_put_right(page):
    choose(page)
    page.evaluate("sessionStorage.setItem('options two-poses', JSON.stringify({ holds: { Fold: '90s' } }))")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("40")
    expect(start(page)).to_be_disabled()
    hold(page, "Fold").press("Home")
    expect(start(page)).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_made_heard_and_downloaded(page, site, tmp_path):
    choose(page)
    hold(page, "Fold").press("ArrowRight")
    job = make(page)
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    wait_for(lambda: clock(page) > 0.5)  # Start has begun to play it
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "two-poses Fold 13s.mp3"
    served = site.get(f"api/jobs/{job}/file").body
    assert download.value.path().read_bytes() == served
    page.get_by_role("link", name="Back").click()
    page.get_by_text("Made here").click()
    expect(page.locator(".made")).to_contain_text("Two <b>poses</b> & a rest")


@pytest.mark.slow
def test_with_the_keyboard_alone(page):
    def go_to(name):
        for _ in range(80):
            page.keyboard.press("Tab")
            if re.match(name, page.evaluate(FOCUSED)):
                return
        raise AssertionError(f"{name} is not reached with the Tab key")

    go_to("Two <b>poses</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    go_to("Fold")
    page.keyboard.press("Enter")
    go_to("Fold: Hold$")
    page.keyboard.press("ArrowRight")
    expect(hold(page, "Fold")).to_have_attribute("aria-valuetext", "13 seconds")
    go_to("Start")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    wait_for(lambda: clock(page) > 0.3)
    go_to("Pause$")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_focused()
    go_to(r"Fold \d")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-current]")).to_contain_text("Fold")


@pytest.mark.slow
def test_cancelled(page, site):
    choose(page, "Long one")
    job = make(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("This session was cancelled")
    expect(page.locator(".player")).to_be_hidden()
    assert site.get(f"api/jobs/{job}").data["state"] == "cancelled"


@pytest.mark.slow
def test_one_that_failed_is_made_again(page, site):
    choose(page, "Long one")
    first = make(page)
    for worker in wait_for(lambda: below(site.process.pid)):  # that, and one that waits for the next session
        os.kill(worker, signal.SIGKILL)
    expect(page.get_by_role("alert")).to_contain_text("could not be made")
    page.get_by_role("button", name="Make it again").click()
    page.wait_for_url(lambda url: "#job/" in url and first not in url)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("This session was cancelled")


@pytest.mark.slow
def test_a_server_that_is_started_anew_makes_it_again(browser, tmp_path):
    with PageServer(tmp_path) as server, opened(browser) as context:
        page = context.new_page()
        page.goto(f"{server.address}#session/long-one")
        make(page)
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        server.stop(signal.SIGKILL)
        expect(page.get_by_role("alert")).to_contain_text("The connection to the computer is lost.")
        anew = [sys.executable, "-m", "audioguide", "serve", "--port", str(server.port)]
        with PageServer(tmp_path, command=anew):
            expect(page.get_by_role("alert")).to_have_count(0)  # it comes back by itself
            expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def test_without_a_network_it_says_so_and_goes_on_when_it_is_back(page):
    choose(page)
    page.context.set_offline(True)
    hold(page, "Fold").press("End")
    expect(page.get_by_role("status").first).to_contain_text("No connection to the computer.")
    page.context.set_offline(False)
    expect(page.get_by_text("No connection to the computer.")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(hold(page, "Fold")).to_have_attribute("aria-valuetext", "40 seconds")


@pytest.mark.slow
def test_a_job_that_is_gone_is_said_to_be(page, site):
    page.goto(f"{site.address}#job/gone")
    expect(page.get_by_role("alert")).to_contain_text("This job no longer exists.")


@pytest.mark.parametrize("dropped", [False, True], ids=["chosen", "dropped"])
def test_a_routine_of_ones_own(page, dropped):
    def give(text):
        if not dropped:
            file = {"name": "own.yaml", "mimeType": "", "buffer": text.encode()}
            page.get_by_label("Choose a routine").set_input_files(file)
            return
        script = "text => { const d = new DataTransfer(); d.items.add(new File([text], 'own.yaml')); return d; }"
        transfer = page.evaluate_handle(script, text)
        page.dispatch_event("body", "drop", {"dataTransfer": transfer})

    give(WRONG)
    problems = page.locator(".problems li")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_contain_text("Line 3, column")
    expect(problems.nth(1)).to_contain_text("Line 4, column")
    give(TWO_POSES.replace("Two <b>poses</b>", "My <i>own</i>"))
    expect(page.get_by_role("heading", level=1)).to_have_text("My <i>own</i> & a rest")
    expect(hold(page, "Fold")).to_be_visible()


@pytest.mark.slow
def test_in_the_network_all_is_below_the_secret_address(browser, tmp_path):
    """Every address in the page is relative to its own."""
    with PageServer(tmp_path, command=LAN) as server, opened(browser) as context:
        page = context.new_page()
        page.goto(server.address)
        page.get_by_text("Open it on a phone").click()
        code = page.get_by_alt_text("QR code")
        wait_for(lambda: code.evaluate("image => image.complete && image.naturalWidth"))
        choose(page, "Short one")
        make(page)
        page.get_by_role("button", name="Play").click()
        wait_for(lambda: clock(page) > 0.3)


LOST = """\
engine: piper
model: none.onnx
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 0, breath: 0, count: 0}
"""


@pytest.mark.slow
def test_a_voice_that_is_missing_is_told_before_it_is_made_and_another_one_chosen(browser, tmp_path):
    mine = TWO_POSES.replace("background: none", "background: none, voice: lost")
    for folder, name, text in (("scripts", "two-poses", mine), ("voices", "lost", LOST)):
        (tmp_path / "home" / folder).mkdir(parents=True)
        (tmp_path / "home" / folder / f"{name}.yaml").write_text(text, "utf-8")
    with PageServer(tmp_path) as running, opened(browser) as context:
        page = context.new_page()
        page.goto(running.address)
        said = "The voice 'lost' uses the model none.onnx, and there is no such file."
        expect(page.locator(".card", has_text="Its voice is not on this computer")).to_have_count(1)
        choose(page)
        told = page.get_by_role("alert")
        expect(told).to_contain_text("The voice of this session is not on this computer.")
        expect(told).to_contain_text(said)
        expect(start(page)).to_be_disabled()
        told.get_by_role("button", name="Take Heart instead").click()
        expect(told).to_have_count(0)
        expect(page.get_by_label("Voice", exact=True)).to_have_value("heart")
        make(page)
        expect(page.get_by_role("button", name=re.compile("Play|Pause")).first).to_be_visible(timeout=30_000)
