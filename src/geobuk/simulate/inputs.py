"""From a panel, instruments and settings to what the loop reads: rows of bars, funding events, rules."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geobuk.domain.errors import DataError, SettingsError
from geobuk.domain.instrument import Instrument, InstrumentKind
from geobuk.domain.regime import Regime
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, at_text, interval_ns, interval_text
from geobuk.matching.costs import COST_FIELDS, cost_values, fee_rates
from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel, RecordArray
from geobuk.risk.limits import limits_on
from geobuk.risk.rules import RISK_FIELDS, RiskSpec, is_decision, pace_of, risk_values
from geobuk.risk.spec import Limits
from geobuk.simulate.book import SETTLEMENT_SLOTS, OrderKind
from geobuk.simulate.boxes import boxes
from geobuk.simulate.panel_facts import facts_of
from geobuk.simulate.spec import BacktestSpec
from geobuk.terms import dated_terms


class Bars(NamedTuple):
    """Rows of the panel one after another, (T * N,) each, so that one index serves all of them.

    ``day`` (T,) day number in the venue's local time, ``decides`` (T,) whether the close is a decision, ``regime`` (T,)
    the market's regime as known at the close (length 0: none), ``at_ns`` (T,) its opening instant. ``box_low`` and
    ``box_high`` are the range of so many bars up to each one, itself included; they have length 0 without box stops.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    mark: FloatArray
    tradable: BoolArray
    forecast: FloatArray
    day: IntArray
    decides: BoolArray
    regime: IntArray
    at_ns: IntArray
    box_low: FloatArray
    box_high: FloatArray


EVENT_DTYPE = np.dtype(
    [
        ("bar", np.int64),
        ("instrument", np.int64),
        ("is_inside", np.bool_),
        ("rate", np.float64),
        ("worst", np.float64),
        ("stamps", np.int64),
    ],
    align=True,
)
"""``stamps`` funding stamps at once (more than one only across a hole), at the opening instant of a bar or inside it;
``rate`` is NaN where it is not known, and ``worst`` is then the fraction of notional charged to either side."""

RULES_DTYPE = np.dtype(
    [
        *COST_FIELDS,  # first: a record that began with RISK_FIELDS would be taken for the risk room's own
        *RISK_FIELDS,
        ("order_kind", np.int64),
        ("offset", np.float64),
        ("stops_on_missing_funding", np.bool_),
        ("bars_per_decision", np.float64),
        ("bar_ns", np.int64),
    ],
    align=True,
)
"""All settings as one flat record; ``offset`` of limit and stop orders is a fraction of the close."""


class Inputs(NamedTuple):
    """Everything the loop reads and never writes; ``events``, ``terms`` (K, N), ``rules`` (1,) are records.

    Row k of ``terms`` holds from bar ``terms_from[k]`` on.
    """

    bars: Bars
    events: RecordArray
    terms: RecordArray
    terms_from: IntArray
    rules: RecordArray


def inputs_of(
    panel: Panel,
    forecasts: FloatArray,
    instruments: Sequence[Instrument],
    spec: BacktestSpec,
    *,
    begun: BoolArray | None = None,
    regimes: IntArray | None = None,
) -> Inputs:
    """Arrange the inputs of a simulation; bars are views of the panel wherever possible.

    ``begun`` (N,) marks instruments whose history began before the panel: their funding is due from its first bar on.

    Raises
    ------
    DataError
        Forecasts of another shape or outside [-1, 1], instruments that do not match the panel, an empty panel.
    SettingsError
        ``decide_every`` is not a multiple of the bar length.
    """
    _require_matching(panel, forecasts, instruments)
    decide_ns = decision_interval(panel, spec)
    bars = Bars(
        panel.open.ravel(),
        panel.high.ravel(),
        panel.low.ravel(),
        panel.close.ravel(),
        panel.volume.ravel(),
        (panel.mark if facts_of(panel).has_marks else panel.close).ravel(),
        panel.tradable.ravel(),
        delayed(forecasts, spec.orders.delay_bars).ravel(),
        (panel.at_ns + panel.utc_offset_ns) // NS_PER_DAY,
        is_decision(panel.at_ns, panel.interval_ns, decide_ns),
        _known_regimes(panel, regimes, spec.orders.delay_bars),
        np.ascontiguousarray(panel.at_ns, dtype=np.int64),
        *boxes(panel, spec.stops.box_days),
    )
    return Inputs(
        bars, funding_events(panel, spec, begun), *_terms(panel, instruments, spec), _rules(panel, instruments, spec)
    )


def _known_regimes(panel: Panel, regimes: IntArray | None, bars: int) -> IntArray:
    """(T,) codes as they reach the decision, ``bars`` late; length 0 where no detector speaks."""
    if regimes is None:
        return np.zeros(0, dtype=np.int64)
    if regimes.shape != panel.shape[:1]:
        raise DataError(f"regimes have shape {regimes.shape}, the panel has {panel.shape[0]} bars", cure="align them")
    late = np.full(panel.shape[0], int(Regime.UNKNOWN), dtype=np.int64)
    late[bars:] = regimes[: len(regimes) - bars]
    return late


