"""The one-file page as a file: what is in it, that no text can break out of it, and that it can be opened again."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tagged import PICTURES

from audioguide.errors import RequestError
from audioguide.export.formats import FORMATS, find_payload, read_label
from audioguide.export.tags import Tags
from audioguide.export.tags.one_file import bundle_script
from audioguide.export.writer import write_tags
from audioguide.session.open import open_session
from audioguide.session.preset import find_sound

ROUTINE = """\
title: Two <b>poses</b> & a rest
language: de
defaults: {background: none, voice: pico-de, level: brief, breath: 2-2}
steps:
  - pose: {name: "Stehen </script>", instructions: Steh auf., hold: 6s, limits: 5s..40s}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "audioguide", *words], cwd=folder, capture_output=True, text=True)


class Reader(HTMLParser):
    """What a browser finds: elements with their attributes, and the text in each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, attributes := dict(attrs)))
        self.inside = attributes.get("id") or attributes.get("type") or tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        self.texts[self.inside] = self.texts.get(self.inside, "") + data

    def data(self, name: str):
        return json.loads(self.texts[name])

    def find(self, tag: str) -> dict[str, str | None]:
        (found,) = (attributes for name, attributes in self.elements if name == tag)
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A session as a page and as an MP3, made by one command each."""
    folder = tmp_path_factory.mktemp("one-file")
    (folder / "zwei.yaml").write_text(ROUTINE, "utf-8")
    session = open_session(str(folder / "zwei.yaml"))
    for name in ("zwei.html", "zwei.mp3"):
        session.export(folder / name)
    return folder


@pytest.fixture(scope="module")
def page(folder) -> Reader:
    return Reader((folder / "zwei.html").read_text("utf-8"))


def test_it_has_the_sound_of_the_mp3_and_is_little_larger(folder, page):
    kind, text = page.find("audio")["src"].split(",")
    sound = base64.b64decode(text, validate=True)
    assert kind == "data:audio/mpeg;base64"
    assert (folder / "zwei.mp3").read_bytes().endswith(sound)
    assert (folder / "zwei.html").stat().st_size < 4 / 3 * len(sound) + 550_000  # the cover, the player, the figures


@pytest.mark.slow
def test_eighteen_minutes_are_at_most_two_fifths_larger_than_their_sound(tmp_path):
    poses = "[{pose: childs-pose, hold: 1:00}, {pose: cat-cow, hold: 6 breaths}, {pose: bridge, reps: 10}]"
    (tmp_path / "long.yaml").write_text(
        f"title: Long\ndefaults: {{breath: 4-6}}\nsteps: [{{repeat: 6, steps: {poses}}}]\n"
    )
    session = open_session(str(tmp_path / "long.yaml"))
    assert session.export(tmp_path / "long.html").frames > 17 * 60 * 44_100
    sound = Reader((tmp_path / "long.html").read_text("utf-8")).find("audio")["src"].split(",")[1]
    assert (tmp_path / "long.html").stat().st_size < 1.4 * len(base64.b64decode(sound))


