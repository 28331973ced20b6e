"""What can go wrong between a server and us, in words for a person. It sends nothing."""

import ssl

import aiohttp

_AGAIN = "what is complete stays; run the same command again to carry on"


class BrokenReplyError(Exception):
    """A reply that was no good and may be better next time. ``wait_s`` is how long the server asked to wait."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def explain(error: BaseException, host: str, limits_s: tuple[float, float]) -> tuple[str, str]:
    """What went wrong and what to do. ``limits_s``: how long a connection, and a silence, were waited for."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {host} can't be resolved", f"check the network and the name; {_AGAIN}"
    if isinstance(error, aiohttp.ClientSSLError):
        return (
            f"{host} does not prove who it is (TLS): {_tls(error)}",
            "check this machine's clock and its certificates (a proxy may present its own); nothing was fetched",
        )
    return _lost(error, host, limits_s), _AGAIN


def _lost(error: BaseException, host: str, limits_s: tuple[float, float]) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"{host} does not answer within {limits_s[0]:g} s"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"can't connect to {host} ({error.os_error.strerror or error.os_error}): check the network and any proxy"
    if isinstance(error, TimeoutError):
        return f"{host} sent nothing for {limits_s[1]:g} s"
    if isinstance(error, BrokenReplyError):
        return f"{host} answers {error}"
    return f"{host} broke the connection off"


def _tls(error: aiohttp.ClientSSLError) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return str(getattr(cause, "reason", "") or cause)
