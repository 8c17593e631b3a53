"""Lays the words of a language file over a routine or a pose: `taster.de.yaml` over `taster.yaml`.

A language file has the shape of its original with nothing but words in it: the same keys, and lists of as many items in
the same order, `{}` for one without words.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from audioguide.errors import Code, Problem, RoutineError, suggest
from audioguide.schema.document import Document, Keys, read_document
from audioguide.system import paths

WORDS = frozenset(
    "title description name sides instructions caution brief normal full breath_words in out tempo_words effort pause "
    "return prompts say begin release chapter pose steps".split()
)


def lay_words(original: Document, words: Document, language: str) -> tuple[Document, tuple[Problem, ...]]:
    """The original in the words of a language, each with its place there; and what does not fit, or (warnings) lacks.

    Poses keep the names by which options know them as `original`. A routine's voice gives way to one of the language.
    """
    places, problems = dict(original.places), list[Problem]()

    def refuse(path: Keys, code: Code, message: str, hint: str) -> None:
        problems.append(Problem(words.keys.get(path) or words.place(path), code, message, hint))

    def lay(under: Any, over: Any, path: Keys) -> Any:
        match under, over:
            case dict(), dict():
                laid, lacking = dict(under), _find_words(under)
                for key, own in over.items():
                    if key in lacking:
                        laid[key] = lay(lacking.pop(key), own, (*path, key))
                    else:
                        near, idle = suggest(key, lacking), "Take it out: a language file has only words."
                        hint = near if near.startswith("Did") else idle
                        refuse((*path, key), "unknown-key", f"The original has no words for {key!r} here.", hint)
                for key in lacking:
                    message = f"{key!r} is missing here, so it is said as in the original."
                    hint = "Write it here, too, even where it stays the same."
                    problems.append(Problem(words.place(path), "missing-words", message, hint, "warning"))
                names = {key: under[key] for key in ("name", "sides") if key in under}
                return laid | {"original": names} if "name" in names else laid
            case list(), list() if len(under) == len(over):
                return [lay(one, own, (*path, index)) for index, (one, own) in enumerate(zip(under, over, strict=True))]
            case list(), list():
                message = f"The original has {len(under)} items here, not {len(over)}."
                refuse(path, "unlike-original", message, "Write as many in its order, {} for one without words.")
            case (dict() | list(), _) | (_, dict() | list() | None):
                message = f"The original has {_kind(under)} here, not {_kind(over)}."
                refuse(path, "unlike-original", message, f"See {original.place(path)}.")
            case _:
                places[path] = words.place(path)
                return over
        return under

    data = lay(original.data, words.data, ())
    if "steps" in data:
        data["language"], places["language",] = language, words.place(())
    if places.pop(("defaults", "voice"), None):
        data["defaults"] = {key: value for key, value in data["defaults"].items() if key != "voice"}
    return replace(original, data=data, places=places), tuple(problems)


def _find_words(owner: dict[str, Any]) -> dict[str, Any]:
    """What of a mapping is words or has some in it: not the id of a pose, nor the sides that a step chooses."""
    found = {key: value for key, value in owner.items() if key in WORDS and _has_words(value)}
    names = () if "name" in owner else ("pose", "sides")
    return {key: value for key, value in found.items() if key not in names or isinstance(value, dict)}


def _has_words(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(_find_words(value))
    return any(map(_has_words, value)) if isinstance(value, list) else value is not None


def _kind(value: Any) -> str:
    return {dict: "keys", list: "a list", type(None): "nothing"}.get(type(value), "a text")


def in_language(path: Path, original: Document, file: Path | None, language: str) -> Document | None:
    """The document at `path` in the words of a language `file`; None without one. RoutineError where it does not fit.

    A shipped one is for the shipped original: where a person's own has another shape, it is none.
    """
    laid, problems = lay_words(original, read_document(file), language) if file else (None, ())
    errors = [problem for problem in problems if problem.severity == "error"]
    if file and errors and paths.is_user_file(path) and not paths.is_user_file(file):
        return None
    if errors:
        raise RoutineError(errors)
    return laid


def language_of(document: Document) -> str:
    """The language that a routine is written in."""
    return str(document.data.get("language") or "en")
