"""What strings mean to the importer, in its four languages: doses, marks, sentences, labels, columns, the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.routine.importers import asked, labels
from audioguide.routine.importers.doses import read_dose
from audioguide.routine.importers.marks import (
    COUNT_GAP,
    DEFAULT_HOLD,
    DOTS,
    LONG,
    PAUSE,
    SHORT,
    find_marks,
    parse_pause,
)
from audioguide.routine.importers.vocabulary import LANGUAGES, find_language, load_vocabulary

ITEMS = {
    "en": """
        Plank 45s => hold 45s | Plank
        Plank 1½ min => hold 90s | Plank
        Plank 1 1/2 minutes => hold 90s | Plank
        Plank: 1 min 30 => hold 90s | Plank
        Plank 1:30 => hold 90s | Plank
        Plank 1'30" => hold 90s | Plank
        Plank 30" => hold 30s | Plank
        Plank 3 x 45" (30" rest) => sets 3, hold 45s, rest 30s | Plank
        Plank, 30–60 s => hold 30s..60 | Plank
        Plank – thirty seconds => hold 30s | Plank
        Wall sit: half a minute => hold 30s | Wall sit
        Dead hang for a minute and a half => hold 90s | Dead hang
        Pigeon, 5 breaths => hold 5b | Pigeon
        Pigeon: five slow, even breaths per side => hold 5b, sides left side/right side | Pigeon
        Squats 3 x 10 => sets 3, reps 10 | Squats
        Squats 3×10 => sets 3, reps 10 | Squats
        Bird dog 3× => times 3 | Bird dog
        Calf raises ✕ 12 => times 12 | Calf raises
        Cat-cow x 8 => times 8 | Cat-cow
        Hip holds — 2 x 30s, per side => sets 2, hold 30s, sides left side/right side | Hip holds
        Dead hang — 15s × 5 => times 5, hold 15s | Dead hang
        Crunches: 3 sets of 12 reps, 20 s rest between => sets 3, reps 12, rest 20s | Crunches
        Side plank: 3 sets – 45 secs, 30 secs rest => sets 3, hold 45s, rest 30s | Side plank
        High knees: 30s on / 15s off x 4 => times 4, hold 30s, rest 15s | High knees
        Work 40s / Rest 20s, 3 rounds => sets 3, hold 40s, rest 20s
        Reps: 10 Sets: 3 Hold: 5s => sets 3, reps 10, hold 5s
        10 reps, 3 sets, hold 5 seconds => sets 3, reps 10, hold 5s
        Squats 8-12 reps => reps 8 | Squats
        Rows 3-4 sets of 8-12 => sets 3, reps 8 | Rows
        Lunges 10 each side => reps 10, sides left side/right side | Lunges
        Lunges 10/leg => reps 10, sides left leg/right leg | Lunges
        Lunges 3 x 10 per leg => sets 3, reps 10, sides left leg/right leg | Lunges
        Side plank 30s L/R => hold 30s, sides left side/right side | Side plank
        Low lunge (R) 30 s => hold 30s, side right | Low lunge
        Low lunge, left – 45 s => hold 45s, side left | Low lunge
        Couch stretch 60s (per side) => hold 60s, sides left side/right side | Couch stretch
        Glute bridge – 2 × 15, both sides => sets 2, reps 15, sides left side/right side | Glute bridge
        Squat, tempo 3-1-2, 10 reps => reps 10, tempo 3-1-2 | Squat
        Jog 2 min / walk 1 min x 6 => hold 120s | Jog walk 1 min x 6
        20 jumping jacks => reps 20 | jumping jacks
        Plank hold: 40 s => hold 40s | Plank hold
        Hold 3 x 20 seconds, 10 seconds rest between sets => sets 3, hold 20s, rest 10s
        Bridge 10 x 5 sec hold => sets 10, hold 5s | Bridge
        Push-ups, 2 sets, 8 reps, 1 minute rest => sets 2, reps 8, rest 60s | Push-ups
        Walk 20 minutes a day => - | Walk 20 minutes a day
        Pain no more than 4/10 => - | Pain no more than 4/10
        Bend to 90° => - | Bend to 90°
        Run 400 m => - | Run 400 m
        For 3 weeks => - | For 3 weeks
        2x/day => - | 2x/day
        15-minute meditation => - | 15-minute meditation
    """,
    "de": """
        Unterarmstütz 45 Sek. => hold 45s | Unterarmstütz
        Unterarmstütz: anderthalb Minuten => hold 90s | Unterarmstütz
        Wandsitz – eine halbe Minute => hold 30s | Wandsitz
        Brücke: 3 x 10 Wdh. => sets 3, reps 10 | Brücke
        Kniebeugen 3 Sätze à 12 Wiederholungen => sets 3, reps 12 | Kniebeugen
        Kniebeugen: 3 Sätze mit 12 Wdh., 60 Sek. Pause dazwischen => sets 3, reps 12, rest 60s | Kniebeugen
        Fersenheben: 15 Wdh., 3 Serien, dazwischen 1 Min. Pause => sets 3, reps 15, rest 60s | Fersenheben
        Wadenheben 15x => times 15 | Wadenheben
        Ausfallschritte je Seite 8 Wdh. => reps 8, sides linke Seite/rechte Seite | Ausfallschritte
        Ausfallschritte 3 x 8 pro Bein => sets 3, reps 8, sides linkes Bein/rechtes Bein | Ausfallschritte
        Taube: 5 Atemzüge je Seite => hold 5b, sides linke Seite/rechte Seite | Taube
        Beide Seiten je 30 Sekunden => hold 30s, sides linke Seite/rechte Seite
        Stütz 2 x 30 s pro Seite, 15 s Pause => sets 2, hold 30s, rest 15s, sides linke Seite/rechte Seite | Stütz
        40 s Belastung / 20 s Pause, 3 Runden => sets 3, hold 40s, rest 20s
        Hampelmann 30 s an / 15 s aus x 4 => times 4, hold 30s, rest 15s | Hampelmann
        Wdh.: 10 Sätze: 3 Haltezeit: 5 s => sets 3, reps 10, hold 5s
        8–12 Wdh. => reps 8
        Drehsitz (links) 30 s => hold 30s, side links | Drehsitz
        zwei Minuten gehen => hold 120s | gehen
        20 Minuten am Tag => - | 20 Minuten am Tag
        3x täglich => - | 3x täglich
    """,
    "es": """
        Plancha 45 segundos => hold 45s | Plancha
        Plancha: medio minuto => hold 30s | Plancha
        Plancha: un minuto y medio => hold 90s | Plancha
        Sentadillas 3 x 10 => sets 3, reps 10 | Sentadillas
        Sentadillas: 3 series de 10 repeticiones => sets 3, reps 10 | Sentadillas
        Puente: 3 series de 12, 30 s de descanso entre series => sets 3, reps 12, rest 30s | Puente
        Zancadas 8 por pierna => reps 8, sides pierna izquierda/pierna derecha | Zancadas
        Paloma: 5 respiraciones por lado => hold 5b, sides lado izquierdo/lado derecho | Paloma
        Plancha lateral, 20 s a cada lado => hold 20s, sides lado izquierdo/lado derecho | Plancha lateral
        Zancadas, 10 repeticiones, ambos lados => reps 10, sides lado izquierdo/lado derecho | Zancadas
        Elevaciones 15 veces => times 15 | Elevaciones
        Trabajo 40 s / descanso 20 s, 3 rondas => sets 3, hold 40s, rest 20s
        Plancha de 30 a 45 segundos => hold 30s..45 | Plancha
        10 a 12 repeticiones => reps 10
        20 minutos al día => - | 20 minutos al día
        3 veces por semana => - | 3 veces por semana
    """,
    "fr": """
        Planche 45 secondes => hold 45s | Planche
        Planche : une demi-minute => hold 30s | Planche
        Planche : une minute et demie => hold 90s | Planche
        Squats 3 x 10 => sets 3, reps 10 | Squats
        Squats : 3 séries de 10 répétitions => sets 3, reps 10 | Squats
        Pont : 3 séries de 12, 30 s de repos entre les séries => sets 3, reps 12, rest 30s | Pont
        Fentes 8 par jambe => reps 8, sides jambe gauche/jambe droite | Fentes
        Pigeon : 5 respirations de chaque côté => hold 5b, sides côté gauche/côté droit | Pigeon
        Gainage latéral, 20 s de chaque côté => hold 20s, sides côté gauche/côté droit | Gainage latéral
        Montées de genoux 15 fois => times 15 | Montées de genoux
        Effort 40 s / repos 20 s, 3 tours => sets 3, hold 40s, rest 20s
        Planche de 30 à 45 secondes => hold 30s..45 | Planche
        10 à 12 répétitions => reps 10
        20 minutes par jour => - | 20 minutes par jour
        3 fois par semaine => - | 3 fois par semaine
    """,
}
"""Lines of lists, headings and cells: what they ask for, and the name that is left."""

SENTENCES = {
    "en": """
        Hold for 30 seconds. => hold 30s
        Hold this for half a minute, then lower. => hold 30s
        Hold for 1½ minutes on each side. => hold 90s, sides left side/right side
        Hold 30 seconds each side. => hold 30s, sides left side/right side
        Stay here for five breaths. => hold 5b
        Hold for 30 secs. Rest 15 secs. Repeat 4x. => repeat 4, hold 30s, rest 15s
        Rest 30-60 seconds between sets. => rest 30s..60
        Rest 5 seconds between repetitions. => rest 5s between reps
        Do 10 reps. => reps 10
        Perform 3 sets of 12 on each leg. => sets 3, reps 12, sides left leg/right leg
        Repeat 4 times. => repeat 4
        Repeat three rounds => repeat 3
        Repeat x3. => repeat 3
        Repeat 5-10 rounds => repeat 5
        Do this twice. => times 2
        Repeat once more. => repeat 2
        Repeat on the other side. => other side
        Now the other side. => other side
        Switch legs and repeat. => other side
        Repeat with the left leg. => other side
        Inhale for 4 seconds => breath in 4
        Hold for 4 seconds => hold 4s
        Exhale for 6 seconds => breath out 6
        Inhale (4 sec), exhale (8 sec). => breath 4-8
        Inhale 4 – hold 4 – exhale 6 => breath 4-4-6
        Breathe in for 4 and out for 6. => breath 4-6
        In for 4, hold for 7, out for 8. => breath 4-7-8
        Inhale for a count of four, hold for seven, exhale for eight. => breath 4-7-8
        4-7-8 breathing, repeat 4 times. => repeat 4, breath 4-7-8
        Box breathing 4-4-4-4 for 2 minutes. => total 120s, breath 4-4-4-4
        Box breathing for three minutes. => total 180s, breath 4-4-4-4
        Exhale for 6 seconds, 5 rounds. => sets 5, breath out 6
        Increase the hold time by 2 seconds each week. => -
        This takes 20 minutes a day. => -
        Do it 2x/day for 3 weeks. => -
        We meet at 18:30. => -
        Never hold for more than 30 seconds. => -
        Don't hold your breath. => -
        Keep both legs straight. => -
        Look to the other side of the room. => -
        After 30 seconds you may stop. => -
        Place your hands on your hips. => -
        Now the left side. => other side
        Inhale, two, three, four. => -
        Relax the left arm. => -
        Rest 5 s between each one. => rest 5s between reps
        Breathe in slowly for four and out for eight. => breath 4-8
    """,
    "de": """
        Halten Sie 30 Sekunden. => hold 30s
        Die Position 30 Sekunden lang halten. => hold 30s
        Halte die Dehnung für eine halbe Minute. => hold 30s
        Bleib hier für fünf Atemzüge. => hold 5b
        Wiederhole 4 Mal. => repeat 4
        Dreimal wiederholen. => repeat 3
        Pause zwischen den Sätzen: 60 Sek. => rest 60s
        30 Sekunden Pause zwischen den Sätzen. => rest 30s
        Auf der anderen Seite wiederholen. => other side
        Wiederhole das Ganze auf der anderen Seite. => other side
        Seite wechseln. => other side
        Halte 20 Sekunden auf jeder Seite. => hold 20s, sides linke Seite/rechte Seite
        Atme 4 Sekunden ein und 6 Sekunden aus. => breath 4-6
        Atme 4 Sekunden ein, halte 4 Sekunden, atme 6 Sekunden aus. => breath 4-4-6
        Einatmen 4 – Halten 7 – Ausatmen 8 => breath 4-7-8
        4-7-8-Atmung, 4 Mal wiederholen. => repeat 4, breath 4-7-8
        Boxatmung 4-4-4-4 für 2 Minuten. => total 120s, breath 4-4-4-4
        Steigere die Haltezeit um 2 Sekunden pro Woche. => -
        Nicht länger als 30 Sekunden halten. => -
        Wir treffen uns um 18:30 Uhr. => -
        Zwischen den Sätzen 60 Sekunden Pause. => rest 60s
        Durch die Nase 4 Sekunden einatmen, 7 Sekunden halten, 8 Sekunden ausatmen. => breath 4-7-8
        Jetzt die linke Seite. => other side
    """,
    "es": """
        Mantén 30 segundos. => hold 30s
        Mantén la posición durante medio minuto. => hold 30s
        Quédate aquí cinco respiraciones. => hold 5b
        Repite 4 veces. => repeat 4
        Descansa 30 segundos entre series. => rest 30s
        Repite con el otro lado. => other side
        Cambia de lado. => other side
        Mantén 20 segundos a cada lado. => hold 20s, sides lado izquierdo/lado derecho
        Inhala 4 segundos, exhala 6 segundos. => breath 4-6
        Inhala en 4, retén 4, exhala en 6. => breath 4-4-6
        Respiración 4-7-8, repite 4 veces. => repeat 4, breath 4-7-8
        Respiración cuadrada 4-4-4-4 durante 2 minutos. => total 120s, breath 4-4-4-4
        No mantengas más de 30 segundos. => -
        Aumenta después de 2 semanas. => -
    """,
    "fr": """
        Tiens 30 secondes. => hold 30s
        Maintenez la position pendant une demi-minute. => hold 30s
        Reste ici cinq respirations. => hold 5b
        Répète 4 fois. => repeat 4
        Repos de 30 secondes entre les séries. => rest 30s
        Répète de l'autre côté. => other side
        Change de côté. => other side
        Tiens 20 secondes de chaque côté. => hold 20s, sides côté gauche/côté droit
        Inspire sur 4 temps, expire sur 6 temps. => breath 4-6
        Inspirez 4 secondes, bloquez 4 secondes, expirez 6 secondes. => breath 4-4-6
        Respiration 4-7-8, répétez 4 fois. => repeat 4, breath 4-7-8
        Respiration carrée 4-4-4-4 pendant 2 minutes. => total 120s, breath 4-4-4-4
        Ne tiens jamais plus de 30 secondes. => -
    """,
}
"""Sentences, in which a length needs a word that says what it is."""


def rows(table):
    return [
        (language, *row.strip().split(" => ")) for language in table for row in table[language].strip().splitlines()
    ]


def show_length(length):
    upper = f"..{length.upper:g}" if length.upper else ""
    return (f"{length.breaths}b" if length.breaths else f"{length.seconds:g}s") + upper


def show(dose):
    parts = [f"{name} {count}" for name in ("sets", "reps", "times", "repeat") if (count := getattr(dose, name))]
    for name in ("hold", "rest", "total"):
        if length := getattr(dose, name):
            between = f" between {dose.between}" if name == "rest" and dose.between == "reps" else ""
            parts.append(f"{name} {show_length(length)}{between}")
    parts += [f"tempo {dose.tempo}"] if dose.tempo else []
    if dose.breath_pattern or dose.breath:
        phases = " ".join(f"{phase} {seconds:g}" for phase, seconds in dose.breath)
        parts.append(f"breath {dose.breath_pattern or phases}")
    if dose.other_side or dose.sides:
        parts.append("other side" if dose.other_side else f"sides {'/'.join(dose.sides)}")
    return ", ".join(parts + ([f"side {dose.side}"] if dose.side else [])) or "-"


@pytest.mark.parametrize(("language", "text", "meaning"), rows(ITEMS))
def test_what_an_item_asks_for_and_what_its_name_is(language, text, meaning):
    dose = read_dose(text, load_vocabulary(language), loose=True)
    assert f"{show(dose)} | {dose.rest_of(text)}".removesuffix(" | ") == meaning


@pytest.mark.parametrize(("language", "text", "meaning"), rows(SENTENCES))
def test_what_a_sentence_asks_for(language, text, meaning):
    assert show(read_dose(text, load_vocabulary(language))) == meaning


WAYS = {
    "en": ("{} reps", "{} x {}", "{} sets", "hold {} s", "{} s rest", "each leg"),
    "de": ("{} Wdh.", "{} x {}", "{} Sätze", "{} Sek. halten", "{} Sek. Pause", "pro Bein"),
    "es": ("{} repeticiones", "{} x {}", "{} series", "mantén {} segundos", "{} s de descanso", "por pierna"),
    "fr": ("{} répétitions", "{} x {}", "{} séries", "tiens {} secondes", "{} s de repos", "chaque jambe"),
}


@given(
    st.sampled_from(sorted(WAYS)),
    st.integers(2, 9),
    st.integers(2, 60),
    st.integers(5, 90),
    st.integers(5, 90),
    st.booleans(),
    st.booleans(),
    st.sampled_from([", ", " – ", "; ", " · "]),
    st.randoms(),
)
def test_a_dose_is_read_back_however_it_is_written(language, sets, reps, hold, rest, together, sides, joint, order):
    reps_way, both_way, sets_way, hold_way, rest_way, side_way = WAYS[language]
    parts = [both_way.format(sets, reps)] if together else [reps_way.format(reps), sets_way.format(sets)]
    parts += [hold_way.format(hold), rest_way.format(rest), *([side_way] if sides else [])]
    order.shuffle(parts)
    text = f"Qigong: {joint.join(parts)}"
    dose = read_dose(text, load_vocabulary(language), loose=True)
    assert (dose.sets, dose.reps, dose.hold.seconds, dose.rest.seconds) == (sets, reps, hold, rest)
    assert (bool(dose.sides), dose.rest_of(text)) == (sides, "Qigong")


@given(st.text(st.sampled_from("ab 1½.,:;x×-–/()[]{}<>*_…\"'\n°%holdrestpause30sec"), max_size=60))
def test_any_text_has_a_meaning_within_it(text):
    for language in LANGUAGES:
        words = load_vocabulary(language)
        marks = find_marks(text, words)
        edges = [edge for mark in marks for edge in (mark.start, mark.end)]
        assert edges == sorted(edges)
        for loose in (False, True):
            spans = read_dose(text, words, loose).spans
            assert all(0 <= start < end <= len(text) for start, end in spans)
            assert [edge for span in spans for edge in span] == sorted(edge for span in spans for edge in span)
        if timed := asked.find_asked(text, words):
            assert 0 < timed.end <= len(text)
        labels.find_label(text, words)
        labels.parse_listed(text, words)
        parse_pause(text, words)


@pytest.mark.parametrize("text", '( [ * 1 1- 1s hold, x 1x . … 1, 1" repeat, and, - < each 1:30 (a é'.split())
def test_no_text_makes_a_pattern_slow(text):
    words, long = load_vocabulary("en"), text.replace(",", " ") * 20_000
    find_marks(long, words)
    asked.find_asked(long, words)
    read_dose(long, words, loose=True)
    find_language(long)


def test_all_languages_know_the_same():
    english, *others = map(load_vocabulary, LANGUAGES)
    for other in others:
        assert {phrase[1] for some in other.phrases.values() for phrase in some} == {
            phrase[1] for some in english.phrases.values() for phrase in some
        }
        assert other.bags.keys() == english.bags.keys()
        assert set(other.labels.values()) == set(english.labels.values())
        assert set(other.columns.values()) == set(english.columns.values())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Leg dich hin.\n[Pause 10 Sekunden]\nAtme aus.\n(7 Sek.)"),
        ("de", "Schulterbrücke: 3 x 10\nPause 30 s"),
        ("es", "Túmbate boca arriba.\n(Pausa)\nRespira hondo."),
        ("es", "Sentadillas: 3 series de 10\nDescansa 30 s"),
        ("fr", "Allonge-toi sur le dos.\nTiens 30 secondes."),
        ("fr", "Pont fessier : 3 x 10\nRepos 30 s"),
        ("en", "Sit down. Close your eyes. Come back."),
        ("", "Plank\nSquats 3x10"),
        ("", ""),
        ("", "Siediti comodamente e chiudi gli occhi. Tieni la posizione per trenta secondi e poi rilassati."),
        ("", "Sente-se confortavelmente e feche os olhos. Mantenha a posição por trinta segundos e depois relaxe."),
        ("", "Ga rustig zitten en sluit je ogen. Houd deze houding dertig seconden vast en ontspan daarna."),
    ],
)
def test_the_language_is_noticed(language, text):
    assert find_language(text) == language


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2s", "2s"),
        ("2,5 s", "2.5s"),
        ("500ms", "0.5s"),
        ("1m30s", "90s"),
        ("1 minute and 30 seconds", "90s"),
        ("one and a half minutes", "90s"),
        ("twenty-five seconds", "25s"),
        ("a few seconds", "3s"),
        ("a 30-second hold", "30s"),
        ("20–30 seconds", "20s..30"),
        ("thirty to sixty seconds", "30s..60"),
        ("between 20 and 30 seconds", "20s..30"),
        ("10s-15s", "10s..15"),
        ("3-5 breaths", "3b..5"),
        ("a count of five", "5s"),
        ("a moment", "3s"),
    ],
)
def test_lengths(text, length):
    assert show_length(read_dose(text, load_vocabulary("en"), loose=True).hold) == length


@pytest.mark.parametrize(
    "text",
    "5|a plan|chapter 3|1.2.3|10000000000s|5 sides|the 2nd minute man|twenty Notice your breath|18 h|H2O|7:30 am".split(
        "|"
    ),
)
def test_what_is_no_length(text):
    assert read_dose(text, load_vocabulary("en"), loose=True).hold is None


def find(text, language="en"):
    return [
        (mark.kind, show_length(mark.duration) if mark.duration != type(mark.duration)() else mark.words)
        for mark in find_marks(text, load_vocabulary(language))
    ]


@pytest.mark.parametrize(
    "text",
    (
        "[pause 2s]|[Pause: 2 seconds]|[PAUSE 2]|[[pause 2s]]|(pause 2)|(Pause for two seconds)|{pause 2s}|{{pause: 2}}"
        "|<pause 2s>|[2s]|[2 seconds]|[2 sec pause]|[Gap: 2 seconds]|[a pause of 2 seconds]|[silence 2 sec.]|[wait 2 s]"
        "|[beat 2s]|[pause=2]|/2s|/ 2 sec|*pause 2 seconds*|**Pause: 2s**|_pause 2s_|-- pause 2s --"
        "|— pause for two seconds —|[pause 2000]"
    ).split("|"),
)
def test_one_pause_in_many_spellings(text):
    assert find(f"Words {text} words.") == [("pause", "2s")]


@pytest.mark.parametrize(
    ("language", "text", "marks"),
    [
        ("en", "[silence 1 min]", [("pause", "60s")]),
        ("en", "[hold 45s]", [("hold", "45s")]),
        ("en", "[Hold]", [("hold", f"{DEFAULT_HOLD:g}s")]),
        ("en", "[stay for 5 breaths]", [("hold", "5b")]),
        ("en", "[rest: 1 minute]", [("rest", "60s")]),
        ("en", "(pause)", [("pause", f"{PAUSE:g}s")]),
        ("en", "(Long pause)", [("pause", f"{LONG:g}s")]),
        ("en", "(Pause briefly)", [("pause", f"{SHORT:g}s")]),
        ("en", "Breathe… and out", [("dots", f"{DOTS:g}s")]),
        ("en", "Breathe . . . and out", [("dots", f"{DOTS:g}s")]),
        ("en", "[hold silence for 1 min]", [("pause", "60s")]),
        ("en", "(pause, let it settle)", [("pause", f"{PAUSE:g}s")]),
        ("en", "In 3, 2, 1, go!", [("count-in", "")]),
        ("en", "[pause to let them settle]", [("pause", f"{PAUSE:g}s")]),
        ("en", "(Allow 2 minutes of silence here.)", [("pause", "120s")]),
        ("en", "(Let the group rest in silence for a few minutes)", [("rest", "180s")]),
        ("en", "(Transition – 1 minute of normal breathing)", [("rest", "60s")]),
        ("en", "(The bell rings, pause 10 seconds)", [("pause", "10s")]),
        ("en", "(Music fades in)", [("direction", "Music fades in")]),
        ("en", "(softly) Open them.", [("direction", "softly")]),
        ("en", "(gently) Open them.", [("direction", "gently")]),
        ("en", "Open your eyes (the music fades).", [("direction", "the music fades")]),
        ("en", "[Opening – 2 min]", [("section", "120s")]),
        ("en", "[your name]", [("spoken", "your name")]),
        ("en", "Start in 3... 2... 1...", [("count-in", "")]),
        ("en", "Three, two, one, go!", [("count-in", "")]),
        ("en", "5, 4, 3", [("count", f"{COUNT_GAP}s")] * 2),
        ("en", "Three… two… one", [("count", f"{COUNT_GAP}s")] * 2),
        ("en", "one two three four", [("count", f"{COUNT_GAP}s")] * 3),
        ("de", "[Pause 10 Sekunden]", [("pause", "10s")]),
        ("de", "(7 Sek.)", [("pause", "7s")]),
        ("de", "(lange Pause)", [("pause", f"{LONG:g}s")]),
        ("de", "(Stille, eine halbe Minute)", [("pause", "30s")]),
        ("de", "(Klangschale)", [("direction", "Klangschale")]),
        ("de", "(leise) Atme aus.", [("direction", "leise")]),
        ("de", "[Ankommen – 5 Min]", [("section", "300s")]),
        ("de", "Los geht's in drei, zwei, eins.", [("count-in", "")]),
        ("es", "(Pausa)", [("pause", f"{PAUSE:g}s")]),
        ("es", "[Silencio: 2 minutos]", [("pause", "120s")]),
        ("es", "(La música se apaga)", [("direction", "La música se apaga")]),
        ("es", "Empezamos en 3, 2, 1.", [("count-in", "")]),
        ("fr", "(pause de 10 secondes)", [("pause", "10s")]),
        ("fr", "(courte pause)", [("pause", f"{SHORT:g}s")]),
        ("fr", "(La musique s'arrête)", [("direction", "La musique s arrête")]),
        ("fr", "On commence dans 3, 2, 1…", [("count-in", "")]),
    ],
)
def test_marks(language, text, marks):
    assert find(text, language) == marks


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("(rest)", "*hold*", "(5)", "(if you like, pause and look)", "and/or", "10/12")),
        *(("en", text) for text in ("in 1984, 1985", "20, 30, 40", "It is 5, 6 or so.", "<b>", "Hello.. there")),
        *(("en", text) for text in ("(your right side)", "Bend (or keep them straight).", "Bend (gently).")),
        ("en", "Listen to the music (or the silence)."),
        ("en", "Use a strap (optional)."),
        ("de", "Heb die Arme (oder lass sie unten)."),
        ("es", "Levanta los brazos (o déjalos abajo)."),
        ("fr", "Lève les bras (ou laisse-les en bas)."),
    ],
)
def test_what_is_for_the_listener(language, text):
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        *(
            (line, True)
            for line in ("Pause.", "Pause for a few seconds.", "PAUSE 5s", "30 seconds", "- silence, 1 min -")
        ),
        *(
            (line, False)
            for line in ("Rest.", "Hold for 30 seconds.", "Wait ten seconds.", "Pause here if you want.", "5")
        ),
    ],
)
def test_a_whole_line_may_be_a_pause(line, asks):
    assert bool(parse_pause(line, load_vocabulary("en"))) == asks


@pytest.mark.parametrize(
    ("language", "sentence", "kind", "length"),
    [
        ("en", "Hold for 30 seconds.", "hold", "30s"),
        ("en", "Stay here, breathing easily, for one minute.", "hold", "60s"),
        ("en", "Finish with a 20 second hold.", "hold", "20s"),
        ("en", "Wait ten seconds.", "pause", "10s"),
        ("en", "Rest for a minute.", "rest", "60s"),
        ("en", "Rest in child's pose for a minute.", "hold", "60s"),
        ("en", "March on the spot for 45 seconds.", "hold", "45s"),
        ("en", "Sit quietly for two minutes.", "pause", "120s"),
        ("en", "Hold your breath for 7 seconds.", "pause", "7s"),
        ("en", "Hold for a moment.", "pause", "3s"),
        ("en", "Inhale for four seconds.", "pause", "4s"),
        ("en", "Don't bounce, and hold for 20 seconds.", "hold", "20s"),
        ("de", "Halte die Dehnung 30 Sekunden.", "hold", "30s"),
        ("de", "Die Position 30 Sekunden lang halten.", "hold", "30s"),
        ("de", "Warte zehn Sekunden.", "pause", "10s"),
        ("de", "Halte den Atem für 5 Sekunden an.", "pause", "5s"),
        ("es", "Mantén la postura durante 30 segundos.", "hold", "30s"),
        ("es", "Descansa durante un minuto.", "rest", "60s"),
        ("es", "Espera diez segundos.", "pause", "10s"),
        ("fr", "Tiens la posture pendant 30 secondes.", "hold", "30s"),
        ("fr", "Repose-toi pendant une minute.", "rest", "60s"),
        ("fr", "Attends dix secondes.", "pause", "10s"),
    ],
)
def test_what_words_ask_for(language, sentence, kind, length):
    timed = asked.find_asked(sentence, load_vocabulary(language))
    assert (timed.kind, show_length(timed.duration)) == (kind, length)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Never hold for more than 30 seconds."),
        ("en", "Don't hold it for 30 seconds."),
        ("en", "This takes 5 minutes."),
        ("en", "We have been at it for ten minutes."),
        ("en", "Hold on to a chair."),
        ("de", "Nie länger als 30 Sekunden halten."),
        ("es", "No mantengas más de 30 segundos."),
        ("fr", "Ne tiens pas plus de 30 secondes."),
    ],
)
def test_words_that_ask_for_no_time(language, sentence):
    assert asked.find_asked(sentence, load_vocabulary(language)) is None


def test_words_after_a_hold_are_said_after_it():
    sentence = "Hold for 30 seconds, then lower."
    assert sentence[: asked.find_asked(sentence, load_vocabulary("en")).end] == "Hold for 30 seconds, "


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        *(("en", text, "instructions") for text in ("How to: kneel", "Cue: Root down.", "Coaching points: slow")),
        *(("en", text, "dose") for text in ("Duration: 2 minutes per side", "Hold: 30 s", "Sets: 3")),
        *(("en", text, "information") for text in ("Level: easy", "Equipment: a mat", "Total time: 20 min")),
        *(("en", text, "section") for text in ("Phase 1: Breath", "Exercise 1.2: Hip tilt", "Warm-up: easy")),
        *(("en", text, "speaker") for text in ("VO: Hello", "Instructor: Sit tall.", "Narrator (V.O.): Sit.")),
        ("en", "SFX: a bell", "direction"),
        ("en", "Standing: pull your foot up", "variant"),
        ("en", "Rest: 30 s", "rest"),
        ("en", "Next exercise: Plank", "next"),
        ("en", "Cat stretch: Kneel and round your back.", "name"),
        ("en", "It is 10:30 now", None),
        ("de", "Ausführung: Knie dich hin", "instructions"),
        ("de", "Dauer: 30 Sek.", "dose"),
        ("de", "Hilfsmittel: ein Gurt", "information"),
        ("de", "Übung 2: Brücke", "section"),
        ("es", "Duración: 30 s", "dose"),
        ("es", "Nivel: fácil", "information"),
        ("fr", "Durée : 30 s", "dose"),
        ("fr", "Matériel : un tapis", "information"),
    ],
)
def test_labels(language, text, kind):
    label = labels.find_label(text, load_vocabulary(language))
    assert (label.kind if label else None) == kind


@pytest.mark.parametrize(
    ("language", "head", "cell", "kind", "meaning"),
    [
        ("en", "Exercise", "Plank", "name", "-"),
        ("en", "Sets", "3", "sets", "sets 3"),
        ("en", "Reps/Time", "60s", "reps", "hold 60s"),
        ("en", "Reps/Time", "12", "reps", "reps 12"),
        ("en", "Reps", "8-12", "reps", "reps 8"),
        ("en", "Reps", "10 each side", "reps", "reps 10, sides left side/right side"),
        ("en", "Hold (sec)", "30", "hold", "hold 30s"),
        ("en", "Time (min)", "1-2", "hold", "hold 60s..120"),
        ("en", "Rest", "30", "rest", "rest 30s"),
        ("en", "Side", "both sides", "side", "sides left side/right side"),
        ("en", "#", "1", "number", "-"),
        ("en", "SFX", "bell", "direction", "-"),
        ("de", "Sätze", "3", "sets", "sets 3"),
        ("de", "Wdh.", "10", "reps", "reps 10"),
        ("de", "Dauer", "45 Sek.", "hold", "hold 45s"),
        ("de", "Pause", "30 s", "rest", "rest 30s"),
        ("es", "Series", "3", "sets", "sets 3"),
        ("es", "Repeticiones", "10 por pierna", "reps", "reps 10, sides pierna izquierda/pierna derecha"),
        ("fr", "Séries", "3", "sets", "sets 3"),
        ("fr", "Durée", "1 min 30", "hold", "hold 90s"),
    ],
)
def test_cells_of_a_table(language, head, cell, kind, meaning):
    words = load_vocabulary(language)
    assert (labels.column_kind(head, words), show(labels.read_cell(head, cell, words))) == (kind, meaning)


@pytest.mark.parametrize(
    ("line", "name", "certain"),
    [
        ("Plank – 45 s", "Plank", True),
        ("Side plank (30 seconds) x 2", "Side plank", True),
        ("30 sec squats", "squats", True),
        ("Bird dog 1:00", "Bird dog", False),
        ("10 squats", "squats", True),
        ("Stand on one leg and hold 20 s", "Stand on one leg", False),
        *((line, None, None) for line in ("Twice as heavy.", "Just be for a few moments.", "Level: 3")),
        ("Squats: 12-15", "Squats", True),
        ("Stretch 5 min", "Stretch", False),
        *((line, None, None) for line in ("Hold: 30 seconds", "Keep it there for 30 seconds.", "Plank", "2 blankets")),
    ],
)
def test_lines_of_a_list(line, name, certain):
    listed = labels.parse_listed(line, load_vocabulary("en"))
    assert ((listed.name, listed.certain) if listed else (None, None)) == (name, certain)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        *((text, True) for text in ("Do 10 reps.", "Perform 3 sets of 12 on each leg.", "Repeat on the other side.")),
        *((text, False) for text in ("Lift your leg 10 times.", "Lie down.", "Reach up and hold for 10 seconds.")),
    ],
)
def test_whether_a_dose_is_all_that_a_sentence_asks_for(text, alone):
    words = load_vocabulary("en")
    assert read_dose(text, words).is_all_of(text, words) == alone
