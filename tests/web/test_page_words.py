"""The words of the page: the same keys and values in every language, and no text that is shown outside of them."""

import json
import re
from pathlib import Path

import pytest

import audioguide.web

PAGE = Path(audioguide.web.__file__).parent / "page"
WORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((PAGE / "words").glob("*.json"))}
ENGLISH = WORDS["en"]

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`', re.DOTALL)
SHOWN = re.compile(r"[A-Z][a-z]+(?: [a-z]+)+|^[A-Z][a-z]+$|[a-z]{2,} [a-z]{2,} [a-z]{2,}| [a-z]+\.$")
"""A sentence, a word with a capital, or several words: what a person would read."""

MEANT = re.compile(
    r"^(Content-Type|[A-Z]\w*Error|Arrow\w+|Enter|Escape|Home|End|Page(Up|Down)|Space|Tab|Delete|Backspace|Shift|"
    r"Deutsch|English|Español|POST|PUT|PATCH|DELETE|GET|TIME|LU)$"
)
"""Names that a browser or the server knows, and those of languages in themselves."""


def test_every_language_has_all_words_and_the_same_values_in_them():
    assert [*WORDS] == ["de", "en", "es"]
    for language, words in WORDS.items():
        assert words.keys() == ENGLISH.keys(), language
        for key, text in words.items():
            assert text.strip() == text != "", (language, key)
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", ENGLISH[key])), (language, key)


def code(path):
    """The text of a module without its comments."""
    return re.sub(r"(?m)^\s*//.*$|(?<=[;,{(]) //.*$", "", path.read_text("utf-8"))


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_a_module_shows_no_text_of_its_own_and_every_key_is_there(path):
    strings = [double or template for double, template in STRING.findall(code(path))]
    plain = [re.sub(r"\$\{[^}]*\}", " ", one) for one in strings]
    assert [one for one in plain if SHOWN.search(one) and not MEANT.match(one)] == []
    keys = re.findall(r'\b(?:say|has)\(\s*"([\w.-]+)"', code(path))
    assert [key for key in keys if key not in ENGLISH and f"{key}.other" not in ENGLISH] == []


def test_what_the_server_says_is_translated_as_it_says_it():
    """A sentence that changes there has to change here."""
    source = "\n".join(path.read_text("utf-8") for path in sorted(PAGE.parents[1].rglob("*.py")))
    sentences = [key.removeprefix("server: ") for key in ENGLISH if key.startswith("server: ")]
    assert sentences
    for sentence in sentences:
        assert ENGLISH[f"server: {sentence}"] == sentence
        assert [part for part in re.split(r"\{\w+\}", sentence) if part not in source] == []
