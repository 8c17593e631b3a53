"""`audioguide compose` as a person types it: what it prints, writes, refuses; what is saved plays at its length."""

import json

import pytest

WISH = ("--for", "lower back", "--length", "15:00", "--after", "run", "--without", "wrists,kneeling", "--level", "easy")


def test_the_wish_of_a_runner_becomes_a_routine_of_that_length(call, home):
    code, out, err = call("compose", *WISH, "--equipment", "none", "-o", "mine.yaml")
    assert code == 0
    assert out.startswith("Lower back, 15 minutes  15:00\n")
    assert len(out.splitlines()) <= 20
    assert "Pelvic tilt: for lower back" in out
    assert "`audioguide play mine.yaml`" in err
    assert "after-run --without wrists,kneeling --level easy" in (call.folder / "mine.yaml").read_text("utf-8")
    assert call("check", "--strict", "mine.yaml")[0] == 0


@pytest.mark.slow
def test_what_is_composed_is_heard_at_its_length_and_at_another_one_if_asked(call, home):
    assert call("compose", *WISH, "-o", "mine.yaml")[0] == 0
    code, out, _ = call("show", "mine.yaml", "--json")
    assert (code, json.loads(out)["frames"]) == (0, 15 * 60 * 44_100)
    assert json.loads(call("show", "mine.yaml", "--length", "12:00", "--json")[1])["frames"] == 12 * 60 * 44_100


def test_one_is_saved_under_a_name_and_found_there(call, home):
    assert call("compose", "--for", "hips", "--length", "10:00", "--save", "my-hips")[0] == 0
    saved = next(row for row in json.loads(call("list", "--json")[1]) if row["id"] == "my-hips")
    assert saved["duration"] == pytest.approx(600, abs=0.01)
    before = (home / "scripts/my-hips.yaml").read_bytes()
    code, _, err = call("compose", "--for", "neck", "--save", "my-hips")
    assert (code, (home / "scripts/my-hips.yaml").read_bytes()) == (2, before)
    assert "my-hips is the id of a routine" in err


def test_without_a_place_it_is_only_shown(call, home):
    code, out, err = call("compose", "--for", "neck", "--at", "desk", "--length", "6:00", "--language", "de")
    assert (code, list(call.folder.iterdir())) == (0, [])
    assert out.splitlines()[0].endswith("6:00")
    assert "--save NAME" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "neck", "--without", "neck"), "Try: audioguide compose --for neck --length 15m"),
        (("--for", "hips", "--after", "run", "--at", "desk"), "One occasion is possible, not after-run and desk."),
        (("--for", "hips", "-o", "hips.mp3"), "does not end with .yaml"),
        (("--for", "hips", "--save", "Hips!"), "cannot be a preset's name"),
        (("--for", "hips", "--seed", "x"), "is no seed"),
        (("--after", "lunch"), "'lunch' is not 'run'"),
    ],
)
def test_what_cannot_be(call, home, words, said):
    code, out, err = call("compose", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_no_routine_of_ones_own_is_replaced(call, home):
    (call.folder / "mine.yaml").write_text("title: Mine\nsteps: [{pose: bridge}]\n")
    (home / "scripts").mkdir(parents=True)
    (home / "scripts/today.yaml").write_text("title: Mine\nsteps: [{pose: bridge}]\n")
    assert call("compose", "--for", "hips", "-o", "mine.yaml")[0] == 2
    assert call("compose", "--for", "hips", "--play")[0] == 2
    assert "title: Mine" in (call.folder / "mine.yaml").read_text()
    assert "title: Mine" in (home / "scripts/today.yaml").read_text()
    assert call("compose", "--for", "hips", "-o", "mine.yaml", "--force")[0] == 0


def test_a_length_in_a_routine_that_it_cannot_have_is_told_with_its_file(call, home):
    path = call.folder / "mine.yaml"
    path.write_text("title: Mine\ndefaults: {length: 5s}\nsteps: [{pose: bridge}, {say: Done.}]\n")
    code, _, err = call("show", path)
    assert code == 2
    assert "cannot take 0:05" in err
    assert "mine.yaml" in err


def poses(shown):
    """What is done, without the doses: those are fitted by the clips that are spoken by then."""
    return [line.rpartition("  ")[2] for line in shown.splitlines()]


def test_what_the_log_has_of_yesterday_counts_a_little_less(call, home, monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-01T18:30+01:00")
    wish = ("compose", "--for", "lower back", "--length", "10:00")
    code, first, _ = call(*wish, "--save", "my-back")
    assert code == 0
    assert call("log", "add", "my-back")[0] == 0
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-02T18:30+01:00")
    assert poses(call(*wish)[1]) != poses(first)
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-04T18:30+01:00")
    assert poses(call(*wish)[1]) == poses(first)
