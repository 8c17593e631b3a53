"""The player seen from a mat: nothing is cut or covered on any screen, and all of it can be done while it plays."""

import re
from itertools import product

import pytest
from browser import clock, opened, violations, wait_until_true
from page_server import wait_for
from playwright.sync_api import expect

pytestmark = [pytest.mark.real("chromium"), pytest.mark.slow]

SIZES = [(320, 568), (360, 640), (390, 844), (844, 390), (768, 1024), (1280, 800)]

LONG_NAMES = """\
title: {title}
language: {language}
defaults: {{background: none}}
steps:
  - {{pose: standing-hamstring-stretch, rounds: 2, hold: 10s}}
  - {{pose: bird-dog, rounds: 2, hold: 5s}}
  - {{pose: childs-pose, hold: 10s}}
"""

SEEK = """at => {
  const position = document.querySelector(".position");
  position.step = "any";
  position.value = at;
  position.dispatchEvent(new Event("change"));
}"""

STANDS_AT = "at => Math.abs(Number(document.querySelector('.position').value) - at) < 0.1"

WHOLE = "[...document.querySelectorAll('audio')].some((one) => one.src.startsWith('blob:') && !one.paused)"

LOWEST = "Math.max(...[...document.querySelectorAll('main *')].map((one) => one.getBoundingClientRect().bottom))"

FAULTS = """() => {
  const box = (element) => element.getBoundingClientRect();
  const parts = [".pose", ".side", ".left", ".next", ".caption", ".posture .figure", ".less", ".more-time", ".keep",
    ".buttons button", ".position", ".topbar > *"];
  const seen = parts.flatMap((part) => [...document.querySelectorAll(part)].map((element) => [part, element]))
    .filter(([, element]) => element.checkVisibility() && box(element).width);
  const faults = [];
  const controls = box(document.querySelector(".controls"));
  for (const [part, element] of seen) {
    const { left, top, right, bottom } = box(element);
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) faults.push(`${part} is cut`);
  }
  if (box(document.querySelector(".stage")).bottom > controls.top + 1) faults.push("the stage does not fit");
  seen.forEach(([one, first], index) => seen.slice(index + 1).forEach(([other, second]) => {
    const [a, b] = [box(first), box(second)];
    const [width, height] = [Math.min(a.right, b.right) - Math.max(a.left, b.left),
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
    if (width > 1 && height > 1) faults.push(`${one} lies over ${other}`);
  }));
  return faults;
}"""


def open_job(page, site, job):
    site.ask("PUT", f"api/jobs/{job}/place", {"position": 0})
    page.goto(f"{site.address}#job/{job}")
    page.wait_for_selector(".chapters button", state="attached")


def play(page):
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for(lambda: clock(page) > 0.2)


def cues_of(site, job, kind):
    return [cue for cue in site.get(f"api/jobs/{job}/timeline").data["cues"] if cue["kind"] == kind]


@pytest.fixture(scope="module")
def made(site):
    return site.made("two-poses")["job"]


@pytest.mark.parametrize(("language", "title"), [("de", "Ausklang für den unteren Rücken"), ("es", "Calma para todos")])
def test_nothing_is_cut_or_covered_on_any_screen(browser, site, language, title):
    """With the longest names and captions of what is shipped, also in letters twice as large."""
    (site.home / f"scripts/names-{language}.yaml").write_text(LONG_NAMES.format(language=language, title=title))
    facts = site.made(f"names-{language}")
    assert facts["state"] == "ready", facts["error"]
    holds, speech = (cues_of(site, facts["job"], kind) for kind in ("hold", "speech"))
    longest = max(speech, key=lambda cue: len(cue["text"]))
    moments = [max(holds, key=lambda cue: len(cue["side"] or ""))["start"] + 2, longest["start"] + 1]
    with opened(browser, locale=language) as context:
        page = context.new_page()
        open_job(page, site, facts["job"])
        for (width, height), letters in product(SIZES, ("100%", "200%")):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("size => (document.documentElement.style.fontSize = size)", letters)
            for moment in moments:
                page.evaluate(SEEK, moment)
                wait_until_true(
                    page, "at => Math.abs(Number(document.querySelector('.position').value) - at) < 0.1", moment
                )
                page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                assert page.evaluate(FAULTS) == [], (width, height, letters, moment)
            size = page.locator(".left").evaluate("left => parseFloat(getComputedStyle(left).fontSize)")
            assert size >= 0.2 * min(width, height), (width, height, letters)
        seen = set()
        for part in range(60):  # each line of the longest text follows the voice, and none is too long to be read
            page.evaluate(SEEK, longest["start"] + longest["duration"] * (part + 0.5) / 60)
            seen.add(page.locator(".caption").text_content())
        assert max(map(len, seen)) <= 80
        text = re.sub(r"\s", "", longest["text"])
        assert sum(len(re.sub(r"\s", "", line)) for line in seen) == len(text)


