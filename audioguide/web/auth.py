"""Who may send requests, the security headers of every answer, and QR codes for addresses with their token.

Requests that a page of another site makes a browser send are refused; with a token, nothing can be seen without it.
Against foreign names that lead here (DNS rebinding) stands starlette's TrustedHostMiddleware.
"""

import io
import secrets
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
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

_SAFE_METHODS = ("GET", "HEAD")

_QUIET_ZONE = 4  # light modules around a QR code (ISO/IEC 18004)

_BLACK_ON_WHITE, _RESET = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
"""Cameras need dark modules on light ones. No theme changes these two of the 256 colours."""


class AccessControl:
    """ASGI middleware that passes on requests below `/token/` (`/` without a token) that no other site's page sends."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        base = f"/{self._token}" if self._token else ""
        await (self._refuse(scope, base) or self._app)({**scope, "root_path": base}, receive, send)

    def _refuse(self, scope: Scope, base: str) -> Response | None:
        """The answer to a request that may not pass; None for one that may."""
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
        own_origins = ("", f"{scope['scheme']}://{headers.get('host', '').lower()}")
        foreign = origin not in own_origins and scope["method"] not in _SAFE_METHODS
        if foreign or (rest and site not in ("none", "same-origin")):  # other sites may link to the page itself
            return PlainTextResponse("This request comes from another site.\n", 403)
        return None


def render_qr_text(text: str) -> str:
    """A QR code for a terminal: each line shows two rows of modules, as half blocks."""
    import segno

    lines = io.StringIO()
    segno.make(text, micro=False).terminal(lines, border=_QUIET_ZONE, compact=True)
    return "\n".join(f"{_BLACK_ON_WHITE}{line}{_RESET}" for line in lines.getvalue().splitlines())


def render_qr_svg(text: str) -> bytes:
    """A QR code as an SVG document of any size, black on white and without a style attribute."""
    import segno

    file, bare = io.BytesIO(), {"omitsize": True, "xmldecl": False, "svgclass": None, "lineclass": None}
    segno.make(text, micro=False).save(file, kind="svg", border=_QUIET_ZONE, light="#fff", **bare)
    return file.getvalue()
