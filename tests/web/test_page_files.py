"""The files of the page: each asked for once, all that a view needs at once; and what makes the page an app."""

import io
import json
import re
import shutil

import browser as browser_on
import pytest
from PIL import Image
from playwright.sync_api import expect

from audioguide.web import page_files
from audioguide.web.page_files import PageFiles

SCRIPT = re.compile(r"/([\w-]+\.js)$")


def linked(html):
    """The addresses of files in the page, by what they are for."""
    links = re.findall(r'<(?:link|script|img)\b([^>]*)\b(?:href|src)="([^"#]+)"', html)
    return [(kind.strip(), address) for kind, address in links]


def test_files_have_a_version_and_are_kept_for_ever(server):
    page = server.get("")
    assert page.headers["cache-control"] == "no-cache"
    for kind, address in linked(page.body.decode()):
        first = server.get(address, Accept_Encoding="gzip")
        assert first.status == 200, address
        if not address.startswith("assets/"):
            continue
        assert "immutable" in first.headers["cache-control"], (kind, address)
        name = address.split("/", 2)[2]
        other = server.get(f"assets/{'0' * 12}/{name}")  # a page that was open when the server became another one
        assert (other.status, other.headers["cache-control"]) == (200, "no-cache")
        plain = server.get(f"assets/{name}")
        assert plain.body == other.body
        assert "content-encoding" not in plain.headers
        assert len(first.body) < len(plain.body) or name.endswith(".png")
        assert server.get(f"assets/{name}", If_None_Match=plain.headers["etag"]).status == 304


def test_another_content_is_another_version(tmp_path, monkeypatch):
    before = PageFiles().version
    assert PageFiles().version == before
    shutil.copytree(page_files._FOLDER, tmp_path / "page")
    monkeypatch.setattr(page_files, "_FOLDER", tmp_path / "page")
    assert PageFiles().version == before
    with (tmp_path / "page/words/de.json").open("a") as file:
        file.write("\n")
    assert PageFiles().version != before


@pytest.mark.parametrize(
    ("wanted", "language"), [("es-MX,de;q=0.5", "es"), ("fr, DE-AT;q=0.3", "de"), ("fr", "en"), ("", "en")]
)
def test_the_manifest_makes_it_an_app_in_the_language_of_the_phone(server, wanted, language):
    html = server.get("", Accept_Language=wanted).body.decode()
    assert f'words/{language}.json"' in html
    [address] = re.findall(r'rel="manifest" href="([^"]+)"', html)
    reply = server.get(address, Accept_Language=wanted)
    assert reply.headers["content-type"].startswith("application/manifest+json")
    manifest = reply.data
    assert (manifest["lang"], manifest["display"], manifest["start_url"]) == (language, "standalone", "./")
    assert "Accept-Language" in reply.headers["vary"]
    icons = {(icon["sizes"], icon["purpose"]): icon["src"] for icon in manifest["icons"]}
    for size, purpose in ((192, "any"), (512, "any"), (512, "maskable")):
        picture = Image.open(io.BytesIO(server.get(icons[f"{size}x{size}", purpose]).body)).convert("RGBA")
        assert picture.size == (size, size)
        corner = picture.getpixel((0, 0))
        assert corner[3] == (0 if purpose == "any" else 255)  # a mask cuts corners off, so they are painted


def test_the_two_icons_are_one_picture(server):
    plain, masked = (server.get(f"assets/{name}.svg").body.decode() for name in ("icon", "maskable"))
    assert plain.split("<g")[1] == masked.split("<g")[1]


def test_the_worker_stores_files_that_are_there(server):
    reply = server.get("sw.js")
    assert reply.headers["cache-control"] == "no-cache"
    files = json.loads(re.search(rb"const FILES = (\[.*\])", reply.body)[1])
    assert all(server.get(name).status == 200 for name in files)
    assert {SCRIPT.search(name)[1] for name in files if SCRIPT.search(name)} >= {"main.js", "job.js", "player.js"}


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_a_view_asks_for_what_it_needs_at_once(browser, site):
    """No module is found out by another one: the page names those of each view."""
    job = site.made("two-poses")["job"]
    for view, ready in (("", ".card"), ("session/two-poses", "form"), (f"job/{job}", ".player, .chapters button")):
        with browser_on.opened(browser) as context:
            page = context.new_page()
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(f"{site.address}#{view}")
            expect(page.locator(ready).first).to_be_visible()
            links = page.eval_on_selector_all(
                "link[rel=modulepreload], script", "(links) => links.map((link) => link.href || link.src)"
            )
            scripts = {url for url in asked if SCRIPT.search(url) and "offline" not in url}
            assert scripts == set(links)
            assert len([url for url in asked if SCRIPT.search(url)]) == len(
                {url for url in asked if SCRIPT.search(url)}
            )


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_a_second_visit_asks_for_no_file(browser, site):
    with browser_on.opened(browser) as context:
        for visit in range(2):
            page = context.new_page()
            fetched = []
            tools = context.new_cdp_session(page)
            tools.send("Network.enable")
            tools.on(
                "Network.responseReceived",
                lambda event, fetched=fetched: (
                    fetched.append(event["response"]) if not event["response"].get("fromDiskCache") else None
                ),
            )
            cached = []
            tools.on("Network.requestServedFromCache", lambda event, cached=cached: cached.append(event))
            page.goto(site.address)
            expect(page.locator(".card").first).to_be_visible()
            files = [one["url"] for one in fetched if "/assets/" in one["url"]]
            assert bool(files) == (visit == 0), files
            page.close()
