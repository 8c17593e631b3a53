"""The landing page of `send`: what it says of any file, in any language, for everybody, and without JavaScript."""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import browser as browser_on
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from test_send import ANDROID, IPHONE, Sending

from audioguide.web import send
from audioguide.web.landing_page import SentFile, describe_file, render_page

ROUTINE = """\
title: 'Back = "neck" & <b>; \\ #1'
defaults: {background: none}
steps:
  - say: Hello.
  - pose: {name: "Fold; = #2", instructions: Fold., hold: 5s, limits: 1s..60s}
"""


@given(st.text(), st.text(), st.sampled_from(("en", "de", "es")))
@settings(max_examples=50, deadline=None)
def test_any_title_is_text_in_the_page(tmp_path_factory, title, chapter, language):
    path = tmp_path_factory.getbasetemp() / "a b&c.mp3"
    page = render_page([SentFile(path, 1_234_567, title, [(chapter, 0.0, 61.0)], b"")], language, "iPhone (1.2.3.4)")
    assert unescape(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]) == title
    assert unescape(re.search(r"<li><a [^>]*><span>(.*?)</span>", page, re.DOTALL)[1]) == chapter
    assert page.count("<script") == 1
    assert 'href="a%20b%26c.mp3"' in page


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["mp3", "m4a", "m4b", "opus", "flac", "wav"])
def test_every_format_tells_what_is_in_it(tmp_path, ending):
    (tmp_path / "neck.yaml").write_text(ROUTINE, "utf-8")
    command = [sys.executable, "-m", "audioguide", "export", "neck.yaml", "-o", f"out.{ending}"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    file = describe_file(tmp_path / f"out.{ending}")
    if ending == "wav":  # which has no tags
        assert (file.title, file.chapters, file.cover) == ("out", [], b"")
        return
    assert file.title == 'Back = "neck" & <b>; \\ #1'
    assert [title for title, *_ in file.chapters] == ["Introduction", "Fold; = #2"]
    assert file.chapters[0][2] == file.chapters[1][1] > 0.5
    assert file.cover.startswith(b"\xff\xd8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("landing")
    (folder / "neck.yaml").write_text(ROUTINE, "utf-8")
    command = [sys.executable, "-m", "audioguide", "export", "neck.yaml", "-o", "neck.mp3"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return describe_file(folder / "neck.mp3")


@pytest.mark.slow
@pytest.mark.real("chromium")
@pytest.mark.parametrize(
    ("agent", "locale", "save", "opened"),
    [
        (IPHONE, "de-AT", "Sichern", "iPhone, iPad"),
        (ANDROID, "es-MX", "Guardar", "Android"),
        (ANDROID, "fr", "Save", "Android"),
    ],
)
def test_a_phone_reads_it_in_its_language(browser, monkeypatch, tmp_path, made, agent, locale, save, opened):
    monkeypatch.setattr(send, "LINGER", 2.0)
    other = Path(shutil.copy(made.path, tmp_path / "Rücken & mehr.mp3"))
    sending = Sending(made.path, other, timeout=20)
    with browser_on.opened(browser, user_agent=agent, locale=locale) as context:
        page = context.new_page()
        page.goto(sending.address.geturl())
        assert page.locator("html").get_attribute("lang") == locale[:2].replace("fr", "en")
        assert page.get_by_role("link", name=save).count() == 2
        assert page.locator("details[open] > summary").all_inner_texts() == [opened]
        for width, scheme in ((320, "dark"), (390, "light"), (844, "dark")):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme=scheme)
            assert browser_on.violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for link, name in zip(page.get_by_role("link", name=save).all(), (made.path.name, other.name), strict=True):
            with page.expect_download() as download:
                link.click()
            assert download.value.suggested_filename == name
            assert download.value.path().read_bytes() == made.path.read_bytes()
    assert sending.ended()


@pytest.mark.slow
@pytest.mark.real("chromium")
@pytest.mark.parametrize("script", [True, False])
def test_a_chapter_is_played_in_place(browser, monkeypatch, made, script):
    def run(files, address, **settings):
        return send_files([made], address, **settings)

    send_files = send.send_files
    monkeypatch.setattr(send, "send_files", run)
    sending = Sending(made.path, timeout=6)
    with browser_on.opened(browser, java_script_enabled=script) as context:
        page = context.new_page()
        page.goto(sending.address.geturl())
        page.get_by_text("Chapters").click()
        link = page.get_by_role("link", name="Fold")
        assert link.get_attribute("href").endswith(f"?play#t={made.chapters[1][1]:.3f}")
        with page.expect_response("**/neck.mp3?play") as answer:
            link.click()
        assert "content-disposition" not in answer.value.headers
        if script:
            expect(page.locator("audio")).to_have_js_property("paused", False)
            browser_on.wait_until_true(
                page, "at => document.querySelector('audio').currentTime >= at", made.chapters[1][1]
            )
    assert not sending.ended()  # it was heard, and is not kept