def test_it_may_ask_for_nothing_and_run_nothing_but_its_own_script(folder, page):
    assert [name for name, attributes in page.elements if {"src", "href"} & attributes.keys()] == [
        "link",
        "img",
        "audio",
    ]
    for _, attributes in page.elements:
        assert (attributes.get("src") or attributes.get("href") or "data:").startswith("data:")
        assert "style" not in attributes
    (policy,) = (attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for name, text in (("script-src", page.texts["module"]), ("style-src", page.texts["style"])):
        assert rules[name] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert rules["default-src"] == "'none'"
    assert not {"connect-src", "frame-src", "worker-src"} & rules.keys()
    assert str(folder) not in (folder / "zwei.html").read_text("utf-8")  # no path leaves this machine


def test_without_scripts_it_has_title_cover_transcript_and_controls(page):
    assert "controls" in page.find("audio")
    assert page.texts["h1"].strip() == "Two <b>poses</b> & a rest"
    assert "Steh auf." in page.texts["pre"]
    assert base64.b64decode(page.find("img")["src"].split(",")[1])[:3] == b"\xff\xd8\xff"
    assert page.find("html")["lang"] == "de"


def test_it_speaks_the_language_of_the_session(page):
    data = page.data("page")
    assert (data["language"], [*data["words"]]) == ("de", ["de"])
    assert data["words"]["de"] == json.loads(Path("audioguide/web/page/words/de.json").read_text("utf-8"))


def test_it_can_be_opened_again_as_an_exported_file(folder, page):
    assert find_sound(folder / "zwei.html") == folder / "zwei.html"
    label, other = read_label(folder / "zwei.html"), read_label(folder / "zwei.mp3")
    assert (label.id, label.title) == (other.id, other.title)
    again = open_session(str(folder / "zwei.html"))
    assert again.routine.title == "Two <b>poses</b> & a rest"
    again.export(folder / "again.html")
    assert Reader((folder / "again.html").read_text("utf-8")).find("audio") == page.find("audio")


def test_a_picture_of_ones_own_comes_back_out_of_it(folder):
    (folder / "own.jpg").write_bytes(PICTURES[20 * 1152])
    for source, target in (("zwei.yaml", "own.html"), ("own.html", "copy.html")):
        cover = ["--cover", "own.jpg"] if source == "zwei.yaml" else []
        assert run(folder, "export", source, *cover, "-o", target).returncode == 0
    pages = [Reader((folder / name).read_text("utf-8")) for name in ("zwei.html", "own.html", "copy.html")]
    drawn, own, copied = (page.find("img")["src"] for page in pages)
    assert own == copied != drawn


def test_other_html_is_a_script(tmp_path):
    script = tmp_path / "script.html"
    script.write_text("<h1>Calm</h1><p>Lie down.</p>")
    assert find_sound(script) is None
    with pytest.raises(RequestError, match="not made by audioguide"):
        find_payload(script)
    (tmp_path / "damaged.html").write_bytes(b'<script id="session" type="application/json">{"format": 1')
    assert find_sound(tmp_path / "damaged.html") is None


@given(st.text(max_size=60), st.text(max_size=60))
@example("</script><script>alert(1)</script>", "<!-- <script>")
@example("\u2028\u2029 ]]> {{sound}} {{script}} \\u003c", '" onload="alert(1)')
@example("\ud800 \x00\r\n", "&amp; &lt; é 🧘")
def test_no_text_breaks_out_of_it(tmp_path_factory, title, text):
    path = tmp_path_factory.mktemp("any") / "any.html"
    path.write_bytes(b"sound")
    payload = json.dumps({"title": title, "id": text}).encode()
    timeline = {"title": title, "cues": [{"text": text}]}
    tags = Tags(title, 1, transcript=text, payload=payload, page=lambda: {"timeline": timeline})
    write_tags(path, FORMATS[".html"], tags)
    written = path.read_text("utf-8")
    reader = Reader(written)
    names = "html head meta meta meta meta title link style script body header img h1 main p noscript pre"
    assert [name for name, _ in reader.elements] == [*names.split(), "script", "noscript", "audio", "script"]
    assert reader.data("page")["timeline"] == timeline
    assert json.loads(find_payload(path)) == json.loads(payload)
    assert base64.b64decode(reader.find("audio")["src"].split(",")[1]) == b"sound"
    assert "<!--" not in written
    assert len(re.findall("<script", written)) == len(re.findall("</script", written)) == 3


def test_its_script_is_the_modules_of_the_page_without_a_build():
    """The few lines that join modules know no other forms of import and export than these."""
    script = bundle_script("one-file.js").removesuffix("$load('one-file.js');\n")
    assert not re.search(r"^\s*(import|export)\b|\bimport\(|^await|</script|<!--", script, re.MULTILINE)
    head, *parts = re.split(r"^\$make\['([\w.-]+)'\] = ", script, flags=re.MULTILINE)
    parts = dict(zip(parts[::2], parts[1::2], strict=True))
    assert script.count("$make") == len(parts) + head.count("$make")  # the names that join them are none of theirs
    assert {"player.js", "words.js", "one-file.js"} <= parts.keys()
    needs = {name: set(re.findall(r"\$load\('([\w.-]+)'\)", part)) for name, part in parts.items()}
    assert set().union(*needs.values()) == parts.keys() - {"one-file.js"}
    assert [*TopologicalSorter(needs).static_order()][-1] == "one-file.js"  # there is no circle


def test_without_pictures_it_has_no_figures(tmp_path):
    (tmp_path / "a.yaml").write_text("title: A\ndefaults: {voice: pico-us}\nsteps: [{pose: childs-pose, hold: 6s}]\n")
    session = open_session(str(tmp_path / "a.yaml"))
    for name, pictures in (("with.html", True), ("without.html", False)):
        session.export(tmp_path / name, pictures=pictures)
    with_them, without = (Reader((tmp_path / name).read_text("utf-8")) for name in ("with.html", "without.html"))
    assert with_them.data("page")["figures"]["drawings"]
    assert without.data("page")["figures"] == {"steps": {}, "drawings": []}


def test_the_command_says_what_a_page_cannot(folder):
    done = run(folder, "export", "zwei.yaml", "-o", "t.html", "--loudness")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--loudness measures a sound file.")
    assert not (folder / "t.html").exists()
