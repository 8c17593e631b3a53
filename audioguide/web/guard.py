"""The doors: who may ask, and what every answer says about itself. It stands before everything else.

A page of another site can make a browser send requests here, and a name of its own lead here (DNS rebinding). So the
Host has to be an address that is served, what comes from elsewhere is refused, and with a token nothing is to be seen
without it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""What every answer says that does not say otherwise itself."""

_READING = ("GET", "HEAD")


class Guard:
    """Lets through what comes to one of `hosts` (address:port) below `/token/`, or below `/` without a token."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], token: str | None = None) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        base = f"/{self._token}" if self._token else ""
        refusal = self._refusal(scope, base)
        if refusal:
            await refusal(scope, receive, sealed(send))
        else:
            await self._app({**scope, "root_path": base}, receive, sealed(send))

    def _refusal(self, scope: Scope, base: str) -> Response | None:
        headers = Headers(scope=scope)
        host, path = headers.get("host", "").lower(), str(scope["path"])
        if host not in self._hosts or len(headers.getlist("host")) != 1:
            return _says("This address is not served here.", 421)
        if self._token:
            first, _, rest = path.removeprefix("/").partition("/")
            if not secrets.compare_digest(first.encode("utf-8", "replace"), self._token.encode()):
                return _says("There is nothing here.", 404)
            if path == base:
                return RedirectResponse(f"{quote(base)}/", 308)
        else:
            rest = path.removeprefix("/")
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{host}" and scope["method"] not in _READING:
            return _says("This comes from another page.", 403)
        if rest and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return _says("This comes from another page.", 403)  # the page itself may be linked to
        return None


def sealed(send: Send) -> Send:
    """What sends an answer with the headers that every answer has."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _says(sentence: str, status: int) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)
