"""The files of the page: read once, known by name, handed out from memory."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from audioguide.web.answers import Refusal, takes_gzip

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
"""The media type of each kind of file."""

START = "index.html"


@dataclass(frozen=True)
class Asset:
    """A file of the page, also packed."""

    content: bytes
    packed: bytes
    etag: str
    kind: str


@cache
def assets() -> Mapping[str, Asset]:
    """The files of the page by name."""
    files = sorted((Path(__file__).parent / "page").iterdir())
    return {file.name: _asset(file.read_bytes(), KINDS[file.suffix]) for file in files if file.suffix in KINDS}


def asset(request: Request, name: str) -> Response:
    """A file of the page. Refused when there is none of that name."""
    found = assets().get(name)
    if found is None:
        raise Refusal(404, "There is nothing here.")
    headers = {"ETag": found.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = found.content
    if takes_gzip(request) and len(found.packed) < len(content):
        content, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(content, headers=headers, media_type=found.kind)


def _asset(content: bytes, kind: str) -> Asset:
    etag = hashlib.blake2b(content, digest_size=12).hexdigest()
    return Asset(content, gzip.compress(content, 9, mtime=0), f'W/"{etag}"', kind)
