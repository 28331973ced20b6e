"""What a fault may know of a request, and the seam at which faults act."""

from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from geobuk.emulators.binance.params import Params


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A REST request that passed the security checks. ``account`` is None on public paths."""

    method: str
    path: str
    params: Params
    account: str | None


class Faults(Protocol):
    """Trouble on request. A response returned replaces the venue's own; None leaves it."""

    async def before(self, request: RequestFacts) -> web.Response | None:
        """Before anything is executed; a response here means that nothing was."""
        ...

    async def after(self, request: RequestFacts, response: web.Response) -> web.Response | None:
        """After it was executed; ``response`` is what the venue would say."""
        ...


class NoFaults:
    """A venue in good health."""

    async def before(self, request: RequestFacts) -> web.Response | None:
        return None

    async def after(self, request: RequestFacts, response: web.Response) -> web.Response | None:
        return None
