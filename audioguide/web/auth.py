"""The doors: who may ask, and what every answer says about itself.

A page of another site can make a browser send requests here: they are refused, and with a token nothing is to be seen
without it. That a name of somebody else's leads here (DNS rebinding) is for starlette's TrustedHostMiddleware.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
"""What the server says in every answer."""

_READING = ("GET", "HEAD")


class AccessControl:
    """Lets through what comes below `/token/`, or below `/` without a token, and not from another page."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        base = f"/{self._token}" if self._token else ""
        refusal = self._refusal(scope, base)
        await (refusal or self._app)({**scope, "root_path": base}, receive, send)

    def _refusal(self, scope: Scope, base: str) -> Response | None:
        headers, path = Headers(scope=scope), str(scope["path"])
        if self._token:
            first, _, rest = path.removeprefix("/").partition("/")
            if not secrets.compare_digest(first.encode("utf-8", "replace"), self._token.encode()):
                return PlainTextResponse("There is nothing here.\n", 404)
            if path == base:
                return RedirectResponse(f"{quote(base)}/", 308)
        else:
            rest = path.removeprefix("/")
        origin = headers.get("origin", "").lower()
        site = headers.get("sec-fetch-site", "none")
        foreign = origin not in ("", f"http://{headers.get('host', '').lower()}") and scope["method"] not in _READING
        if foreign or (rest and site not in ("none", "same-origin")):  # the page itself may be linked to
            return PlainTextResponse("This comes from another page.\n", 403)
        return None
