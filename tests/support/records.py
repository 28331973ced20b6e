"""One-row records for single steps of the decision path, with everything that a test does not name switched off."""

from typing import Any

import numpy as np
from tests.support.markets import NOTHING_IN_THE_WAY, flat_bars, forecasts_of, instrument, panel_of, spec_of

from geobuk.domain.regime import NO_REGIME
from geobuk.panel import Record, RecordArray
from geobuk.risk.state import MARKET_DTYPE, WORK_ROWS, Desk
from geobuk.simulate.book import ACCOUNT_DTYPE, STATE_DTYPE
from geobuk.simulate.inputs import RULES_DTYPE, inputs_of
from geobuk.simulate.result import FILL_DTYPE
from geobuk.simulate.spec import BacktestSpec
from geobuk.terms import terms_of


def _one(dtype: "np.dtype[np.void]", values: dict[str, Any]) -> Record:
    table = np.zeros(1, dtype=dtype)
    for name, value in values.items():
        table[name] = value
    return table[0]


def market_row(price: float = 100.0, **fields: Any) -> Record:
    """A tradable bar that stood at ``price``, with volume to spare and a full forecast."""
    still = dict.fromkeys(("open", "high", "low", "close"), price)
    return _one(MARKET_DTYPE, {**still, "volume": 1e9, "mark": np.nan, "forecast": 1.0, "is_tradable": True, **fields})


def state_row(**fields: Any) -> Record:
    """A flat instrument of which nothing is known."""
    return _one(STATE_DTYPE, fields)


def account_row(cash: float = 1_000.0, **fields: Any) -> Record:
    """An account with nothing but cash."""
    alike = dict.fromkeys(("cash", "equity", "peak", "day_start", "available"), cash)
    return _one(ACCOUNT_DTYPE, {**alike, "size_scale": 1.0, "size_cap": 1.0, "regime": NO_REGIME, **fields})


def desk_of(rows: RecordArray, book: RecordArray, terms: RecordArray, equity: float = 1_000.0, **account: Any) -> Desk:
    """What a decision works on, with an account of such equity and a covariance of nothing."""
    count = len(book)
    return Desk(
        rows=rows,
        book=book,
        terms=terms,
        account=table_of(account_row(equity, **account)),
        covariance=np.zeros((count, count)),
        groups=np.full((2, count), -1, dtype=np.int64),
        work=np.zeros((WORK_ROWS, count)),
    )


def rules_row(spec: BacktestSpec | None = None, **fields: Any) -> Record:
    """The settings record of NOTHING_IN_THE_WAY for hourly decisions; ``fields`` are set on the record itself."""
    panel = panel_of(flat_bars(100, 2))
    rules = inputs_of(panel, forecasts_of([None, None]), [instrument()], spec or NOTHING_IN_THE_WAY).rules
    assert rules.dtype == RULES_DTYPE
    for name, value in fields.items():
        rules[name] = value
    return rules[0]


def rules_from(**groups: Any) -> Record:
    """The settings record of a changed spec."""
    return rules_row(spec_of(**groups))


def term_row(maker: float = 0.0, taker: float = 0.0, **changes: Any) -> Record:
    """The rules of one made-up instrument."""
    return terms_of([instrument(**changes)], [(maker, taker)])[0]


def table_of(*rows: Record) -> RecordArray:
    """Several records side by side."""
    return np.array(list(rows), dtype=rows[0].dtype)


def fill_log(length: int = 8) -> RecordArray:
    """An empty log of fills."""
    return np.zeros(length, dtype=FILL_DTYPE)
