"""The system's voice: espeak-ng for real, and stand-ins for the programs of macOS and Windows."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from extras import BAD_TEXTS, ODD_TEXTS

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engines import system
from audioguide.speech.engines.engine import make_engine
from audioguide.speech.voices import find_profile
from audioguide.units import RATE

SAY = f"""#!{sys.executable}
import json, sys, wave
if sys.argv[1:] == ["-v", "?"]:
    print("Albert              en_US    # Hello! My name is Albert.")
    print("Anna                de_DE    # Hallo! Ich heiße Anna.")
    print("Eddy (German (Germany)) de_DE # Hallo! Ich heiße Eddy.")
    print("Mónica              es_ES    # ¡Hola! Me llamo Mónica.")
    print("Samantha            en_US    # Hello! My name is Samantha.")
    print("Zoe (Premium)       en_US    # Hello! My name is Zoe.")
    sys.exit()
json.dump(sys.argv[1:], open(__file__ + ".said", "w"))
"""
POWERSHELL = f"""#!{sys.executable}
import base64, json, sys, wave
given = sys.stdin.read()
if not given:
    print("de-DE Microsoft Hedda Desktop")
    print("en-GB Microsoft Hazel Desktop")
    print("en-US Microsoft Zira Desktop")
    sys.exit()
json.dump([*sys.argv[1:], json.loads(base64.b64decode(given))], open(__file__ + ".said", "w"))
"""
SOUND = """
def write(path):
    with wave.open(path, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(22050)
        file.writeframes(b"\\x00\\x20\\x00\\xe0" * 11025)
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a program on the path that answers as the one of another system; gives what it was asked to say."""

    def stand_in(platform: str, name: str, text: str):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        monkeypatch.setattr(system, "PLATFORM", platform)
        return lambda: json.loads(path.with_name(f"{name}.said").read_text("utf-8"))

    return stand_in


@pytest.fixture
def engine():
    return make_engine(find_profile("system"))


def speak(language, text="Atme ein.", model="any", rate=1.0):
    return make_engine(replace(find_profile("system"), language=language, model=model)).speak(text, rate)


@pytest.mark.real("espeak-ng")
@pytest.mark.parametrize("language", ["en", "en-GB", "de", "de-AT", "es", "fr", "it", "pt-BR", "pl", "sv_SE"])
def test_it_speaks_every_language_that_it_has(language):
    samples = speak(language, "Mama, 1 2 3.")
    assert 0.8 < len(samples) / RATE < 4
    assert 0.02 < np.abs(samples).max() <= 2
    assert samples.tobytes() == speak(language, "Mama, 1 2 3.").tobytes()


@pytest.mark.real("espeak-ng")
def test_the_pace_is_heeded_and_every_text_is_equally_loud(engine):
    slow, quick = engine.speak("Lie on your back.", 0.7), engine.speak("Lie on your back.", 1.0)
    assert len(slow) > 1.2 * len(quick)
    assert 0.7 < np.sqrt(np.mean(slow**2)) / np.sqrt(np.mean(quick**2)) < 1.4


@pytest.mark.real("espeak-ng")
@pytest.mark.parametrize("text", [*ODD_TEXTS, "-w/tmp/x", "--version", "$(touch x) `id` %PATH%", "a\nb\0c", "{path}"])
def test_every_text_is_only_said(engine, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(engine.speak(text, 1.0)) > 3000
    assert not list(tmp_path.iterdir())
    assert not Path("/tmp/x").exists()


@pytest.mark.real("espeak-ng")
def test_brackets_are_no_phonemes(engine):
    bare = engine.speak("[ [h@l'oU] ] there", 1.0)
    assert abs(len(engine.speak("[[h@l'oU]] there", 1.0)) - len(bare)) < RATE / 5


@pytest.mark.real("espeak-ng")
@pytest.mark.parametrize(("text", "said"), BAD_TEXTS)
def test_what_it_cannot_say_is_told(engine, text, said):
    with pytest.raises(RequestError, match=said):
        engine.speak(text, 1.0)


@pytest.mark.real("espeak-ng")
def test_one_that_hangs_is_told(engine, monkeypatch):
    assert engine.version
    monkeypatch.setattr(system, "TIMEOUT_SECONDS", 0.0001)
    with pytest.raises(EnvironmentFailure, match=r"System, which speaks for the voice 'system', failed \(no answer"):
        engine.speak("Lie down. " * 2000, 1.0)


@pytest.mark.parametrize(
    ("language", "model", "voice"),
    [
        ("en", "any", "Zoe (Premium)"),
        ("de", "any", "Anna"),
        ("es-MX", "any", "Mónica"),
        ("en", "Albert", "Albert"),
    ],
)
def test_say_speaks_on_macos(stand_in, language, model, voice):
    said = stand_in("darwin", "say", SAY + SOUND + 'write(sys.argv[sys.argv.index("-o") + 1])\n')
    assert 0.5 < len(speak(language, "-v Grüße; [[slnc 900]] \"'", model, 0.8)) / RATE < 1.5
    path = said()[5]
    assert path.endswith(".aiff")
    assert said() == ["-v", voice, "-r", "140", "-o", path, "v Grüße; [ [slnc 900]] \"'"]


def test_sapi_speaks_on_windows(stand_in):
    said = stand_in("win32", "powershell", POWERSHELL + SOUND + "write(json.loads(base64.b64decode(given))['PATH'])\n")
    hostile = 'Gr\u00fc\u00dfe\'; Remove-Item C:\\; "$(1)" \u2019\u2019'
    assert 0.5 < len(speak("de-DE", hostile)) / RATE < 1.5
    *arguments, what = said()
    assert (what["VOICE"], what["TEXT"], what["RATE"]) == ("Microsoft Hedda Desktop", hostile, 1.0)
    assert arguments[:3] == ["-NoProfile", "-NonInteractive", "-Command"]
    assert "Remove-Item" not in arguments[3]
    speak("en", "Hello.")
    assert said()[-1]["VOICE"] == "Microsoft Zira Desktop"


def test_what_is_missing_is_told_with_what_to_do(stand_in):
    stand_in("darwin", "say", SAY + "print('Opening output file failed', file=sys.stderr); sys.exit(1)\n")
    with pytest.raises(EnvironmentFailure, match=r"no voice for Polish\. Add a voice in the system settings \(Access"):
        speak("pl")
    with pytest.raises(RequestError, match=r"'Ana', which this system does not have\. Did you mean Anna\?"):
        speak("de", model="Ana")
    with pytest.raises(EnvironmentFailure, match=r"failed \(Opening output file failed\)\. Try again"):
        speak("de")


def test_a_program_that_writes_nothing_is_told(stand_in):
    stand_in("darwin", "say", SAY)
    with pytest.raises(EnvironmentFailure, match=r"failed \(it wrote no sound\)"):
        speak("de")
