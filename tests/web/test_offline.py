"""The page without a network: what was kept plays, what changed takes over, and no error is ever stored."""

import shutil
import sys

import browser as browser_on
import pytest
from page_server import PageServer, wait_for
from playwright.sync_api import expect

from audioguide.web import page_files

pytestmark = [pytest.mark.slow, pytest.mark.real("chromium")]

WHOLE = "job => fetch(`api/jobs/${job}/sound?whole`).then((answer) => answer.blob()).then((blob) => blob.size)"
IS_KEPT = "job => caches.open('kept').then((it) => it.match(`api/jobs/${job}`)).then(Boolean)"
PLAY = """
async (address) => {
  const audio = new Audio(address);
  const event = (name) => new Promise((resolve) => audio.addEventListener(name, resolve, { once: true }));
  audio.preload = "auto";
  await event("loadedmetadata");
  audio.currentTime = audio.duration - 1;
  await event("seeked");
  return [audio.duration, audio.currentTime];
}
"""
FETCH = """
async ([path, range]) => {
  const answer = await fetch(path, range ? { headers: { Range: range } } : {});
  const body = new Uint8Array(await answer.arrayBuffer());
  return [answer.status, answer.headers.get("Content-Range"), [...body.slice(0, 4)], body.length];
}
"""


def installed(page, address):
    """The page, with its worker at work."""
    page.goto(address)
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
    wait_for(lambda: page.evaluate("caches.match('api/sessions').then(Boolean)"))


def test_a_kept_session_plays_without_a_network(browser, site):
    job, other = site.made("two-poses")["job"], site.made("short-one", level="brief")["job"]
    whole = site.get(f"api/jobs/{job}/sound?whole").body
    with browser_on.opened(browser, service_workers="allow") as context:
        page = context.new_page()
        installed(page, site.address)
        assert page.evaluate(WHOLE, job) == len(whole)  # as the player does when it is played
        wait_for(lambda: page.evaluate(IS_KEPT, job))
        context.set_offline(True)
        page.reload()
        expect(page.locator(".card").first).to_be_visible()
        duration, at = page.evaluate(PLAY, f"api/jobs/{job}/sound?whole")
        assert duration - 1.1 < at < duration
        assert [one["job"] for one in page.evaluate("fetch('api/jobs').then((answer) => answer.json())")] == [job]
        for range, first, last in (
            ("bytes=0-0", 0, 0),
            ("bytes=100-", 100, len(whole) - 1),
            ("bytes=-7", len(whole) - 7, len(whole) - 1),
            (f"bytes=5-{10**12}", 5, len(whole) - 1),
        ):
            found = page.evaluate(FETCH, [f"api/jobs/{job}/sound?whole", range])
            content = whole[first : last + 1]
            assert found == [206, f"bytes {first}-{last}/{len(whole)}", [*content[:4]], len(content)]
        assert page.evaluate(FETCH, [f"api/jobs/{job}/sound?whole", f"bytes={len(whole)}-"])[:2] == [
            416,
            f"bytes */{len(whole)}",
        ]
        page.goto(f"{site.address}#job/{job}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Two")
        page.get_by_role("button", name="Play", exact=True).first.click()
        wait_for(lambda: browser_on.clock(page) > 0)
        assert page.evaluate(f"fetch('api/jobs/{other}').catch(() => 'lost')") == "lost"
        context.set_offline(False)
        assert page.evaluate(f"fetch('api/jobs/{job}', {{ method: 'DELETE' }}).then((answer) => answer.status)") == 200
        context.set_offline(True)
        assert page.evaluate("fetch('api/jobs').then((answer) => answer.json())") == []


def test_errors_are_never_stored(browser, site):
    with browser_on.opened(browser, service_workers="allow") as context:
        page = context.new_page()
        installed(page, site.address)
        for path in ("api/sessions/no-such", "api/jobs/gone"):
            assert page.evaluate(FETCH, [path, ""])[0] == 404
        stored = page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((it) => it.keys()))))"
            ".then((all) => all.flat().length)"
        )
        assert stored
        context.set_offline(True)
        for path in ("api/sessions/no-such", "api/jobs/gone"):
            assert page.evaluate(f"fetch('{path}').catch(() => 'lost')") == "lost"
        context.set_offline(False)


def test_a_new_version_is_there_at_the_next_start(browser, tmp_path):
    """A server with other files at the same address: it is shown at once, and it is what is there without a network."""
    folder = tmp_path / "page"
    code = "\n".join(
        (
            "import sys",
            "from pathlib import Path",
            "from audioguide.session.config import Config",
            "from audioguide.web import page_files",
            "from audioguide.web.server import serve",
            "page_files._FOLDER = Path(sys.argv[1])",
            "serve(Config(), int(sys.argv[2]), None, lambda text: print(text, flush=True))",
        )
    )
    shutil.copytree(page_files._FOLDER, folder)
    index = folder / "index.html"
    with browser_on.opened(browser, service_workers="allow") as context:
        with PageServer(tmp_path, command=[sys.executable, "-c", code, str(folder), "0"]) as server:
            page = context.new_page()
            installed(page, server.address)
            port = server.port
        index.write_text(index.read_text("utf-8").replace('class="brand">', 'class="brand" data-new="1">'), "utf-8")
        with PageServer(tmp_path, command=[sys.executable, "-c", code, str(folder), str(port)]) as server:
            page.reload()
            expect(page.locator("[data-new]")).to_be_visible()
            wait_for(lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((it) => !!it.waiting)"))
            page.close()
            page = context.new_page()
            page.goto(server.address)
            wait_for(
                lambda: (
                    page.evaluate("caches.keys().then((names) => names.filter((it) => it.startsWith('page ')).length)")
                    == 1
                )
            )
        page.reload()
        expect(page.locator("[data-new]")).to_be_visible()
