"""The files of the page: compressed once, at addresses with a version, so that a browser asks for each once."""

import gzip
import json
import mimetypes
import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from audioguide.draw.render import to_png

_FOLDER = Path(__file__).parent / "page"
_IMPORT = re.compile(r'^(?:im|ex)port [^"]*?from "\./([\w-]+\.js)"', re.MULTILINE)
_VIEW = re.compile(r'import\("\./([\w-]+)\.js"\)')
_ICON = re.compile(r"((?:icon|maskable))-(180|192|512)\.png")
_LANGUAGE = re.compile(r"\b(de|en|es)\b", re.IGNORECASE)
_BY_LANGUAGE = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
_OUTSIDE = ("index.html", "sw.js", "manifest.webmanifest")  # their addresses have no version
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
        return [
            Route("/", self._send_index),
            Route("/sw.js", self._send_worker),
            Route("/manifest.webmanifest", self._send_manifest),
            Route("/assets/{name:path}", self._send_file),
        ]

    def list_modules(self, name: str) -> list[str]:
        """A module and all that it imports, each once: what a browser would find out one level after the other."""
        found = [name]
        for module in found:  # which grows meanwhile
            found += [one for one in _IMPORT.findall(self._files[module].decode()) if one not in found]
        return found

    async def _send_index(self, request: Request) -> Response:
        """The page; it names what its first view needs. What other views need is named, and loaded when they are."""
        first = self.list_modules("main.js")
        links = [f'<link rel="modulepreload" href="assets/{name}">' for name in first[1:]]
        for view in dict.fromkeys(_VIEW.findall(self._files["main.js"].decode())):
            modules = (name for name in self.list_modules(f"{view}.js") if name not in first)
            links += [f'<link data-view="{view}" href="assets/{name}">' for name in modules]
        words = f"assets/words/{_find_language(request)}.json"
        links.append(f'<link rel="preload" as="fetch" crossorigin href="{words}">')
        page = self._files["index.html"].decode().replace("<!-- modules -->", "\n    ".join(links))
        return Response(page.replace('"assets/', f'"assets/{self.version}/'), 200, _BY_LANGUAGE, "text/html")

    async def _send_manifest(self, request: Request) -> Response:
        language = _find_language(request)
        description = json.loads(self._files[f"words/{language}.json"])["offline.about"]
        manifest = {**json.loads(self._files["manifest.webmanifest"]), "lang": language, "description": description}
        return JSONResponse(manifest, 200, _BY_LANGUAGE, "application/manifest+json")

    async def _send_worker(self, request: Request) -> Response:
        """The service worker. A new version of the page makes it another one, which the browser takes over."""
        files = [f"assets/{self.version}/{name}" for name in self._files if name not in _OUTSIDE]
        head = f"const VERSION = {json.dumps(self.version)};\nconst FILES = {json.dumps(files)};\n"
        return Response(head.encode() + self._files["sw.js"], 200, {"Cache-Control": "no-cache"}, "text/javascript")

    async def _send_file(self, request: Request) -> Response:
        name = str(request.path_params["name"])
        is_current = name.startswith(f"{self.version}/")
        if re.match(r"[0-9a-f]{12}/", name):  # of another version, too: an open page may still ask for a module
            name = name[13:]
        if icon := _ICON.fullmatch(name):
            content = packed = _draw_icon(self._files[f"{icon[1]}.svg"].decode(), int(icon[2]))
        elif name in self._files:
            content, packed = self._files[name], self._packed[name]
        else:
            raise HTTPException(404)
        tag = f'"{blake2b(content, digest_size=8).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": _FOREVER if is_current else "no-cache", "Vary": "Accept-Encoding"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if len(packed) < len(content) and "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = packed, "gzip"
        return Response(content, 200, headers, mimetypes.guess_type(name)[0])


def _find_language(request: Request) -> str:
    """The first language that the browser wants, of those that the page has."""
    found = _LANGUAGE.search(request.headers.get("accept-language", ""))
    return found[1].lower() if found else "en"


@cache
def _draw_icon(svg: str, width: int) -> bytes:
    return to_png(svg, width)
