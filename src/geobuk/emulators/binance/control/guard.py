"""Who may use the control API: programs and the emulator's own page, never another site in somebody's browser."""

from urllib.parse import urlsplit

from aiohttp import hdrs, web

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotAllowedError(Exception):
    """Why a request is turned away."""


def require_own(request: web.Request) -> None:
    """Raise NotAllowedError for what a foreign page could send.

    A name that only points to this machine (DNS rebinding) is turned away by the Host header, a foreign page by Origin
    and Sec-Fetch-Site, and a form by its content type: only JSON changes anything.
    """
    own = {*_LOOPBACK, (request.transport.get_extra_info("sockname") or ("",))[0] if request.transport else ""}
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in own:
        raise NotAllowedError(f"the Host {request.host!r} is not this emulator's address")
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise NotAllowedError(f"a page of {origin} may not steer this emulator")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise NotAllowedError("a page of another site may not steer this emulator")
    if request.method not in {"GET", "HEAD"} and request.content_type != "application/json":
        raise NotAllowedError("send Content-Type: application/json")
