"""What the venue says of account, positions, orders and fills: questions only, nothing changes by them."""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal

from geobuk.domain.account import Account, MarginMode
from geobuk.domain.errors import NetworkError
from geobuk.domain.order import Fill, OrderState, Position, PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.domain.updates import VenueSnapshot
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.errors import FailedCallError
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.account import AccountReply, PositionRow, SymbolConfig
from geobuk.venues.binance.messages.orders import AlgoReply, OrderReply, TradeRow
from geobuk.venues.binance.order_states import fill_of_row, state_of_algo, state_of_reply
from geobuk.venues.binance.order_words import POSITION_SIDE_OF
from geobuk.venues.binance.rest import BinanceRest

_UNKNOWN_ORDER = frozenset({-2011, -2013})
_TRADE_WINDOW_MS = 7 * 86_400_000 - 1
_TRADES_KEPT_MS = 90 * 86_400_000
"""The venue keeps our trades for about three months."""
_TRADES_A_CALL = 1_000
_QUERIES_LAG_MS = 10_000
"""How long after a trade the venue may not know its order yet."""


class AccountReader:
    """Questions about one account."""

    def __init__(self, rest: BinanceRest, known: KnownOrders, symbol_param: Callable[[str], str]) -> None:
        self._rest = rest
        self._known = known
        self._param = symbol_param
        self._venue = rest.spec.name

    async def account(self) -> Account:
        """Totals of the margin asset's wallet; wallet and margins in that asset."""
        reply = await self._rest.ask(endpoints.ACCOUNT, AccountReply, what="asking for the account")
        currency = self._rest.spec.margin_asset
        asset = next((one for one in reply.assets if one.asset == currency), None)
        zero = Decimal(0)
        return Account(
            venue=self._venue,
            currency=currency,
            mode=MarginMode.CROSS,
            wallet=asset.wallet_balance if asset else zero,
            unrealized=asset.unrealized_profit if asset else zero,
            initial_margin=asset.initial_margin if asset else zero,
            maintenance_margin=asset.maint_margin if asset else zero,
            buying_power=asset.available_balance if asset else zero,
            at_ns=self._rest.venue_ms() * NS_PER_MS,
        )

    async def positions(self, *, with_settings: bool = True) -> list[Position]:
        """What is held; flat positions are left out. Leverage and own wallet are known ``with_settings`` only."""
        asked = self._rest.ask(endpoints.POSITION_RISK, list[PositionRow], what="asking for the positions")
        if with_settings:
            what = "asking for the leverages"
            rows, settings = await asyncio.gather(
                asked, self._rest.ask(endpoints.SYMBOL_CONFIG, list[SymbolConfig], what=what)
            )
        else:
            rows, settings = await asked, []
        by_name = {one.symbol: one for one in settings}
        return [self._position(row, by_name.get(row.symbol)) for row in rows if row.position_amt]

    def _position(self, row: PositionRow, setting: SymbolConfig | None) -> Position:
        is_isolated = row.margin_type == "isolated" or (setting is not None and setting.margin_type == "ISOLATED")
        wallet = row.isolated_wallet if isinstance(row.isolated_wallet, Decimal) else row.isolated_margin
        return Position(
            venue=self._venue,
            instrument=row.symbol,
            quantity=row.position_amt,
            entry_price=row.entry_price,
            sellable=abs(row.position_amt),
            isolated_wallet=wallet if is_isolated and isinstance(wallet, Decimal) else None,
            side=POSITION_SIDE_OF.get(row.position_side, PositionSide.BOTH),
            mark_price=row.mark_price,
            unrealized=row.un_realized_profit,
            liquidation_price=row.liquidation_price if row.liquidation_price > 0 else None,
            leverage=setting.leverage if setting else None,
        )

    async def open_orders(self, instrument: str | None = None) -> list[OrderState]:
        """Orders that can still fill, those waiting for a trigger included."""
        params = "" if instrument is None else self._param(instrument)
        in_book = endpoints.ALL_OPEN_ORDERS if instrument is None else endpoints.OPEN_ORDERS
        waiting = endpoints.ALL_OPEN_ALGO_ORDERS if instrument is None else endpoints.OPEN_ALGO_ORDERS
        # One after the other, in this order: what triggers meanwhile is in both lists, not in neither.
        algos = await self._rest.ask(waiting, list[AlgoReply], params, what="asking for conditional orders")
        orders = await self._rest.ask(in_book, list[OrderReply], params, what="asking for open orders")
        states = [state_of_reply(self._venue, one) for one in orders]
        ids = {(one.instrument, one.client_order_id) for one in states}
        conditional = (state_of_algo(self._venue, one) for one in algos)
        states += [one for one in conditional if (one.instrument, one.client_order_id) not in ids]
        for state in states:
            self._known.learn(state)
        return [state for state in states if state.status.is_open]

    async def snapshot(self) -> VenueSnapshot:
        """Account, positions and open orders; ``at_ns`` is a moment before the first of them was asked for."""
        at_ns = self._rest.venue_ms() * NS_PER_MS
        account, positions, orders = await asyncio.gather(self.account(), self.positions(), self.open_orders())
        return VenueSnapshot(account, tuple(positions), tuple(orders), at_ns)

    async def order(self, instrument: str, client_order_id: str) -> OrderState | None:
        """What became of an order, wherever the venue keeps it; None where it knows nothing of it."""
        is_conditional = self._known.is_conditional(instrument, client_order_id)
        looks = [self._conditional, self._in_book] if is_conditional else [self._in_book, self._conditional]
        if is_conditional is False and not self._known.was_conditional(instrument, client_order_id):
            looks = [self._in_book]
        for look in looks:
            state = await look(instrument, client_order_id)
            if state is not None:
                return self._known.learn(state)
        return None

    async def _in_book(self, instrument: str, client_order_id: str) -> OrderState | None:
        return await self._one_order(f"{self._param(instrument)}&origClientOrderId={client_order_id}", client_order_id)

    async def order_by_number(self, instrument: str, number: str) -> OrderState | None:
        """An order by the venue's own number."""
        return await self._one_order(f"{self._param(instrument)}&orderId={number}", f"number {number}")

    async def _one_order(self, params: str, label: str) -> OrderState | None:
        try:
            reply = await self._rest.ask(endpoints.ORDER, OrderReply, params, what=f"asking for order {label}")
        except FailedCallError as error:
            if error.failure.code in _UNKNOWN_ORDER:
                return None
            raise
        return state_of_reply(self._venue, reply)

    async def _conditional(self, instrument: str, client_order_id: str) -> OrderState | None:
        """The list of open ones is asked first: the query of a single one may not know an order that lives."""
        what = f"asking for conditional order {client_order_id}"
        param = self._param(instrument)
        rows = await self._rest.ask(endpoints.OPEN_ALGO_ORDERS, list[AlgoReply], param, what=what)
        found = next((row for row in rows if row.client_algo_id == client_order_id), None)
        if found is None:
            found = await self._ended_conditional(client_order_id, what)
        if found is None:
            rows = await self._rest.ask(endpoints.ALGO_HISTORY, list[AlgoReply], f"{param}&limit=100", what=what)
            found = next((row for row in reversed(rows) if row.client_algo_id == client_order_id), None)
        if found is None:
            return None
        number = found.actual_order_id
        if isinstance(number, str) and number:
            order = await self.order_by_number(instrument, number)
            if order is not None:
                return order
        return state_of_algo(self._venue, found)

    async def _ended_conditional(self, client_order_id: str, what: str) -> AlgoReply | None:
        try:
            return await self._rest.ask(endpoints.ALGO_ORDER, AlgoReply, f"clientAlgoId={client_order_id}", what=what)
        except FailedCallError as error:
            if error.failure.code in _UNKNOWN_ORDER:
                return None
            raise

    async def trades_since(self, instrument: str, from_ms: int) -> list[TradeRow]:
        """Our trades at or after a moment, oldest first; one with ourselves is two, of the same number."""
        param, what = self._param(instrument), f"asking for our trades in {instrument}"
        rows: dict[tuple[int, str], TradeRow] = {}
        now_ms = self._rest.venue_ms()
        start = max(from_ms, now_ms - _TRADES_KEPT_MS)
        while start <= now_ms + 60_000:
            end = start + _TRADE_WINDOW_MS
            times = f"{param}&startTime={start}&endTime={end}&limit={_TRADES_A_CALL}"
            page = await self._rest.ask(endpoints.USER_TRADES, list[TradeRow], times, what=what)
            rows.update(((row.id, row.side), row) for row in page)
            while len(page) >= _TRADES_A_CALL:
                known, after = len(rows), f"{param}&fromId={page[-1].id}&limit={_TRADES_A_CALL}"
                page = await self._rest.ask(endpoints.USER_TRADES, list[TradeRow], after, what=what)
                rows.update(((row.id, row.side), row) for row in page)
                if len(rows) == known:
                    break
            start = end + 1
        return [rows[key] for key in sorted(rows) if rows[key].time >= from_ms]

    async def fills_of(self, rows: Sequence[TradeRow]) -> list[Fill]:
        """Trades as fills: the venue tells the order's number, its client order id is asked for where not known.

        Raises NetworkError where the order of a fresh trade is not shown yet; of an old one the id stays empty.
        """
        fills = []
        for row in rows:
            number = str(row.order_id)
            key = self._known.client_order_id(row.symbol, number)
            if key is None:
                state = await self.order_by_number(row.symbol, number)
                if state is None and row.time > self._rest.venue_ms() - _QUERIES_LAG_MS:
                    raise NetworkError(f"Binance does not show order {number} of trade {row.id} yet", cure="ask again")
                key = "" if state is None else self._known.learn(state).client_order_id
            fills.append(fill_of_row(self._venue, row, key))
        return fills
