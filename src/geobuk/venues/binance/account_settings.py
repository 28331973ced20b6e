"""Leverage, margin mode, position mode: set so that setting what is set is no error."""

from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import OutcomeUnknownError, UnsupportedError
from geobuk.domain.order import PositionSide
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.endpoints import Endpoint
from geobuk.venues.binance.errors import Action, FailedCallError, UnknownOutcomeError, house_error
from geobuk.venues.binance.messages.account import PositionMode
from geobuk.venues.binance.order_words import POSITION_SIDES
from geobuk.venues.binance.rest import BinanceRest

_MARGIN_TYPES = {MarginMode.CROSS: "CROSSED", MarginMode.ISOLATED: "ISOLATED"}


class AccountSettings:
    """Settings of one account. Raises OrderRefusedError where the venue refuses."""

    def __init__(self, rest: BinanceRest) -> None:
        self._rest = rest

    async def set_leverage(self, param: str, leverage: int) -> None:
        """Set an instrument's leverage."""
        await self._set(endpoints.SET_LEVERAGE, f"{param}&leverage={leverage}", f"leverage {leverage}")

    async def set_margin_mode(self, param: str, mode: MarginMode) -> None:
        """Cross or isolated."""
        word = _MARGIN_TYPES.get(mode)
        if word is None:
            raise UnsupportedError(f"Binance has no margin mode {mode}", cure="use cross or isolated")
        await self._set(endpoints.SET_MARGIN_TYPE, f"{param}&marginType={word}", f"margin mode {mode}")

    async def is_hedged(self) -> bool:
        """Whether long and short legs are held apart."""
        mode = await self._rest.ask(endpoints.POSITION_MODE, PositionMode, what="asking for the position mode")
        return mode.dual_side_position

    async def set_hedged(self, is_hedged: bool) -> None:
        """Hold long and short legs apart, or net them."""
        word = "true" if is_hedged else "false"
        await self._set(endpoints.SET_POSITION_MODE, f"dualSidePosition={word}", f"hedge mode {word}")

    async def move_margin(self, param: str, side: PositionSide, amount: Decimal) -> None:
        """Add to an isolated position's own wallet, or take from it where ``amount`` is below zero."""
        leg = "" if side is PositionSide.BOTH else f"&positionSide={POSITION_SIDES[side]}"
        params = f"{param}{leg}&amount={abs(amount):f}&type={1 if amount > 0 else 2}"
        await self._set(endpoints.MOVE_MARGIN, params, f"moving {amount} of margin")

    async def _set(self, endpoint: Endpoint, params: str, what: str) -> None:
        try:
            await self._rest.call(endpoint, params, what=what)
        except FailedCallError as error:
            if error.failure.action is not Action.SUCCESS:
                raise house_error(error) from error
        except UnknownOutcomeError as error:
            raise OutcomeUnknownError(str(error), cure="look at the account, then set it again") from error
