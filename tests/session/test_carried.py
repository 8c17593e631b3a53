"""What a file carries is a stranger's until it is read: whatever is in it, one is told in a sentence."""

import json
import random
import sys
from functools import cache

import pytest
from carrying import data_of
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import AudioguideError, RequestError, RoutineError
from audioguide.model.options import Options
from audioguide.schema.document import DEEPEST
from audioguide.session.assets import AssetResolver
from audioguide.session.embedded import parse_embedded
from audioguide.session.open import compose, open_session


def opened(payload: bytes):
    """All that is done with a payload before something is spoken."""
    carried = parse_embedded(payload, "a.mp3")
    routine = carried.routine()
    session = compose(routine, carried.options, AssetResolver(carried, routine.language))
    session.outline  # noqa: B018
    return session


@cache
def sound_payload() -> bytes:
    return open_session("taster", Options(level="brief", holds=(), scale=1.25)).pack().payload


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "damaged"),
        (b"\xff\xfe{}", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"a":' * 100_000, "damaged"),
        (b'{"format": NaN}', "damaged"),
        (b'{"format": ' + b"9" * 5000 + b"}", "damaged"),
        (b"{}", "is no session"),
        (b'{"format": 1}', "is no session"),
        (b'{"format": "audioguide-timeline/1"}', "is no session"),
        (b'{"format": "audioguide-session/2", "new": {}}', "made by a newer audioguide"),
        (b'{"format": "audioguide-session/1"}', "a.mp3:routine: 'id' is missing here"),
    ],
)
def test_what_is_no_session_is_one_sentence(payload, said):
    with pytest.raises(RequestError, match=said) as raised:
        parse_embedded(payload, "a.mp3")
    assert "a.mp3" in str(raised.value)


def test_neither_too_deep_nor_too_much(monkeypatch):
    data = data_of("taster")
    step = {"rest": 1}
    for _ in range(DEEPEST):
        step = {"repeat": 1, "steps": [step]}
    with pytest.raises(RoutineError, match="nested too deeply"):
        opened(json.dumps(data | {"routine": {"title": "T", "steps": [step]}}).encode())
    monkeypatch.setattr(sys.modules["audioguide.schema.json_document"], "LARGEST_TREE", 1000)
    many = {"title": "T", "steps": [{"rest": 1}] * 1000}
    with pytest.raises(RoutineError, match="far too much"):
        opened(json.dumps(data | {"routine": many}).encode())
    ten = {f"r{n}": {"title": "T", "steps": [{"include": f"r{n + 1}"}] * 10} for n in range(8)}
    ten["r8"] = {"title": "T", "steps": [{"rest": 1}]}
    with pytest.raises(RoutineError, match="over 5,000 routines"):
        opened(json.dumps(data | {"routine": ten["r0"], "routines": ten}).encode())
    ten["r8"] = ten["r0"]
    with pytest.raises(RoutineError, match="over 5,000 routines"):
        opened(json.dumps(data | {"routine": ten["r7"], "routines": ten}).encode())


def test_half_a_letter_is_no_text():
    data = data_of("taster")
    data["routine"]["steps"][0]["say"] = "A \ud800 b."
    with pytest.raises(RoutineError, match=r"a\.mp3:step 1: This is no text"):
        opened(json.dumps(data).encode())


def test_what_is_too_large_is_not_carried_and_said(monkeypatch):
    monkeypatch.setattr(sys.modules["audioguide.session.embed"], "LARGEST_PAYLOAD", 1000)
    packed = open_session("taster").pack()
    assert packed.payload == b""
    assert packed.notes == ("The routine is too large for the file to carry: it cannot be changed later.",)


def test_unpacks_what_it_packed():
    assert opened(sound_payload()).routine.id == "taster"


ODD_KEYS = st.sampled_from(("", "@", "@say", "@pose", "[key]", "0", "-1", "steps", "pose", "say", "rest", "repeat"))

