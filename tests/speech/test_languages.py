"""Which letters a language's voices read, and what a language is called."""

import pytest

from audioguide.speech.languages import check_has_words, check_letters, language_name, same_language, shorten


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Breathe in.", "en"),
        ("Uttānāsana, Übung, señor, œuvre", "en-GB"),
        ("Breathe 🙂 in ½ x²", "en"),
        ("Дыши ровно.", "ru"),
        ("Breathe, Дыши.", "ru-RU"),
        ("吸气", "zh"),
        ("息を吸って ゆっくり ストレッチー", "ja"),
        ("शवासन", "hi"),
    ],
)
def test_what_a_voice_reads(text: str, language: str) -> None:
    assert check_letters(text, language) is None


@pytest.mark.parametrize(
    ("text", "language", "letters"),
    [("Дыши", "en", "Дыш"), ("吸气", "de-DE", "吸气"), ("Breathe عربي", "ru", "بعر"), ("ひら", "zh", "ひら")],
)
def test_what_it_does_not_read_is_said_with_its_letters(text: str, language: str, letters: str) -> None:
    refused = check_letters(text, language)
    assert refused
    assert all(letter in refused.message.split("letters only, not")[1] for letter in letters)
    assert "\n" not in str(refused)


def test_other_scripts_are_named() -> None:
    refused = check_letters("عربي", "ru")
    assert refused
    assert "Latin and Cyrillic letters only" in refused.message


@pytest.mark.parametrize("text", ["", " ", "...", "!?—", "🙂", "( )"])
def test_only_signs_are_nothing_to_say(text: str) -> None:
    refused = check_has_words(text)
    assert refused
    assert "nothing to say" in refused.message


def test_a_digit_is_something_to_say() -> None:
    assert check_has_words("4-7-8") is None


def test_messages_quote_the_beginning_of_a_long_text() -> None:
    assert shorten("short") == "short"
    assert len(shorten("word " * 1000)) == 80


def test_languages() -> None:
    assert same_language("de", "de-AT")
    assert same_language("en_GB", "EN")
    assert not same_language("de", "en")
    assert language_name("de-AT") == "German"
    assert language_name("xx-YY") == "xx-YY"
