"""What a routine may be called, its file may carry: joiners, odd spaces, letters of tomorrow; there and back again."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioguide.cli.main import run
from audioguide.errors import RoutineError
from audioguide.model.options import Options
from audioguide.session.embedded import parse_embedded
from audioguide.session.open import build_session
from audioguide.session.preset import resolve_data

FAMILY, PERSIAN, FRENCH = (
    "Rücken 👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "می‌خواهم ۱",
    "« Fin\u202f! »\N{NO-BREAK SPACE}\u200e\u2067אב\u2069 \U0001fae9",
)
SIGNS = st.one_of(
    st.characters(), st.sampled_from("\u200c\u200d\u200e\u202a\u202c\u2066\u2069\ufe0f\xa0\u202f\U000e0067a ")
)


@given(st.text(SIGNS, min_size=1, max_size=120))
@example(FAMILY)
@example(PERSIAN)
@example(FRENCH)
def test_what_a_routine_may_be_called_its_file_may_carry(title):
    steps = [{"say": "Hello.", "chapter": title}, {"pose": {"name": title, "instructions": "Sit."}, "hold": "10s"}]
    try:
        resolved = resolve_data({"title": title, "description": "d", "steps": steps}, Options())
    except RoutineError:
        return  # it is refused before anything is made
    payload = build_session(resolved).pack().payload
    carried = parse_embedded(payload, "a.mp3")
    assert carried.title == carried.routine().title == resolved.routine.title
    assert carried.routine().steps[1].pose.name == resolved.routine.steps[1].pose.name


@pytest.mark.parametrize("sign", ["\x1b", "\0", "\x85", "\u2028", "\u202e", "\ud800"])
def test_what_acts_on_a_terminal_or_cannot_be_written_is_refused_from_the_start(sign):
    with pytest.raises(RoutineError):
        resolve_data({"title": f"a{sign}b", "steps": [{"say": "Hello."}]}, Options())


SLOW = [pytest.param(ending, marks=pytest.mark.slow) for ending in ("m4a", "m4b", "flac")]


@pytest.mark.parametrize("ending", ["mp3", "opus", *SLOW])
def test_such_a_title_goes_there_and_back_in_every_format(tmp_path, monkeypatch, capsys, ending):
    monkeypatch.chdir(tmp_path)
    routine = {"title": f"{FAMILY} {PERSIAN} {FRENCH}", "steps": [{"say": "Hello.", "chapter": FAMILY}, {"rest": "1s"}]}
    (tmp_path / "a.yaml").write_text(json.dumps(routine), "utf-8")
    (tmp_path / "phone").mkdir()
    assert run(["export", "a.yaml", "-o", f"b.{ending}", "--artist", FAMILY, "--captions", "vtt"]) == 0
    assert run(["show", f"b.{ending}", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out.partition("\n")[2].partition("\n")[2])
    assert (shown["title"], shown["chapters"][0]["title"]) == (routine["title"], FAMILY)
    assert run(["import", f"b.{ending}", "-o", "c.yaml"]) == run(["check", "c.yaml"]) == 0
    assert run(["sheet", f"b.{ending}", "-o", "s.pdf", "--for", FAMILY]) == 0
    capsys.readouterr()
    for written in (True, False):
        assert run(["export", f"b.{ending}", "--to", "phone", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["written"] is written
