"""A made-up backtest whose books balance: random prices, random round trips, costs on every fill."""

from decimal import Decimal

import numpy as np

from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.panel import Finding, Panel
from geobuk.quant.performance import statistics
from geobuk.reports.backtest_report import BacktestReport
from geobuk.risk.affordability import Affordability
from geobuk.risk.reasons import Reason
from geobuk.simulate.pessimism import Pessimism
from geobuk.simulate.result import FILL_DTYPE, BacktestResult, Note, Trades
from geobuk.simulate.spec import BacktestSpec

CAPITAL = 7_700.0
FEE, SLIPPAGE, FUNDING = 0.0005, 0.0002, 0.00005
REFUSED = {Reason.NO_FORECAST: 168, Reason.INSIDE_BAND: 2_911, Reason.CLAMPED_WEIGHT: 420, Reason.BELOW_STEP: 77}


def made_panel(bars: int, instruments: int, *, is_synthetic: bool, seed: int) -> Panel:
    """Random walks; the last instrument is listed late and has a gap."""
    random = np.random.default_rng(seed)
    shape = (bars, instruments)
    close = 10.0 ** np.linspace(4.5, -1.2, instruments) * np.exp(np.cumsum(random.normal(4e-5, 0.006, shape), axis=0))
    opening = np.vstack((close[:1], close[:-1]))
    spread = np.abs(random.normal(0, 0.003, (2, *shape)))
    tradable = np.ones(shape, dtype=np.bool_)
    tradable[: bars // 5, -1] = tradable[bars // 2 : bars // 2 + bars // 50, -1] = False
    blank = np.where(tradable, 1.0, np.nan)
    return Panel(
        venue="synthetic" if is_synthetic else "binance",
        interval_ns=NS_PER_HOUR,
        instruments=tuple(f"{name}USDT" for name in _names(instruments)),
        at_ns=parse_at("2023-01-01") + np.arange(bars, dtype=np.int64) * NS_PER_HOUR,
        open=opening * blank,
        high=np.maximum(opening, close) * (1 + spread[0]) * blank,
        low=np.minimum(opening, close) * (1 - spread[1]) * blank,
        close=close * blank,
        volume=random.uniform(1e3, 1e5, shape) * blank,
        mark=np.full(shape, np.nan),
        funding=np.full(shape, np.nan),
        funding_inside=np.full(shape, np.nan),
        tradable=tradable,
        funding_hours=np.full(instruments, 8),
        is_synthetic=is_synthetic,
        findings=_findings(bars),
    )


def _names(count: int) -> list[str]:
    known = ["BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "ADA", "AVAX", "LINK", "DOT"]
    return (known + [f"COIN{n}" for n in range(count)])[:count]


def _findings(bars: int) -> tuple[Finding, ...]:
    start = parse_at("2023-01-01")
    gap, end = start + bars // 2 * NS_PER_HOUR, start + (bars // 2 + bars // 50) * NS_PER_HOUR
    return (
        Finding("gap", "DOGEUSDT", "mask", bars // 50, gap, end, "bars are missing between two others"),
        Finding("zero_volume", "XRPUSDT", "pass", 3, start, gap, "three bars without volume <in a row> & more"),
    )


def made_result(
    bars: int = 5_000, instruments: int = 5, *, is_synthetic: bool = True, has_trades: bool = True, seed: int = 5
) -> BacktestResult:
    """A balanced result: pnl sums to the change in equity, costs to the costs of the fills."""
    panel = made_panel(bars, instruments, is_synthetic=is_synthetic, seed=seed)
    random = np.random.default_rng(seed + 1)
    held = _held(random, panel) if has_trades else []
    position, pnl = np.zeros(panel.shape), np.zeros(panel.shape)
    costs = np.zeros((3, instruments))
    fills, trades = [], []
    for n, side, start, stop, is_open in held:
        quantity = side * 1_500.0 / panel.open[start, n]
        position[start:stop, n] = quantity
        marks = np.concatenate((panel.open[start : start + 1, n], panel.close[start:stop, n]))
        gain = np.diff(marks) * quantity
        funding = np.abs(quantity) * panel.close[start:stop, n] * FUNDING / 8
        pnl[start:stop, n] += gain - funding
        ends = [(start, quantity, panel.open[start, n], Reason.ENTRY)]
        reason = Reason(int(random.choice([Reason.ENTRY, Reason.STOP], p=[0.7, 0.3])))
        ends += [] if is_open else [(stop - 1, -quantity, panel.close[stop - 1, n], reason)]
        paid = [abs(size * price) * np.array([FEE, SLIPPAGE]) for _, size, price, _ in ends]
        for (bar, size, price, why), (fee, slip) in zip(ends, paid, strict=True):
            pnl[bar, n] -= fee + slip
            fills.append((bar, n, why, size, price, fee, slip))
        costs[:, n] += (*np.sum(paid, axis=0), funding.sum())
        total = gain.sum() - funding.sum() - np.sum(paid)
        trades.append(
            (n, side, start, stop - 1, abs(quantity), marks[0], marks[-1], total, paid, funding, reason, is_open)
        )
    equity = CAPITAL + np.cumsum(pnl.sum(axis=1))
    notional = position * np.nan_to_num(panel.close)
    shares = {"trend": 0.6, "mean_reversion": 0.3, "funding_carry": 0.1}
    return BacktestResult(
        strategies=tuple(shares),
        spec=BacktestSpec(),
        instruments=(),
        panel=panel,
        forecasts=np.sign(position),
        equity=equity,
        cash=equity.copy(),
        gross=np.abs(notional).sum(axis=1),
        net=notional.sum(axis=1),
        initial_margin=np.abs(notional).sum(axis=1) / 3,
        position=position,
        pnl=pnl,
        fills=_fills(fills),
        trades=_trades(trades),
        fees=costs[0],
        slippage=costs[1],
        funding=costs[2],
        liquidation_fees=np.zeros(instruments),
        insurance=0.0,
        refusals=_refused(instruments),
        decisions=bars * instruments,
        daily_locks=2,
        halted_at=-1,
        strategy_pnl={name: share * pnl.sum(axis=1) for name, share in shares.items()},
        notes=(
            Note(
                "FUNDING_UNKNOWN", "12 stamps without a known rate were charged at the worst case", "펀딩비 12개 불명"
            ),
            Note("NO_MARK", "the close is used as mark", "종가를 마크 가격으로 사용"),
        ),
        parameters={"trend": {"fast": 16, "slow": 64}, "mean_reversion": {"window": 48}, "funding_carry": {}},
    )


def _held(random: np.random.Generator, panel: Panel) -> list[tuple[int, int, int, int, bool]]:
    """Stretches (instrument, side, start, stop, is_open) without overlap and without masked bars."""
    found = []
    for n in range(panel.shape[1]):
        at = int(random.integers(168, 240))
        while at < panel.shape[0] - 2:
            stop = min(at + int(random.integers(6, 160)), panel.shape[0])
            if panel.tradable[at:stop, n].all():
                found.append((n, int(random.choice([-1, 1])), at, stop, stop == panel.shape[0]))
            at = stop + int(random.integers(1, 60))
    return sorted(found, key=lambda held: held[3])


def _fills(rows: list[tuple]) -> np.ndarray:
    fills = np.zeros(len(rows), dtype=FILL_DTYPE)
    for at, (bar, n, why, size, price, fee, slip) in enumerate(sorted(rows, key=lambda row: row[0])):
        fills[["bar", "instrument", "reason", "quantity", "price", "fee", "slippage"]][at] = (
            bar,
            n,
            why,
            size,
            price,
            fee,
            slip,
        )
    return fills


def _trades(rows: list[tuple]) -> Trades:
    def column(index: int, kind: type = float) -> np.ndarray:
        return np.array([row[index] for row in rows], dtype=np.int64 if kind is int else kind)

    return Trades(
        instrument=column(0, int),
        side=column(1, int),
        entry_bar=column(2, int),
        exit_bar=column(3, int),
        quantity=column(4),
        entry_price=column(5),
        exit_price=column(6),
        pnl=column(7),
        fees=np.array([np.sum(row[8], axis=0)[0] for row in rows]),
        funding=np.array([row[9].sum() for row in rows]),
        exit_reason=column(10, int),
        is_open=column(11, bool),
    )


def _refused(instruments: int) -> np.ndarray:
    refused = np.zeros((len(Reason), instruments), dtype=np.int64)
    for reason, count in REFUSED.items():
        refused[reason] = np.arange(1, instruments + 1) * count // instruments
    return refused


def made_report(result: BacktestResult | None = None) -> BacktestReport:
    """A report as the composition root hands it over."""
    result = result or made_result()
    found = statistics(result.equity, result.panel.at_ns, result.panel.interval_ns, CAPITAL)
    return BacktestReport(
        result=result,
        statistics=found,
        pessimism=Pessimism(
            base_return=found.total_return,
            harsh_return=-0.0412,
            harsh_sharpe=-0.31,
            harsh_max_drawdown=-0.2107,
            break_even_multiplier=1.62,
            break_even_bps=11.3,
        ),
        affordability=tuple(
            _answer(name, smallest) for name, smallest in zip(result.panel.instruments, _SMALLEST, strict=False)
        ),
        wall_seconds=0.84,
        currency="USDT",
    )


_SMALLEST = ("412.50", "20.4", "5", "5.0001", "5")


def _answer(instrument: str, smallest: str) -> Affordability:
    wanted, least = Decimal("311.5"), Decimal(smallest)
    can_trade = wanted >= least
    return Affordability(
        instrument=instrument,
        can_trade=can_trade,
        smallest_notional=least,
        wanted_notional=wanted,
        capital_needed=least / wanted * Decimal(7_700),
        code="OK" if can_trade else "BELOW_MIN_NOTIONAL",
        text=f"{instrument}: wants {wanted}, the smallest order is {least}",
        text_ko=f"{instrument}: 희망 {wanted}, 최소 주문 {least}",
    )