def with_forecasts(inputs: Inputs, panel: Panel, forecasts: FloatArray, delay_bars: int) -> Inputs:
    """The same inputs with other forecasts; everything else is shared."""
    require_forecasts(panel, forecasts)
    return inputs._replace(bars=inputs.bars._replace(forecast=delayed(forecasts, delay_bars).ravel()))


def with_regimes(inputs: Inputs, panel: Panel, regimes: IntArray | None, delay_bars: int) -> Inputs:
    """The same inputs with regimes that reach the decision ``delay_bars`` late; everything else is shared."""
    return inputs._replace(bars=inputs.bars._replace(regime=_known_regimes(panel, regimes, delay_bars)))


def with_spec(inputs: Inputs, panel: Panel, instruments: Sequence[Instrument], spec: BacktestSpec) -> Inputs:
    """The same bars, forecasts and funding stamps under other costs and risk settings; delay and funding stay."""
    terms, terms_from = _terms(panel, instruments, spec)
    return inputs._replace(terms=terms, terms_from=terms_from, rules=_rules(panel, instruments, spec))


def funding_events(panel: Panel, spec: BacktestSpec, begun: BoolArray | None = None) -> RecordArray:
    """Every stamp that is due from an instrument's first bar on, known or not; unknown rates are NaN, never zero.

    Stamps in a hole between two rows of the panel count at the opening of the later one.
    """
    hours = panel.funding_hours
    worst = spec.funding.worst_case_rate_8h * np.where(hours > 0, hours, 8) / 8.0
    at_open, inside = _stamps_due(panel)
    facts = facts_of(panel)
    starts = facts.first if begun is None else np.where(begun, 0, facts.first)
    opening = _events(panel, _Rates(panel.funding, facts.has_rate, starts), at_open, worst)
    later = _events(panel, _Rates(panel.funding_inside, facts.has_rate_inside, starts), inside, worst)
    opening["rate"][opening["stamps"] > 1] = np.nan
    if len(later) == 0:
        return opening
    later["is_inside"] = True
    events = np.concatenate([opening, later])
    return events[np.lexsort((events["instrument"], events["is_inside"], events["bar"]))]


def _stamps_due(panel: Panel) -> tuple[dict[int, IntArray], dict[int, IntArray]]:
    """Funding hours -> (T,) stamps due at each bar's opening instant, and inside it."""
    at_open: dict[int, IntArray] = {}
    inside: dict[int, IntArray] = {}
    if not panel.funding_hours.any():
        return at_open, inside
    ends = panel.at_ns + panel.interval_ns
    before = np.append(panel.at_ns[:1], ends[:-1]) - 1
    for hours in np.unique(panel.funding_hours[panel.funding_hours > 0]).tolist():
        period_ns = hours * NS_PER_HOUR
        first = panel.at_ns // period_ns
        at_open[hours] = first - before // period_ns
        inside[hours] = (ends - 1) // period_ns - first
    return at_open, inside


class _Rates(NamedTuple):
    """Funding rates (T, N), (T,) whether a row has any, and (N,) the row from which stamps are due."""

    table: FloatArray
    has_rate: BoolArray
    starts: IntArray


def _events(panel: Panel, known: _Rates, due: dict[int, IntArray], worst: FloatArray) -> RecordArray:
    """Events of the rows in which a rate is known or a stamp is due."""
    rates, has_rate, starts = known
    rows = np.flatnonzero(np.logical_or.reduce([has_rate, *(counts > 0 for counts in due.values())]))
    stamps = np.zeros((len(rows), panel.shape[1]), dtype=np.int64)
    for hours, counts in due.items():
        stamps[:, panel.funding_hours == hours] = counts[rows, None]
    if starts.any():
        stamps *= rows[:, None] >= starts
    at, instrument = np.nonzero(np.isfinite(rates[rows]) | (stamps > 0))
    events = np.zeros(len(at), dtype=EVENT_DTYPE)
    events["bar"], events["instrument"] = rows[at], instrument
    events["rate"] = rates[rows[at], instrument]
    events["stamps"] = stamps[at, instrument]
    events["worst"] = worst[instrument] * np.maximum(events["stamps"], 1)
    return events


def _require_matching(panel: Panel, forecasts: FloatArray, instruments: Sequence[Instrument]) -> None:
    if panel.shape[0] < 2 or panel.shape[1] < 1:
        raise DataError(f"the panel has shape {panel.shape}", cure="a simulation needs at least 2 bars of 1 instrument")
    names = tuple(i.name for i in instruments)
    if names != panel.instruments:
        raise DataError(
            f"instruments {names} do not match the panel's {panel.instruments}", cure="pass them in its order"
        )
    broken = facts_of(panel).broken
    if broken >= 0:
        t, n = divmod(broken, panel.shape[1])
        raise DataError(
            f"{panel.instruments[n]} has no price or volume at {at_text(int(panel.at_ns[t]))}, but the bar is tradable",
            cure="mask the bar or complete it",
        )
    require_forecasts(panel, forecasts)


