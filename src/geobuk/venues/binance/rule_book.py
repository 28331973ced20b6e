"""Today's trading rules as they are loaded, kept and compared: instruments, order limits, request limits."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.instrument import Instrument
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.messages.account import CommissionRate
from geobuk.venues.binance.messages.rules import ExchangeInfo, FundingRow, SymbolBrackets, SymbolRules
from geobuk.venues.binance.rate_budget import limit_of
from geobuk.venues.binance.rest import BinanceRest, decoder
from geobuk.venues.binance.rules import PERPETUALS, OrderLimits, Terms, changes, instrument_of, order_limits


def _is_usable(symbol: SymbolRules) -> bool:
    """Whether an instrument that nobody named can be traded by its rules."""
    if symbol.contract_type not in PERPETUALS or symbol.status != "TRADING":
        return False
    try:
        limits = order_limits(symbol)
    except DataError:
        return False
    return limits.tick > 0 and min(limits.lot) > 0


class RuleBook:
    """Rules of the named instruments, or of every perpetual where none are named.

    Fee rates are asked for each named instrument; where none are named, for one instrument of each quote currency.
    """

    def __init__(self, rest: BinanceRest, names: Sequence[str]) -> None:
        self._rest = rest
        self._names = tuple(names)
        self._limits: dict[str, OrderLimits] = {}
        self._instruments: tuple[Instrument, ...] = ()
        self._params: dict[str, str] = {}

    @property
    def limits(self) -> Mapping[str, OrderLimits]:
        """What orders must keep, by instrument."""
        return self._limits

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return self._instruments

    def symbol_param(self, instrument: str) -> str:
        """The encoded parameter that names an instrument; any name is let through, the venue knows more than we."""
        param = self._params.get(instrument)
        if param is None:
            param = self._params[instrument] = "symbol=" + quote(instrument, safe="")
        return param

    async def load(self) -> list[str]:
        """Read the rules; returns what changed since they were read before, one sentence each.

        Raises UnknownNameError for a name that the venue does not list.
        """
        listed, tiers, funding = await asyncio.gather(
            self._listed(), self._brackets(), self._rest.ask(endpoints.FUNDING_INFO, list[FundingRow], what="funding")
        )
        chosen = self._chosen(listed)
        fees = await self._fees(chosen)
        by_name = {one.symbol: one for one in tiers}
        funded = {one.symbol: one for one in funding}
        as_of = datetime.fromtimestamp(self._rest.venue_ms() / 1000, UTC).date()
        limits = {one.symbol: order_limits(one) for one in chosen}
        self._instruments = tuple(
            instrument_of(
                self._rest.spec.name,
                one,
                limits[one.symbol],
                Terms(by_name.get(one.symbol), fees[one.symbol], funded.get(one.symbol)),
                as_of,
            )
            for one in chosen
        )
        found = changes(self._limits, limits)
        self._limits = limits
        return found

    async def _listed(self) -> list[SymbolRules]:
        what = "asking for the trading rules"
        body = await self._rest.call(endpoints.EXCHANGE_INFO, what=what)
        try:
            info = decoder(ExchangeInfo).decode(body)
        except msgspec.MsgspecError as error:
            raise DataError(f"{what}: unknown shape ({error})", cure="update Geobuk") from error
        limits = [limit_of(one.rate_limit_type, one.interval, one.interval_num, one.limit) for one in info.rate_limits]
        self._rest.budget.set_limits([limit for limit in limits if limit is not None])
        return info.symbols

    def _chosen(self, listed: Sequence[SymbolRules]) -> list[SymbolRules]:
        if not self._names:
            return [one for one in listed if _is_usable(one)]
        by_name = {one.symbol: one for one in listed}
        for name in self._names:
            if name not in by_name:
                raise UnknownNameError("Binance instrument", name, by_name)
        return [by_name[name] for name in self._names]

    async def _brackets(self) -> list[SymbolBrackets]:
        what = "asking for the leverage brackets"
        return await self._rest.ask(endpoints.LEVERAGE_BRACKET, list[SymbolBrackets], what=what)

    async def _fees(self, chosen: Sequence[SymbolRules]) -> dict[str, CommissionRate]:
        if self._names:
            rates = await asyncio.gather(*(self._fee(one.symbol) for one in chosen))
            return {one.symbol: rate for one, rate in zip(chosen, rates, strict=True)}
        by_quote: dict[str, CommissionRate] = {}
        for one in chosen:
            if one.quote_asset not in by_quote:
                by_quote[one.quote_asset] = await self._fee(one.symbol)
        return {one.symbol: by_quote[one.quote_asset] for one in chosen}

    async def _fee(self, name: str) -> CommissionRate:
        what = f"asking for the fees of {name}"
        return await self._rest.ask(endpoints.COMMISSION_RATE, CommissionRate, self.symbol_param(name), what=what)