@pytest.mark.parametrize("letters", ["100%", "200%"])
def test_the_player_is_for_everybody(browser, site, made, letters):
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        page.evaluate("size => (document.documentElement.style.fontSize = size)", letters)
        for (width, height), scheme in product([(320, 568), (390, 844), (844, 390)], ("light", "dark", "black")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            dark = page.get_by_role("button", name="Dark room")
            if (dark.get_attribute("aria-pressed") == "true") != (scheme == "black"):
                dark.click()
            assert violations(page) == [], (width, height, scheme)


def test_a_hold_is_changed_while_it_plays(browser, site, made):
    start = cues_of(site, made, "hold")[0]["start"]
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        page.evaluate(SEEK, start + 1)
        play(page)
        left = page.locator(".left")
        before = int(left.text_content())
        page.get_by_role("button", name="Hold 5 seconds longer").click()
        # With the next picture, before the computer has answered.
        wait_for(lambda: int(left.text_content()) >= before + 2)
        expect(page.locator(".next")).to_contain_text("Stand tall: 19 s")
        wait_for(lambda: made not in page.evaluate("location.hash"))
        job = page.url.split("#job/")[1]
        assert cues_of(site, job, "hold")[0]["asked"] == 19
        wait_for(lambda: page.evaluate(WHOLE))  # the finished file is what sounds now
        assert start < float(page.locator(".position").input_value()) < start + 19
        page.get_by_role("button", name="Hold on").click()
        expect(left).to_have_text(re.compile(r"^\+0:"))
        expect(page.get_by_role("button", name="Go on")).to_have_attribute("aria-pressed", "true")
        wait_for(lambda: job not in page.evaluate("location.hash"))
        page.get_by_role("button", name="Next pose").click()  # ends that hold, and goes on with the next pose
        expect(page.locator(".pose")).to_have_text("Fold")
        expect(page.get_by_role("button", name="Hold on")).to_have_attribute("aria-pressed", "false")


def test_the_voice_is_louder_while_it_plays(browser, site, made):
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        play(page)
        page.get_by_role("button", name="Voice: more").click()
        page.get_by_role("button", name="Voice: more").click()
        wait_for(lambda: made not in page.evaluate("location.hash"))
        assert site.get(f"api/jobs/{page.url.split('#job/')[1]}").data["options"]["voice-level"] == 2
        wait_for(lambda: page.evaluate("[...document.querySelectorAll('audio')].some((one) => !one.paused)"))


def test_the_keyboard_plays_and_takes_no_key_from_a_field(browser, site, made):
    starts = [chapter["start"] for chapter in site.get(f"api/jobs/{made}/timeline").data["chapters"]]
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        page.keyboard.press("Space")
        wait_for(lambda: clock(page) > 0.2)
        page.keyboard.press("n")
        wait_for(lambda: clock(page) >= starts[1])
        page.keyboard.press("n")
        wait_for(lambda: clock(page) >= starts[2])
        page.keyboard.press("p")
        wait_for(lambda: starts[1] <= clock(page) < starts[2])
        page.keyboard.press("k")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        at = clock(page)
        page.get_by_label("Wait before the start").focus()
        page.keyboard.press("n")
        page.keyboard.press("p")
        assert clock(page) == at
        page.get_by_role("heading", level=1).focus()
        page.keyboard.press("m")
        assert page.evaluate("document.querySelector('audio[src]').muted")
        page.keyboard.press("d")
        assert page.evaluate("getComputedStyle(document.querySelector('.player')).backgroundColor") == "rgb(0, 0, 0)"
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("15 seconds back")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_one_tab_sounds_at_a_time(browser, site, made):
    with opened(browser) as context:
        one, other = context.new_page(), context.new_page()
        for page in (one, other):
            open_job(page, site, made)
        play(one)
        play(other)
        wait_for(lambda: one.evaluate("document.querySelector('audio[src]').paused"))
        assert not other.evaluate("document.querySelector('audio[src]').paused")


def test_it_goes_on_in_a_small_player(browser, site, made):
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        play(page)
        page.get_by_role("link", name="Back").click()
        page.wait_for_selector(".card")
        small = page.get_by_role("region", name="Player")
        expect(small).to_contain_text("/ 0:")
        at = clock(page)
        wait_for(lambda: clock(page) > at + 0.3)
        page.evaluate("scrollTo(0, 1e6)")
        last = page.evaluate(
            "Math.max(...[...document.querySelectorAll('main *')].map((e) => e.getBoundingClientRect().bottom))"
        )
        assert last <= small.bounding_box()["y"]
        assert violations(page) == []
        page.goto(f"{site.address}#session/two-poses")
        expect(small).to_be_visible()
        small.get_by_role("link").click()
        expect(page.locator(".stage")).to_be_visible()
        expect(small).to_have_count(1)
        assert clock(page) > at
        page.get_by_role("link", name="Back").click()
        page.get_by_role("button", name="End it").click()
        expect(small).to_have_count(0)
        assert page.evaluate("[...document.querySelectorAll('audio')].every((one) => one.paused)")


def test_the_end_is_an_end(browser, site, made):
    duration = site.get(f"api/jobs/{made}").data["duration"]
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        play(page)
        page.evaluate(SEEK, duration - 1)
        expect(page.get_by_role("heading", name="Done")).to_be_visible()
        expect(page.locator(".ending")).to_contain_text("1 min · 2 poses")
        assert violations(page) == []
        page.get_by_role("button", name="Once more").click()
        wait_for(lambda: 0 < clock(page) < 5)
        expect(page.locator(".stage")).to_be_visible()


def test_it_waits_before_the_start_and_stops_at_the_end_of_a_pose(browser, site, made):
    chapters = site.get(f"api/jobs/{made}/timeline").data["chapters"]
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        page.get_by_label("Wait before the start").select_option("5 seconds")
        page.get_by_label("Stop", exact=True).select_option("At the end of this pose")
        page.get_by_role("button", name="Play", exact=True).click()
        expect(page.locator(".word")).to_have_text("starts soon")
        assert clock(page) == 0
        wait_for(lambda: clock(page) > 0.2)
        page.evaluate(SEEK, chapters[1]["end"] - 2)
        expect(page.locator(".next")).to_have_text("Stopped at the end of the pose.")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        assert clock(page) == pytest.approx(chapters[2]["start"], abs=0.1)


def test_it_goes_on_without_a_network_and_connects_again(browser, site, made):
    with opened(browser) as context:
        page = context.new_page()
        open_job(page, site, made)
        play(page)
        wait_for(lambda: page.evaluate("document.querySelector('audio[src^=\"blob:\"]') !== null"))
        context.set_offline(True)
        page.evaluate(SEEK, 30)
        wait_for(lambda: clock(page) > 30.5)
        page.get_by_role("button", name="Hold 5 seconds longer").click()
        expect(page.locator(".next")).to_contain_text("does not answer")
        assert not page.evaluate("document.querySelector('audio[src]').paused")
        context.set_offline(False)
        page.get_by_role("button", name="Hold 5 seconds longer").click()
        wait_for(lambda: made not in page.evaluate("location.hash"))
