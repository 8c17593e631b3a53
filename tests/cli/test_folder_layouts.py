"""`export --to FOLDER` for others than phones: every format, servers of audio books, podcast feeds; and tidying up."""

import json
import os
import re
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import podcastparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen import File

from audioguide.export.feed import render_feed

TEXT = "title: {}\ndescription: For & from <me>\nlanguage: en\ntags: [mine]\nsteps:\n  - say: Hello.\n  - rest: 1s\n"
URL = "https://example.org/yoga-7ybn3"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "to").mkdir()
    return tmp_path / "to"


@pytest.fixture
def own(home):
    scripts = home / "scripts"
    scripts.mkdir(parents=True)
    for name in ("one", "two"):
        (scripts / f"{name}.yaml").write_text(TEXT.format(name.title()), "utf-8")
    return scripts


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".audioguide.json"}


@pytest.mark.parametrize(
    "ending", ["wav", *(pytest.param(e, marks=pytest.mark.slow) for e in ("m4a", "m4b", "opus", "flac"))]
)
def test_a_folder_in_every_format(call, own, folder, ending):
    how = ("export", "one", "--to", folder, "--format", ending, "--json")
    assert [json.loads(call(*how)[1])["written"] for _ in range(2)] == [True, False]
    assert names(folder) == {f"one.{ending}", "audioguide.m3u8", "cover.jpg"}
    seconds = round(File(folder / f"one.{ending}").info.length)
    assert f"#EXTINF:{seconds},{'one' if ending == 'wav' else 'One'}" in (folder / "audioguide.m3u8").read_text()
    (folder / f"one.{ending}").write_bytes(b"a sound of somebody else")
    assert "may not be from audioguide" in call(*how)[2]


def test_a_server_of_audio_books_gets_a_folder_for_each(call, own, folder):
    how = ("export", "one", "--to", folder, "--layout", "audiobookshelf", "--artist", "A/B: C")
    assert call(*how)[0] == call(*how, "--level", "brief")[0] == 0
    assert names(folder) == {
        f"A-B- C/{book}/{file}" for book in ("One", "One (brief)") for file in (f"{book}.mp3", "cover.jpg")
    }
    tags = File(folder / "A-B- C/One (brief)/One (brief).mp3")
    found = {key: str(tags[key]) for key in ("TALB", "TPE1", "TPE2", "TCOM", "TRCK", "COMM::eng")}
    assert found == {
        "TALB": "One (brief)",
        "TPE1": "A/B: C",
        "TPE2": "A/B: C",
        "TCOM": "Heart",
        "TRCK": "1",
        "COMM::eng": "For & from <me>",
    }
    (own / "three.yaml").write_text(TEXT.format("One"), "utf-8")  # of the same title
    name = json.loads(call("export", "three", *how[2:], "--json")[1])["file"]
    assert name.startswith(f"{folder}/A-B- C/One-")
    assert call(*how, "--prune")[1].startswith(f"{folder}/A-B- C/One (brief)/One (brief).mp3  removed")
    assert not (folder / "A-B- C/One (brief)").exists()


def test_only_what_was_put_there_and_is_not_asked_for_is_removed(call, own, folder):
    everything = ("export", "--all", "--tag", "mine", "--to", folder, "--captions", "vtt")
    call(*everything, "--level", "brief")
    call("export", "-o", folder / "friend.mp3", "one")
    (folder / "song.mp3").write_bytes(b"my own")
    (folder / "two brief.vtt").write_text("my own words")
    before = names(folder)
    (own / "two.yaml").write_text("title: [", "utf-8")
    code, out, _ = call(*everything, "--prune")
    assert (code, f"{folder}/one brief.mp3  removed" in out) == (2, True)
    gone = {"one brief.mp3", "one brief.vtt"}
    assert names(folder) == (before - gone) | {"one.mp3", "one.vtt"}, "what failed stays as well"
    (own / "two.yaml").unlink()
    assert f"{folder}/two brief.mp3  removed" in call(*everything, "--prune")[1]
    assert names(folder) == (before - gone - {"two brief.mp3"}) | {"one.mp3", "one.vtt"}


@pytest.mark.parametrize("name", ["../victim", "/etc/victim", "a/../../victim"])
def test_a_manifest_from_elsewhere_removes_nothing_elsewhere(call, own, folder, tmp_path, name):
    (tmp_path / "victim").write_bytes(b"victim")
    (folder / ".audioguide.json").write_text(json.dumps({name: [6, name, "one", "x", 1.0], "b": [1, "b"], "c": 3}))
    assert call("export", "one", "--to", folder, "--prune")[0] == 0
    (folder / ".audioguide.json").write_text(json.dumps({name: [6, name, "one", "x", 1.0]}))
    assert call("export", "one", "--to", folder, "--prune")[0] == 0
    assert (tmp_path / "victim").read_bytes() == b"victim"


