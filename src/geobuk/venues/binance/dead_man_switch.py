"""The venue's own switch that cancels an instrument's orders when we fall silent, armed again by a task of its own.

The venue's countdown ends orders in the book; those that still wait for a trigger stay, which is as it should be for
stops.
"""

import asyncio
from collections.abc import Callable

from geobuk.domain.errors import GeobukError, OrderRefusedError
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.errors import FailedCallError, house_error
from geobuk.venues.binance.messages.orders import CountdownReply
from geobuk.venues.binance.rest import BinanceRest


class DeadManSwitch:
    """Countdowns per instrument. ``on_failure`` hears of each time that arming again failed."""

    def __init__(self, rest: BinanceRest, param: Callable[[str], str], on_failure: Callable[[str, str], None]) -> None:
        self._rest = rest
        self._param = param
        self._on_failure = on_failure
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def arm(self, instrument: str, seconds: float | None) -> None:
        """Have the venue cancel unless armed again in time; None ends it, and what holds it armed.

        Raises OrderRefusedError if not possible.
        """
        if seconds is None:
            await self._let_go(instrument)
        elif seconds <= 0:
            raise OrderRefusedError(
                f"a dead-man switch of {seconds} s would end the orders at once", cure="give a positive time, or None"
            )
        milliseconds = 0 if seconds is None else max(1, round(seconds * 1000))
        params = f"{self._param(instrument)}&countdownTime={milliseconds}"
        try:
            await self._rest.ask(endpoints.COUNTDOWN, CountdownReply, params, what=f"dead-man switch of {instrument}")
        except FailedCallError as error:
            raise house_error(error) from error

    async def hold(self, instrument: str, seconds: float) -> None:
        """Arm, and keep arming at a third of the time for as long as this process lives and reaches the venue."""
        await self._let_go(instrument)
        await self.arm(instrument, seconds)
        await self._let_go(instrument)  # another may have begun to hold it meanwhile
        self._tasks[instrument] = asyncio.get_running_loop().create_task(self._keep(instrument, seconds))

    async def release(self, instrument: str) -> None:
        """Stop arming, and end the venue's countdown too."""
        await self.arm(instrument, None)

    async def _let_go(self, instrument: str) -> None:
        while (task := self._tasks.pop(instrument, None)) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        """Stop arming everything; running countdowns go on, as they would if this process had died."""
        for instrument in list(self._tasks):
            await self._let_go(instrument)

    async def _keep(self, instrument: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds / 3)
            try:
                await self.arm(instrument, seconds)
            except GeobukError as error:
                self._on_failure(instrument, str(error))
