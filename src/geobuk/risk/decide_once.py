"""The decision path for one moment that is given in plain Python: beliefs, prices and positions by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, sqrt

import numpy as np

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import Instrument
from geobuk.domain.regime import NO_REGIME
from geobuk.domain.times import NS_PER_DAY
from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, RecordArray
from geobuk.risk.explanation import Explanation, explained
from geobuk.risk.groups import regroup
from geobuk.risk.ledger import Ledger
from geobuk.risk.limits import limits_on
from geobuk.risk.loss_locks import OPEN
from geobuk.risk.rules import RISK_FIELDS, RiskSpec, pace_of, record_of, replaced_limits
from geobuk.risk.state import DECISION_FIELDS, DESK_FIELDS, LEDGER_FIELDS, MARKET_DTYPE, WORK_ROWS, Desk
from geobuk.risk.targets import set_targets
from geobuk.risk.trace import STEPS
from geobuk.terms import terms_of

ONE_STATE_DTYPE = np.dtype([("index", np.int64), *DECISION_FIELDS], align=True)
"""Not DECISION_FIELDS first: kernels would take such a record for the beginning of a simulation's."""

ONE_ACCOUNT_DTYPE = np.dtype([*DESK_FIELDS, *LEDGER_FIELDS], align=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is believed and known at one moment, by instrument.

    ``equity`` marked to market. ``forecasts`` in [-1, 1]; ``prices`` last or mark; ``positions`` signed quantities
    (none = 0); ``volatilities`` annual. ``covariance`` (N, N) of daily returns in the order of the instruments; left
    out, all are taken to move together. ``ranges`` average true ranges in price units, for stops that need them;
    ``volumes`` a usual day's volume in base units; ``stops`` resting stop prices. ``at_ns`` the instant. ``regime`` a
    code.
    """

    equity: float
    forecasts: Mapping[str, float]
    prices: Mapping[str, float]
    volatilities: Mapping[str, float]
    positions: Mapping[str, float] = field(default_factory=dict)
    covariance: FloatArray | None = None
    ranges: Mapping[str, float] = field(default_factory=dict)
    volumes: Mapping[str, float] = field(default_factory=dict)
    stops: Mapping[str, float] = field(default_factory=dict)
    at_ns: int = 0
    regime: int = NO_REGIME


def decided_once(
    instruments: Sequence[Instrument], moment: Moment, spec: RiskSpec, ledger: Ledger
) -> dict[str, Explanation]:
    """Targets of one decision, explained; the estimates are taken as given. A locked account only reduces.

    Raises
    ------
    UserError : no instruments, a covariance of another shape.
    """
    if not instruments:
        raise UserError("there is no instrument to decide about", cure="give at least one")
    desk = _desk(instruments, moment, ledger)
    limits = limits_on(instruments, spec.limits)
    rules = record_of(replaced_limits(spec, limits), pace_of(NS_PER_DAY), RISK_FIELDS)
    rules["by_sector"] = any(instrument.sector for instrument in instruments)
    rules["by_volume"] &= bool(moment.volumes)
    rules["by_conditions"], rules["jump"], rules["dry"], rules["crash"] = False, 0.0, 0.0, 0.0
    rules["kelly"] = 0.0  # a moment has no history to learn an edge from: see optimal_position
    trace = np.full((len(instruments), STEPS), np.nan)
    target_once(desk, rules, trace)
    return {
        instrument.name: explained(
            instrument.name,
            trace[i],
            desk.book[i]["refusals"],
            held=float(desk.book[i]["quantity"]),
            price=float(desk.rows[i]["close"]),
        )
        for i, instrument in enumerate(instruments)
    }


@kernel
def target_once(desk: Desk, rules: RecordArray, trace: FloatArray) -> None:
    """The decision path with its trace, without learning anything first."""
    regroup(desk, rules[0])
    set_targets(desk, rules[0], trace)


def _desk(instruments: Sequence[Instrument], moment: Moment, ledger: Ledger) -> Desk:
    count = len(instruments)
    names = [instrument.name for instrument in instruments]
    rows, book = np.zeros(count, dtype=MARKET_DTYPE), np.zeros(count, dtype=ONE_STATE_DTYPE)
    for column in ("open", "high", "low", "close"):
        rows[column] = [moment.prices.get(name, np.nan) for name in names]
    rows["mark"], rows["volume"] = np.nan, 0.0
    rows["forecast"] = [moment.forecasts.get(name, np.nan) for name in names]
    rows["is_tradable"] = np.isfinite(rows["close"])
    book["quantity"] = [moment.positions.get(name, 0.0) for name in names]
    book["anchor"] = rows["close"]
    book["stop"] = [moment.stops.get(name, 0.0) for name in names]
    book["atr"] = [moment.ranges.get(name, 0.0) for name in names]
    book["volatility"] = [_known(moment.volatilities.get(name, 0.0)) for name in names]
    book["usual_volume"] = [moment.volumes.get(name, 0.0) for name in names]
    daily = book["volatility"] / sqrt(365.0)
    book["variance"] = daily**2
    account = np.zeros(1, dtype=ONE_ACCOUNT_DTYPE)
    for name, _ in LEDGER_FIELDS:
        account[name] = ledger.record[name]
    account["equity"], account["regime"], account["grouped_on"] = moment.equity, moment.regime, -2
    account["now_ns"] = moment.at_ns
    account["is_reduce_only"] |= int(ledger.lock) != OPEN
    fees = [(float(one.maker_fee), float(one.taker_fee)) for one in instruments]
    return Desk(
        rows=rows,
        book=book,
        terms=terms_of(instruments, fees),
        account=account,
        covariance=_covariance(moment, daily),
        groups=np.full((2, count), -1, dtype=np.int64),
        work=np.zeros((WORK_ROWS, count)),
    )


def _known(volatility: float) -> float:
    return volatility if isfinite(volatility) and volatility > 0.0 else 0.0


def _covariance(moment: Moment, daily: FloatArray) -> FloatArray:
    if moment.covariance is None:
        return np.outer(daily, daily)
    matrix = np.ascontiguousarray(moment.covariance, dtype=np.float64)
    if matrix.shape != (len(daily), len(daily)):
        raise UserError(
            f"the covariance has shape {matrix.shape}", cure=f"give ({len(daily)}, {len(daily)}), a row an instrument"
        )
    return matrix
