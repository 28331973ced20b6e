"""A snapshot of trading rules that can't be wrong in the ways that cost money."""

from decimal import Decimal
from itertools import pairwise

import pytest
from tests.support.markets import BTC_TIERS, brackets, instrument

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import LeverageBracket, TickBand


@pytest.mark.parametrize("field", ["step", "min_quantity", "max_quantity"])
@pytest.mark.parametrize("value", ["0", "-0.001"])
def test_sizes_that_are_not_positive_are_refused(field: str, value: str) -> None:
    with pytest.raises(DataError, match=f"synthetic:AUSDT: {field} {value} is not positive"):
        instrument(**{field: Decimal(value)})


@pytest.mark.parametrize(
    "ticks",
    [
        (),
        (TickBand(Decimal(1), Decimal(1)),),
        (TickBand(Decimal(0), Decimal(0)),),
        (TickBand(Decimal(0), Decimal(1)), TickBand(Decimal(10), Decimal(-1))),
    ],
)
def test_a_tick_table_starts_at_zero_with_positive_ticks(ticks: tuple[TickBand, ...]) -> None:
    with pytest.raises(DataError, match="tick table"):
        instrument(ticks=ticks)


def test_brackets_with_a_gap_are_refused_at_the_gap() -> None:
    first, _, third = brackets(BTC_TIERS[:3])
    with pytest.raises(DataError, match="gap at notional 300000"):
        instrument(brackets=(first, third))


def test_a_bracket_without_room_is_refused() -> None:
    empty = LeverageBracket(Decimal(0), Decimal(0), 10, Decimal("0.01"), Decimal(0))
    with pytest.raises(DataError, match="gap at notional 0"):
        instrument(brackets=(empty,))


def test_cumulative_amounts_make_maintenance_continuous() -> None:
    """cum_k = cum_(k-1) + floor_k * (rate_k - rate_(k-1)). Source: Binance, leverage and margin tiers."""
    tiers = brackets()
    for below, above in pairwise(tiers):
        step = above.floor * (above.maintenance_rate - below.maintenance_rate)
        assert above.cumulative == below.cumulative + step
