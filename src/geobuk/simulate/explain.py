"""Why a run decided as it did: it is taken again to that decision, and its chain told. Knows no words and no files."""

from collections.abc import Mapping
from math import nan

import numpy as np

from geobuk.domain.errors import UserError
from geobuk.domain.times import at_text, zone_of
from geobuk.panel import FloatArray, Panel, Record
from geobuk.risk.explanation import explained
from geobuk.risk.loss_locks import Lock
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import OrderKind
from geobuk.simulate.explained import AccountThen, DecisionExplained, FillThen, OrderLeft, RowExplained
from geobuk.simulate.inputs import Inputs, inputs_of
from geobuk.simulate.replay import Replayed, replay
from geobuk.simulate.result import BacktestResult


def explain(
    result: BacktestResult, at_ns: int | None = None, parts: Mapping[str, FloatArray] | None = None
) -> RowExplained:
    """Explain the last decision at or before an instant, for every instrument.

    Parameters
    ----------
    at_ns : UTC; the run's last decision if left out. A decision is taken at the close of its bar.
    parts : strategy name -> (T, N) shares of ``result.forecasts``, as :func:`geobuk.strategies.matrix.blend` gives.

    Raises
    ------
    UserError
        No decision was taken by then, or the run had ended before.
    """
    panel, spec = result.panel, result.spec
    inputs = inputs_of(panel, result.forecasts, result.instruments, spec, regimes=result.regimes)
    row = decision_row(panel, inputs, at_ns)
    found = replay(inputs, spec.account.capital, row)
    account = _account(panel, found, row, at_ns, spec.orders.delay_bars)
    return RowExplained(
        account, tuple(_decision(result, found, account, n, parts or {}) for n in range(panel.shape[1]))
    )


def decision_row(panel: Panel, inputs: Inputs, at_ns: int | None) -> int:
    """Bar of the last decision at or before an instant; the last of all without one.

    Raises
    ------
    UserError
        There is none, or the instant lies after the last close.
    """
    rows = np.flatnonzero(inputs.bars.decides)
    if not len(rows):
        raise UserError("this run took no decision at all", cure="look at its period and at decide_every")
    closes = panel.at_ns[rows] + panel.interval_ns
    if at_ns is None:
        return int(rows[-1])
    last_ns = int(panel.at_ns[-1]) + panel.interval_ns
    if not closes[0] <= at_ns <= last_ns:
        first, last, asked = (
            f"{at_text(one + panel.utc_offset_ns)} {zone_of(panel.utc_offset_ns)}"
            for one in (int(closes[0]), last_ns, at_ns)
        )
        raise UserError(
            f"{asked} lies outside the run: its decisions lie between {first} and {last}",
            cure="choose an instant between the two",
        )
    return int(rows[np.searchsorted(closes, at_ns, side="right") - 1])


def _account(panel: Panel, found: Replayed, row: int, at_ns: int | None, delay_bars: int) -> AccountThen:
    account = found.account[0]
    opened_ns = int(panel.at_ns[row])
    decided_ns = opened_ns + panel.interval_ns
    return AccountThen(
        row=row,
        asked_ns=decided_ns if at_ns is None else at_ns,
        opened_ns=opened_ns,
        decided_ns=decided_ns,
        utc_offset_ns=panel.utc_offset_ns,
        equity=float(account["equity"]),
        peak=float(account["peak"]),
        regime=int(account["regime"]),
        lock=Lock(int(account["lock"])),
        size_scale=float(account["size_scale"]),
        is_reduce_only=bool(account["is_reduce_only"]),
        paused_until_ns=int(account["paused_until"]),
        delay_bars=delay_bars,
    )


def _decision(
    result: BacktestResult, found: Replayed, account: AccountThen, n: int, parts: Mapping[str, FloatArray]
) -> DecisionExplained:
    panel, state, believed = result.panel, found.states[n], account.row - account.delay_bars
    explanation = explained(
        panel.instruments[n],
        found.trace[n],
        found.counted[n],
        held=float(state["quantity"]),
        price=float(found.rows[n]["close"]),
    )
    return DecisionExplained(
        account=account,
        explanation=explanation,
        parts={name: float(part[believed, n]) for name, part in parts.items()} if believed >= 0 else {},
        order=_order(state, account.row),
        fills=_fills(result, account.row, found.until, n),
        reasons_after=tuple(Reason(code) for code in np.flatnonzero(found.counted_after[n]).tolist()),
        until_ns=int(panel.at_ns[found.until]) + panel.interval_ns,
    )


def _order(state: Record, row: int) -> OrderLeft | None:
    kind = OrderKind(int(state["order_kind"]))
    if kind is OrderKind.NOTHING:
        return None
    return OrderLeft(
        kind=kind,
        quantity=float(state["order"]),
        price=nan if kind is OrderKind.MARKET else float(state["order_price"]),
        reason=Reason(int(state["order_reason"])),
        is_older=int(state["order_from"]) <= row,
    )


def _fills(result: BacktestResult, row: int, until: int, n: int) -> tuple[FillThen, ...]:
    """The fills of an instrument in bars ``row`` + 1 to ``until``."""
    bars, panel = result.fills["bar"], result.panel
    first, last = np.searchsorted(bars, (row, until), side="right")
    return tuple(
        FillThen(
            at_ns=int(panel.at_ns[fill["bar"]]),
            quantity=float(fill["quantity"]),
            price=float(fill["price"]),
            fee=float(fill["fee"]),
            reason=Reason(int(fill["reason"])),
            is_maker=bool(fill["is_maker"]),
        )
        for fill in result.fills[first:last]
        if fill["instrument"] == n
    )
