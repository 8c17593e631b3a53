"""`audioguide doctor`."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from audioguide.cli.console import print_table
from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.system import paths
from audioguide.system.process import run

if TYPE_CHECKING:
    from audioguide.speech.voices import VoiceProfile


@click.command("doctor")
def doctor_command() -> int:
    """Check what works on this machine, and say what to do about what does not.

    Exits with 1 when no session can be made.
    """
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    rows, code = [("ok", "Python", python)], 0
    for part, needed, check in (
        ("encoder", True, _check_encoder),
        ("voice", True, _check_default_voice),
        ("voices: piper", False, partial(_check_engine, "piper")),
        ("voices: pico", False, partial(_check_engine, "pico")),
        ("voices: system", False, partial(_check_engine, "system")),
        ("voices: online", False, partial(_check_engine, "gtts")),
        ("routines", True, _count_routines),
        ("clip cache", False, _check_cache),
        ("shared cache", False, _check_remote_cache),
        ("loudspeaker", False, partial(_list_devices, False)),
        ("microphone", False, partial(_list_devices, True)),
        ("staying awake", False, _check_sleep),
        ("media keys", False, _check_desktop),
        ("last session", False, check_last_session),
    ):
        try:
            rows.append(("ok", part, check()))
            continue
        except AudioguideError as error:
            rows.append(("no", part, str(error)))
        except (ImportError, OSError) as error:
            rows.append(("no", part, f"{error}. Reinstall audioguide."))
        code = 1 if needed else code
    print_table(rows)
    return code


def _check_encoder() -> str:
    from audioguide.system.ffmpeg import find_ffmpeg

    ffmpeg = find_ffmpeg()
    version = encoders = ""
    with suppress(TimeoutError):
        answers = (run([ffmpeg, ask], 20.0).stdout for ask in ("-version", "-encoders"))
        version, encoders = (answer.decode(errors="replace") for answer in answers)
    if "libmp3lame" not in encoders:
        variable = "IMAGEIO_FFMPEG_EXE"
        hint = f"Unset {variable}." if os.environ.get(variable) else "Reinstall imageio-ffmpeg."
        raise EnvironmentFailure(f"{ffmpeg} is not an ffmpeg that can write MP3. {hint}")
    return version.partition(" Copyright")[0]


def _check_default_voice() -> str:
    from audioguide.speech.voice_choice import DEFAULT_VOICE
    from audioguide.speech.voices import find_profile

    return _speak_sample(find_profile(DEFAULT_VOICE))


def _check_engine(engine: str) -> str:
    """Try one voice of the engine, unless its texts would leave the machine."""
    from audioguide.speech.engines.engine import is_online, list_profiles
    from audioguide.speech.voice_choice import find_fault

    voices = [voice for voice in list_profiles() if voice.engine == engine]
    if not voices:
        raise EnvironmentFailure("There is no voice of this kind. Reinstall audioguide.")
    if fault := find_fault(voices[0]):
        raise fault
    result = "not tried, since their texts leave this machine" if is_online(voices[0]) else _speak_sample(voices[0])
    return result if len(voices) == 1 else f"{', '.join(voice.name for voice in voices)}; {result}"


def _speak_sample(voice: VoiceProfile) -> str:
    from audioguide.speech.engines.engine import make_engine
    from audioguide.speech.voice_choice import sample_text

    engine = make_engine(voice)
    try:
        seconds = len(engine.speak(sample_text(voice), 1.0)) / engine.sample_rate
    finally:
        engine.unload()
    return f"{voice.name} says a sentence of {seconds:.1f} s"


def _count_routines() -> str:
    own = paths.user_dir() / "scripts"
    return f"{len(paths.routine_files())} routines, {len(paths.pose_files())} poses; your own go in {own}"


def _check_cache() -> str:
    from audioguide.speech.clip import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError as error:
        fault = f"{folder} cannot be used ({error.strerror}), so every text is spoken again each time."
        raise EnvironmentFailure(f"{fault} Free some space, or name another folder in AUDIOGUIDE_CACHE.") from None


def _check_remote_cache() -> str:
    from audioguide.system.remote_cache import VARIABLE, open_remote_cache

    cache = open_remote_cache()
    if cache is None:
        return f"none, since {VARIABLE} is not set"
    cache.check()
    return cache.address


def _list_devices(capture: bool) -> str:
    from audioguide.player.devices.device import NO_DEVICE
    from audioguide.player.devices.miniaudio import NO_MICROPHONE, list_devices

    devices = []
    for device in list_devices(capture):
        if not device.dummy:
            facts = [device.system, *["default"] * device.default, *["wakes slowly"] * device.wakes_slowly]
            devices.append(f"{device.name} ({', '.join(facts)})")
    if not devices:
        raise EnvironmentFailure(NO_MICROPHONE if capture else NO_DEVICE)
    return ", ".join(devices)


def _check_sleep() -> str:
    """Try what keeps the machine awake: it starts a program, here one that repeats a word, only when it has done so."""
    from audioguide.cli.hands_free import NO_SLEEP_LOCK, list_holders

    if sys.platform == "win32":
        return "asked of Windows while a session plays; not tried"
    with suppress(TimeoutError):
        holding = [command[0] for command in list_holders() if run(command, 5.0, b"awake").stdout == b"awake"]
        if holding:
            return f"{', '.join(dict.fromkeys(holding))} while a session plays"
    raise EnvironmentFailure(f"{NO_SLEEP_LOCK} Turn sleep off in the system's settings.")


def _check_desktop() -> str:
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        raise EnvironmentFailure("No desktop (session bus) has them. With `play --remote` a phone steers.")
    return "those of the desktop (MPRIS)"


def check_last_session() -> str:
    """When the last session was played. EnvironmentFailure where its sound had gaps, or the log cannot be read."""
    from audioguide.player.history import SessionLog, describe_underruns

    messages: list[str] = []
    last = SessionLog(messages.append).last()
    if messages:
        raise EnvironmentFailure(messages[0])
    if last is None:
        return "none in the log yet"
    when = f"{last.started:%Y-%m-%d %H:%M}"
    if last.gaps:
        gaps = describe_underruns(last.gaps)
        raise EnvironmentFailure(f"{gaps} ({when}). If that comes again, close other programs.")
    return f"no gap in the sound ({when})"
