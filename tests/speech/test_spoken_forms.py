"""Figures, signs and short forms in words, in each language that has them as data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioguide.errors import RequestError, RoutineError
from audioguide.schema.document import read_document
from audioguide.speech.normalize import normalize, split_sentences
from audioguide.speech.numbers import load_spoken_forms
from audioguide.system import paths

SHIPPED = Path(__file__).resolve().parents[2] / "voices/spoken"


def spoken(text: str, language: str = "en") -> str:
    return normalize(text, load_spoken_forms(language))


LANGUAGES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))

ENGLISH = {
    # Breath patterns, ranges and lengths.
    "Try the 4-7-8 breath.": "Try the 4, 7, 8 breath.",
    "Breathe 4-4-4-4.": "Breathe 4, 4, 4, 4.",
    "Breathe 5.5-5.5.": "Breathe 5.5, 5.5.",
    "A 4-6 rhythm, 6-4 after it.": "A 4, 6 rhythm, 6, 4 after it.",
    "Repeat 10-20 times.": "Repeat 10 to 20 times.",
    "Hold 30s-45s, or 2–3 min.": "Hold 30 to 45 seconds, or 2 to 3 minutes.",
    "Round 3 - 30 seconds": "Round 3 — 30 seconds",
    "Hold 30s.": "Hold 30 seconds.",
    "Hold 1s.": "Hold 1 second.",
    "1m30s, 1h 30m, 1:30, 0:45, 1:00:00": (
        "1 minute 30 seconds, 1 hour 30 minutes, 1 minute 30 seconds, 45 seconds, 1 hour"
    ),
    "Hold 2 min. Then go on.": "Hold 2 minutes. Then go on.",
    "2 min. of rest": "2 minutes of rest",
    "At 7:30, until 8:15, 9:15 pm, 7am.": "At 7:30, until 8:15, 9:15 p.m., 7 a.m.",
    # Times, fractions, units and signs.
    "3x, x3, 1x, Squats x 10": "3 times, 3 times, once, Squats 10 times",
    "2x10, 3 x 30s, 8 reps x 3 sets": "2 times 10, 3 times 30 seconds, 8 reps times 3 sets",
    "½, 2½, 3 1/4, 3/4 of it, 24/7": "one half, 2 and a half, 3 and a quarter, three quarters of it, 24 7",
    "½ min, 2½ min": "half a minute, 2 and a half minutes",
    "80% at 90°, 20 °C": "80 percent at 90 degrees, 20 degrees Celsius",
    "10 cm, 1 kg, 60-70%": "10 centimeters, 1 kilogram, 60 to 70 percent",
    "Inhale & exhale + rest": "Inhale and exhale plus rest",
    "#1, no. 2, No. 3, ~10": "number 1, number 2, Number 3, about 10",
    "left/right, and/or": "left or right, and or",
    # Short forms and capitals.
    "E.g. your ROM, i.e. the range": "For example your range of motion, that is the range",
    "L/R, w/ a strap, approx. ten, left vs. right": (
        "left and right, with a strap, approximately ten, left versus right"
    ),
    "Stretch, breathe, etc. Then rest etc.": "Stretch, breathe, and so on. Then rest and so on.",
    "Dr. Smith": "Doctor Smith",
    "Warrior II, Warrior I": "Warrior 2, Warrior 1",
    "STOP NOW. LIFT IT UP": "Stop now. Lift it up",
    "DON'T STOP": "Don't stop",
    "Do NOT push. TFL, PNF, HIIT.": "Do NOT push. TFL, PNF, HIIT.",
    # What has no sound, and what looks like markup.
    "Smile 😊👍🏽 now 1️⃣": "Smile now 1",
    "**Slowly** _now_ -> go": "Slowly now, go",
    "Rest -- then go": "Rest — then go",
    "See https://www.example.com/x?y=1. Mail me@a.org": "See example dot com. Mail me at a dot org",
    '<break time="1s"/> Breathe': "break time 1 second Breathe",
}

GERMAN = {
    "Halte 30s, 1 min, 1:30.": "Halte 30 Sekunden, eine Minute, eine Minute 30 Sekunden.",
    "Der 4-7-8-Atem, 10-20 Mal, 3x.": "Der 4, 7, 8-Atem, 10 bis 20 Mal, 3 Mal.",
    "Um 7:30, 8:15 Uhr.": "Um 7:30, 8:15 Uhr.",
    "z. B. links/rechts usw.": "zum Beispiel links oder rechts und so weiter.",
    "50 % von 3,5 km, ½ Stunde": "50 Prozent von 3,5 Kilometer, eine halbe Stunde",
}

SPANISH = {
    "Mantén 30s, 1 min, 1:30.": "Mantén 30 segundos, un minuto, un minuto y 30 segundos.",
    "El 4-7-8, 10-20 veces, x3.": "El 4, 7, 8, 10 a 20 veces, 3 veces.",
    "A las 7:30.": "A las 7:30.",
    "p. ej. izquierda/derecha, etc.": "por ejemplo izquierda o derecha, etcétera.",
    "50 % de 3,5 km, ½ hora": "50 por ciento de 3,5 kilómetros, media hora",
    "¡MANTÉN LA POSTURA!": "¡Mantén la postura!",
}

LEFT_ALONE = [
    "Lie on your back, and rest: it is 1,000 times better.",
    "Twelve, 12, 3.5, 1st, 22nd, -5.",
    "Wait... and rest… “Here”, it's yours – now.",
    "Half-way, cat-cow, T-spine, L5.",
    "Say no. And then go in.",
    "I am OK. US and UK.",
]


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        *(("en", written, said) for written, said in ENGLISH.items()),
        *(("de", written, said) for written, said in GERMAN.items()),
        *(("es", written, said) for written, said in SPANISH.items()),
        *(("en", text, text) for text in LEFT_ALONE),
    ],
)
def test_what_is_said(language: str, written: str, said: str) -> None:
    assert spoken(written, language) == said
    assert spoken(said, language) == said


CASES = read_document(Path(__file__).with_name("spoken_forms.yaml")).data


@pytest.mark.parametrize(
    ("language", "written", "said"), [(language, *case) for language, cases in CASES.items() for case in cases]
)
def test_what_is_heard_by_kind(language: str, written: str, said: str) -> None:
    """Decades, clock and lengths, scores, ranges, units, money, dates, Roman numbers, short forms: four languages."""
    assert " | ".join(split_sentences(spoken(written, language))) == said
    assert spoken(spoken(written, language), language) == spoken(written, language)


def test_a_region_speaks_its_language() -> None:
    assert spoken("30s", "de-AT") == "30 Sekunden"


def test_a_language_without_data_is_only_cleaned() -> None:
    assert spoken("30s  😊 A/B", "nl") == "30s A/B"


def test_the_shipped_texts_are_clean_already() -> None:
    """What a person hears of them, no pass over figures and short forms changes."""
    paths = sorted((SHIPPED.parents[1] / "scripts").rglob("*.yaml"))
    contents = [(read_document(path).data, path.stem.partition(".")[2] or "en") for path in paths]
    texts = [(text, content.get("language", language)) for content, language in contents for text in _texts(content)]
    assert len(texts) > 300
    assert [text for text, language in texts if spoken(text, language) != " ".join(text.split())] == []


def _texts(value: object, key: str = "") -> list[str]:
    if isinstance(value, dict):
        return [text for name, inner in value.items() if name != "source" for text in _texts(inner, name)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner, key)]
    heard = key in {
        "say",
        "name",
        "brief",
        "normal",
        "full",
        "release",
        "begin",
        "caution",
        "in",
        "out",
        "instructions",
    }
    return [value] if heard and isinstance(value, str) and "{" not in value else []


FIGURES = "4-7-8 30s 1:30 x3 3x ½ 90° 80% 10-20 #1 1 2 2_min.".replace("_", " ").split()
FORMS = "e.g. etc. vs. L/R IT STOP w/ & + <b> http://a.b/c a@b.c no. ROM".split()
BITS = "-> -- 😊 ** . / - , x s ( ) < >".split()
PIECES = st.sampled_from([*FIGURES, *FORMS, *BITS, " "])
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join))


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=TEXTS)
@example(text="1*:30")
@example(text="10 SECS")
def test_it_changes_nothing_more_and_loses_no_word(language: str, text: str) -> None:
    said = spoken(text, language)
    assert spoken(said, language) == said
    assert said.isprintable() or not said.isascii()
    assert any(map(str.isalpha, said)) or not any(map(str.isalpha, text))
    assert (
        any(map(str.isdigit, said)) or any(map(str.isalpha, said)) or not any(letter in "0123456789" for letter in text)
    )


@pytest.mark.parametrize(
    "piece", ["1", "1-", "1:", "a/", "<", "A ", "LOUD ", "x1", "1/2 ", "1h", "=", "-", "a.b-", "@", "()"]
)
def test_no_text_takes_it_forever(piece: str) -> None:
    """A pattern that tries everything again at every letter would not be through with these before the suite ends."""
    assert spoken(piece * 20_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_whole(language: str) -> None:
    form = load_spoken_forms(language).form
    assert form.range.count("{a}") == form.range.count("{b}") == 1
    assert {"hour", "minute", "second"} <= form.units.keys()
    assert not any("{" in count.many for count in form.units.values())


def test_a_persons_own_language_is_used_and_its_mistakes_are_located(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "voices/spoken/nl.yaml"
    own.parent.mkdir(parents=True)
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path))
    paths.roots.cache_clear()
    try:
        own.write_text((SHIPPED / "en.yaml").read_text().replace("slash: or", "slash: of"))
        assert spoken("links/rechts", "nl") == "links of rechts"
        own.write_text((SHIPPED / "en.yaml").read_text().replace("\nslash:", "\nslahs:"))
        with pytest.raises(RoutineError, match=r"nl\.yaml:\d+:1: There is no key 'slahs' here. Did you mean slash"):
            spoken("links/rechts", "nl")
        own.write_text((SHIPPED / "en.yaml").read_text().replace("rules:\n", "rules:\n  - {written: 'a(b', said: c}\n"))
        with pytest.raises(RequestError, match=r"'a\(b' in voices/spoken/nl\.yaml is no rule: .* Mend the regular"):
            spoken("3 links", "nl")
        own.write_text((SHIPPED / "en.yaml").read_text().replace("({decade", "({decads"))
        with pytest.raises(RequestError, match=r"nl\.yaml names {decads+}, which is no set .* Did you mean decades"):
            spoken("3 links", "nl")
        loop = "tables:\n  loop: {x: '{loop:x}{loop:x}'}\n"
        own.write_text((SHIPPED / "en.yaml").read_text().replace("tables:\n", loop))
        with pytest.raises(RoutineError, match=r"nl\.yaml:\d+:\d+: .* in the table 'loop' looks up another word"):
            spoken("3 links", "nl")
        own.write_text((SHIPPED / "en.yaml").read_text().replace("\nwords:\n", f"\nwords:\n  zz: {'zz ' * 100}\n"))
        assert len(spoken("zz links", "nl")) < 2000  # words that stand for more of themselves
        own.with_name("xx.yaml").write_text((SHIPPED / "en.yaml").read_text())
        assert spoken("Henry VIII, 2026-03-01", "xx") == "Henry the 8, the 1 of March 2026"
    finally:
        monkeypatch.undo()
        paths.roots.cache_clear()
