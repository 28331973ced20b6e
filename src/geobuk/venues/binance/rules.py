"""Trading rules from the venue: instruments for the house, and the limits that an order must keep before it is sent.

Sources: exchangeInfo, leverageBracket, commissionRate, fundingInfo of the USDⓈ-M futures API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from msgspec import UNSET

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.venues.binance.messages.account import CommissionRate
from geobuk.venues.binance.messages.rules import Filter, FundingRow, SymbolBrackets, SymbolRules

PERPETUALS = frozenset({"PERPETUAL", "TRADIFI_PERPETUAL"})
_ZERO = Decimal(0)
_USUAL_FUNDING_HOURS = 8


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """What one instrument's orders must keep. ``*_quantum`` has the exponent that amounts are written with.

    ``lot`` and ``market_lot`` are (smallest, largest, step). A zero price bound means that there is none.
    """

    instrument: str
    status: str
    tick: Decimal
    price_quantum: Decimal
    min_price: Decimal
    max_price: Decimal
    quantity_quantum: Decimal
    lot: tuple[Decimal, Decimal, Decimal]
    market_lot: tuple[Decimal, Decimal, Decimal]
    min_notional: Decimal
    max_orders: int
    times_in_force: frozenset[str]
    order_types: frozenset[str]
    symbol_param: str

    @property
    def is_trading(self) -> bool:
        return self.status == "TRADING"


def _quantum(step: Decimal) -> Decimal:
    """The plain power of ten that the step's last digit stands for: 0.10 → 0.1, 5 → 1, 10 → 1."""
    exponent = step.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), 0))


def _amount(found: Filter | None, name: str, otherwise: Decimal = _ZERO) -> Decimal:
    value = UNSET if found is None else getattr(found, name)
    return value if isinstance(value, Decimal) else otherwise


def order_limits(symbol: SymbolRules) -> OrderLimits:
    """The limits of one instrument. Raises DataError where a filter that we rely on is missing."""
    filters = {one.filter_type: one for one in symbol.filters}
    for needed in ("PRICE_FILTER", "LOT_SIZE"):
        if needed not in filters:
            raise DataError(f"{symbol.symbol}: the venue sent no {needed}", cure="leave the instrument out")
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    market = filters.get("MARKET_LOT_SIZE", lot)
    step = _amount(lot, "step_size")
    most = filters.get("MAX_NUM_ORDERS")
    return OrderLimits(
        instrument=symbol.symbol,
        status=symbol.status,
        tick=_amount(price, "tick_size"),
        price_quantum=_quantum(_amount(price, "tick_size")),
        min_price=_amount(price, "min_price"),
        max_price=_amount(price, "max_price"),
        quantity_quantum=_quantum(step),
        lot=(_amount(lot, "min_qty"), _amount(lot, "max_qty"), step),
        market_lot=(_amount(market, "min_qty"), _amount(market, "max_qty"), _amount(market, "step_size")),
        min_notional=_amount(filters.get("MIN_NOTIONAL"), "notional"),
        max_orders=most.limit if most is not None and isinstance(most.limit, int) else 200,
        times_in_force=frozenset(symbol.time_in_force),
        order_types=frozenset(symbol.order_types),
        symbol_param="symbol=" + quote(symbol.symbol, safe=""),
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of one instrument beside its filters."""

    brackets: SymbolBrackets | None
    fees: CommissionRate
    funding: FundingRow | None


def instrument_of(venue: str, symbol: SymbolRules, limits: OrderLimits, terms: Terms, as_of: date) -> Instrument:
    """The house's instrument."""
    funding = terms.funding
    is_perpetual = symbol.contract_type in PERPETUALS
    tiers = () if terms.brackets is None else brackets_of(terms.brackets)
    return Instrument(
        venue=venue,
        name=symbol.symbol,
        kind=InstrumentKind.PERPETUAL,
        base=symbol.base_asset,
        quote=symbol.quote_asset,
        ticks=(TickBand(_ZERO, limits.tick),),
        step=limits.lot[2],
        min_quantity=limits.lot[0],
        max_quantity=limits.lot[1],
        min_notional=limits.min_notional,
        maker_fee=terms.fees.maker_commission_rate,
        taker_fee=terms.fees.taker_commission_rate,
        as_of=as_of,
        source=f"Binance exchangeInfo, leverageBracket, commissionRate of {terms.fees.symbol}",
        liquidation_fee=symbol.liquidation_fee if isinstance(symbol.liquidation_fee, Decimal) else _ZERO,
        brackets=tiers,
        funding_interval_hours=(funding.funding_interval_hours if funding else _USUAL_FUNDING_HOURS)
        if is_perpetual
        else None,
        funding_cap=funding.adjusted_funding_rate_cap if funding and is_perpetual else None,
    )


def brackets_of(tiers: SymbolBrackets) -> tuple[LeverageBracket, ...]:
    """Leverage tiers by rising notional. An account's own coefficient widens them."""
    factor = tiers.notional_coef if isinstance(tiers.notional_coef, Decimal) else Decimal(1)
    return tuple(
        LeverageBracket(
            floor=tier.notional_floor * factor,
            cap=tier.notional_cap * factor,
            max_leverage=tier.initial_leverage,
            maintenance_rate=tier.maint_margin_ratio,
            cumulative=tier.cum * factor,
        )
        for tier in sorted(tiers.brackets, key=lambda tier: tier.notional_floor)
    )


def changes(before: Mapping[str, OrderLimits], after: Mapping[str, OrderLimits]) -> list[str]:
    """What differs for the instruments known before, one sentence each."""
    found = []
    for name, old in sorted(before.items()):
        new = after.get(name)
        if new is None:
            found.append(f"{name} is no longer listed")
            continue
        found.extend(
            f"{name}: {field} was {getattr(old, field)} and is {getattr(new, field)}" for field in _differing(old, new)
        )
    return found


def _differing(old: OrderLimits, new: OrderLimits) -> Iterable[str]:
    return (name for name in OrderLimits.__dataclass_fields__ if getattr(old, name) != getattr(new, name))
