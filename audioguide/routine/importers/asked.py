"""What spoken words are about: time that is asked for ("hold for 30 seconds"), a movement, a release, a breath."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from audioguide.routine.importers.lengths import Duration, load_rules, read_groups, scan
from audioguide.routine.importers.vocabulary import Vocabulary, fold


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that words ask for. The words go on being spoken; the silence comes after their first `end` characters.

    `text`: the words that ask for it. `certain`: a verb says so.
    """

    kind: Literal["pause", "hold", "rest"]
    duration: Duration
    end: int
    certain: bool
    text: str


_NOT = re.compile(r"n[^.!?;,&]{0,6}$")


@lru_cache(256)
def find_asked(sentence: str, vocabulary: Vocabulary, breathing: bool = False) -> Asked | None:
    """What a sentence asks for: `hold for 30 seconds`, `rest for a minute`, `wait ten seconds`; None: nothing.

    `breathing`: it stands among words that lead a breath, so a few seconds belong to it.
    """
    tokens, codes = scan(sentence, vocabulary) if vocabulary.counts(sentence) else ([], "")
    if "D" not in codes and "G" not in codes:
        return None
    held = load_rules("asked").search(codes)
    moving = vocabulary.has("moves", sentence) and not vocabulary.has("stills", sentence)
    begins = _begins(sentence, vocabulary)
    names = [name for name, fits in (("timed", begins), ("moved", moving), ("timed_move", begins and moving)) if fits]
    match = held or next(filter(None, (load_rules(name).search(codes) for name in names)), None)
    if match is None or _NOT.search(codes, max(0, match.start() - 9), match.start()) or "n" in match[0]:
        return None
    groups = read_groups(match, tokens)
    length: Duration = groups["length"][0].value
    verb = groups["verb"][0].code if held else ""
    between = "".join(token.code for token in groups.get("between", ()))
    kind: Literal["pause", "hold", "rest"] = "pause"
    # "rest in savasana", not "rest your head" or "rest in child's pose"
    named = between.startswith("d") or (between.strip("f:,") and vocabulary.has("moves", sentence))
    if verb == "R" and length.seconds and not named:
        kind = "rest"
    elif verb in ("h", "R"):
        # A few seconds among words about breathing, or of the breath itself, are the breath being held.
        breath = (breathing and 0 < length.seconds < 10) or re.search(r"[IE]|d[bY]|^W?g[,f]*$", between)
        kind = "pause" if breath or "m" in codes or (length.vague and length.seconds == 3) else "hold"
    elif not verb and moving:
        kind = "hold"
    start, end = tokens[match.start()].start, tokens[match.end() - 1].end
    rest = sentence[end:].lstrip(" ,;:–—-")
    after = len(sentence) - (len(rest) if vocabulary.starts("afterwards", rest) else 0)
    return Asked(kind, length, after, bool(held), sentence[start:end])


def _begins(sentence: str, vocabulary: Vocabulary) -> bool:
    return bool(vocabulary.starts("moves", sentence) or vocabulary.starts("starts", sentence))


def is_exercise(text: str, vocabulary: Vocabulary) -> bool:
    """Whether something is done in a silence after these words, rather than felt or thought about.

    Words that name a movement or a part of the body that is moved; failing that, a few words that name no stillness.
    """
    moves, stills = vocabulary.has("moves", text), vocabulary.has("stills", text)
    return moves > stills if stills else bool(moves) or len(text.split()) <= 4


@lru_cache(1000)  # each is asked of with each pause after it
def is_movement(sentence: str, vocabulary: Vocabulary) -> bool:
    """Whether a sentence tells to move: it begins with a verb that does."""
    return _begins(sentence, vocabulary) and bool(vocabulary.has("moves", sentence))


def is_release(sentence: str, vocabulary: Vocabulary) -> bool:
    """Whether a sentence leads out of a hold, and only that."""
    brief = len(sentence.split()) <= 12 and find_asked(sentence, vocabulary) is None
    return brief and vocabulary.starts("releases", sentence)


def is_rest(name: str, vocabulary: Vocabulary) -> bool:
    """Whether a name (of a line, a heading, a cell) is that of a rest between exercises."""
    return bool(vocabulary.bag("rest_names").fullmatch(fold(name.strip(" .:!"))))


@lru_cache(4)
def is_breathing(text: str, vocabulary: Vocabulary) -> bool:
    """Whether the words lead a breath: a few seconds after them belong to it."""
    return bool(re.search(r"[IE]|d[bY]|^[IEYQ]", scan(text, vocabulary)[1]))
