"""What spoken words say about time: "hold for 30 seconds", "repeat three times", "on each side", "and release"."""

import re
from dataclasses import dataclass

from audioguide.routine.importers.pauses import AMOUNT, DIGITS, WORDED, parse_amount, parse_number
from audioguide.routine.importers.text_pieces import Amount, Kind

_EXERCISE = (
    "kneel|stand|lie|step|bend|fold|lift|raise|lower|stretch|reach|press|push|pull|twist|turn|tuck|squat|squats|lunge|"
    "lunges|plank|planks|bridge|roll|extend|straighten|hinge|arch|cross|hug|grab|jog|run|walk|march|jump|jumping|skip|"
    "hop|crawl|swing|lean|point|flex|squeeze|tighten|clench|tense|rotate|circle|tilt|slide|balance|climb|climbers|"
    "kick|punch|row|crunch|crunches|curl|burpees|shake|pose|stretches|dog|cobra|pigeon|warrior|leg|legs|knee|knees|"
    "hip|hips|hamstring|calf|quad|quads|glutes|arm|arms|heel|heels|toes"
)
_STILL = (
    "notice|feel|observe|imagine|picture|visuali[sz]e|listen|allow|let|soften|aware|awareness|attention|thank|welcome|"
    "breath|breathe|breathing|inhale|exhale|relax|rest|eyes|mind|thoughts?|comfortable|settle|think|remember|wish|may|"
    "i am|you are|silence|quiet|quietly|sense|sensations?|heart|gently bring|thanks|namaste|enjoy|scan|drift|sleep"
)
_MOVES = re.compile(rf"\b(?:{_EXERCISE})(?:ing|s|es)?\b", re.IGNORECASE)
_RESTS = re.compile(rf"\b(?:{_STILL})\b", re.IGNORECASE)
_HELD = re.compile(
    r"\b(?P<verb>hold|holding|stay|staying|remain|keep|wait|pause|rest|inhale|exhale|breathe (?:in|out))\b"
    rf"(?P<between>[^.!?…\n]{{0,60}}?)(?P<amount>{AMOUNT})",
    re.IGNORECASE,
)
_NOUN = re.compile(rf"(?P<amount>{AMOUNT})[ -](?P<verb>hold|pause)\b", re.IGNORECASE)
_TIMED = re.compile(rf"\bfor (?:about |around |at least |another |the next )?(?P<amount>{AMOUNT})\W*$", re.IGNORECASE)
_START = re.compile(
    r"(?:(?:now|then|and|next|slowly|gently|please|simply|just|finally),? ){0,3}"
    rf"(?:{_EXERCISE}|sit|breathe|relax|rest|continue|do|be|massage|ice|use|take|enjoy|repeat|warm up|cool down)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|avoid|without|no longer|more than|less than|until)\b|n['’]t\b", re.IGNORECASE)
