"""Files that carry a session: MP3, M4A, M4B, Opus, FLAC and one-file pages, and what is inside them."""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from audioguide.export.formats import find_payload, format_of, read_label
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.options import Options
from audioguide.routine.load import check_routine
from audioguide.schema.document import parse_document
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.config import Config
from audioguide.session.embedded import EmbeddedSession, parse_embedded, read_embedded, to_routine_data
from audioguide.session.open import build_session, open_session
from audioguide.session.plan_days import list_days
from audioguide.session.plan_session import resolve_day
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.week_plan import parse_plan
from audioguide.system import clock
from audioguide.system.paths import cache_root
from audioguide.web.limits import check_session
from fuzz.target import Target

SECRETS = "/etc/passwd", "secret"
"""What no file from elsewhere may make this machine read: its name, or a part of its path."""

WORDS = (
    *SECRETS,
    *(
        "../secret",
        "../../secret.yaml",
        "/tmp/secret.mp3",
        "~/secret.wav",
        "file:///etc/passwd",
        "secret\0",
        "con",
        ".",
    ),
    *("/dev/zero", "/dev/stdin", "C:\\secret", "\\\\host\\secret", "..", "secret.yaml", "/proc/self/environ"),
    *(
        "routine routines poses voices backgrounds prompts plan options cover mark format id title voice steps pose"
    ).split(),
    *("include repeat say rest breathe hold limits sides rounds reps swap skip keep lexicon engine model".split()),
    *("layers noise drone bowls drops binaural music file files gain level figure cues background defaults".split()),
    *(
        "none audioguide-session/1 audioguide-session/2 hibari piper pico recorded google pink-noise bridge taster"
    ).split(),
)
_watched = {"on": False}


def _watch(event: str, about: tuple[Any, ...]) -> None:
    if event == "open" and _watched["on"] and isinstance(about[0], str | bytes):
        name = os.fsdecode(about[0])
        if any(secret in name for secret in SECRETS):
            raise AssertionError("a stranger's file has made this one be opened")


def own_folder() -> Path:
    """A new folder beside the cache of this run, which goes with it."""
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=cache_root().parent))


@cache
def _start() -> Path:
    """A folder of this process; from now on, files that are opened are looked at."""
    sys.addaudithook(_watch)
    return own_folder()


def open_carried(file: EmbeddedSession) -> str:
    """All that is done with a session from a stranger before it is spoken; the parts that it has."""
    file.check()
    routine, written, options = file.routine(), file.bundle.collect(), file.options
    resolved = ResolvedRoutine(routine, written, "", Options(), options, options, embedded=file)
    session = build_session(resolved)
    check_session(session)
    _ = session.outline
    packed = session.pack().payload  # type: ignore[misc]
    if packed:  # what goes on with it is the same session
        parse_embedded(packed, "again.mp3")
    inlined = to_routine_data(file)
    document = parse_document(to_yaml(inlined), "inlined.yaml")
    again, problems = check_routine(Path("inlined.yaml"), document)
    assert again or problems
    if file.plan:  # as `plan add` takes it
        plan = parse_plan(parse_document(to_yaml(file.plan), "plan.yaml"), _start() / "plan.yaml")
        resolve_day(plan, list_days(plan, (), clock.now())[-1], config=Config())
    return f"{len(session.notes)} {bool(file.prompts)} {len(file.voices)} {len(file.backgrounds)} {bool(file.plan)}"


def run_payload(data: bytes) -> str:
    """What a file carries, out of its file."""
    _start()
    _watched["on"] = True
    try:
        return open_carried(parse_embedded(data, "shared.mp3"))
    finally:
        _watched["on"] = False


def run_file(ending: str, data: bytes) -> str:
    """A whole file."""
    path = _start() / f"shared{ending}"
    path.write_bytes(data)
    _watched["on"] = True
    try:
        read_label(path)
        find_payload(path)
        return open_carried(read_embedded(path))
    finally:
        _watched["on"] = False


