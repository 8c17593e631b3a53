"""`serve --feed`: a podcast app gets what was made on the page, and what lies in a folder of exports."""

import json
import sys
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import feedparser
import pytest
from page_server import PageServer

from audioguide.cli.main import run

pytestmark = pytest.mark.slow
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def serving(folder: str, lan: str | None) -> list[str]:
    lines = (
        "from pathlib import Path",
        "from audioguide.export.folder import ExportFolder",
        "from audioguide.session.config import Config",
        "from audioguide.web.server import serve",
        "show = lambda text: print(text, flush=True)",
        f"serve(Config(), 0, {lan!r}, show, feed=[ExportFolder(Path({folder!r}))])",
    )
    return [sys.executable, "-c", "\n".join(lines)]


@pytest.fixture
def exported(tmp_path, capsys):
    folder = tmp_path / "exports"
    folder.mkdir()
    assert run(["export", "taster", "--to", str(folder), "--feed", "https://example.org/yoga"]) == 0
    return folder


def test_a_podcast_app_gets_the_sessions_of_page_and_folder(exported, tmp_path):
    (exported / "secret.txt").write_text("a secret")
    with PageServer(tmp_path, command=serving(str(exported), "127.0.0.2")) as server:
        assert server.ask("GET", "feed.xml").status == 200
        made = server.made("short-one", level="brief")
        body = server.get("feed.xml").body
        feed, items = feedparser.parse(body), ET.fromstring(body).findall("channel/item")
        assert not feed.bozo
        assert [entry.title for entry in feed.entries] == ["Short one (brief)", "Taster"]
        for entry, item in zip(feed.entries, items, strict=True):
            (enclosure,) = entry.enclosures
            assert enclosure.href.startswith(server.address), "below the secret"
            path = enclosure.href.removeprefix(server.address)
            whole = server.get(path)
            assert (len(whole.body), whole.headers["content-type"]) == (int(enclosure.length), "audio/mpeg")
            part = server.ask("GET", path, Range="bytes=100-199")
            assert (part.status, part.body) == (206, whole.body[100:200])
            for tag, kind in (("chapters", "application/json+chapters"), ("transcript", "text/vtt")):
                link = item.find(PODCAST + tag).get("url").removeprefix(server.address)
                reply = server.get(link)
                assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, kind)
                assert reply.body.startswith(b"WEBVTT") or json.loads(reply.body)["chapters"]
            assert server.get(entry.image.href.removeprefix(server.address)).body[:2] == b"\xff\xd8"
        for path in (
            "feed/folder/secret.txt",
            "feed/folder/.audioguide.json",
            "feed/folder/../../etc/passwd",
            "feed/x",
        ):
            assert server.get(path).status == 404
        bare = server.base
        server.base = "/"
        assert server.get("feed.xml").status == 404, "only with the secret"
        server.base = bare
        server.ask("DELETE", f"api/jobs/{made['job']}")
        assert [entry.title for entry in feedparser.parse(server.get("feed.xml").body).entries] == ["Taster"]
    assert urlsplit(server.address).hostname == "127.0.0.2"


def test_without_the_option_there_is_no_feed(tmp_path):
    with PageServer(tmp_path) as server:
        assert server.get("feed.xml").status == 404
    with PageServer(tmp_path, command=[sys.executable, "-m", "audioguide", "serve", "--port", "0", "--feed"]) as server:
        assert server.get("feed.xml").status == 200
        _, said = server.stop()
        assert f"For a podcast app: {server.address}feed.xml" in said
    assert run(["serve", "--feed", str(tmp_path / "nowhere")]) == 2
