"""A real sound server for tests: PulseAudio with one null sink, and what is played to it as it was played."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

SINK = "cap"
FORMAT = ["--format=s16le", "--rate=44100", "--channels=2"]


class SoundServer:
    """PulseAudio in a folder of its own: 44.1 kHz stereo s16, the sink's monitor for recording, no hardware."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        socket = folder / "socket"
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_SINK": SINK,
        }
        self._socket = socket
        self._serve()

    def _serve(self) -> None:
        self._process = subprocess.Popen(
            [
                *[
                    "pulseaudio",
                    "-n",
                    "--exit-idle-time=-1",
                    "--use-pid-file=no",
                    "--daemonize=no",
                    "--disable-shm=yes",
                ],
                *["-L", " ".join(_sink(SINK))],
                *["-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"],
            ],
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.pactl("info").returncode == 0, "the sound server to answer")

    def stop(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it again after `stop`."""
        self._socket.unlink(missing_ok=True)
        self._serve()

    def plug(self, name: str = SINK, description: str = "", rate: int = 44_100) -> None:
        """Add a sink."""
        self.pactl("load-module", *_sink(name, description, rate)).check_returncode()

    def plug_microphone(self, name: str = "mic") -> None:
        """Add a microphone that hears what the sink plays, and make it the default."""
        source = [f"master={SINK}.monitor", f"source_name={name}", f"source_properties=device.description={name}"]
        self.pactl("load-module", "module-remap-source", *source).check_returncode()
        self.pactl("set-default-source", name).check_returncode()

    def unplug_microphone(self) -> None:
        """Take away every microphone."""
        self.pactl("unload-module", "module-remap-source").check_returncode()

    def unplug(self) -> None:
        """Take away every sink there is."""
        self.pactl("unload-module", "module-null-sink").check_returncode()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have the server stand still while the context lasts: it neither answers nor hangs up."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def as_alsa(self) -> dict[str, str]:
        """The environment in which ALSA's default device is this server."""
        configuration = self._folder / "asound.conf"
        configuration.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        return {**self.environment, "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{configuration}"}

    def pactl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Ask the server something, or tell it."""
        return subprocess.run(["pactl", *arguments], env=os.environ | self.environment, capture_output=True)

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Everything that reaches the sink while the context lasts."""
        path = self._folder / "recording.raw"
        with path.open("wb") as file:
            recorder = subprocess.Popen(
                ["parec", "-d", f"{SINK}.monitor", "--raw", "--latency-msec=20", *FORMAT],
                env=os.environ | self.environment,
                stdout=file,
            )
            try:
                recording = Recording(path)
                wait_until(recording.running, "the recording to begin")
                yield recording
                if recorder.poll() is None:  # it ends with its sink
                    recording.settle()
            finally:
                recorder.send_signal(signal.SIGTERM)
                recorder.wait()


def _sink(name: str, description: str = "", rate: int = 44_100) -> list[str]:
    """The module that makes a sink, with its arguments.

    norewinds: a sink that takes back what it has already played would record a part of it twice.
    """
    properties = f"sink_properties=device.description={description}" if description else ""
    figures = f"sink_name={name} rate={rate} channels=2 format=s16le norewinds=1"
    return ["module-null-sink", *figures.split(), *([properties] if properties else [])]


class Recording:
    """What the sink has played so far."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def running(self) -> bool:
        """Whether sound, or silence, is being written."""
        return self._path.stat().st_size > 0

    def settle(self) -> None:
        """Wait until half a second more is there: it holds what was on its way."""
        enough = self._path.stat().st_size + 44_100 * 2
        wait_until(lambda: self._path.stat().st_size >= enough, "the recording to go on")

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return self._path.stat().st_size / (4 * 44_100)

    @property
    def frames(self) -> np.ndarray:
        """All that was recorded: s16 in int32, (frames, 2)."""
        data = self._path.read_bytes()
        return np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2).astype(np.int32)

    @property
    def sound(self) -> np.ndarray:
        """What was recorded, from the first frame that is not silence to the last."""
        recorded = self.frames
        loud = np.flatnonzero(np.any(recorded != 0, axis=1))
        return recorded[loud[0] : loud[-1] + 1] if len(loud) else recorded[:0]


def retry_in_real_time(test: Callable[..., None]) -> Callable[..., None]:
    """Try a test up to three times: another program may hold the processor for longer than a sound system has sound.

    What the program does wrong, it does each time.
    """

    @functools.wraps(test)
    def retried(*arguments: Any, **named: Any) -> None:
        for _ in range(2):
            with suppress(AssertionError):
                return test(*arguments, **named)
        return test(*arguments, **named)

    return retried


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Wait for something outside this process, and say so if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)