@cache
def payloads() -> tuple[bytes, ...]:
    """Sessions as files carry them: shipped ones, and one that has something of everything."""
    shipped = [open_session(id).pack().payload for id in ("taster", "desk-break", "icing")]  # type: ignore[misc]
    own: dict[str, Any] = {
        "format": "audioguide-session/1",
        "id": "own",
        "title": "Own one",
        "options": {"holds": {"Stand": "20s"}, "background": "sea", "voice": "quiet", "rounds": {"Stand": 2}},
        "cover": True,
        "voice": "quiet",
        "routine": {
            "title": "Own one",
            "defaults": {"breath": "4-6", "background": {"name": "sea", "during": "always"}, "voice": "quiet"},
            "steps": [
                {"pose": "stand", "hold": "12s", "prompts": [{"say": "Soften.", "at": "half"}]},
                {"include": "inner"},
                {"repeat": 2, "steps": [{"say": "Well. {pause 2s} {next}"}, {"rest": "5s"}]},
                {"breathe": {"pattern": "4-7-8", "rounds": 2}, "cues": {"countdown": "off"}},
            ],
        },
        "routines": {"inner": {"title": "Inner", "steps": [{"pose": {"name": "Kneel", "instructions": "Kneel."}}]}},
        "poses": {"stand": {"name": "Stand", "instructions": "Stand up.", "sides": ["left", "right"]}},
        "voices": {"quiet": {**json.loads(shipped[0])["voices"]["heart"], "title": "Quiet"}},
        "backgrounds": {"sea": {"level": -30, "layers": [{"noise": {"slope": -3}}, {"binaural": {"beat": 6}}]}},
    }
    own["plan"] = {"plan": "A plan", "routine": own["routine"], "start": "2026-12-01", "weeks": 2, "days": "mon, thu"}
    own["plan"] |= {"progress": "+2s", "options": {"level": "brief"}}
    own["plan"]["routine"] = {"title": "Planned", "steps": [{"pose": "bridge", "hold": "20s"}]}
    wide = {
        **own,
        "routines": own["routines"]
        | {f"r{n}": {"title": "R", "steps": [{"include": f"r{n + 1}"}] * 3} for n in range(5)},
    }
    wide["routine"] = {"title": "W", "steps": [{"include": "r0"}]}
    layers = {f"b{n}": {"layers": [{"noise": {"slope": -3}}] * 12} for n in range(50)}
    steps = [{"rest": "5s", "background": f"b{n}"} for n in range(50)]
    heavy = {**own, "options": {}, "backgrounds": layers, "routine": {"title": "H", "steps": steps}}
    nested: Any = [{"rest": "1s"}]
    for _ in range(60):
        nested = [{"repeat": 9, "steps": nested}]
    deep = {**own, "routine": {"title": "D", "steps": nested}}
    plain = {key: value for key, value in own.items() if key not in ("plan", "routines", "prompts")}
    plain["routine"] = {"title": "P", "steps": [{"pose": "stand", "hold": "12s"}, {"say": "Well."}, {"rest": "4s"}]}
    wide["routines"] |= {"r5": {"title": "R", "steps": [{"rest": "2s"}]}}
    return (*shipped, *(json.dumps(one, separators=(",", ":")).encode() for one in (own, plain, wide, heavy, deep)))


def _files(ending: str) -> Iterable[bytes]:
    """Real files of a format, and some that mean no good."""
    from encoding import encoding

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{ending}"
        for payload in payloads()[:4]:
            path.write_bytes(b"")
            if ending != ".mp3":
                with encoding(path, format_of(path)) as encoder:
                    encoder.write(np.zeros((2304, 2), np.float32))
            write_tags(path, format_of(path), Tags(title="Title", frames=44_100, transcript="0:00 A", payload=payload))
            yield path.read_bytes()
    if ending == ".mp3":
        yield from _tags(payloads()[3])
    if ending == ".html":
        yield b'<script id="session" type="application/json">{"format":"audioguide-session/1"}</script>' * 3


def _tags(payload: bytes) -> Iterable[bytes]:
    """ID3 of all versions: unpacked, packed, unsynchronised, with an extended header, larger than it is."""
    object_ = b"\0\0\0audioguide session\0"
    for version, name, form in ((2, b"GEO", "3s3s"), (3, b"GEOB", ">4sIH"), (4, b"GEOB", ">4sIH")):
        content = object_ + payload
        size = len(content)
        for flags, body in ((0, content), (0x80, struct.pack(">I", size) + zlib.compress(content)), (0x08, content)):
            head = struct.pack(
                form, name, len(body).to_bytes(3, "big") if version == 2 else len(body), *[flags][version == 2 :]
            )
            for mark, more in ((0, 0), (0x80, 0), (0x40, 0), (0, 10_000)):
                frames = head + body
                whole = bytes((len(frames) + more) >> 7 * place & 0x7F for place in (3, 2, 1, 0))
                yield b"ID3" + bytes((version, 0, mark)) + whole + frames
    bomb = zlib.compress(bytes(20_000_000))
    frames = struct.pack(">4sIH", b"GEOB", len(bomb) + 4, 0x80) + struct.pack(">I", 20_000_000) + bomb
    yield b"ID3\3\0\0" + bytes(len(frames) >> 7 * place & 0x7F for place in (3, 2, 1, 0)) + frames


def _of(ending: str, share: float) -> Target:
    kind = "text" if ending == ".html" else "bytes"
    seeds, run = partial(_files, ending), partial(run_file, ending)
    return Target(f"carried-{ending[1:]}", "files", seeds, run, kind, WORDS, share)  # type: ignore[arg-type]


TARGETS = (
    Target("payload", "files", payloads, run_payload, "text", WORDS, 6),
    *(_of(ending, share) for ending, share in ((".mp3", 2), (".m4a", 2), (".m4b", 1), (".opus", 2), (".flac", 2))),
    _of(".html", 1),
)
