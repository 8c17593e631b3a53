"""What a session says by itself, and that all of it comes from the file of its language."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from fakes import FakeVoice

from audioguide.errors import SourceLocation
from audioguide.model.cues import USUAL
from audioguide.model.notation import parse_pattern
from audioguide.model.options import Options
from audioguide.model.routine import BreatheStep, Length
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.session.lint_text import load_patterns
from audioguide.system import paths
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import LanguageTexts, Phrases, find_phrases

EN, DE, ES = find_phrases("en"), find_phrases("de"), find_phrases("es")


def breathing(pattern, to=None):
    return BreatheStep(1, SourceLocation("", 1, 1), parse_pattern(pattern), 8, to=to and parse_pattern(to))


@pytest.mark.parametrize(
    ("seconds", "english", "german", "spanish"),
    [
        (1, "one second", "eine Sekunde", "un segundo"),
        (12, "twelve seconds", "zwölf Sekunden", "doce segundos"),
        (45, "45 seconds", "45 Sekunden", "45 segundos"),
        (60, "one minute", "eine Minute", "un minuto"),
        (61, "one minute and one second", "eine Minute und eine Sekunde", "un minuto y un segundo"),
        (150, "two minutes and 30 seconds", "zwei Minuten und 30 Sekunden", "dos minutos y 30 segundos"),
        (2.5, "2.5 seconds", "2,5 Sekunden", "2,5 segundos"),
        (33.4, "33 seconds", "33 Sekunden", "33 segundos"),
        (73.4, "one minute and fifteen seconds", "eine Minute und fünfzehn Sekunden", "un minuto y quince segundos"),
    ],
)
def test_lengths_of_time(seconds, english, german, spanish):
    assert EN.duration(Length(seconds)) == english
    assert DE.duration(Length(seconds)) == german
    assert ES.duration(Length(seconds)) == spanish


def test_breaths_have_a_plural():
    for known, one, five in (
        (EN, "one breath", "five breaths"),
        (DE, "einen Atemzug", "fünf Atemzüge"),
        (ES, "una respiración", "cinco respiraciones"),
    ):
        assert known.duration(Length(1, "breaths")) == one
        assert known.duration(Length(5, "breaths")) == five


def test_names_and_chapters():
    counted = replace(USUAL, rounds="on")
    assert EN.name("Pigeon", "left leg", 2, 3, counted) == "Pigeon, left leg. Round two of three."
    assert DE.name("Taube", "linkes Bein", 2, 3, counted) == "Taube, linkes Bein. Runde zwei von drei."
    assert ES.name("Paloma", "pierna izquierda", 2, 3, counted) == "Paloma, pierna izquierda. Ronda dos de tres."
    assert DE.name("Taube", None, 1, 1, USUAL) == "Taube."
    assert [known.title("P", 1, 2) for known in (EN, DE, ES)] == [
        "P, round 1 of 2",
        "P, Runde 1 von 2",
        "P, ronda 1 de 2",
    ]
    assert [known.texts.introduction for known in (EN, DE, ES)] == ["Introduction", "Einleitung", "Introducción"]
    assert DE.breathing_title(breathing("4-7-8")) == "Atmen 4-7-8"


def test_breathing_is_announced_phase_by_phase():
    box = breathing("4-7.5-8-2")
    assert EN.breathing(box) == "Now we breathe together. In for four. Hold for 7.5. Out for eight. Hold for two."
    assert DE.breathing(box).endswith("Einatmen auf vier. Halten auf 7,5. Ausatmen auf acht. Leer bleiben auf zwei.")
    assert ES.breathing(box).endswith("Retén el aire durante 7,5. Exhala en ocho. Haz una pausa de dos.")


def test_a_ladder_is_announced_by_both_ends_and_what_follows_by_one_word():
    ladder, sigh = breathing("4-4", "6-8"), breathing("2+1-6")
    assert EN.breathing(ladder) == (
        "Now we breathe together. We start with in for four, out for four. "
        "Breath by breath we move to in for six, out for eight."
    )
    assert DE.breathing(ladder).endswith(
        "Wir beginnen so: einatmen auf vier, ausatmen auf vier. "
        "Atemzug für Atemzug geht es bis: einatmen auf sechs, ausatmen auf acht."
    )
    assert ES.breathing(sigh, follows=True) == "Y ahora: inhala en dos, un poco más en uno, exhala en seis."
    assert EN.breathing(ladder, follows=True).startswith("And now, in for four, out for four. Breath by breath")
    assert DE.breathing_title(ladder) == "Atmen 4-4 → 6-8"
    bare = {"again", "last_round", "halfway_session"}  # a language of somebody's own that has none of these
    data = EN.texts.model_dump(
        by_alias=True, exclude={**dict.fromkeys(bare, True), "breathing": {"start", "then", "end", "more"}}
    )
    own = Phrases(LanguageTexts.model_validate(data))
    assert own.breathing(sigh, follows=True) == "In for two, in for one, out for six."
    assert own.name("Pigeon", None, 2, 3, USUAL) == "Pigeon. Round two of three."


def test_in_and_out_go_in_pairs_and_go_round():
    for known in (EN, DE, ES):
        pairs = list(zip(known.texts.breath.inhale.full, known.texts.breath.exhale.full, strict=True))
        here = known.for_step(3)
        heard = [(here.breath("in", None, n)[0], here.breath("out", None, n)[0]) for n in range(12)]
        assert set(heard) == set(pairs)
        assert all(one != next for one, next in pairwise(heard))


def test_own_words_for_the_breath_stay_and_are_shortened_to_the_sessions():
    assert DE.for_step(3).breath("in", "Heb die Brust.", 5) == ("Heb die Brust.", "Ein.")


@pytest.mark.parametrize("path", paths.routine_files().values(), ids=lambda path: path.stem)
def test_no_two_neighbours_are_worded_alike(path):
    """In shipped routines: what is said of a kind, by holds and rests at most two steps apart."""
    routine = customise(load(path), Options()).routine
    phrases = find_phrases(routine.language)
    cues = list(compile(routine, FakeVoice().measure, phrases).cues)
    assert {cue.text for cue in cues if cue.role == "ten"} <= {phrases.texts.ten}, "waited for, so always said alike"
    assert {cue.text for cue in cues if cue.role == "countdown"} <= {*phrases.texts.countdown}
    half = [cue for cue in cues if cue.role == "halfway"]
    assert not [one.text for one, two in pairwise(half) if one.text == two.text and two.step - one.step <= 2]
    voiced = [cue for cue in cues if cue.role == "breath"]
    in_hold = [
        (one, two)
        for one, two in pairwise(voiced)
        if (one.step, one.side, one.round) == (two.step, two.side, two.round)
    ]
    assert all(one.text != two.text for one, two in in_hold)


def test_a_chapter_keeps_its_words_when_those_before_it_change(write):
    steps = (
        "title: t\nsteps:\n"
        + "  - {pose: {name: P, sides: [a, b], hold: %s, limits: 1s..90s, breath: 4-6}, rounds: 3}\n" * 4
    )

    def said(*lengths):
        cues = compile(load(write(steps % lengths)), FakeVoice().measure, EN).cues
        return [(cue.role, cue.text) for cue in cues if cue.step == 4 and cue.text]

    assert said("20s", "30s", "40s", "40s") == said("5s", "11s", "80s", "40s")
    whole = load(write(steps % ("20s", "30s", "40s", "40s")))
    skipped = customise(whole, Options(skip=("2",))).routine
    cues = compile(skipped, FakeVoice().measure, EN).cues
    assert said("20s", "30s", "40s", "40s") == [(cue.role, cue.text) for cue in cues if cue.step == 4 and cue.text]


FOREIGN = """\
title: ж
language: xx
steps:
  - say: "Жж {next} жж."
  - breathe: {pattern: 4.5-2-6-1, rounds: 7}
  - say: "Жж {pose}, {next}."
  - pose:
      {name: Жжж, sides: [жа, жо], instructions: "{pose} {next} {hold} {side} {round} {rounds}.", hold: 75s,
       limits: 1s..200s, breath: 4-6}
    rounds: 2
    rest: 9s
  - rest: 20s
  - pose: {name: Жи, reps: 25, tempo: 1-1-1}
  - rest: 20s
  - pose: {name: Жу, hold: 3 breaths, breath: 2-2-2-2, breath_words: {in: "жь {hold}", out: жы}}
  - rest: 5s
  - pose: {name: Же, hold: 8s, limits: 1s..90s, release: "Жж {next}."}
