"""The lexicon: what is found in a text, the person's own over the shipped one, and which clips a change makes anew."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audioguide.errors import RequestError, RoutineError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import Engine
from audioguide.speech.lexicon import Lexicon, LexiconFormat, find_lexicon, load_lexicon
from audioguide.speech.respelling import to_hibari_phonemes
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import find_profile
from audioguide.system import paths

SHIPPED = Path(__file__).resolve().parents[2] / "voices/lexicon.yaml"
HEART = find_profile("heart")
SOME = Lexicon(
    {("psoas",): "so us", ("wind", "down"): "wined down", ("uttanasana",): "oota", ("child's", "pose"): "CP"}
)


@pytest.fixture
def own(home: Path) -> Path:
    """The person's own lexicon, not there yet."""
    (home / "voices").mkdir(parents=True)
    return home / "voices/lexicon.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Feel your psoas.", "Feel your so us."),
        ("Psoas, PSOAS", "So us, So us"),
        ("the psoas's length, the psoas’s length", "the so us's length, the so us’s length"),
        ("Uttānāsana", "Oota"),
        ("Wind down, wind-down", "Wined down, wined down"),
        ("The wind. Down you go: wind  down, wind, down", "The wind. Down you go: wind  down, wind, down"),
        ("Child's pose, child’s pose, child's, pose", "CP, CP, child's, pose"),
        ("psoas-like, iliopsoas, psoas2", "so us-like, iliopsoas, so us2"),
        ("wind", "wind"),
        ("", ""),
    ],
)
def test_words_and_phrases_are_found_whole(text: str, said: str) -> None:
    assert SOME.replace(text) == said


def test_the_longest_phrase_is_taken() -> None:
    words = Lexicon({("bow",): "1", ("bow", "your", "head"): "3", ("bow", "your"): "2"})
    assert words.replace("bow, bow your hip, bow your head, bow your") == "1, 2 hip, 3, 2"


def test_every_shipped_word_has_both_readings() -> None:
    assert len(load_lexicon(SHIPPED, "ipa").readings) > 300
    for lexicon_format in ("ipa", "say"):
        lexicon = load_lexicon(SHIPPED, lexicon_format)
        several = [said for others in lexicon.others.values() for said, _ in others]
        assert len(several) > 15
        usual = [said for key, said in lexicon.readings.items() if said or key not in lexicon.others]
        if lexicon_format == "ipa":
            assert all(map(to_hibari_phonemes, usual + several))
        else:
            assert all(said.replace(" ", "").isalpha() for said in usual + several)


def test_the_lexicon_is_no_voice() -> None:
    assert SHIPPED.stem not in paths.voice_files()


def test_a_persons_own_words_go_over_the_shipped_ones(own: Path) -> None:
    own.write_text("psoas: {ipa: ˈpsoʊ.əs, say: p so us}\nGriffin pose: griffon\nmalasana:\n  ipa: ˈmɑ.lə\n", "utf-8")
    sounds, letters = find_lexicon(HEART, "ipa"), find_lexicon(HEART, "say")
    assert sounds.find_readings("psoas malasana griffin pose") == ("ˈpsoʊ.əs", "ˈmɑ.lə")
    assert letters.replace("psoas malasana Griffin pose") == "p so us malasana Griffon"
    assert sounds.find_readings("balasana") == ("bəˈlɑ.sə.nə",)


def test_a_voice_has_its_own_or_none(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("psoas: psow\n", "utf-8")
    assert find_lexicon(replace(HEART, lexicon=str(other)), "say").replace("psoas balasana") == "psow buh lahsanuh"
    assert find_lexicon(replace(HEART, lexicon=False), "say").replace("psoas") == "psoas"
    assert find_lexicon(replace(HEART, language="de"), "say").replace("psoas") == "psoas"
    with pytest.raises(RequestError, match="There is no file"):
        find_lexicon(replace(HEART, lexicon=str(tmp_path / "none.yaml")), "say")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("psoas: {ipa: qoʊ}", "2:14: 'q' is not a sound of English. Write it in the phonetic alphabet"),
        ("psoas: {ipa: soʊˈ}", "2:14: No vowel follows the last"),
        ("psoas: {says: so us}", "2:.* There is no key 'says' here. Did you mean say"),
        ("psoas:", "2:.*This entry has no reading. Write {ipa"),
        ("psoas: {}", "2:8: This entry has no reading"),
        ("psoas: {say: '...'}", "2:14: There is nothing to say here"),
        ("psoas: [so, us]", "2:8: .*mapping"),
        ("psoas: {say: 3}", "2:14: There is nothing to say here"),
        ("psoas: {say: ''}", "2:14: 'say' is empty"),
        ("'4-7-8': four", "2:1: '4-7-8' is not a word or a phrase"),
        ("'psoas, left': so", "2:1: 'psoas, left' is not a word or a phrase"),
        ("A\u0301b: one\nab: two", "3:1: 'ab' is here twice"),
    ],
)
def test_bad_entries_are_located(own: Path, entry: str, problem: str) -> None:
    own.write_text(f"# mine\n{entry}\n", "utf-8")
    with pytest.raises(RoutineError, match=rf"lexicon\.yaml:{problem}"):
        find_lexicon(HEART, "ipa")


