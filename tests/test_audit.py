"""The audit of what audioguide is installed with, asked of an index of packages on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import audit
import pytest
from fontTools.ttLib import TTFont

from audioguide import draw

OLD = {package for package, kind in audit.EXCEPTIONS if kind == "age"}
SOME = [package for package in audit.installed() if package.name in {"rich", *(name for name, _ in audit.EXCEPTIONS)}]


@pytest.fixture(autouse=True)
def some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few packages are asked about: those with an exception, and one without."""
    monkeypatch.setattr(audit, "installed", lambda: SOME)


@contextmanager
def index(of: dict[str, dict[str, Any]], faults: bool) -> Iterator[str]:
    """An index where every package had a release today, and those with an exception for their age one long ago."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, kind, name, *_ = self.path.split("/")
            own = of.get(name, {})
            day = own.get("day", "2001-01-01T00:00:00Z" if name in OLD else datetime.now(UTC).isoformat())
            file = {
                "filename": f"{name}-{version(name)}.tar.gz",
                "upload-time": day,
                "yanked": own.get("yanked", False),
            }
            simple = {"files": [file], "meta": own.get("meta", {})}
            body = json.dumps(simple if kind == "simple" else {"vulnerabilities": own.get("faults", [])}).encode()
            self.send_response(200 if faults or kind == "simple" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        ({}, None),
        ({"rich": {"yanked": "broken"}}, "WRONG: rich: its authors withdrew"),
        ({"rich": {"day": "2001-01-01T00:00:00Z"}}, "WRONG: rich: no release since 2001-01"),
        ({"rich": {"meta": {"project-status": "archived"}}}, "WRONG: rich: the project is archived"),
        ({"rich": {"faults": [{"id": "PYSEC-1", "withdrawn": None}]}}, "has a known fault, PYSEC-1"),
        ({"rich": {"faults": [{"id": "PYSEC-1", "withdrawn": "2026-01-01"}]}}, None),
        ({"pydub": {"day": datetime.now(UTC).isoformat()}}, "WRONG: pydub: the exception for its age explains nothing"),
    ],
)
def test_what_speaks_against_a_package_fails(
    of: dict[str, dict[str, Any]],
    wrong: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with index(of, faults=True) as url:
        monkeypatch.setattr(audit, "INDEX", url)
        assert audit.main() == (wrong is not None)
    out = capsys.readouterr().out
    assert (wrong or "taken: pydub") in out
    assert out.count("WRONG") == (wrong is not None)
    assert "not asked" not in out


def test_what_cannot_be_asked_is_said_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with index({}, faults=False) as url:
        monkeypatch.setattr(audit, "INDEX", url)
        assert audit.main() == 0
    assert "not asked: known faults of" in capsys.readouterr().out
    monkeypatch.setattr(audit, "INDEX", "http://127.0.0.1:9")
    assert audit.main() == 0
    assert "not asked: age and withdrawals of" in capsys.readouterr().out


def test_a_licence_is_judged_as_it_is_written() -> None:
    assert audit.free("MPL-2.0 AND (Apache-2.0 OR MIT)")
    assert audit.free("GPL-2.0-only OR MIT")
    assert not audit.free("MIT AND GPL-2.0-only")
    assert not audit.free("not named")
    assert {package.name: package.group for package in SOME}["mutagen"] == ""


def test_the_bill_of_what_the_package_carries_names_the_fonts_as_they_are() -> None:
    fonts = Path(draw.__file__).parent / "fonts"
    (inter,) = json.loads((fonts / "inter.cdx.json").read_text("utf-8"))["components"]
    named = {Path(part["name"]).name: part["hashes"][0]["content"] for part in inter["components"]}
    assert named == {path.name: sha256(path.read_bytes()).hexdigest() for path in fonts.glob("*.ttf")}
    assert inter["version"] in str(TTFont(fonts / "Inter-Bold.ttf")["name"].getDebugName(5))