"""


@pytest.mark.parametrize("level", ["brief", "normal", "full"])
@pytest.mark.parametrize("pace", [4.0, 15.0])
def test_no_word_is_in_the_code(own_prompts, write, level, pace):
    """In a language in which every letter is another, no letter of ours is heard or read in a chapter."""
    lines = (paths.roots()[-1] / "voices/prompts/en.yaml").read_text("utf-8").splitlines()
    (own_prompts / "xx.yaml").write_text("\n".join(map(foreign, lines)), "utf-8")
    routine = customise(load(write(FOREIGN)), Options(level=level)).routine
    timeline = compile(routine, FakeVoice(pace).measure, find_phrases("xx"))
    texts = [cue.text for cue in timeline.cues if cue.text] + [chapter.title for chapter in timeline.chapters]
    assert [text for text in texts if re.search(r"[A-Za-z{}]", text)] == []
    assert {cue.role for cue in timeline.cues} >= {"say", "name", "begin", "count", "release", "halfway", "ten"}


def foreign(line):
    """A line of a language file with another letter for each in its texts; keys and placeholders stay."""
    if line.startswith(("#", "code:")):
        return line
    return re.sub(r"\{\w+\}|[\w]+:(?=\s|$)|[A-Za-z]", lambda found: found[0] if len(found[0]) > 1 else "ж", line)


@pytest.mark.parametrize(
    ("language", "text", "own", "length"),
    [
        ("en", "Bend your left knee for a long minute.", True, True),
        ("en", "Feel what is left.", False, False),
        ("de", "Beug dein linkes Knie, eine lange Minute.", True, True),
        ("de", "Senk die rechten Zehen für 30 Sekunden.", True, True),
        ("de", "Schau nach links, und atme einen Atemzug lang.", False, True),
        ("de", "Rechts ist Platz. Das ist eine Pause.", False, False),
        ("es", "Dobla tu rodilla izquierda durante un minuto.", True, True),
        ("es", "Baja la pierna derecha, cinco respiraciones.", True, True),
        ("es", "Mira hacia la izquierda.", False, False),
    ],
)
def test_what_a_text_is_searched_for(language, text, own, length):
    assert bool(load_patterns(language).own_side.search(text)) == own
    assert bool(load_patterns(language).length.search(text)) == length


def test_sides_are_known_in_all_their_forms():
    assert load_patterns("de").sides_in("linkes Bein, rechten Arm") == ["links", "rechts"]
    assert load_patterns("es").sides_in("brazo derecho, pierna izquierda") == ["derecha", "izquierda"]
    assert load_patterns("de").without_sides("Taube, linkes Bein") == "Taube Bein"
