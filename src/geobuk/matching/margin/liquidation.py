"""The prices at which a position is liquidated and at which nothing is left of its margin, exact to 8 decimals.

LP = (WB - TMM + UPNL + cum - s q EP) / (q mmr - s q), in the bracket that holds at LP itself; the legs of a hedge are
summed. Source: Binance, how to calculate the liquidation price of USDⓈ-M futures contracts.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from geobuk.matching.margin.brackets import Brackets
from geobuk.matching.margin.money import CENT, ZERO, rounded


class Leg(NamedTuple):
    """A position that moves with the price: signed quantity, signed cost, brackets."""

    quantity: Decimal
    cost: Decimal
    brackets: Brackets


def liquidation_price(legs: Sequence[Leg], margin: Decimal, near: Decimal) -> Decimal:
    """The price at which margin plus profit equals maintenance; 0 where no price above 0 does.

    ``margin`` is the isolated wallet, or the cross wallet with the unrealised profit of all other positions less their
    maintenance. Where a hedge gives two prices, the one nearer (by ratio) to the price ``near`` is meant.
    """
    if len(legs) == 1:
        return max(ZERO, rounded(_only_price(legs[0], margin, near)))
    prices = [price for price in _candidates(legs, margin) if price > 0]
    if not prices:
        return ZERO
    if len(prices) == 1 or near <= 0:
        return rounded(prices[0])
    return rounded(min(prices, key=lambda price: max(price / near, near / price)))


def bankruptcy_price(leg: Leg, margin: Decimal) -> Decimal:
    """The price at which a leg has eaten its margin; 0 where a long outlives a price of 0."""
    return max(ZERO, rounded((leg.cost - margin) / leg.quantity)) if leg.quantity else ZERO


def _only_price(leg: Leg, margin: Decimal, near: Decimal) -> Decimal:
    """One leg's spare margin moves one way with the price (rates are below 1), so the bracket in which the formula
    stays is the one. It is looked for from the price ``near``; a step past its edge leads to the right side.
    """
    quantity, cost, brackets = leg
    size = abs(quantity)
    place = brackets.place(size * near)
    moved = 0
    while True:
        rate, cumulative = brackets.tiers[place]
        price = (margin + cumulative - cost) / (size * rate - quantity)
        step = brackets.place(max(ZERO, size * price)) - place
        step = (step > 0) - (step < 0)
        if not step or step == -moved:
            return price
        place += step
        moved = step


def _candidates(legs: Sequence[Leg], margin: Decimal) -> list[Decimal]:
    edges = sorted({floor / abs(leg.quantity) for leg in legs for floor in leg.brackets.floors})
    prices: list[Decimal] = []
    for place, low in enumerate(edges):
        high = edges[place + 1] if place + 1 < len(edges) else None
        price = _price_above(legs, margin, low, high)
        if price is not None and low - CENT <= price and (high is None or price <= high + CENT):
            prices.append(price)
    return prices


def _price_above(legs: Sequence[Leg], margin: Decimal, low: Decimal, high: Decimal | None) -> Decimal | None:
    """By the formula with the brackets that hold between two edges; None where price does not matter there."""
    inside = low + 1 if high is None else (low + high) / 2
    above, below = margin, ZERO
    for quantity, cost, brackets in legs:
        rate, cumulative = brackets.tier(abs(quantity) * inside)
        above += cumulative - cost
        below += abs(quantity) * rate - quantity
    return above / below if below else None
