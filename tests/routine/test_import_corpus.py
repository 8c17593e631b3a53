"""Whole scripts in the styles, forms and languages that people have; `import_corpus.yaml` says what each is."""

import html
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from shutil import copy

import pytest
from imported import KEYS, Imported, call, check, words
from ruamel.yaml import YAML

FOLDER = Path(__file__).parent / "importers"
WANTED = YAML(typ="safe").load(Path(__file__).with_name("import_corpus.yaml"))
TIMING = set(
    words("""
    hold stay rest pause gap silence repeat times time reps rep repetitions set sets round rounds each every per
    both side sides leg legs arm hand direction directions between second seconds sec secs s min mins minute
    minutes half a for x breaths work on off one two three ten long short couple few do inhale exhale breathe in
    out and left right once l r halte halten sie sekunden sek minute minuten min pause stille eine halbe je pro
    seite jede jeder auf bein wdh mal wiederholen wiederholungen sätze satz à dazwischen kurze lange runden
    belastung bleib bleiben atemzüge atemzug mantén segundos minuto minutos pausa silencio de corta larga repite
    veces series repeticiones por pierna cada lado descanso entre descansa trabajo rondas respiraciones inhala
    exhala tenez tiens secondes minute par jambe chaque côté séries répétitions repos silence courte longue
    restez box relax change of more twice holding by
""")
)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")

    @lru_cache
    def import_script(name):
        return Imported(Path(copy(FOLDER / "corpus" / name, folder)))

    return import_script


def every_script(test):
    return pytest.mark.parametrize("name", sorted(path.name for path in (FOLDER / "corpus").iterdir()))(test)


@every_script
def test_what_it_is(name, scripts):
    assert WANTED[name].keys() <= KEYS
    check(scripts(name), WANTED[name])


@every_script
def test_it_is_a_routine_that_plays(name, scripts):
    found = scripts(name)
    assert found.code == 0, found.told
    code, out, _ = call("check", found.file)
    assert code == 0 or re.fullmatch(r".* There are no prompts in the language 'fr'\..*\n", out)
    assert found.onsets()
    assert max([0, *found.holds]) <= 180
    spoken = " ".join(found.texts)
    assert not re.search(r"https?:|www\.|[*_#|<>\\\[\]]|-->|\d:\d\d\b|&\w+;|\bnull\b", spoken), spoken
    assert len(set(found.told)) == len(found.told)


@every_script
def test_no_word_is_lost(name, scripts):
    """Each word is said, or a name, a title, a chapter or told, as often as it is written; or it says a time.

    The names of columns are used.
    """
    found = scripts(name)
    data = found.data
    sides = [side for step in data["steps"] for side in (step.get("pose") or {}).get("sides", ())]
    kept = [
        data["title"],
        data["title"],
        *found.chapters,
        *map(str, (data.get("source"), data.get("language"))),
        *sides,
    ]
    there = Counter(words(" ".join([*found.texts, *kept])))
    for line in found.told:
        told, _, also = line.partition(", also in line ")
        for _ in range(1 + len(also.split())):
            there.update(words(told))
    written = Counter(word for word in words(plain_text(name)) if word not in TIMING and not word[0].isdigit())
    assert not written - there


def plain_text(name):
    """The words of a script without what only machines read: tags, positions, styles, numbers of captions."""
    text = (FOLDER / "corpus" / name).read_text("utf-8-sig")
    ending = name.rpartition(".")[2]
    text = re.sub(r"<tr><th>.*", "", text)
    if ending in ("html", "ssml") or "<speak" in text:
        text = re.sub(r"(?s)<(style|script)\b.*?</\1>|<[?!]?[a-zA-Z/](?:[^>\"]|\"[^\"]*\")*>|<\?.*?\?>", " ", text)
    if ending in ("srt", "vtt"):
        text = re.sub(
            r"(?m)^\d+$|^.*-->.*$|</?[\w.]+( \w+)?>|\{\\\w+\}|^(WEBVTT|NOTE|STYLE)|(?s:^::cue \{.*?\})", " ", text
        )
    if text.startswith("---\n"):
        text = re.sub(r"(?m)^(title|author): ", "", text)
    text = text.partition("\n")[2] if ending in ("csv", "tsv") and name != "desk.csv" else text
    text = re.sub(r"(?m)^\|.*\|$\n(?=\|[-:| ]+\|$)", "", text)
    if ending == "lrc":
        text = re.sub(r"\[\d\d:[\d.]+\]|\[(ti|ar|al|by|length):", " ", text)
    return html.unescape(text)


@every_script
def test_explain_has_every_line(name, scripts):
    code, out, _ = call("import", "--explain", scripts(name).file.with_suffix(Path(name).suffix))
    assert code == 0
    shown = Counter(words(out))
    assert not Counter(words((FOLDER / "corpus" / name).read_text("utf-8-sig"))) - shown


def test_a_paragraph_in_one_long_line_is_said_and_nothing_else_is_told(tmp_path):
    names = ("toes", "heels", "soles", "ankles", "shins", "calves", "knees", "thighs", "hips", "ribs", "hands", "lips")
    path = tmp_path / "scan.txt"
    path.write_text(" ".join(f"Now feel your **{name}**, and let them be." for name in names) + " (music) Good.\n")
    assert Imported(path).told == ["left out: line 1: a direction “(music)”"]
