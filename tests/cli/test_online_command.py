"""The online voice in a whole run: real commands, through a proxy, against a server that says it is the service."""

import json

import pytest
import tenacity
from speech_server import SpeechServer, Tunnel, certify

ROUTINE = "title: Three\nsteps:\n  - say: Lie down.\n  - say: Bend your knees.\n  - say: Rest now.\n"


@pytest.fixture
def server(tmp_path, monkeypatch):
    certificate = certify(tmp_path / "server.pem", "translate.google.com")
    with SpeechServer(certificate) as server, Tunnel(server) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", tunnel.address)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
        # One attempt; the next ones are tested beside the engine.
        once = tenacity.stop_after_attempt(1)
        monkeypatch.setattr(tenacity, "stop_after_attempt", lambda _: once)
        yield server


def lengths(out):
    return {cue["text"]: cue["frames"] for cue in json.loads(out)["cues"] if cue["kind"] == "speech"}


LEAVES = "The voice Google (US) speaks online: the texts leave this machine, each once.\n"


@pytest.mark.slow
@pytest.mark.real("openssl")
def test_a_run_that_fails_in_the_middle_goes_on_in_the_next(call, write, server):
    routine = write(ROUTINE)
    server.spoilt["Bend your knees."] = "page"
    code, out, err = call("export", routine, "--voice", "gtts", "-o", "a.wav")
    assert (code, out) == (1, "")
    assert err == LEAVES + (
        "translate.google.com sends a web page instead of sound. What was spoken is cached: run it again to go on "
        "from there, or go on offline with --fallback heart.\n"
    )
    server.spoilt.clear()
    before = len(server.asked)
    code, _, err = call("export", routine, "--voice", "gtts", "-o", "a.wav")
    assert (code, err) == (0, LEAVES)
    assert "Lie down." not in server.texts[before:]
    assert "Bend your knees." in server.texts[before:]
    code, out, err = call("show", routine, "--voice", "gtts", "--json")
    assert (code, err, "estimated" in json.loads(out)) == (0, "", False)
    assert list(lengths(out)) == ["Lie down.", "Bend your knees.", "Rest now."]


@pytest.mark.real("openssl")
def test_a_word_is_told_to_leave_this_machine(call, server):
    code, _, err = call("voices", "say", "Savasana", "--voice", "gtts", "-o", "a.wav")
    assert (code, err, server.texts) == (0, LEAVES, ["Shuh vahsanuh"])


@pytest.mark.real("openssl")
def test_for_a_length_alone_nobody_is_asked(call, write, server):
    code, out, err = call("show", write(ROUTINE), "--voice", "gtts", "--json")
    assert (code, server.asked) == (0, [])
    assert err == "Lengths are estimated: The voice Google (US) speaks online, and was not asked.\n"
    assert json.loads(out)["estimated"]


@pytest.mark.slow
@pytest.mark.real("openssl")
def test_the_fallback_goes_on(call, write, server):
    routine = write(ROUTINE)
    server.spoilt["Bend your knees."] = "empty"
    code, _, err = call("export", routine, "--voice", "gtts", "--fallback", "heart", "-o", "three.wav")
    assert code == 0
    assert err == f"{LEAVES}translate.google.com sends nothing. From here on, Heart speaks.\n"
    server.spoilt.clear()
    _, online, _ = call("show", routine, "--voice", "gtts", "--json")
    _, offline, err = call("show", routine, "--voice", "heart", "--json")
    assert err == ""
    assert lengths(online) != lengths(offline)


def test_a_fallback_is_looked_for_before_it_is_needed(call, write):
    code, _, err = call("show", write(ROUTINE), "--fallback", "haert")
    assert (code, err) == (2, "There is no voice 'haert'. Did you mean heart?\n")
