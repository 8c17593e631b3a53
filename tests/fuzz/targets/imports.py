"""Imported texts of every form: what is read becomes a routine that is written, read back, compiled and held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audioguide.export import captions
from audioguide.routine.importers import ENDINGS
from audioguide.routine.importers.read_text import read_source
from audioguide.routine.importers.script import script_to_yaml, understand
from audioguide.routine.load import check_routine, load, require_valid
from audioguide.schema.document import parse_document
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from fuzz.target import Target
from fuzz.targets.routines import check, estimate

TEXTS = Path(__file__).parents[2] / "routine" / "importers"
WORDS = tuple(
    """
30 seconds|2 minutes|x 10|3 sets of 12|10 reps|per side|each side|rest 20s|hold|Hold for 30 s|pause|5 breaths|(1:30)|
[pause 10s]|...|---|===|###|# |## |- |* |1. |a) |> |```|`|**|__|<p>|<br/>|<break time="5s"/>|<prosody rate="slow">|</p>|
<script>|<!--|-->|&amp;|&#x41;|&#0;|&nbsp;|<table>|<td>|<speak>|00:00:01,000 --> 00:00:02,000|WEBVTT|NOTE|[00:12.34]|
[ti:A]|title: |language: de|author: |exercise,seconds|name;dose;rest|phrase;10|"|""|,|;|	|Sekunden|Minuten|je Seite|
Atemzüge|segundos|cada lado|respiraciones|secondes|chaque côté|respirations|halten|mantener|tenir|Pause|
Wiederholungen|repita|repeat|Repeat 3 times|EMOM|tabata|inhale 4, exhale 6|in for 4|out for 6|{pause 3s}|{next}|(optional)|[link](http://a.b)|
![i](x)|<img src=x>|half a minute|1/2 min|½ minute|ten seconds|zehn Sekunden|20-30 seconds|30″|2′|5×5|5x|×3|3 × 30 s
""".replace("\n", "").split("|")
)
FORMS = tuple(dict.fromkeys(ENDINGS))


def run(data: bytes) -> str:
    """Read as the form that the first line names; `any.txt` if it names none."""
    first, _, rest = data.partition(b"\n")
    ending = first.decode("latin-1").strip()
    raw, ending = (rest, ending) if ending in FORMS else (data, ".txt")
    script = understand(read_source(raw, f"any{ending}"))
    if len(raw) % 3 == 0:
        text = script_to_yaml(script)
        assert parse_document(text, "any.yaml").data == script.data, "written, it is another routine"
        _ = [*script.explain(80)], script.notes
    routine = require_valid(*check_routine(Path("any.yaml"), script))
    if len(raw) % 3 == 1:
        check(compile(routine, estimate, find_phrases("en")), routine)
    kinds = sorted({key for step in script.data["steps"] for key in step})
    return f"{ending} {script.data.get('language')} {kinds} {len(str(len(routine.steps)))}"


def seeds() -> Iterator[bytes]:
    """The texts that the tests import, each in its form, and captions of a shipped routine."""
    files = sorted(path for path in (*TEXTS.iterdir(), *(TEXTS / "corpus").iterdir()) if path.suffix in FORMS)
    for number, path in enumerate(files):
        head, text = path.suffix.encode() + b"\n", path.read_bytes()
        lines = text.splitlines(keepends=True)
        yield head + (text if number % 4 == 0 else b"".join(lines[:12]))  # short ones are many times as quick
        yield (head if number % 2 else b".txt\n") + b"".join(lines[len(lines) // 2 :][:8])
    timeline = compile(load("taster"), estimate, find_phrases("en"))
    for ending, write in ((".srt", captions.format_srt), (".vtt", captions.format_vtt), (".lrc", captions.format_lrc)):
        yield f"{ending}\n{write(timeline)}".encode()
    for ending in FORMS:
        yield f"{ending}\nBreathe in. (30 seconds)\n\nLift your leg, 3 x 10 each side, rest 20s.\n".encode()
    yield b".csv\nname,dose,rest\nBridge,3 x 30s,10s\nCat,10 reps,\n"
    yield b".txt\nBreathe in;4\nBreathe out;6\nRest;20\n"
    yield from (f".txt\n{sign * 20_000}".encode() for sign in ("İ", "ß", "א", "a", "1", "(", "-"))  # once, 5 s and more
    yield b".html\n" + b"1. \n" * 15_000
    yield b".md\n# Respirar\n" + "4. Mantén 4 segundos\n".encode() * 4000
    yield b".xml\nLift. " + b"(" * 30_000 + b" a.\nRest 5 s."
    yield b".txt\n{\\rtf1 Hello}"
    yield b".txt\nPK\x03\x04 a document"
    yield b".ssml\n<speak>Hello.<break time='3s'/><p><s>Lie down.</s></p></speak>"


TARGETS = [Target("imports", "imported texts", seeds, run, words=WORDS, share=5)]