_BREATHING = re.compile(
    r"\b(?:inhal\w+|exhal\w+|breath(?:e|ing)? (?:in|out)|(?:your|the|that|this) (?:breath|inhale|exhale)"
    r"|hold (?:it )?in)\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s?[,;:–—-]?\s?(?=(?:and )?(?:then|before|release|relax|lower|return|come|let go|repeat|switch)\b)", re.IGNORECASE
)
_N = rf"(?:\d{{1,2}}|{WORDED})"
_TIMES = re.compile(
    rf"(?<![^\W_])(?:(?P<low>{_N})(?:\s?[-–]\s?| to | or ))?(?P<n>{_N}) ?(?:more )?"
    r"(?:times|x|×|reps?|repetitions?|sets?|rounds?)(?![^\W_])"
    rf"|\b(?P<twice>twice)\b"
    rf"|\b(?:reps?|sets?|repetitions?|rounds?)\s?[:=×x]\s?(?P<label>\d{{1,2}})(?!\d)"
    rf"|(?<![^\W_])[x×]\s?(?P<after>\d{{1,2}})(?![^\W_])",
    re.IGNORECASE,
)
_REPEATS = re.compile(
    rf"\brepeat\b|^(?:do (?:this|it|that|these|{_N}) |perform|complete|{_N} (?:times|sets|reps|rounds)"
    r"|[x×]\s?\d|(?:reps?|sets?|rounds?)\s?:)",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\brepeat\b[^.!?]{0,20}\b(?:once (?:more|again)|one more time|again)\b", re.IGNORECASE)
_LIMBS = "side|leg|arm|foot|knee|hand|hip|shoulder|ankle|calf|direction"
_LIMB = rf"(?P<limb>{_LIMBS})"
_EACH = re.compile(
    rf"\b(?:(?:on|for|per|with|in) )?(?:each|every|per|(?<=on )both|(?<=for )both) {_LIMB}s?\b", re.IGNORECASE
)
_OTHER = re.compile(
    rf"^(?:(?:and|now|then|next|slowly|gently|rest and|relax and|release and),? ){{0,3}}"
    rf"(?:repeat|do the same|switch|change|swap|same|the other|other|again)\b[^.!?]{{0,40}}?\b"
    rf"(?:(?:other|opposite|second) {_LIMB}|(?P<switched>sides|legs|arms)\b)",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"(?:(?:and|now|then|slowly|gently|carefully|softly|with control|on an? (?:out-breath|exhale)),? ){0,4}"
    r"(?:release|relax|let (?:it )?go|come (?:back|out|up|down)|lower|return|roll (?:back )?up|uncurl|unwind|"
    r"ease (?:out|back|off)|step back|straighten up|rise)\b",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(r"^(?:hold|stay|time|duration|length|pause|wait|gap|for|about|of|work)$", re.IGNORECASE)
_LISTED = re.compile(
    rf"^(?P<words>[^.!?:;\n]{{2,60}}?)\s?(?P<join>[–—:|,-]|\s-|\(|\s)\s?(?P<amount>{AMOUNT})\)?"
    rf"(?:\s?[x×]\s?(?P<times>\d{{1,2}}))?(?P<sides>,? \(?(?:on |for )?(?:each|every|per|both) (?:{_LIMBS})s?\)?)?\.?$",
    re.IGNORECASE,
)
_LISTED_FIRST = re.compile(
    rf"^(?P<amount>{AMOUNT})\s?(?P<join>[–—:|-]|\sof\s|\s)\s?(?P<words>[^.!?:;\n]{{2,60}})$", re.IGNORECASE
)
_PROSE = re.compile(
    r"\b(?:for|then|your|the|and|this|that|it|hold|stay|wait|pause|is|in|to|after|every|about|repeat|least)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Timing:
    """A time that words ask for. The words go on being spoken; the pause comes after their first `end` characters."""

    kind: Kind
    amount: Amount
    end: int
    certain: bool
    text: str


def find_timing(sentence: str, breathing: bool = False) -> Timing | None:
    """What a sentence asks for: `hold for 30 seconds` a hold, `rest for a minute` a rest, `wait ten seconds` a pause.

    `breathing`: it stands among words that lead a breath.
    """
    held = _HELD.search(sentence) or _NOUN.search(sentence)
    match = held or (_TIMED.search(sentence) if _START.match(sentence) else None)
    if match is None or _NOT.search(sentence[max(0, match.start() - 30) : match.end()]):
        return None
    amount = parse_amount(match["amount"])
    if not amount.seconds and not amount.breaths:
        return None
    found = match.groupdict("")
    verb, between = found.get("verb", "").lower(), found.get("between", "").strip(" ,:").lower()
    kind: Kind = "pause"
    if verb == "rest" and between in ("", "for", "for about", "for another", "about") and amount.seconds:
        kind = "rest"
    elif verb in ("hold", "holding", "stay", "staying", "remain", "keep", "rest"):
        # A few seconds among words about breathing, or of the breath itself, are the breath being held.
        vague = "moment" in match["amount"].lower()
        breath = 0 < amount.seconds < 10 and breathing
        kind = "pause" if vague or breath or _BREATHING.search(f" {between} ") else "hold"
    elif not verb and _MOVES.search(sentence) and not _RESTS.search(sentence):
        kind = "hold"
    rest = sentence[match.end() :]
    cut = _CUT.match(rest)
    end = match.end() + cut.end() if cut else len(sentence)
    return Timing(kind, amount, end, held is not None, match[0].strip())


@dataclass(frozen=True, slots=True)
class ListItem:
    """A line of a list of exercises: its words, its time, its rounds, and the sides if each of them gets it."""

    words: str
    amount: Amount
    times: int
    sides: tuple[str, str] | None


def parse_list_item(line: str) -> ListItem | None:
    """A line of a list of exercises: `Plank – 45 s`, `30 sec squats x 3`, `Tree pose: 30s each side`."""
    if len(line) > 90:
        return None
    match = _LISTED.match(line) or _LISTED_FIRST.match(line)
    if match is None or re.match(r"\d+-[a-z]", match["amount"], re.IGNORECASE):  # "15-minute meditation" is a title
        return None
    words = match["words"].strip(" *_–—-:,(")
    count, loose = len(words.split()), match["join"].strip() in ("", ",", "of")
    if not words or count > 8 or _TIME_WORDS.match(words) or not any(sign.isalpha() for sign in words):
        return None
    if (loose and (count > 5 or _PROSE.search(words))) or (_RELEASE.match(words) and count > 3):
        return None
    amount = parse_amount(match["amount"])
    if not (amount.seconds or amount.breaths):
        return None
    found = match.groupdict("")
    times, sides = int(found.get("times") or 1) or 1, found.get("sides", "").strip(" ,()")
    return ListItem(words, amount, times, find_sides(sides))


def is_breathing(text: str) -> bool:
    """Whether the words lead a breath: a few seconds after them belong to it."""
    return bool(_BREATHING.search(text) or re.match(r"(?:inhale|exhale|breathe)\b", text, re.IGNORECASE))


def is_rest(name: str) -> bool:
    """Whether a line of a list names a rest between exercises."""
    return bool(re.fullmatch(r"(?:short |long |active )?(?:rest|break|recover|recovery|pause|water break)", name, re.I))


def is_movement(sentence: str) -> bool:
    """Whether a sentence tells to move: it begins with a verb that does."""
    return bool(_START.match(sentence)) and bool(_MOVES.search(sentence))


def is_exercise(text: str) -> bool:
    """Whether something is done in a silence after these words, rather than felt or thought about.

    Words that name a movement or a part of the body that is moved; failing that, a few words that name no stillness.
    """
    if _RESTS.search(text):
        return len(_MOVES.findall(text)) > len(_RESTS.findall(text))
    return bool(_MOVES.search(text)) or len(text.split()) <= 4


def find_repeats(sentence: str) -> int | None:
    """How often something is done: `repeat 3 times`, `x 3`, `twice`; None where the words do not say."""
    for match in _TIMES.finditer(sentence):
        word = match["low"] or match["n"] or match["label"] or match["after"]
        number = parse_number(word) if word else 2.0
        if number and 1 < number < 100:
            return int(number)
    return 2 if _AGAIN.search(sentence) else None


def is_repetition(sentence: str) -> bool:
    """Whether a sentence is about doing again what was just described, not about something new."""
    return bool(_REPEATS.search(sentence)) and len(sentence.split()) <= 16


def find_sides(sentence: str) -> tuple[str, str] | None:
    """The sides that the words give equal time: `on each leg`, `repeat on the other side`."""
    if match := _EACH.search(sentence):
        limb = match["limb"].lower()
        return (f"left {limb}", f"right {limb}") if limb != "direction" else ("one direction", "other direction")
    if match := _OTHER.match(sentence):
        limb = (match["limb"] or (match["switched"] or "side").removesuffix("s")).lower()
        return f"first {limb}", f"other {limb}"
    return None


def is_release(sentence: str) -> bool:
    """Whether a sentence leads out of a hold, and only that."""
    return bool(_RELEASE.match(sentence)) and len(sentence.split()) <= 12


DIGIT_ONLY = re.compile(rf"(?:{DIGITS}|{WORDED})[.,!…]*", re.IGNORECASE)  # a count may stand in lines of their own
