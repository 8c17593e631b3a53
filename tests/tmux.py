"""A terminal as a person has it: tmux shows what is on it, and presses real keys."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pulse import wait_until


class Tmux:
    """One terminal of 80×24 with a shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        self._folder = folder
        environment = os.environ | {"HOME": str(folder), "LC_ALL": "C.UTF-8"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):  # the last two are set where tests run in several processes
            environment.pop(name, None)
        shell = ["-x", "80", "-y", "24", "env 'PS1=ready> ' bash --norc --noprofile"]
        command = ["tmux", "-S", self._socket, "-f", os.devnull, "new-session", "-d", *shell]
        subprocess.run(command, env=environment, check=True, cwd=folder)

    def tell(self, *arguments: str) -> str:
        """Have tmux do something; what it answers."""
        command = ["tmux", "-S", self._socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def press(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self.tell("send-keys", *keys)

    def run(self, line: str) -> None:
        """Type a line, and Enter."""
        self.press(line, "Enter")

    @property
    def shown(self) -> str:
        """What is on the terminal."""
        return self.tell("capture-pane", "-p")

    def sees(self, text: str, seconds: float = 20) -> None:
        """Wait until a text is there."""
        wait_until(lambda: text in self.shown, f"{text!r} to be shown", seconds)

    def modes(self, name: str) -> str:
        """How the terminal is set."""
        file = self._folder / name
        file.unlink(missing_ok=True)
        self.run(f"stty -a > {file}.new; mv {file}.new {file}")
        wait_until(file.exists, "the modes")
        return file.read_text()

    @property
    def process(self) -> int:
        """The process in the foreground, which the shell has started."""
        shell = self.tell("display-message", "-p", "#{pane_pid}").strip()
        found = subprocess.run(["ps", "--ppid", shell, "-o", "pid="], capture_output=True, text=True, check=True)
        return int(found.stdout.split()[-1])

    def close(self) -> None:
        """End it with all that runs in it."""
        self.tell("kill-server")