def test_a_feed_is_read_by_podcast_libraries(call, own, folder, monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-11-30T12:00+00:00")
    assert call("export", "one", "--to", folder, "--feed", f"{URL}/")[0] == 0
    os.utime(folder / "one.mp3", (1_700_000_000, 1_700_000_000))
    assert call("export", "one", "--to", folder, "--level", "brief", "--artist", "Ada")[0] == 0, "the feed is kept"
    feed = feedparser.parse((folder / "feed.xml").read_bytes())
    assert (feed.bozo, feed.feed.title, feed.feed.language) == (False, "to", "en")
    assert (feed.feed.itunes_block, feed.feed.podcast_locked) == (1, "yes")
    brief, plain = feed.entries
    assert (brief.title, plain.title, plain.summary) == ("One (brief)", "One", "For &amp; from &lt;me&gt;")
    assert brief.author == "Ada"
    (enclosure,) = brief.enclosures
    sound = folder / "one brief.mp3"
    assert (enclosure.href, enclosure.type) == (f"{URL}/one%20brief.mp3", "audio/mpeg")
    assert int(enclosure.length) == sound.stat().st_size
    with (folder / "feed.xml").open("rb") as file:
        first = podcastparser.parse(f"{URL}/feed.xml", file)["episodes"][0]
    assert (first["total_time"], first["episode_art_url"]) == (round(File(sound).info.length), f"{URL}/one%20brief.jpg")
    podcast, found = "{https://podcastindex.org/namespace/1.0}", ET.parse(folder / "feed.xml").find("channel/item")
    links = {
        found.find(podcast + one).get("type"): found.find(podcast + one).get("url")
        for one in ("chapters", "transcript")
    }
    assert links == {
        "application/json+chapters": f"{URL}/one%20brief.chapters.json",
        "text/vtt": f"{URL}/one%20brief.vtt",
    }
    assert found.findtext(f"{podcast}person") == "Ada"
    for one in ("chapters.json", "vtt", "jpg", "mp3"):
        assert (folder / f"one brief.{one}").is_file()


def test_a_feed_keeps_the_rules_of_the_rss_board(call, own, folder):
    """https://www.rssboard.org/rss-profile"""
    assert call("export", "--all", "--tag", "mine", "--to", folder, "--feed", URL)[0] == 0
    rss = ET.parse(folder / "feed.xml").getroot()
    (channel,) = rss
    assert (rss.tag, rss.get("version"), len(channel.findall("item"))) == ("rss", "2.0", 2)
    assert all(channel.findtext(tag) for tag in ("title", "link", "description", "language", "pubDate"))
    assert channel.find("{http://www.w3.org/2005/Atom}link").get("href") == f"{URL}/feed.xml"
    assert [channel.findtext(f"image/{tag}") for tag in ("title", "link")] == ["to", f"{URL}/"]
    dates = [parsedate_to_datetime(date.text) for date in rss.iter("pubDate")]
    assert dates == sorted(dates, reverse=True)
    assert all(date.tzinfo for date in dates)
    assert len({guid.text for guid in rss.iter("guid") if guid.get("isPermaLink") == "false"}) == 2
    links = [*(link for one in rss.iter() for key in ("url", "href") if (link := one.get(key))), *channel.itertext()]
    for link in (text for text in links if "/" in text and "<" not in text):
        assert urlsplit(link).scheme == "https"
        assert not re.search(r"[^\x21-\x7e]", link)
    assert all(int(one.get("length")) > 10_000 and one.get("type") == "audio/mpeg" for one in rss.iter("enclosure"))


def test_the_same_session_keeps_its_guid_and_date_and_a_changed_one_is_new(call, own, folder):
    def entries():
        return {
            one.title: (one.id, one.published) for one in feedparser.parse((folder / "feed.xml").read_bytes()).entries
        }

    how = ("export", "one", "--to", folder)
    call(*how, "--feed", URL)
    before = entries()
    os.utime(folder / "one.mp3", (1_700_000_000, 1_700_000_000))
    call(*how, "--bitrate", "64k")
    assert entries() == before, "made again"
    (own / "one.yaml").write_text(TEXT.format("One").replace("Hello", "Good day"), "utf-8")
    call(*how)
    assert entries()["One"][0] != before["One"][0]


@given(st.text(min_size=1), st.text())
def test_a_feed_of_any_words_is_whole(title, description):
    ET.fromstring(render_feed(f"{URL}/feed.xml", title, {}).decode())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "m4b"), "Add --to FOLDER."),
        (("--prune",), "Add --to FOLDER."),
        (("--to", "to", "--feed", "example.org"), "Write it as https://example.org/yoga-7ybn3/."),
        (
            ("--to", "to", "--feed", f"{URL}?token=1"),
            "'https://example.org/yoga-7ybn3?token=1' is no address of a folder.",
        ),
        (("--to", "to", "--feed", URL, "--format", "wav"), "Choose another --format."),
        (("--to", "to", "--format", "ogg"), "'ogg'"),
    ],
)
def test_what_is_no_folder_or_feed_is_a_sentence(call, own, folder, arguments, said):
    code, out, err = call("export", "one", *arguments)
    assert (code, out, said in err) == (2, "", True), err
    assert names(folder) == set()
