"""Who may ask: nothing is answered without the token, and nothing that another site's page could make a browser ask."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
BODY = 256 * 1024  # bytes that a request may have


class Guard:
    """An ASGI application behind a token, on this machine's own names only."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refused(scope)
        if refused:
            await PlainTextResponse(refused, 403)(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)

    def _refused(self, scope: Scope) -> str:
        """Why a request is not answered; empty when it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name(f"//{host}") not in HOSTS:
            return "This page is asked for at 127.0.0.1 or localhost only."
        origin = headers.get("origin")
        if origin is not None and (not origin.startswith("http://") or urlsplit(origin).netloc != host):
            return "Another page asked for this one."
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
        given = headers.get("authorization", "").removeprefix("Bearer ") or given
        if not hmac.compare_digest(given.encode(), self._token):
            return "The address needs its token: open the one that `autograder mark` printed."
        length = headers.get("content-length", "0")
        return "" if length.isdigit() and int(length) <= BODY else "A request is not that long."


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
