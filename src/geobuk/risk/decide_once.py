"""The decision path for one moment that is given in plain Python: beliefs, prices and positions by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, sqrt

import numpy as np

from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, RecordArray
from geobuk.risk.explanation import Explanation, explained
from geobuk.risk.groups import regroup
from geobuk.risk.ledger import Ledger
from geobuk.risk.ledger_steps import mark_ledger, rules_of_loss
from geobuk.risk.limits import limits_on
from geobuk.risk.portfolio_state import covariance_of, regime_code
from geobuk.risk.rules import RISK_FIELDS, RiskSpec, pace_of, record_of, replaced_limits
from geobuk.risk.spec import LossLimits
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

    Attributes ---------- equity : marked to market. forecasts : in [-1, 1]. prices : last or mark. positions : signed
    quantities (none = 0). volatilities : annual. covariance : (N, N) of daily returns in the order of the instruments;
    where it moves more than ``annual_volatilities`` say, it counts. Left out, all are taken to move against what is
    believed together. ranges : average true ranges in price units, for stops that need them. volumes : a usual day's
    volume in base units. stops : resting stop prices. at_ns : the instant. regime : by name, member or code.
    """

    equity: float
    forecasts: Mapping[str, float]
    prices: Mapping[str, float]
    annual_volatilities: Mapping[str, float]
    positions: Mapping[str, float] = field(default_factory=dict)
    covariance: FloatArray | None = None
    ranges: Mapping[str, float] = field(default_factory=dict)
    volumes: Mapping[str, float] = field(default_factory=dict)
    stops: Mapping[str, float] = field(default_factory=dict)
    at_ns: int = 0
    year: TradingYear = ALWAYS_OPEN
    regime: str | int | None = None


def decided_once(
    instruments: Sequence[Instrument], moment: Moment, spec: RiskSpec, ledger: Ledger
) -> dict[str, Explanation]:
    """Targets of one decision, explained; the estimates are taken as given. A locked account only reduces.

    Where equity or a position is no finite number, nothing is decided: every target is NaN, with NOT_FINITE.

    Raises
    ------
    UserError : no instruments, or one twice; a covariance of another shape, or an asymmetric one.
    UnknownNameError : a forecast, or a position that is not 0, in none of the instruments; an unknown regime.
    """
    _require_known(instruments, moment)
    with np.errstate(over="ignore", invalid="ignore"):
        desk = _desk(instruments, moment, ledger, spec.loss)
        moving = _moving(moment, desk)
    limits = limits_on(instruments, spec.limits)
    rules = record_of(replaced_limits(spec, limits), pace_of(NS_PER_DAY, moment.year), RISK_FIELDS)
    rules["by_sector"] = any(instrument.sector for instrument in instruments)
    rules["by_volume"] &= bool(moment.volumes)
    rules["by_conditions"], rules["jump"], rules["dry"], rules["crash"] = False, 0.0, 0.0, 0.0
    rules["kelly"] = 0.0  # a moment has no history to learn an edge from: see optimal_position
    trace = np.full((len(instruments), STEPS), np.nan)
    target_once(desk, moving, rules, trace)
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
def target_once(desk: Desk, moving: FloatArray, rules: RecordArray, trace: FloatArray) -> None:
    """The decision path with its trace, without learning anything first; ``moving`` is the covariance of the limits."""
    regroup(desk, rules[0])
    book, terms, account = desk.book, desk.terms, desk.account
    set_targets(Desk(desk.rows, book, terms, account, moving, desk.groups, desk.work), rules[0], trace)


def _require_known(instruments: Sequence[Instrument], moment: Moment) -> None:
    names = [instrument.name for instrument in instruments]
    if not names or len(set(names)) < len(names):
        raise UserError(f"the instruments are {names or 'none'}", cure="give at least one, and each once")
    for what, given in (("forecast", moment.forecasts), ("position", moment.positions)):
        for name, value in given.items():
            if name not in names and value != 0.0:
                raise UnknownNameError("instrument", name, names, cure=f"(its {what} would be overlooked)")


def _desk(instruments: Sequence[Instrument], moment: Moment, ledger: Ledger, loss: LossLimits) -> Desk:
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
    book["volatility"] = _volatilities(moment, names)
    book["usual_volume"] = [moment.volumes.get(name, 0.0) for name in names]
    daily = book["volatility"] / sqrt(moment.year.per_year(NS_PER_DAY))
    book["variance"] = daily**2
    account = np.zeros(1, dtype=ONE_ACCOUNT_DTYPE)
    judged = _judged(ledger, moment.equity, loss)
    for name, _ in LEDGER_FIELDS:
        account[name] = judged[name]
    is_readable = np.isfinite(book["quantity"]).all()
    account["equity"] = moment.equity if is_readable else np.nan
    account["regime"], account["grouped_on"] = regime_code(moment.regime), -2
    account["now_ns"] = moment.at_ns
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


def _judged(ledger: Ledger, equity: float, loss: LossLimits) -> RecordArray:
    """What the ledger would say of this equity on its own day: it can only be stricter. The ledger stays as it is."""
    record = ledger.record.copy()
    if isfinite(equity):
        mark_ledger(equity, int(record["day"][0]), 0, record, rules_of_loss(loss))
    return record


def _volatilities(moment: Moment, names: Sequence[str]) -> FloatArray:
    """(N,) annual, 0 where not known; the covariance's own where that is larger, lest it be held below itself."""
    told = np.array([_known(moment.annual_volatilities.get(name, 0.0)) for name in names])
    if moment.covariance is None:
        return told
    variance = np.diag(covariance_of(moment.covariance, len(names), "instrument")) * 365.0
    return np.where((told > 0.0) & (variance > told**2) & np.isfinite(variance), np.sqrt(variance), told)


def _known(volatility: float) -> float:
    return volatility if isfinite(volatility) and volatility > 0.0 else 0.0


def _covariance(moment: Moment, daily: FloatArray) -> FloatArray:
    """What instruments are grouped by: as told, or as if all moved together where nothing is told."""
    together = np.outer(daily, daily)
    if moment.covariance is None:
        return together
    told = covariance_of(moment.covariance, len(daily), "instrument")
    return np.where(np.isfinite(told), told, together)


def _moving(moment: Moment, desk: Desk) -> FloatArray:
    """What limits are held against: as told, or as if everything moved against what is wanted, hedges included."""
    if moment.covariance is not None:
        return covariance_of(moment.covariance, len(desk.book), "instrument")
    is_short = np.where(np.abs(desk.rows["forecast"]) > 0.0, desk.rows["forecast"], desk.book["quantity"]) < 0.0
    side = np.where(is_short, -1.0, 1.0)
    return desk.covariance * np.outer(side, side)