def require_forecasts(panel: Panel, forecasts: FloatArray) -> None:
    """Raise DataError unless forecasts are aligned to the panel and lie within [-1, 1] (NaN is allowed)."""
    if forecasts.shape != panel.shape:
        raise DataError(f"forecasts have shape {forecasts.shape}, the panel {panel.shape}", cure="align them")
    largest = largest_size(np.ascontiguousarray(forecasts, dtype=np.float64))
    if largest > 1.0 + 1e-12:
        raise DataError(f"a forecast of size {largest:g} lies outside [-1, 1]", cure="scale or clip the forecasts")


@kernel
def largest_size(forecasts: FloatArray) -> float:
    """Largest absolute value, NaN left out; 0 where there is none."""
    largest = 0.0
    for t in range(forecasts.shape[0]):
        for n in range(forecasts.shape[1]):
            if not np.isnan(forecasts[t, n]):
                largest = max(largest, abs(forecasts[t, n]))
    return largest


def delayed(forecasts: FloatArray, bars: int) -> FloatArray:
    """Forecasts as they reach the decision; the first ``bars`` rows have none."""
    if bars == 0:
        return np.ascontiguousarray(forecasts, dtype=np.float64)
    late = np.full(forecasts.shape, np.nan)
    late[bars:] = forecasts[:-bars]
    return late


def decision_interval(panel: Panel, spec: BacktestSpec) -> int:
    """Nanoseconds between decisions; raises SettingsError unless it is a multiple of the bar length."""
    if not spec.decide_every:
        return panel.interval_ns
    decide_ns = interval_ns(spec.decide_every)
    if decide_ns % panel.interval_ns:
        raise SettingsError(
            f"decide_every {spec.decide_every} is not a multiple of the bars' {interval_text(panel.interval_ns)}",
            cure="choose a multiple, or leave it empty to decide on every bar",
        )
    return decide_ns


def _terms(panel: Panel, instruments: Sequence[Instrument], spec: BacktestSpec) -> tuple[RecordArray, IntArray]:
    fees = [fee_rates(instrument, spec.costs) for instrument in instruments]
    terms, terms_from = dated_terms(instruments, fees, panel.at_ns, panel.utc_offset_ns)
    if panel.interval_ns > NS_PER_DAY:
        terms["price_band"] = 0.0  # limits are those of a day
    return terms, terms_from


def is_cash_account(instruments: Sequence[Instrument]) -> bool:
    """Whether these instruments are shares, bought for cash.

    Raises
    ------
    DataError
        Shares and perpetuals together: no account holds both. A settlement longer than the loop can await.
    """
    slow = next((one for one in instruments if one.settlement_days >= SETTLEMENT_SLOTS), None)
    if slow is not None:
        raise DataError(
            f"{slow.name} settles after {slow.settlement_days} sessions, at most {SETTLEMENT_SLOTS - 1} can be awaited",
            cure="correct the snapshot of its rules",
        )
    shares = [instrument.kind is InstrumentKind.SHARE for instrument in instruments]
    if any(shares) and not all(shares):
        raise DataError(
            f"{instruments[shares.index(True)].name} is a share and {instruments[shares.index(False)].name} is not: "
            "no account holds both",
            cure="run them apart",
        )
    return any(shares)


def risk_spec(spec: BacktestSpec, limits: Limits) -> RiskSpec:
    """The settings of a backtest that the risk room reads, under these limits."""
    groups = {name: getattr(spec, name) for name in RiskSpec.__struct_fields__}
    return RiskSpec(**groups | {"limits": limits})


def _rules(panel: Panel, instruments: Sequence[Instrument], spec: BacktestSpec) -> RecordArray:
    decide_ns = decision_interval(panel, spec)
    limits = limits_on(instruments, spec.limits)
    rules = np.zeros(1, dtype=RULES_DTYPE)
    values = {
        **risk_values(risk_spec(spec, limits), pace_of(decide_ns, panel.year)),
        **cost_values(spec.costs),
        "order_kind": OrderKind[spec.orders.type.upper()],
        "offset": spec.orders.offset_bps * 1e-4,
        "stops_on_missing_funding": spec.funding.missing == "error",
        "bar_ns": panel.interval_ns,
        "bars_per_decision": panel.year.per_year(panel.interval_ns) / panel.year.per_year(decide_ns),
    }
    if is_cash_account(instruments):
        values |= {"is_isolated": False, "leverage": 1.0, "allow_short": False}
    values["by_sector"] = any(instrument.sector for instrument in instruments)
    values["estimates"] = values["estimates"] or spec.costs.impact > 0.0
    for name, value in values.items():
        rules[name] = value
    return rules
