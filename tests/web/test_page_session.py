"""One session in a browser: lines that unfold, why a slider goes no further, start, file, preset, language."""

import json
import re

import pytest
from browser import TWO_POSES, opened
from page_server import PageServer, wait_for
from playwright.sync_api import expect
from test_page_words import WORDS

pytestmark = [pytest.mark.real("chromium"), pytest.mark.slow]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server of its own: these tests change what it remembers."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "home" / "scripts").mkdir(parents=True)
    (folder / "home" / "scripts" / "two-poses.yaml").write_text(TWO_POSES, "utf-8")
    with PageServer(folder) as running:
        yield running


@pytest.fixture
def view(browser, own):
    with opened(browser) as context:
        page = context.new_page()
        page.goto(f"{own.address}#session/two-poses")
        page.wait_for_selector(".one")
        yield page


def test_a_pose_unfolds_and_its_slider_says_why_it_goes_no_further(view):
    line = view.locator(".one", has_text="Fold")
    expect(line.locator(".time")).to_have_text("0:12")
    slider = view.get_by_label("Fold: Hold", exact=True)
    expect(slider).to_be_hidden()
    line.locator("summary").first.press("Enter")
    slider.press("End")
    expect(line.locator(".time")).to_have_text("0:40")
    why = "#" + slider.get_attribute("aria-describedby")
    expect(view.locator(why)).to_have_text("the longest for this pose")
    slider.press("ArrowLeft")
    expect(view.locator(why)).to_be_empty()
    whole = view.get_by_label("Whole session", exact=True)
    whole.press("End")
    expect(view.locator("#" + whole.get_attribute("aria-describedby"))).to_contain_text("every pose is at its limit")


def test_start_makes_and_plays_and_change_it_begins_with_the_options_of_that_job(view, own):
    view.get_by_label("Full", exact=True).check()
    view.locator(".start").click()
    view.wait_for_url(re.compile("#job/"))
    job = view.url.split("#job/")[1].split("/")[0]
    assert own.get(f"api/jobs/{job}").data["options"] == {"level": "full"}
    expect(view.get_by_role("button", name="Pause", exact=True).first).to_be_visible()
    view.goto(f"{own.address}#session/two-poses")
    view.get_by_label("Brief", exact=True).check()  # this tab wants something else meanwhile
    view.goto(f"{own.address}#session/two-poses/{job}")
    expect(view.get_by_label("Full", exact=True)).to_be_checked()
    expect(view).to_have_url(re.compile("#session/two-poses$"))


def test_the_file_is_made_and_saved_from_beside_the_start(view, own):
    with view.expect_download() as download:
        view.get_by_role("button", name="Download", exact=True).click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"ID3")
    assert view.url.endswith("#session/two-poses")
    (job,) = [one for one in own.get("api/jobs").data if not one["options"]]
    assert content == own.get(f"api/jobs/{job['job']}/file").body


def test_a_preset_is_kept_and_listed_as_mine(view, own):
    view.get_by_label("Full", exact=True).check()
    view.get_by_text("Save as a preset").click()
    view.get_by_label("Name of the preset").fill("Slow <i>evening</i>")
    view.get_by_label("Name of the preset").press("Enter")
    view.get_by_role("link", name="Slow <i>evening</i>").click()
    expect(view.get_by_label("Full", exact=True)).to_be_checked()
    row = next(row for row in own.get("api/sessions").data["sessions"] if row["id"].startswith("slow-i"))
    assert row["own"]


def test_every_option_of_the_table_that_a_listener_can_want_is_there(view, own):
    offered = {option["key"] for option in own.get("api/sessions/lower-back-cool-down").data["options"]}
    view.goto(f"{own.address}#session/lower-back-cool-down")
    expect(view.get_by_role("heading", level=1)).to_have_text("Lower-back cool-down")
    view.locator(".more > summary").click()
    for key in offered - {"beyond-limits"}:
        expect(view.get_by_text(WORDS["en"][f"option.{key}"], exact=True).filter(visible=True).first).to_be_visible()
    assert {"voice", "level", "background", "language", "breath", "chime", "cues", "scale", "hold", "settle"} <= offered


@pytest.mark.parametrize("language", ["de", "es"])
@pytest.mark.parametrize("address", ["", "#session/lower-back-cool-down", "#compose", "#session/gone"])
def test_a_view_has_no_word_of_english(browser, own, language, address):
    """None of the page's English words that are others in this language."""
    english = {text for key, text in WORDS["en"].items() if text != WORDS[language][key] and len(text) > 3}
    english -= {*WORDS[language].values(), "English"}
    with opened(browser, locale=language) as context:
        page = context.new_page()
        page.goto(own.address + address)
        page.wait_for_selector(".card, .one, .compose, [role=alert]")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        wait_for(lambda: page.locator("details").count() == page.locator("details[open]").count())
        script = """
          [...document.querySelectorAll('main *')].flatMap((node) => [
            ...[...node.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()),
            node.ariaLabel, node.placeholder, node.title, node.alt, node.label])
        """
        shown = {text for text in page.evaluate(script) if text}
        assert len(shown) > 3, json.dumps([*shown])
        assert shown & english == set()
        assert page.locator("html").get_attribute("lang") == language
