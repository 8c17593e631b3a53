"""Files that `audioguide import` can make little of: what is read says so, and the rest is refused in one sentence."""

import io
import random
import re
import subprocess
import sys
import zipfile

import pytest

SAID = "Sit down on the mat, and close your eyes.\n\nPlank: 30 s\n"
CELLS = "".join(f"|{'b|' * 500}\n" for _ in range(30))


def zipped(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "<w>Sit</w>")
    return file.getvalue()


READ = {
    "utf-16.txt": SAID.encode("utf-16"),
    "utf-32.md": SAID.encode("utf-32"),
    "mark.csv": "\ufeffExercise,Hold\nPlank,30s\n".encode(),
    "old-lines.txt": SAID.replace("\n", "\r").encode(),
    "columns.md": f"|{'a|' * 500}\n|{'-|' * 500}\n{CELLS}".encode(),
    "ragged.csv": b"Exercise,Hold\nPlank\nSquat,20s,x,y,z\n,,,\n",
    "open-quote.csv": b'Exercise,Hold\n"Plank,30s\nSquat,20s\n',
    "backwards.txt": b"[1:00] Sit.\n[0:30] Stand.\n[2:00] Walk.\n",
    "backwards.srt": b"1\n00:00:10,000 --> 00:00:12,000\nB.\n\n2\n00:00:01,000 --> 00:00:03,000\nA.\n",
    "overlap.srt": b"1\n00:00:01,000 --> 00:00:09,000\nA.\n\n2\n00:00:02,000 --> 00:00:03,000\nB.\n",
    "ends-before.vtt": b"WEBVTT\n\n00:09.000 --> 00:03.000\nA.\n",
    "unclosed.html": b"<p>Sit down.<b>Now<i>lift",
    "unclosed.ssml": b"<speak>Sit.<break time='5s'>Stand",
    "unclosed.md": b"Sit **down. [Now](http://x.org `lift <b>up\n\n:::note\nDrink.\n\n```\nGo.\n",
    "entities.ssml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><speak>Sit &x; down.</speak>',
    "lengths.ssml": b"<speak>Sit.<break time='abc'/>Go.<break time='-5s'/>Up.<break time='1e99s'/>Down.</speak>",
    "lists.md": b"- " * 15 + b"Sit.\n",
    "front.md": b"---\ntitle: [a\n: :\n---\nSit.\n",
}
REFUSED = {
    "no-mark.txt": SAID.encode("utf-16-le"),
    "nul.txt": b"Sit down.\n\0\nGet up.\n",
    "binary.txt": random.Random(1).randbytes(5000),
    "binary.md": random.Random(2).randbytes(5000),
    "binary.csv": random.Random(3).randbytes(5000),
    "binary.srt": random.Random(4).randbytes(5000),
    "cut.txt": b"Schlie" + b"\xc3",
    "control.txt": b"Sit\x07 down.\n",
    "empty.txt": b"",
    "empty.srt": b"",
    "empty.vtt": b"WEBVTT\n",
    "empty.html": b"<html><head><title>A</title></head></html>",
    "empty.ssml": b"<speak/>",
    "pause.txt": b"[pause 10s]\n",
    "picture.md": b"![a](b.png)\n",
    "million.txt": b"word " * 200_000,
    "lines.md": b"a\n" * 1_000_000,
    "columns.csv": b"," * 1_000_000,
    "script.docx": zipped("word/document.xml"),
    "renamed.txt": zipped("word/document.xml"),
    "script.odt": zipped("content.xml"),
    "script.pdf": b"%PDF-1.7\n",
    "renamed.md": b"%PDF-1.4 and only letters\n",
    "script.rtf": b"{\\rtf1\\ansi Sit down.}",
    "rtf.txt": b"{\\rtf1\\ansi Sit down.}",
    "script.json": b'{"steps": []}',
}


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_a_routine(call, tmp_path, name):
    (tmp_path / name).write_bytes(READ[name])
    code, _, err = call("import", name, "-o", "made.yaml")
    assert code == 0, err
    assert call("check", "made.yaml")[0] == 0


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(call, tmp_path, name):
    (tmp_path / name).write_bytes(REFUSED[name])
    code, out, err = call("import", name, "-o", "made.yaml")
    assert (code, out) == (2, ""), err
    assert re.fullmatch(rf"{re.escape(name)}(:\d+:\d+:)? [^\n]+\. [A-Z][^\n]+[.?]( \[[\w-]+\])?\n", err)
    assert not (tmp_path / "made.yaml").exists()


@pytest.mark.parametrize(("name", "line"), [("backwards.txt", 2), ("backwards.srt", 5), ("overlap.srt", 5)])
def test_times_that_cannot_be_kept_are_told(call, tmp_path, name, line):
    (tmp_path / name).write_bytes(READ[name])
    assert re.search(rf"^{name}:{line}: ", call("import", name)[2], re.M)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_an_old_encoding_is_told(call, tmp_path, encoding):
    text = "Schließ die Augen, und atme langsam aus. Spür die Füße."
    (tmp_path / "old.txt").write_bytes(text.encode(encoding))
    code, out, err = call("import", "old.txt")
    assert "UTF-8" in err
    assert text in out if code == 0 else code == 2


_COUNT = """
import resource, subprocess, sys
command = [sys.executable, "-m", "audioguide", "import", sys.argv[1]]
code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="what a child process took is told otherwise there")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lines.txt", b"a\n" * 1_000_000),
        ("columns.md", b"|" * 450_000),
        ("columns.csv", b"a," * 225_000),
        ("lists.md", b"- " * 10_000 + b"a\n"),
        ("quotes.md", b">" * 10_000 + b"a\n"),
        ("brackets.txt", b"[" * 450_000),
        ("brackets.md", b"[" * 100_000),
        ("links.md", b"![[]()" * 70_000),
        ("stars.md", b"*a " * 130_000),
        ("comments.html", b"<!--" * 100_000),
        ("cells.html", b"<table><tr>" + b"<td>a" * 80_000),
        ("breaks.ssml", b"<speak>Sit." + b"<break time='1s'/>" * 20_000),
        ("numbers.txt", b"1-" * 220_000),
        ("doses.txt", b"3 x 10 s, " * 45_000),
        ("pauses.txt", b"Breathe... " * 40_000),
        ("sentences.txt", b"Lift your arm and hold for 10 seconds. " * 11_500),
        ("digits.txt", b"Plank: " + b"9" * 100_000 + b" s\n"),
    ],
)
def test_hostile_files_take_little_memory(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    # A small process starts it: a child's peak includes what its parent had.
    counted = subprocess.run([sys.executable, "-c", _COUNT, name], cwd=tmp_path, stdout=subprocess.PIPE, check=True)
    code, kilobytes = map(int, counted.stdout.split())
    assert code in (0, 2)
    assert kilobytes < 300_000
