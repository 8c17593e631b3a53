"""`audioguide doctor`."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from audioguide.cli.sessions import show_table
from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.system.process import run

if TYPE_CHECKING:
    from audioguide.player.devices.miniaudio import DeviceInfo
    from audioguide.speech.voices import VoiceProfile

_LONGEST_ANSWER = 20.0
"""Seconds that a program has to say what it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it works, and what it is or what to do. Without a `needed` one no session can be made."""

    part: str
    works: bool
    detail: str
    needed: bool


def findings() -> Iterator[Finding]:
    """Try every part, one after the other."""
    yield Finding("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}", True)
    for part, needed, attempt in (
        ("encoder", True, _encoder),
        ("voice", True, _voice),
        ("voices: piper", False, partial(_other_voice, "piper")),
        ("voices: pico", False, partial(_other_voice, "pico")),
        ("voices: online", False, partial(_other_voice, "gtts")),
        ("routines", True, _routines),
        ("clip cache", False, _cache),
        ("shared cache", False, _shared_cache),
        ("loudspeaker", False, _loudspeaker),
        ("last session", False, _last_session),
    ):
        yield _tried(part, needed, attempt)


def _tried(part: str, needed: bool, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, attempt(), needed)
    except AudioguideError as error:
        return Finding(part, False, str(error), needed)
    except (ImportError, OSError) as error:
        return Finding(part, False, f"{error}. Reinstall audioguide.", needed)


def _encoder() -> str:
    from audioguide.system.ffmpeg import find_ffmpeg

    ffmpeg = find_ffmpeg()
    version, encoders = (_answer(ffmpeg, question) for question in ("-version", "-encoders"))
    if "libmp3lame" not in encoders:
        variable = "IMAGEIO_FFMPEG_EXE"
        hint = f"Unset {variable}." if os.environ.get(variable) else "Install imageio-ffmpeg again."
        raise EnvironmentFailure(f"{ffmpeg} is not an ffmpeg that makes MP3s. {hint}")
    return version.partition(" Copyright")[0]


def _answer(program: str, question: str) -> str:
    """What a program prints; nothing where it fails, or hangs."""
    try:
        done = run([program, question], _LONGEST_ANSWER)
    except TimeoutError:
        return ""
    return "" if done.returncode else done.stdout.decode(errors="replace")


def _voice() -> str:
    from audioguide.speech.voice_choice import DEFAULT_VOICE
    from audioguide.speech.voices import find_profile

    return _said(find_profile(DEFAULT_VOICE))


def _other_voice(engine: str) -> str:
    """Tries one voice of the engine for all; what would leave the machine is not tried."""
    from audioguide.speech.voice_choice import check_availability, list_profiles

    voices = [voice for voice in list_profiles() if voice.engine == engine]
    if not voices:
        raise EnvironmentFailure("There is no voice of this kind. Install audioguide again.")
    found = check_availability(voices[0])
    if found.missing:
        raise EnvironmentFailure(found.missing)
    tried = "not tried, since their texts leave this machine" if found.online else _said(voices[0])
    return tried if len(voices) == 1 else f"{', '.join(voice.name for voice in voices)}; {tried}"


def _said(voice: VoiceProfile) -> str:
    from audioguide.speech.engines.engine import make_engine
    from audioguide.speech.voice_choice import sample_text

    speaking = make_engine(voice)
    try:
        seconds = len(speaking.speak(sample_text(voice), 1.0)) / speaking.sample_rate
    finally:
        speaking.unload()
    return f"{voice.name} says a sentence of {seconds:.1f} s"


def _routines() -> str:
    from audioguide.system import paths

    own, _ = paths.roots()
    return f"{len(paths.routine_files())} routines, {len(paths.pose_files())} poses; your own go in {own / 'scripts'}"


def _shared_cache() -> str:
    from audioguide.system.remote_cache import VARIABLE, open_remote_cache

    store = open_remote_cache()
    if store is None:
        return f"none, since {VARIABLE} names none"
    store.check()
    return store.address


def _cache() -> str:
    import tempfile

    from audioguide.speech.clip import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError as error:
        raise EnvironmentFailure(
            f"{folder} cannot be used ({error.strerror}), so all is spoken anew each time. "
            "Make room for it, or name another folder in AUDIOGUIDE_CACHE."
        ) from None


def _loudspeaker() -> str:
    from audioguide.player.devices.device import NO_DEVICE
    from audioguide.player.devices.miniaudio import list_devices

    found = [output for output in list_devices() if not output.dummy]
    if not found:
        raise EnvironmentFailure(NO_DEVICE)
    return ", ".join(map(_described, found))


def _described(output: DeviceInfo) -> str:
    facts = [output.system, *["default"] * output.default, *["wakes slowly"] * output.wakes_slowly]
    return f"{output.name} ({', '.join(facts)})"


def _last_session() -> str:
    from audioguide.player.history import SessionLog, describe_underruns

    told: list[str] = []
    last = SessionLog(told.append).last()
    if told:
        raise EnvironmentFailure(told[0])
    if last is None:
        return "none was noted yet"
    when = f"{last.started:%Y-%m-%d %H:%M}"
    if last.gaps:
        raise EnvironmentFailure(
            f"{describe_underruns(last.gaps)} ({when}): the machine was too busy. Close what else is running."
        )
    return f"no gap in the sound ({when})"


@click.command("doctor")
def doctor_command() -> int:
    """What works on this machine, and what to do about what does not. Exits with 1 when no session can be made."""
    found = list(findings())
    show_table(("ok" if finding.works else "no", finding.part, finding.detail) for finding in found)
    return 1 if any(finding.needed and not finding.works for finding in found) else 0