NEW_KEYS = st.text(max_size=8) | ODD_KEYS | st.sampled_from(("hold", "include", "files", "folder", "id"))

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((10**400, -(10**400)))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(("taster", "heart", "../x", "/etc/passwd", "9:99:99", "1e999", "-1s", "{pose}", "4-6", "none")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | ODD_KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def replaced(value, path, new):
    """Data with something else at a place."""
    if not path:
        return new
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced(value[key] if rest else None, rest, new)
    return copy


@pytest.mark.parametrize(
    ("path", "new", "said"),
    [
        (("routine", "steps"), {"": None}, "a.mp3:routine: This is no routine: it has no steps."),
        (("routine", "steps"), {"0": {"say": "Hi."}}, "a.mp3:routine: This is no routine"),
        (("routine", "steps", 0), {"steps": {"x": []}}, "a.mp3:step 1: A step is one of"),
        (("routine", "@"), None, "There is no key '@' here."),
        (("routine", "steps", 0, "@say"), 1, "a.mp3:step 1: There is no key '@say' here."),
        (("routine", "pose"), "bridge", "There is no key 'pose' here."),
        (("routine", "steps", 0, ""), "bridge", "a.mp3:step 1: There is no key '' here."),
        (("@",), {}, "a.mp3:@: There is no key '@' here."),
        (("steps",), [1], "a.mp3:steps: There is no key 'steps' here."),
        (("routines",), {"": {}}, "a.mp3:routine : '' is empty."),
        (("routines",), [], "a.mp3:routines: 'routines' has to be a mapping"),
        (("poses",), {"\x1b[2J": 1}, r"a.mp3:pose ?[2J: '\x1b[2J' has to be a mapping of keys"),
        (("options", "@"), None, "There is no key '@' here."),
        (("options", "hold"), 10**400, "is longer than a session may be"),
        (("options", "holds"), {"": "1s"}, "No pose of this routine is called ''"),
        (("options", "holds"), {"9" * 5000: "1s"}, "No pose of this routine is called '999"),
        (("options", "skip"), [[]], "'skip' has to be text"),
        (("routine", "title"), "\ud800", "This is no text."),
    ],
)
def test_odd_keys_are_told_with_their_place(path, new, said):
    with pytest.raises(RequestError) as raised:
        opened(json.dumps(replaced(data_of("taster"), path, new)).encode())
    assert said in str(raised.value)


@pytest.mark.parametrize("fallback", [[], {}, 1, "@"])
def test_the_data_of_a_voice_is_no_profile_until_it_is_used(fallback):
    data = data_of("taster")
    assert opened(json.dumps(replaced(data, ("voices", "other"), {"fallback": fallback})).encode()).routine


@given(st.data())
def test_whatever_is_changed_in_it_there_is_a_session_or_a_sentence(data):
    carried = json.loads(sound_payload())
    for _ in range(data.draw(st.integers(1, 3))):
        *above, key = data.draw(st.sampled_from([path for path in places(carried) if path]))
        owner = carried
        for part in above:
            owner = owner[part]
        action = data.draw(st.sampled_from(("replace", "remove", "add")))
        if action == "remove":
            del owner[key]
        elif action == "add" and isinstance(owner, dict):
            owner[data.draw(NEW_KEYS)] = data.draw(VALUES)
        else:
            owner[key] = data.draw(VALUES)
    try:
        opened(json.dumps(carried).encode())
    except AudioguideError as error:
        assert error.exit_code == 2
        assert str(error)


@given(st.randoms(use_true_random=False))
def test_whatever_happens_to_its_bytes_there_is_a_session_or_a_sentence(chance: random.Random):
    payload = bytearray(sound_payload())
    for _ in range(chance.randint(1, 4)):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    try:
        opened(bytes(payload[: chance.choice((None, chance.randrange(len(payload))))]))
    except RequestError as error:
        assert str(error)
