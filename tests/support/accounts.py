"""Accounts and instruments for the risk controller: rules like those of a large perpetual, books drawn at random."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.support.markets import brackets, instrument

from geobuk.domain.instrument import Instrument, InstrumentKind, TickBand
from geobuk.risk.portfolio_state import PortfolioState

NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")

BTC = instrument(
    "BTCUSDT",
    ticks=(TickBand(Decimal(0), Decimal("0.1")),),
    min_notional=Decimal(100),
    maker_fee=Decimal("0.0002"),
    taker_fee=Decimal("0.0005"),
    brackets=brackets(),
)

SHARE = Instrument(
    venue="krx",
    name="005930",
    kind=InstrumentKind.SHARE,
    base="005930",
    quote="KRW",
    ticks=(TickBand(Decimal(0), Decimal(1)), TickBand(Decimal(50_000), Decimal(100))),
    step=Decimal(1),
    min_quantity=Decimal(1),
    max_quantity=Decimal(10**9),
    min_notional=Decimal(0),
    maker_fee=Decimal("0.00015"),
    taker_fee=Decimal("0.00015"),
    as_of=date(2025, 1, 1),
    source="made up for tests",
    sell_tax=Decimal("0.0015"),
    can_short=False,
    is_synthetic=True,
)


def account(equity: float = 10_000.0, positions: dict[str, float] | None = None, **more: Any) -> PortfolioState:
    """A state with 3 % daily volatility of each position, unless something else is known of how they move."""
    held = {"BTCUSDT": 2_000.0} if positions is None else positions
    if not {"covariance", "returns", "daily_volatility"} & set(more):
        more["daily_volatility"] = dict.fromkeys(held, 0.03)
    return PortfolioState(equity, held, **more)


@st.composite
def books(draw: st.DrawFn) -> PortfolioState:
    """Up to four positions of any side, with a proper covariance, sectors and a peak."""
    count = draw(st.integers(1, 4))
    notional = st.floats(-20_000.0, 20_000.0).filter(lambda value: abs(value) > 1.0)
    positions = {name: draw(notional) for name in NAMES[:count]}
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    table = 0.03 * (rng.standard_normal((120, 1)) + rng.standard_normal((120, count)))
    return PortfolioState(
        draw(st.floats(1_000.0, 50_000.0)),
        positions,
        covariance=np.atleast_2d(np.cov(table, rowvar=False)),
        peak_equity=draw(st.floats(1_000.0, 60_000.0)),
        day_start_equity=draw(st.floats(1_000.0, 60_000.0)),
        sectors={name: draw(st.sampled_from(["", "L1", "L2"])) for name in positions},
        open_orders=draw(st.integers(0, 80)),
        regime=draw(st.sampled_from([None, "BULL", "BEAR"])),
    )
