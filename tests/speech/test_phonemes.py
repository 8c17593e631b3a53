"""IPA to the alphabet of the embedded voice."""

import pytest

from audioguide.speech.lexicon import to_hibari_phonemes


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
    with pytest.raises(ValueError, match=r"no sound of English|No vowel follows"):
        to_hibari_phonemes(ipa)


def test_the_voice_knows_every_letter() -> None:
    import json
    from importlib.resources import files

    known = set(json.loads((files("hibari") / "assets/vocab.json").read_text("utf-8")))
    sounds = "i ɪ ɛ æ ɑ ɔ ʊ u ʌ ə ɜ ɝ ɚ ɒ eɪ aɪ oʊ əʊ aʊ ɔɪ b d f h j k l m n p s t v w z ð ŋ ɡ g ɹ r ʃ ʒ tʃ dʒ θ"
    assert set(to_hibari_phonemes(sounds)) <= known
