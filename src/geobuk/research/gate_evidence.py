"""From a run, its walk-forward and its trials to the figures that the gates judge, each with what is said of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geobuk.domain.times import at_text
from geobuk.panel import FloatArray
from geobuk.quant.overfitting import backtest_overfitting, deflated_sharpe, trial_variance
from geobuk.quant.ratios import raw_kurtosis, sharpe, skewness
from geobuk.quant.ruin import RuinQuestion, ruin_probability
from geobuk.research.gate_limits import GateLimits
from geobuk.research.gate_words import CASH_ACCOUNT, NEVER_TRADED, WARMUP_TOO_LONG, too_short
from geobuk.research.gates import Measured
from geobuk.research.liquidation_days import DaysSpec, is_borrowing, worst_day
from geobuk.research.walk_forward import Trials, WalkForward
from geobuk.simulate.result import BacktestResult


@dataclass(frozen=True, slots=True)
class EarlierTrials:
    """Recorded runs on the same panel with other parameters: how many, and the annual Sharpe ratios that are known."""

    count: int = 0
    sharpes: tuple[float, ...] = ()


def walk_forward_figure(walked: WalkForward | None, days: int, limits: GateLimits) -> Measured:
    """Annual Sharpe ratio of the days out of sample; ``days`` of history explain where there is no walk-forward."""
    if walked is None:
        needed = limits.train_days + limits.gap_days + limits.test_days
        return Measured(None, too_short(days, needed) if days < needed else WARMUP_TOO_LONG)
    count, out = len(walked.windows), len(walked.returns)
    text = (
        f"{count} windows, {out:,} days out of sample, standard error {walked.sharpe_error:.2f}",
        f"구간 {count}개, 표본 밖 {out:,}일, 표준 오차 {walked.sharpe_error:.2f}",
    )
    return Measured(walked.sharpe, text if math.isfinite(walked.sharpe) else NEVER_TRADED)


def drawdown_figure(run_depth: float, fills: int, walked: WalkForward | None) -> Measured:
    """The deeper of two falls as a positive fraction; depths are negative fractions."""
    if not fills:
        return Measured(None, NEVER_TRADED)
    words = (f"run {-run_depth:.1%}", f"실행 {-run_depth:.1%}")
    if walked is None:
        return Measured(-run_depth, (f"{words[0]}, no walk-forward", f"{words[1]}, 워크포워드 없음"))
    depth = -walked.max_drawdown
    return Measured(
        max(-run_depth, depth), (f"{words[0]}, walk-forward {depth:.1%}", f"{words[1]}, 워크포워드 {depth:.1%}")
    )


def ruin_figure(returns: FloatArray, fills: int, per_year: float, limits: GateLimits) -> Measured:
    """Probability of losing ``ruin_fraction`` within a year; no evidence where the past is shorter than that."""
    year = round(per_year)
    if not fills:
        return Measured(None, NEVER_TRADED)
    if len(returns) < max(year, 10 * limits.block_days):
        return Measured(None, too_short(len(returns), int(max(year, 10 * limits.block_days))))
    question = RuinQuestion(limits.ruin_fraction, year, mean_block=limits.block_days, seed=limits.seed)
    found = ruin_probability(returns, question)
    lost, paths = limits.ruin_fraction, found.paths
    return Measured(
        found.probability,
        (
            f"losing {lost:.0%} in a year, {paths:,} futures, standard error {found.standard_error:.4f}",
            f"1년 안에 {lost:.0%} 손실, 가상 경로 {paths:,}개, 표준 오차 {found.standard_error:.4f}",
        ),
    )


def liquidation_figure(result: BacktestResult, limits: GateLimits) -> Measured:
    """The largest 24-hour liquidation probability, with its day."""
    if not len(result.fills):
        return Measured(None, NEVER_TRADED)
    if not is_borrowing(result):
        return Measured(0.0, CASH_ACCOUNT)
    worst = worst_day(result, DaysSpec(limits.liquidation_days, limits.covariance_days, limits.seed))
    if worst is None:
        return Measured(None, ("nothing was held at the end of any day", "하루가 끝날 때 보유한 적이 없습니다"))
    day = at_text(worst.at_ns)
    if math.isnan(worst.value):
        return Measured(None, (f"too few returns before {day}", f"{day} 이전 수익률이 너무 적습니다"))
    if worst.model == "happened":
        return Measured(1.0, (f"it happened at {day}", f"{day}에 실제로 청산되었습니다"))
    return Measured(
        worst.value,
        (f"worst of {worst.days} days: {day} ({worst.model})", f"{worst.days}일 중 최악: {day} ({worst.model})"),
    )


def deflated_figure(returns: FloatArray, per_year: float, tried: Trials, earlier: EarlierTrials) -> Measured:
    """Probability that the run's Sharpe ratio is above the best that luck shows in all trials, recorded ones too."""
    known = [*tried.sharpes[np.isfinite(tried.sharpes)], *(one / math.sqrt(per_year) for one in earlier.sharpes)]
    ratio, count = sharpe(returns, 1.0), len(tried.labels) + earlier.count
    if not math.isfinite(ratio):
        return Measured(None, NEVER_TRADED)
    variance = trial_variance(known)
    found = deflated_sharpe(ratio, len(returns), skewness(returns), raw_kurtosis(returns), count, variance)
    own, best = ratio * math.sqrt(per_year), found.benchmark * math.sqrt(per_year)
    return Measured(
        found.probability,
        (
            f"Sharpe {own:.2f}; luck shows {best:.2f} in {count} trials ({earlier.count} of them recorded runs)",
            f"샤프 {own:.2f}, 시도 {count}번(기록된 실행 {earlier.count}번)이면 운으로 {best:.2f}",
        ),
    )


def overfitting_figure(tried: Trials, limits: GateLimits) -> Measured:
    """Probability of over-fitting over every parameter set that was tried here."""
    days, sets = tried.returns.shape
    if sets < 2:
        return Measured(None, ("one parameter set only: nothing to choose", "매개변수 조합이 하나뿐입니다"))
    if days < 2 * limits.blocks:
        return Measured(None, too_short(days, 2 * limits.blocks))
    if not np.isfinite(tried.sharpes).any():
        return Measured(None, NEVER_TRADED)
    found = backtest_overfitting(tried.returns, limits.blocks)
    splits = len(found.logits)
    return Measured(
        found.pbo,
        (f"{sets} parameter sets, {splits:,} splits", f"매개변수 조합 {sets}개, 분할 {splits:,}개"),
    )


def distinct_sharpes(ratios: Sequence[float | None]) -> EarlierTrials:
    """Recorded annual Sharpe ratios, None where a run had none: it counts as a trial all the same."""
    return EarlierTrials(len(ratios), tuple(one for one in ratios if one is not None and math.isfinite(one)))
