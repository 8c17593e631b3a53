"""The files of the page: compressed once, at addresses with a version, so that a browser asks for each once."""

import gzip
import json
import mimetypes
import re
from hashlib import blake2b
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOLDER = Path(__file__).parent / "page"
_LANGUAGE = re.compile(r"\b(de|en|es)\b", re.IGNORECASE)
_VERSION = re.compile(r"^([0-9a-f]{12}/|)")
_FOREVER = "private, max-age=31536000, immutable"
mimetypes.add_type("text/javascript", ".js")  # a Windows registry may say text/plain, and no browser runs that


class PageFiles:
    """All files, as they are when the server starts."""

    def __init__(self) -> None:
        paths = [path for path in sorted(_FOLDER.rglob("*")) if path.is_file()]
        self._files = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}
        self._packed = {name: gzip.compress(content, mtime=0) for name, content in self._files.items()}
        self.version = blake2b(repr(self._files).encode(), digest_size=6).hexdigest()

    def routes(self) -> list[Route]:
        """The routes, below the address of the page."""
        names = {"/": self._send_index, "/sw.js": self._send_worker, "/assets/{name:path}": self._send_file}
        return [Route(path, send) for path, send in names.items()]

    async def _send_index(self, request: Request) -> Response:
        """The page; it names the words and the manifest in the language of the browser."""
        page = self._files["index.html"].decode().replace('"assets/', f'"assets/{self.version}/')
        page = page.replace("/en.", f"/{find_language(request)}.")
        return Response(page, 200, {"Cache-Control": "no-cache", "Vary": "Accept-Language"}, "text/html")

    async def _send_worker(self, request: Request) -> Response:
        """The service worker. A new version of the page makes it another one, which the browser takes over."""
        files = [f"assets/{self.version}/{name}" for name in self._files]
        head = f"const VERSION = {json.dumps(self.version)};\nconst FILES = {json.dumps(files)};\n"
        return Response(head.encode() + self._files["sw.js"], 200, {"Cache-Control": "no-cache"}, "text/javascript")

    async def _send_file(self, request: Request) -> Response:
        """A file. One of another version is asked for by a page that was open when the server became another one."""
        _, version, name = _VERSION.split(request.path_params["name"], 1)
        if name not in self._files:
            raise HTTPException(404)
        content, packed = self._files[name], self._packed[name]
        tag = f'"{blake2b(content, digest_size=8).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": _FOREVER if version == f"{self.version}/" else "no-cache"}
        headers["Vary"] = "Accept-Encoding"
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if len(packed) < len(content) and "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = packed, "gzip"
        return Response(content, 200, headers, mimetypes.guess_type(name)[0])


def find_language(request: Request) -> str:
    """The first language that the browser wants, of those that the page has."""
    found = _LANGUAGE.search(request.headers.get("accept-language", ""))
    return found[1].lower() if found else "en"
