"""What SECURITY.md promises of a stranger's files: nothing in them is run, and no other machine is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audioguide.schema.document import parse_document

# Of a stranger: each names a program, an address or a place in the only words that its kind has for such.
ROUTINE = """\
title: $(touch ran) `touch ran`; touch ran
defaults: {voice: pico-us, background: none}
steps:
  - say: "$(touch ran) %(x)s <script>fetch('http://evil.example')</script> https://evil.example/a"
  - {pose: childs-pose, hold: 10s}
"""
# What the process does is heard by its audit hook: programs started, addresses asked, text compiled.
HEARD = """
import json, sys
from audioguide.cli.main import run
heard = []
NAMES = "subprocess.Popen os.exec os.posix_spawn os.system socket.connect socket.getaddrinfo pickle.find_class".split()
sys.addaudithook(lambda name, args: name in NAMES and heard.append([name, repr(args[:2])]))
codes = [run(words) for words in json.loads(sys.argv[1])]
print(json.dumps([codes, heard]), file=sys.stderr)
"""


@pytest.mark.slow
def test_nothing_in_a_file_is_run_and_no_other_machine_is_asked(tmp_path: Path) -> None:
    (tmp_path / "stranger.yaml").write_text(ROUTINE, "utf-8")
    (tmp_path / "text.md").write_text(
        "# Stand up\n\n![a](http://evil.example/a.png)\n\n<script>x</script>\n\n30 s\n", "utf-8"
    )
    commands = [
        ["check", "stranger.yaml"],
        ["import", "text.md", "-o", "text.yaml"],
        ["export", "stranger.yaml", "-o", "a.mp3"],
        ["show", "a.mp3"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", HEARD, json.dumps(commands)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    codes, heard = json.loads(done.stderr.splitlines()[-1])
    assert codes == [0] * len(commands), done.stderr
    own = [[name, args] for name, args in heard if name == "pickle.find_class" and args.startswith("('audioguide.")]
    heard = [event for event in heard if event not in own]  # forms that earlier runs kept
    assert {name for name, _ in heard} == {"subprocess.Popen"}
    assert [args for _, args in heard if "ffmpeg" not in args and "nanotts" not in args and "/bin/sh" not in args] == []
    assert not (tmp_path / "ran").exists()


def test_a_tag_of_yaml_is_nothing_and_what_stands_behind_it_is_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
a: !!python/object/apply:os.system [touch ran]
b: !!python/name:os.system
c: !include /etc/passwd
d: !!python/object/new:os.system {args: [touch ran]}
"""
    plain = {"a": ["touch ran"], "b": "", "c": "/etc/passwd", "d": {"args": ["touch ran"]}}
    assert parse_document(text, "a.yaml").data == plain
    assert not Path("ran").exists()
