"""The mark price at which margin no longer covers maintenance: isolated, cross, and both legs in hedge mode.

LP = (WB - TMM + UPNL + cum - s q EP) / (q mmr - s q), in the bracket that holds at LP itself. Source: Binance, how to
calculate the liquidation price of USDⓈ-M futures contracts.
"""

import math
from collections.abc import Sequence

from geobuk.quant.liquidation.brackets import CrossAccount, Position

_EDGE = 1e-9
"""Share of a price by which it may miss the range of its bracket: at the edge both brackets give the same price."""


def liquidation_price(
    position: Position,
    wallet: float,
    *,
    other_maintenance: float = 0.0,
    other_profit: float = 0.0,
    expected_fees: float = 0.0,
) -> float | None:
    """Liquidation price of a one-way position.

    Parameters
    ----------
    wallet : the isolated wallet; in cross mode the account's wallet, with ``other_maintenance`` and ``other_profit``:
        maintenance margin and unrealised profit of all other positions at their marks.
    expected_fees : fees, funding and clearance fee taken off the wallet for a careful answer.

    None where no price liquidates: no quantity, or a long that survives a price of 0. A short whose account can't
    bear any price gives 0: every price liquidates it.

    Raises
    ------
    ValueError : a number that is not finite, negative fees.

    Examples
    --------
    >>> from geobuk.quant.liquidation import BracketTable
    >>> btc = BracketTable.of([0, 50_000, 250_000], [0.004, 0.005, 0.01])
    >>> round(liquidation_price(Position(0.2, 50_000.0, btc), 1_000.0), 6)
    45180.722892
    """
    margin = _margin(wallet, other_maintenance, other_profit, expected_fees)
    if position.quantity == 0.0:
        return None
    return _nearest(_struck((position,), margin), (position,), margin)


def cross_liquidation_price(account: CrossAccount, which: int, *, expected_fees: float = 0.0) -> float | None:
    """Liquidation price of position ``which`` of a cross account while all others stay at their marks.

    Raises
    ------
    ValueError : no such position, or another position whose mark is not known.
    """
    if not 0 <= which < len(account.positions):
        raise ValueError(f"position {which} is not among the {len(account.positions)} of the account: count from 0")
    others = [held for place, held in enumerate(account.positions) if place != which and held.quantity != 0.0]
    return liquidation_price(
        account.positions[which],
        account.wallet,
        other_maintenance=sum(held.maintenance for held in others),
        other_profit=sum(held.profit for held in others),
        expected_fees=expected_fees,
    )


def hedge_liquidation_price(
    long: Position,
    short: Position,
    wallet: float,
    *,
    other_maintenance: float = 0.0,
    other_profit: float = 0.0,
    expected_fees: float = 0.0,
) -> float | None:
    """The one price at which a cross account in hedge mode is liquidated, both legs of one instrument together.

    Each leg takes the bracket of its own notional at that price. Where rising rates give two prices, the one nearer to
    the mark (else to the mean entry) is returned. None where no price liquidates, 0 where every price does.

    Raises
    ------
    ValueError : legs of the wrong sign, a number that is not finite, negative fees.
    """
    if long.quantity < 0.0 or short.quantity > 0.0:
        raise ValueError(f"long {long.quantity} and short {short.quantity}: the long must be >= 0 and the short <= 0")
    margin = _margin(wallet, other_maintenance, other_profit, expected_fees)
    legs = tuple(leg for leg in (long, short) if leg.quantity != 0.0)
    return _nearest(_struck(legs, margin), legs, margin) if legs else None


def _margin(wallet: float, other_maintenance: float, other_profit: float, expected_fees: float) -> float:
    values = {"wallet": wallet, "other_maintenance": other_maintenance, "other_profit": other_profit}
    for name, value in values.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} {value} is not finite: read the account again")
    if not 0.0 <= expected_fees < math.inf:
        raise ValueError(f"expected_fees {expected_fees} is not a cost >= 0: give an amount in quote currency")
    return wallet - other_maintenance + other_profit - expected_fees


def _struck(legs: Sequence[Position], margin: float) -> list[float]:
    """Prices > 0 at which the spare margin of the legs is 0, each by the formula of the brackets that hold there."""
    edges = {floor / abs(leg.quantity) for leg in legs for floor in (b.floor for b in leg.brackets.brackets)}
    lows = sorted(edges)
    prices = []
    for low, high in zip(lows, [*lows[1:], math.inf], strict=True):
        inside = 0.5 * (low + high) if high < math.inf else 2.0 * low + 1.0
        price = _price_between(legs, margin, inside)
        if price is not None and low * (1.0 - _EDGE) <= price <= high * (1.0 + _EDGE) and price > 0.0:
            prices.append(price)
    return prices


def _price_between(legs: Sequence[Position], margin: float, inside: float) -> float | None:
    """The formula with the brackets of the price ``inside``; None where price does not matter there."""
    above, below = margin, 0.0
    for leg in legs:
        bracket = leg.brackets.at(abs(leg.quantity) * inside)
        above += bracket.cumulative - leg.quantity * leg.entry
        below += abs(leg.quantity) * bracket.rate - leg.quantity
    return above / below if below != 0.0 else None


def _nearest(prices: list[float], legs: Sequence[Position], margin: float) -> float | None:
    size = sum(abs(leg.quantity) for leg in legs)
    reference = sum(abs(leg.quantity) * (leg.entry if leg.mark is None else leg.mark) for leg in legs) / size
    if prices:
        return min(prices, key=lambda price: abs(math.log(price / reference)))
    # Spare margin has one sign at all prices.
    held = sum(leg.brackets.maintenance(abs(leg.quantity) * reference) for leg in legs)
    spare = margin + sum(leg.quantity * (reference - leg.entry) for leg in legs) - held
    return None if spare >= 0.0 else 0.0
