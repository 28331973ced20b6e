"""What an instrument's rules allow, one check a function: each raises RefusedError or answers the value in units."""

from decimal import Decimal

from geobuk.domain.order import Side
from geobuk.matching.engine.scale import Scale
from geobuk.matching.market_rules import MarketRules, TradingStatus
from geobuk.matching.refusals import Refusal, RefusedError


def require_trading(rules: MarketRules) -> None:
    """New orders and changes: only while TRADING."""
    if rules.status is TradingStatus.TRADING:
        return
    reason = Refusal.CANCEL_ONLY if rules.status is TradingStatus.CANCEL_ONLY else Refusal.NOT_TRADING
    raise RefusedError(reason, f"{rules.name} takes no orders: it is {rules.status}", value=rules.status)


def require_cancelling(rules: MarketRules) -> None:
    """Cancels: while TRADING or CANCEL_ONLY."""
    if rules.status not in {TradingStatus.TRADING, TradingStatus.CANCEL_ONLY}:
        raise RefusedError(
            Refusal.NOT_TRADING, f"{rules.name} takes no cancels: it is {rules.status}", value=rules.status
        )


def price_units(scale: Scale, price: Decimal) -> int:
    """Decimals only; see :func:`require_price` for the rest."""
    units = scale.price_units(price)
    if units is None:
        raise RefusedError(
            Refusal.PRICE_DECIMALS,
            f"price {price} has more than {scale.price_places} decimals",
            value=str(price),
            limit=str(scale.price_places),
        )
    return units


def quantity_units(scale: Scale, quantity: Decimal) -> int:
    """Decimals only; see :func:`require_quantity` for the rest."""
    units = scale.quantity_units(quantity)
    if units is None:
        raise RefusedError(
            Refusal.QUANTITY_DECIMALS,
            f"quantity {quantity} has more than {scale.quantity_places} decimals",
            value=str(quantity),
            limit=str(scale.quantity_places),
        )
    return units


def require_price(scale: Scale, units: int) -> None:
    """PRICE_FILTER; a bound of 0 is off."""
    if units <= 0:
        _refuse(Refusal.PRICE_NOT_POSITIVE, "price", scale.price(units), "is not above", Decimal(0))
    if scale.max_price and units > scale.max_price:
        _refuse(Refusal.PRICE_TOO_HIGH, "price", scale.price(units), "is above", scale.price(scale.max_price))
    if units < scale.min_price:
        _refuse(Refusal.PRICE_TOO_LOW, "price", scale.price(units), "is below", scale.price(scale.min_price))
    if scale.tick and (units - scale.min_price) % scale.tick:
        _refuse(
            Refusal.PRICE_OFF_TICK, "price", scale.price(units), "is no whole number of ticks", scale.price(scale.tick)
        )


def require_quantity(scale: Scale, units: int, *, is_market: bool) -> None:
    """LOT_SIZE or MARKET_LOT_SIZE."""
    least = scale.market_min_quantity if is_market else scale.min_quantity
    most = scale.market_max_quantity if is_market else scale.max_quantity
    if units <= 0:
        _refuse(Refusal.QUANTITY_NOT_POSITIVE, "quantity", scale.quantity(units), "is not above", Decimal(0))
    if units < least:
        _refuse(Refusal.QUANTITY_TOO_SMALL, "quantity", scale.quantity(units), "is below", scale.quantity(least))
    if most and units > most:
        _refuse(Refusal.QUANTITY_TOO_LARGE, "quantity", scale.quantity(units), "is above", scale.quantity(most))
    if scale.step and (units - least) % scale.step:
        _refuse(
            Refusal.QUANTITY_OFF_STEP,
            "quantity",
            scale.quantity(units),
            "is no whole number of steps",
            scale.quantity(scale.step),
        )


def require_notional(scale: Scale, price: int, quantity: int) -> None:
    """MIN_NOTIONAL; a price that is not known (0) lets all pass."""
    notional = scale.notional(price * quantity)
    if price and notional < scale.min_notional:
        _refuse(Refusal.NOTIONAL_TOO_SMALL, "notional", notional, "is below", scale.min_notional)


def require_in_band(rules: MarketRules, side: Side, price: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE of a limit price: one-sided, against the mark."""
    if not mark:
        return
    if side is Side.BUY:
        highest = mark * rules.percent_up
        if price > highest:
            _refuse(Refusal.PRICE_ABOVE_BAND, "price", price, "is above the mark's band up to", highest)
    else:
        lowest = mark * rules.percent_down
        if price < lowest:
            _refuse(Refusal.PRICE_BELOW_BAND, "price", price, "is below the mark's band down to", lowest)


def require_market_in_band(rules: MarketRules, side: Side, best: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE of what a market order would meet first."""
    try:
        require_in_band(rules, side, best, mark)
    except RefusedError as refused:
        raise RefusedError(
            Refusal.MARKET_PRICE_BAND,
            f"the best price {best} on the other side is too far from the mark {mark}",
            value=refused.value,
            limit=refused.limit,
        ) from None


def _refuse(reason: Refusal, what: str, value: Decimal, verb: str, limit: Decimal) -> None:
    raise RefusedError(reason, f"{what} {value} {verb} {limit}", value=str(value), limit=str(limit))
