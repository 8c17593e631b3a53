"""Lays the words of a language file over a routine or a pose: `taster.de.yaml` over `taster.yaml`.

A language file has the shape of its original with nothing but words in it: the same keys, and lists of as many items in
the same order, `{}` for one without words.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from audioguide.errors import Code, Problem, RoutineError, suggest
from audioguide.schema.document import MOST_PROBLEMS, Document, Keys, read_document
from audioguide.system import paths

WORDS = frozenset(
    "title description name sides instructions caution brief normal full breath_words in out tempo_words effort pause "
    "return prompts say begin release chapter pose steps".split()
)


def lay_words(original: Document, words: Document, language: str) -> tuple[Document, tuple[Problem, ...]]:
    """The original in the words of a language, each with its place there; and what does not fit, or (warnings) lacks.

    Poses keep the names by which options know them. A routine's voice gives way to one of the language.
    """
    places, problems = dict(original.places), list[Problem]()

    def tell(path: Keys, code: Code, message: str, hint: str, how: Literal["error", "warning"] = "error") -> None:
        problems.append(Problem(words.keys.get(path) or words.place(path), code, message, hint, how))

    def lay(under: Any, over: Any, path: Keys) -> Any:
        match under, over:
            case dict(), dict():
                wanted = _with_words(under)
                lacking = sorted(key for key in wanted if key not in over and _has_words(wanted[key]))
                for key in sorted(over.keys() - wanted.keys())[:MOST_PROBLEMS]:
                    near = suggest(key, lacking)
                    hint = near if near.startswith("Did") else "Take it out: a language file has only words."
                    tell((*path, key), "unknown-key", f"The original has no words for {key!r} here.", hint)
                for key in lacking:
                    message = f"{key!r} is missing here, so it is said as in the original."
                    tell(path, "missing-words", message, "Write it here, too, even where it stays the same.", "warning")
                laid = {key: lay(value, over[key], (*path, key)) for key, value in wanted.items() if key in over}
                names = {f"original_{key}": under[key] for key in ("name", "sides") if key in laid}
                return under | laid | names
            case list(), list() if len(under) == len(over):
                return [lay(one, own, (*path, index)) for index, (one, own) in enumerate(zip(under, over, strict=True))]
            case (dict() | list(), _) | (_, dict() | list() | None):
                message = f"The original has {_describe(under)} here, not {_describe(over)}."
                hint = f"Write it as in {original.place(path)}, and {{}} for an item without words."
                tell(path, "unlike-original", message, hint)
                return under
        places[path] = words.place(path)
        return over

    data = lay(original.data, words.data, ())
    if "steps" in data:
        data |= {"language": language, "steps": data.pop("steps")}
        places["language",] = words.place(())
    if places.pop(("defaults", "voice"), None):
        data["defaults"] = {key: value for key, value in data["defaults"].items() if key != "voice"}
    return replace(original, data=data, places=places), tuple(problems)


def _with_words(owner: dict[str, Any]) -> dict[str, Any]:
    """What of a mapping may be words or have some in it: not the id of a pose, nor the sides that a step chooses."""
    found = {key: value for key, value in owner.items() if key in WORDS and value is not None}
    names = () if "name" in owner else ("pose", "sides")
    return {key: value for key, value in found.items() if key not in names or isinstance(value, dict)}


def _has_words(value: Any) -> bool:
    inner = _with_words(value).values() if isinstance(value, dict) else value
    return any(map(_has_words, inner)) if isinstance(value, dict | list) else True


def _describe(value: Any) -> str:
    kinds = {dict: "keys", type(None): "nothing"}
    return f"{len(value)} items" if isinstance(value, list) else kinds.get(type(value), "a text")


def in_language(path: Path, original: Document, language: str) -> Document | None:
    """The document at `path` in a language; None where no file has its words. RoutineError where they do not fit.

    A shipped language file is for the shipped original: where a person's own has another shape, it is none.
    """
    if not (file := paths.language_file(path, language)):
        return None
    laid, problems = lay_words(original, read_document(file), language)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        if paths.is_user_file(path) and not paths.is_user_file(file):
            return None
        raise RoutineError(errors)
    return laid


def language_of(document: Document) -> str:
    """The language that a routine is written in."""
    return str(document.data.get("language") or "en")
