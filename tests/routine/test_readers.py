"""Bytes to blocks: every form, what is left out and why, what is refused, and that no word is lost."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from audioguide.errors import RequestError, RoutineError
from audioguide.routine.importers.read_text import read_script_source, read_source
from audioguide.routine.importers.script import parse_script


def read(text, ending="md"):
    return read_source(text if isinstance(text, bytes) else text.encode(), f"script.{ending}")


def blocks(text, ending="md"):
    """Each block in a line: its kind, level and mark, and its words."""
    shown = []
    for block in read(text, ending).blocks:
        words = " / ".join(line.text for line in block.lines)
        if block.kind == "time":
            words = f"{block.start:g}" + (f"-{block.end:g}" if block.end is not None else "")
        if len(block.columns) == len(block.lines) > 0:
            words = " / ".join(
                f"{name.text}={line.text}" for name, line in zip(block.columns, block.lines, strict=True)
            )
        shown.append(
            " ".join(filter(None, (block.kind + (str(block.level) if block.level else ""), block.mark, words)))
        )
    return shown


def left_out(text, ending="md"):
    return [f"{part.place.line}: {part.why}: {part.text}" for part in read(text, ending).left_out]


CASES = yaml.safe_load((Path(__file__).parent / "reader_cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_blocks(name):
    case = CASES[name]
    assert blocks(case["text"], case["form"]) == case["blocks"]


LEFT_OUT = {
    "![A b\nc](d.png) Sit.": ["1: a picture: ![A b c](d.png)"],
    "See [this](https://x.org/a_(b)) (www.y.org), <https://z.org>.": [
        "1: an address: https://x.org/a_(b)",
        "1: an address: (www.y.org)",
        "1: an address: <https://z.org>",
    ],
    "See [this\npage][1].\n\n[1]: http://x.org 'T'": [
        "4: the address of a link: [1]: http://x.org 'T'",
    ],
    "Sit.[^a]\n\n[^a]: Or stand.\n    Or lie.": ["1: a footnote: [^a]", "3: a footnote: [^a]: Or stand. Or lie."],
    "# Sit {#id .c}\n\n\\newpage\n\nGo.\\": ["1: an attribute: {#id .c}", "3: LaTeX: \\newpage"],
    "Sit <!-- not\nthis --> down.": ["1: a comment: <!-- not this -->"],
    "Sit. <!-- and\n\nnever": ["1: a comment that is never closed: <!-- and never"],
    "Sit.\n```python\nx = 1\n```\n": ["2: code: python x = 1"],
    "Sit <kbd>now</kbd> <slowly>": ["1: a tag: <slowly>"],
    "Sit <sub alias='one'>1</sub>": ["1: its words in writing: 1"],
}


@pytest.mark.parametrize("text", LEFT_OUT)
def test_what_is_left_out_is_told_with_its_words(text):
    assert left_out(text) == LEFT_OUT[text]
    assert "Sit" in " ".join(blocks(text)) or "See" in " ".join(blocks(text))


def test_what_is_left_out_of_a_page_on_one_line():
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><nav><a href='/'>Home</a></nav><p>Sit &amp; see x.</p></html>"
    assert left_out(page, "html") == ["1: no part of the text: Home"]
    script = parse_script(page, "page.html")
    assert [str(one) for one in script.assumptions] == ["left out: line 1: no part of the text “Home”"]


def test_lines_keep_their_places_and_emphasis():
    source = read("Read **this or\n   that *now*** aloud.\n\n- [ ] A `b`\n", "md")
    first, second = source.blocks[0].lines
    assert (first.text, first.bold, first.place[1:3]) == ("Read this or", ((5, 12),), (1, 1))
    assert (second.text, second.bold, second.italic) == ("that now aloud.", ((0, 8),), ((5, 8),))
    assert second.place[1:3] == (2, 4)
    assert source.blocks[1].lines[0].place[1:3] == (4, 7)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_encodings(encoding):
    assert blocks("Grüße – नमस्ते\r\nZwei\rDrei".encode(encoding), "txt") == ["paragraph Grüße – नमस्ते / Zwei / Drei"]


def test_an_old_encoding_of_western_europe_is_read_and_told():
    source = read("Sitz.\nAtme “ruhig”, José.".encode("cp1252"), "txt")
    assert source.blocks[0].lines[1].text == "Atme “ruhig”, José."
    assert [str(note.place) for note in source.notes] == ["script.txt:2:1"]
    assert "UTF-8" in source.notes[0].message


REFUSED = {
    "a.docx": (b"PK\x03\x04...", "Word"),
    "a.txt": (b"%PDF-1.7", "PDF"),
    "b.txt": (b"{\\rtf1 Sit.}", "RTF"),
    "b.odt": (b"Sit.", "OpenDocument"),
    "c.txt": (b'{"say": ["Sit."]}', "JSON"),
    "c.json": (b"Sit.", "JSON"),
    "d.txt": (b"Sit\0down", "no text"),
    "e.txt": ("Sit.".encode("utf-16")[2:], "UTF-16"),
    "f.txt": ("Привет, мир".encode("cp1251"), "UTF-8"),
    "g.txt": ("Grüße".encode()[:3], "breaks off"),
    "h.txt": (b"Sit\x1b[0m", "control character"),
    "i.csv": (b'a,"' + b"b" * 200_000 + b'"', "table"),
    "j.txt": (b"a\n" * 20_001, "lines"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_text_is_refused_with_what_to_do(name):
    content, why = REFUSED[name]
    with pytest.raises(RoutineError) as caught:
        read_source(content, name)
    (problem,) = caught.value.problems
    assert why in problem.message
    assert problem.hint
    assert problem.place.file == name


def test_a_file_that_is_missing_or_too_large(tmp_path):
    with pytest.raises(RequestError, match="no file"):
        read_script_source(tmp_path / "none.md")
    large = tmp_path / "large.md"
    large.write_bytes(b"a" * 500_001)
    with pytest.raises(RoutineError, match="500 kB"):
        read_script_source(large)


PIECES = st.sampled_from(
    "Sit down. ** * _ ` ``` \n \n\n #\xa0 -\xa0 1.\xa0 >\xa0 [ ]( ) ![ < > <b> </p> <li> <!-- --> [0:10]".split(" ")
    + '&amp; \\ ~~ --- === ;10 , " {#a} ::: [^1] [^1]: https://a.b/c 0:00\xa0'.split(" ")
    + "00:01.0-->00:02.0 \xa0\xa0\xa0\xa0 é नमस्ते | |-|".split(" ")
)
ENDINGS = st.sampled_from(["md", "txt", "html", "ssml", "srt", "vtt", "lrc", "csv", "tsv"])


@given(st.lists(PIECES, max_size=30).map("".join), ENDINGS)
def test_no_word_is_lost(text, ending):
    try:
        source = read(text, ending)
    except RoutineError:
        return
    found = [line.text for block in source.blocks for line in block.lines] + [part.text for part in source.left_out]
    found += [word for block in source.blocks for word in (*(name.text for name in block.columns), block.mark)]
    lost = Counter(re.findall(r"Sit|down|é|नमस्ते", text)) - Counter(re.findall(r"Sit|down|é|नमस्ते", " ".join(found)))
    assert not lost
    assert all(1 <= line.place.line <= len(source.rows) for block in source.blocks for line in block.lines)


@given(st.binary(max_size=200), ENDINGS)
@example(b"\xef\xbb\xbf\xed\xa0\x80", "md")
def test_any_bytes_are_read_or_refused(content, ending):
    try:
        read_source(content, f"a.{ending}")
    except RoutineError as error:
        assert all(problem.message.endswith(".") and problem.hint for problem in error.problems)
