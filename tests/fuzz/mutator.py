"""Makes hostile inputs from real ones: text by lines, words, numbers and nesting, JSON by its tree, others by bytes.

Everything is drawn from the `Random` that is handed in, so that a run with the same seed is the same run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

LIMITS = (
    "0 1 -1 2 3 7 10 60 99 100 101 0.1 0.5 1.5 -0.0 00 010 1e3 1e308 1e400 -1e400 1e-400 1e-9 .inf -.inf .nan nan inf "
    "Infinity NaN 0x10 0o17 0b1 1_000 1,5 1:30 1:02:03 0:00 59:60 99:59:59 45s 1m30s 2min 0s 1e400s 12h 12h1s 43200 "
    "43201 255 256 32767 65536 2147483647 2147483648 4294967296 9223372036854775807 9223372036854775808 1000000 "
    "99999999999999999999 1.7976931348623157e308 2.5e-324 ² ½ ٣ 三 一 2026-02-30 2026-13-01 0000-00-00 9999-12-31 "
    "10000-01-01 1900-01-01 true false null ~ yes no on off 4-6 4-7-8 0-0 1-1-1-1-1 1+1-1 99-99 +10s -10s +10% x2 "
    "1..6 6..1 1..1 0..0 ..  1s..2s 2s..1s half 50% 101% -4s 10 breaths 3 × 10 2x30s"
).split(" ")
SIGNS = (
    *"\0 \ufeff \u200b \u202e \u2028 \x85 \x0b \x1b \x7f \t \r \n \xa0 \xad \ud800 \udcff \ue000 \ufffe".split(" "),
    *"\U0001f9d8 \U0010ffff e\u0301 ß İ ﬁ Ǆ “ ” « » … – — × ½ ٣ ① 一 א ا".split(" "),
    *"' \" ` : - # & * ! | > % @ { } [ ] , ? < / \\ ( ) ~ $ ^ = + ; . _".split(" "),
    *(" ", "\n", "\r\n", ": ", "- ", "\n---\n", "\n...\n", "\n\n"),
)
NESTS = tuple(pair.split("_") for pair in '[_]|{a: _}|- _|? _|<b>_</b>|(_)|> _|*_*|{_}|# _|<ul><li>_|"_"'.split("|"))
_ODD: tuple[Any, ...] = (None, True, False, 0, 1, -1, 2, 3, 10, 100, 0.5, 1e-9, -0.0, 1e308, 2**31, 2**63, 10**310)
_WORDS = """
|0|1|45s|1m30s|1:30|12h|0s|-5s|1e400s|4-6|4-7-8|0.5-0.5|10 breaths|+10s|-10%|x2|half|1..6|left|on|off|short|de|xx|
|é\u0301|\u202e|\0|{hold}|{pause 2s}|{until 9s}|{next}|{|}|*|[link](x)""".split("|")
_TREES: tuple[Any, ...] = ([], {}, [[]], [{}], {"a": {}}, ["left", "right"], {"": ""})
VALUES: tuple[Any, ...] = (*_ODD, *_WORDS, "", " ", "a" * 300, "x" * 3000, *_TREES)
_TOKEN = re.compile(r"\w+|[^\w\s]+")
_NUMBER = re.compile(r"[-+]?\d[\d.:]*")
LARGEST_MADE = 60_000  # signs that an input grows to, usually


def mutate(data: bytes, chance: Random, pool: Sequence[bytes], words: Sequence[str], kind: str) -> bytes:
    """Another input, made of this one and perhaps of another one of the pool."""
    other = chance.choice(pool)
    if kind == "bytes":
        return _repeatedly(_BYTES, data, chance, other, words)
    if data[:1] in b"{[" and data[:1] and chance.random() < 0.85:
        try:
            tree = json.loads(data)
            donor = json.loads(other) if other[:1] in b"{[" and other[:1] else None
        except (ValueError, RecursionError):
            tree = None
        if tree is not None:
            for _ in range(_few(chance)):
                tree = _change_tree(tree, chance, donor, words)
            return json.dumps(tree, ensure_ascii=chance.random() < 0.1).encode("utf-8", "surrogatepass")
    text, more = (one.decode("utf-8", "surrogateescape") for one in (data, other))
    text = _repeatedly(_TEXTS, text, chance, more, words)
    if chance.random() < 0.01:
        encoding = chance.choice(("utf-16", "utf-8-sig", "latin-1", "utf-32", "cp1252"))
        return text.encode(encoding, "replace")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _few(chance: Random) -> int:
    """1 to 12, mostly 1 to 3."""
    count = 1
    while count < 12 and chance.random() < 0.35:
        count += 1
    return count


def _repeatedly(ways: Sequence[Callable[..., Any]], made: Any, chance: Random, other: Any, words: Sequence[str]) -> Any:
    for _ in range(_few(chance)):
        made = chance.choice(ways)(made, chance, other, words)
    return made if len(made) < LARGEST_MADE or chance.random() < 0.02 else made[:LARGEST_MADE]


def _often(chance: Random) -> int:
    """How often something is repeated: mostly a few times, at times 10,000 times."""
    return int(10 ** (chance.random() ** 3 * 4)) + 1


# Trees


def _paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found, items = [path], ()
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list):
        items = enumerate(tree)
    for key, value in items:
        found += _paths(value, (*path, key)) if len(path) < 40 and len(found) < 3000 else []
    return found


def _at(tree: Any, path: Sequence[Any]) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def _copy(tree: Any) -> Any:
    return deepcopy(tree) if isinstance(tree, dict | list) else tree


def _change_tree(tree: Any, chance: Random, donor: Any, words: Sequence[str]) -> Any:
    paths = _paths(tree)[1:]
    if not paths:
        return _copy(chance.choice(VALUES)) if chance.random() < 0.1 else {"title": "A", "steps": []}
    *above, key = chance.choice(paths)
    owner = _at(tree, above)
    match chance.randrange(14):
        case 0:
            del owner[key]
        case 1:
            owner[key] = _copy(chance.choice(VALUES))
        case 2 if isinstance(owner[key], str):
            owner[key] = _repeatedly(_TEXTS, owner[key], chance, chance.choice(words or ("a",)), words)
        case 3 if isinstance(owner, list):
            many = min(_often(chance), 20_000 // (1 + len(json.dumps(owner[key]))) + 1)
            owner[key:key] = [_copy(owner[key]) for _ in range(many)]
        case 4 if isinstance(owner, list):
            chance.shuffle(owner)
        case 5 if words:
            word = chance.choice(words)
            if isinstance(owner, dict):
                owner[word] = owner.pop(key) if chance.random() < 0.5 else _copy(chance.choice(VALUES))
            else:
                owner[key] = word
        case 6:
            for _ in range(min(_often(chance), 150)):
                owner[key] = [owner[key]] if chance.random() < 0.5 else {str(key): owner[key]}
        case 7:
            owner[key] = chance.choice(LIMITS)
        case 8 if isinstance(owner[key], int | float) and not isinstance(owner[key], bool) and abs(owner[key]) < 1e18:
            number = owner[key]
            owner[key] = chance.choice((-number, number * 2, number + 1, number / 3, 10**6, f"{number}"))
        case _:
            _graft(owner, key, chance, donor)
    return tree


def _graft(owner: Any, key: Any, chance: Random, donor: Any) -> None:
    """Something of another tree: under the same key, where it has that."""
    paths = _paths(donor)[1:]
    if not paths:
        return
    alike = [path for path in paths if path[-1] == key]
    path = chance.choice(alike if alike and chance.random() < 0.8 else paths)
    if isinstance(owner, dict) and isinstance(path[-1], str) and chance.random() < 0.5:
        key = path[-1]
    owner[key] = _copy(_at(donor, path))


# Texts


def _lines(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            del lines[at : at + 1 + chance.randrange(3)]
        case 1:
            lines[at:at] = [lines[at]] * min(_often(chance), 100_000 // (1 + len(lines[at])))
        case 2:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at] = " " * chance.choice((1, 2, 4, 100)) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case 5:
            others = other.split("\n")
            start = chance.randrange(len(others))
            lines[at:at] = others[start : start + 1 + chance.randrange(6)]
        case 6:
            lines[at] = lines[at].rpartition(":")[0] + ": " + chance.choice((*words, *LIMITS))
        case _:
            lines[at : at + 2] = [" ".join(lines[at : at + 2])]
    return "\n".join(lines)


def _tokens(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    if not (found := list(_TOKEN.finditer(text))):
        return text + chance.choice(words or LIMITS)
    at = chance.choice(found)
    ways = (chance.choice(words or LIMITS), "", at[0] * 2, at[0].upper(), at[0][::-1], chance.choice(found)[0])
    new = chance.choice(ways)
    return text[: at.start()] + new + text[at.end() :]


def _numbers(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    if not (found := list(_NUMBER.finditer(text))):
        return text + chance.choice(LIMITS)
    at = chance.choice(found)
    new = chance.choice(LIMITS) if chance.random() < 0.8 else at[0] * min(_often(chance), 4000)
    return text[: at.start()] + new + text[at.end() :]


def _signs(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    sign = chance.choice(SIGNS)
    return text[:at] + sign * (1 if chance.random() < 0.8 else _often(chance)) + text[at + chance.randrange(2) :]


def _nest(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    until = min(len(text), at + chance.randrange(40))
    before, after = chance.choice(NESTS)
    many = _often(chance)
    return text[:at] + before * many + text[at:until] + after * (many if chance.random() < 0.7 else 0) + text[until:]


def _splice(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at, start = chance.randrange(len(text) + 1), chance.randrange(len(other) + 1)
    return text[:at] + other[start : start + chance.choice((5, 50, 500, 5000))] + text[at:]


def _cut(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 2, 10, 100, 100_000)) :]


def _repeat(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    piece = text[at : at + chance.choice((1, 2, 5, 20, 200))]
    return text[:at] + piece * min(_often(chance), 1 + 100_000 // (1 + len(piece))) + text[at:]


def _add_word(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return (
        text[:at]
        + chance.choice((" ", "", "\n"))
        + chance.choice(words or LIMITS)
        + chance.choice((" ", "", ": "))
        + text[at:]
    )


def _anchor(text: str, chance: Random, other: str, words: Sequence[str]) -> str:
    places = [found.end() for found in re.finditer(r": |- ", text)]
    if len(places) < 2:
        return text
    first, second = sorted(chance.sample(places, 2))
    merged = chance.choice(
        ("*a ", "*a", "{<<: *a}", "[*a, *a, *a]", "!!python/object:os.system ", "!!binary ", "!!set ")
    )
    return text[:first] + "&a " + text[first:second] + merged + text[second:]


_TEXTS = (
    _lines,
    _lines,
    _tokens,
    _tokens,
    _numbers,
    _numbers,
    _signs,
    _nest,
    _splice,
    _cut,
    _repeat,
    _add_word,
    _anchor,
)


# Bytes


def _flip(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    if not data:
        return b"\0"
    made = bytearray(data)
    for _ in range(_few(chance)):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def _set_number(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    size = chance.choice((1, 2, 4, 8))
    number = chance.choice((0, 1, 2**7, 2**7 - 1, 2**15, 2**31 - 1, 2**31, 2**63, 2**64 - 1, len(data), len(data) - 1))
    at = chance.randrange(len(data) + 1)
    made = (number % 2 ** (8 * size)).to_bytes(size, chance.choice(("big", "little")))
    return data[:at] + made + data[at + (size if chance.random() < 0.8 else 0) :]


def _cut_bytes(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 4, 16, 256, len(data))) :]


def _double_bytes(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    at = chance.randrange(len(data) + 1)
    piece = data[at : at + chance.choice((1, 8, 64, 1024))]
    return data[:at] + piece * min(_often(chance), 1 + 100_000 // (1 + len(piece))) + data[at:]


def _splice_bytes(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    at, start = chance.randrange(len(data) + 1), chance.randrange(len(other) + 1)
    size = chance.choice((4, 16, 256, 100_000))
    return data[:at] + other[start : start + size] + data[at + (size if chance.random() < 0.5 else 0) :]


def _word_bytes(data: bytes, chance: Random, other: bytes, words: Sequence[str]) -> bytes:
    at = chance.randrange(len(data) + 1)
    word = chance.choice(words or LIMITS).encode("utf-8", "surrogatepass")
    return data[:at] + word + data[at + (len(word) if chance.random() < 0.5 else 0) :]


_BYTES = (_flip, _flip, _set_number, _set_number, _cut_bytes, _double_bytes, _splice_bytes, _word_bytes)