class Listener(Engine):
    """An engine that only tells what it was given."""

    version, sample_rate = "1", 24_000

    def __init__(self, lexicon_format: LexiconFormat | None) -> None:
        super().__init__(HEART)
        self.lexicon_format = lexicon_format  # type: ignore[misc]
        self.heard: list[str] = []

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        self.heard.append(text)
        return np.full(4800, 0.5, np.float32)


def made(tmp_path: Path, lexicon_format: LexiconFormat | None) -> list[str]:
    """What is spoken anew of two texts, the clips of earlier calls being known."""
    engine = Listener(lexicon_format)
    with VoiceSpeaker(HEART, engine, ClipCache(tmp_path / "clips"), threads=1) as speaker:
        for text in ("Stretch your psoas. Then rest.", "Stretch your calf for 30s."):
            speaker.clip_for(Utterance(text, "say"))
    return engine.heard


def test_engines_that_take_letters_get_a_respelling_by_sentence(tmp_path: Path, own: Path) -> None:
    assert made(tmp_path, "say") == ["Stretch your soeus.", "Then rest.", "Stretch your calf for 30 seconds."]


@pytest.mark.parametrize("lexicon_format", ["ipa", None])
def test_others_get_the_words_as_they_are(tmp_path: Path, own: Path, lexicon_format: LexiconFormat | None) -> None:
    assert made(tmp_path, lexicon_format)[0] == "Stretch your psoas."


@pytest.mark.parametrize(
    ("lexicon_format", "change", "anew"),
    [
        ("ipa", "psoas: {ipa: ˈpsoʊ.əs, say: soeus}", 2),
        ("ipa", "psoas: {ipa: ˈsoʊəs, say: p so us}", 0),
        ("ipa", "hamstring: {ipa: ˈhæm, say: ham}", 0),
        ("say", "psoas: {ipa: ˈsoʊəs, say: p so us}", 2),
        ("say", "psoas: {ipa: ˈpsoʊ.əs, say: soeus}", 0),
        (None, "psoas: {ipa: ˈpsoʊ.əs, say: p so us}", 0),
    ],
)
def test_exactly_the_clips_whose_reading_changes_are_made_anew(
    tmp_path: Path, own: Path, lexicon_format: LexiconFormat | None, change: str, anew: int
) -> None:
    assert len(made(tmp_path, lexicon_format)) == 3
    assert made(tmp_path, lexicon_format) == []
    own.write_text(change + "\n", "utf-8")
    assert len(made(tmp_path, lexicon_format)) == anew


@pytest.mark.parametrize(
    ("ipa", "letters"),
    [
        ("ˈsoʊ.əs", "sˈOəs"),  # as the library's own dictionary has it
        ("ˌu.tɑˈnɑ.sə.nə", "ˌutɑnˈɑsənə"),
        ("ˈstrɛtʃ", "stɹˈɛʧ"),
        ("ˈdʒɔɪnt", "ʤˈYnt"),
        ("ˈvɝː.tə.breɪ", "vˈɜɹtəbɹA"),
        ("haɪ naʊ", "hI nW"),
        ("gəʊ", "ɡO"),
    ],
)
def test_sounds_are_put_into_letters(ipa: str, letters: str) -> None:
    assert to_hibari_phonemes(ipa) == letters


@pytest.mark.parametrize("ipa", ["ˈsoːq", "aˈsa", "psoas", "bet", "ˈs", "so as", "ˈsoʊ.əs!", "Ash", "x"])
def test_what_is_no_sound_of_english_is_said(ipa: str) -> None:
    with pytest.raises(ValueError, match=r"not a sound of English|No vowel follows"):
        to_hibari_phonemes(ipa)


def test_the_voice_knows_every_letter() -> None:
    known = set(json.loads((files("hibari") / "assets/vocab.json").read_text("utf-8")))
    sounds = "i ɪ ɛ æ ɑ ɔ ʊ u ʌ ə ɜ ɝ ɚ ɒ eɪ aɪ oʊ əʊ aʊ ɔɪ b d f h j k l m n p s t v w z ð ŋ ɡ g ɹ r ʃ ʒ tʃ dʒ θ"
    assert set(to_hibari_phonemes(sounds)) <= known


@pytest.mark.parametrize(
    ("voice", "text", "said"),
    [
        ("pico-de", "Vinyasa, Uttānāsana und Savasana.", "Winjahßa, Utanahßana und Schawahßana."),
        ("pico-de", "Das IT-Band, im Flow. Shh.", "Das Ih teh band, im Floh. Psst."),
        ("pico-es", "Savasana, namasté, el psoas y la Banda IT.", "Savásana, namasté, el soas y la Banda i te."),
        ("pico-fr", "Vinyasa, le psoas, la bande IT, Savasana.", "Viniassa, le psoasse, la bande i té, Chavassana."),
    ],
)
def test_other_languages_have_words_of_their_own(voice: str, text: str, said: str) -> None:
    assert find_lexicon(find_profile(voice), "say").replace(text) == said


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_the_words_of_other_languages_are_spelled_for_voices_that_take_letters(language: str) -> None:
    lexicon = load_lexicon(SHIPPED.with_name(f"lexicon-{language}.yaml"), "say")
    assert len(lexicon.readings) > 200
    assert all(said.replace(" ", "").isalpha() and said.islower() for said in lexicon.readings.values())
