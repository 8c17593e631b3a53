"""The files of the page: each asked for once, all that a view needs at once; and what makes the page an app."""

import io
import json
import os
import re
import shutil
from urllib.parse import urljoin

import browser as browser_on
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from audioguide.draw.render import to_png
from audioguide.web import page_files
from audioguide.web.page_files import PageFiles

PAGE = page_files._FOLDER
INDEX = PAGE / "index.html"
IMPORT = re.compile(r'^(?:im|ex)port [^"]*?from "\./([\w-]+\.js)"', re.MULTILINE)
STYLE = re.compile(r'loadStyle\("([\w-]+\.css)"\)')
DYNAMIC = re.compile(r'import\("\./([\w-]+)\.js"\)')
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


def imports(name):
    """A module, and all that it imports, as a browser finds them."""
    found = [name]
    for module in found:  # which grows meanwhile
        found += [one for one in IMPORT.findall((PAGE / module).read_text("utf-8")) if one not in found]
    return found


def test_the_page_names_what_its_views_need_at_once():
    """`AUDIOGUIDE_FREEZE=1` writes the list anew."""
    first = imports("main.js")
    lines = [f'<link rel="modulepreload" href="assets/{name}">' for name in first[1:]]
    views = dict.fromkeys(DYNAMIC.findall((PAGE / "main.js").read_text("utf-8")))
    for view in views:
        found = imports(f"{view}.js")
        lines += [f'<link data-view="{view}" href="assets/{module}">' for module in found if module not in first]
        styles = {style: 0 for module in found for style in STYLE.findall((PAGE / module).read_text("utf-8"))}
        lines += [f'<link data-view="{view}" as="style" href="assets/{style}">' for style in styles]
    wanted = "".join(f"    {line}\n" for line in lines)
    html = INDEX.read_text("utf-8")
    head, _, rest = html.partition("<!-- modules -->\n")
    middle, mark, tail = rest.partition("    <!-- /modules -->")
    if os.environ.get("AUDIOGUIDE_FREEZE"):
        INDEX.write_text(html.replace(rest, wanted + mark + tail), "utf-8")
    else:
        assert (bool(head), middle) == (True, wanted)
    assert {path.name for path in PAGE.glob("*.js")} == {
        "landing.js",
        "one-file.js",
        "sw.js",
        *first,
        *(module for view in views for module in imports(f"{view}.js")),
    }


@pytest.mark.parametrize(
    ("wanted", "language"), [("es-MX,de;q=0.5", "es"), ("fr, DE-AT;q=0.3", "de"), ("fr", "en"), ("", "en")]
)
def test_the_manifest_makes_it_an_app_in_the_language_of_the_phone(server, wanted, language):
    page = server.get("", Accept_Language=wanted)
    assert "Accept-Language" in page.headers["vary"]
    html = page.body.decode()
    assert f'words/{language}.json"' in html
    [address] = re.findall(r'rel="manifest" href="([^"]+)"', html)
    reply = server.get(address)
    assert reply.headers["content-type"].startswith("application/manifest+json")
    manifest = reply.data
    assert (manifest["lang"], manifest["display"]) == (language, "standalone")
    here = f"http://host/secret/{address}"
    assert {urljoin(here, manifest[key]) for key in ("start_url", "scope")} == {"http://host/secret/"}
    icons = {(icon["sizes"], icon["purpose"]): urljoin(here, icon["src"])[19:] for icon in manifest["icons"]}
    for size, purpose in ((192, "any"), (512, "any"), (512, "maskable")):
        picture = Image.open(io.BytesIO(server.get(icons[f"{size}x{size}", purpose]).body)).convert("RGBA")
        assert picture.size == (size, size)
        corner = picture.getpixel((0, 0))
        assert corner[3] == (0 if purpose == "any" else 255)  # a mask cuts corners off, so they are painted


def test_icons_are_drawn_from_the_picture_of_the_program():
    plain, masked = ((PAGE / f"{name}.svg").read_text() for name in ("icon", "maskable"))
    assert plain.split("<g")[1] == masked.split("<g")[1]
    for path in (PAGE / "icons").iterdir():
        name, width = path.stem.split("-")
        drawn = Image.open(io.BytesIO(to_png((PAGE / f"{name}.svg").read_text(), int(width)))).convert("RGBA")
        difference = ImageChops.difference(Image.open(path).convert("RGBA"), drawn)
        assert max(high for _, high in difference.getextrema()) < 32, path


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
