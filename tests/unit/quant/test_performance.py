"""The statistics of an equity path: which sample, which convention, which flag at the edges."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, parse_at
from geobuk.quant.performance import Statistics, statistics

START = parse_at("2024-01-30")


def hours(count: int) -> np.ndarray:
    return START + np.arange(count, dtype=np.int64) * NS_PER_HOUR


def of_days(*equity: float, capital: float = 100.0) -> Statistics:
    at_ns = START + np.arange(len(equity), dtype=np.int64) * NS_PER_DAY
    return statistics(np.array(equity), at_ns, NS_PER_DAY, capital)


def test_period_runs_from_the_first_open_to_the_last_close() -> None:
    found = statistics(np.full(30, 100.0), hours(30), NS_PER_HOUR, 100.0)
    assert found.from_ns == START
    assert found.to_ns == START + 30 * NS_PER_HOUR
    assert (found.bars, found.periods, found.periods_per_year) == (30, 2, 365.0)


def test_returns_are_sampled_at_the_last_close_of_each_utc_day() -> None:
    equity = np.full(48, 50.0)
    equity[23], equity[47] = 110.0, 99.0
    found = statistics(equity, hours(48), NS_PER_HOUR, 100.0)
    assert found.best_period == pytest.approx(0.10)
    assert found.worst_period == pytest.approx(-0.10)


def test_drawdown_looks_at_every_bar_not_only_at_daily_samples() -> None:
    equity = np.full(48, 100.0)
    equity[5] = 60.0
    found = statistics(equity, hours(48), NS_PER_HOUR, 100.0)
    assert found.max_drawdown == pytest.approx(-0.40)
    assert found.drawdown.trough_at_ns == START + 6 * NS_PER_HOUR
    assert found.volatility == 0.0


def test_capital_is_the_first_peak() -> None:
    found = of_days(90.0, 95.0)
    assert found.max_drawdown == pytest.approx(-0.10)
    assert found.drawdown.peak_at_ns == START
    assert found.drawdown.recovered_at_ns is None


def test_flat_account_has_no_ratios_and_says_why() -> None:
    found = of_days(100.0, 100.0, 100.0, 100.0, 100.0)
    assert found.total_return == 0.0
    assert found.volatility == 0.0
    for name in ("sharpe", "sharpe_error", "sortino", "omega", "probabilistic_sharpe", "skewness", "tail_ratio"):
        assert math.isnan(getattr(found, name)), name
        assert found.flags[name] == "flat", name
    assert math.isnan(found.calmar)
    assert found.flags["calmar"] == found.flags["martin"] == "no_drawdown"


def test_constant_growth_is_not_a_sharpe_of_1e16() -> None:
    found = of_days(*(100.0 * 1.01 ** np.arange(1, 30)))
    assert math.isnan(found.sharpe)
    assert found.flags["sharpe"] == "flat"


def test_years_of_record_needed_follow_from_the_sharpe_ratio() -> None:
    good = of_days(*(100.0 * np.cumprod(1.0 + np.random.default_rng(4).normal(0.002, 0.01, 300))))
    assert 1.0 / 365 < good.track_record_years < 1.0
    assert good.probabilistic_sharpe > 0.95
    bad = of_days(99.0, 98.5, 99.0, 97.0, 96.0)
    assert bad.track_record_years == math.inf
    assert bad.flags["track_record_years"] == "not_positive"
    assert of_days(101.0, 100.0, 102.0).flags["track_record_years"] == "too_short"


def test_gains_only_give_infinite_sortino_and_omega_with_a_flag() -> None:
    found = of_days(101.0, 103.0, 104.0, 108.0)
    assert found.sortino == found.omega == math.inf
    assert found.flags["sortino"] == found.flags["omega"] == "no_losses"


def test_one_day_is_too_short_for_a_dispersion() -> None:
    found = of_days(101.0)
    assert math.isnan(found.volatility)
    assert math.isnan(found.sharpe)
    assert found.flags["volatility"] == found.flags["sharpe"] == "too_short"
    assert found.total_return == pytest.approx(0.01)


def test_ruin_ends_the_path_and_later_equity_is_ignored() -> None:
    found = of_days(80.0, -5.0, 40.0)
    assert found.total_return == found.cagr == found.max_drawdown == -1.0
    assert found.periods == 2
    assert found.worst_period == -1.0
    assert found.flags["cagr"] == "ruined"


def test_short_samples_flag_a_shortfall_that_is_only_the_worst_day() -> None:
    found = of_days(*(100.0 + np.arange(30) % 7))
    assert found.flags["expected_shortfall_99"] == "worst_only"
    assert "expected_shortfall_95" not in found.flags
    assert found.expected_shortfall_99 == pytest.approx(-found.worst_period)


def test_monthly_returns_compound_to_the_total() -> None:
    equity = 100.0 * np.cumprod(1.0 + np.random.default_rng(3).normal(0, 0.01, 24 * 100))
    found = statistics(equity, hours(len(equity)), NS_PER_HOUR, 100.0)
    assert [(m.year, m.month) for m in found.monthly] == [(2024, month) for month in (1, 2, 3, 4, 5)]
    assert math.prod(1.0 + m.value for m in found.monthly) == pytest.approx(1.0 + found.total_return)


def test_weekly_bars_are_not_called_daily() -> None:
    at_ns = START + np.arange(10, dtype=np.int64) * 7 * NS_PER_DAY
    found = statistics(100.0 + np.arange(10.0), at_ns, 7 * NS_PER_DAY, 100.0)
    assert found.periods == 10
    assert found.periods_per_year == pytest.approx(365 / 7)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_non_finite_equity_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"equity\[1\]"):
        of_days(100.0, bad)


def test_empty_equity_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        statistics(np.array([]), hours(0), NS_PER_HOUR, 100.0)


@pytest.mark.parametrize("capital", [0.0, -1.0, math.nan, math.inf])
def test_capital_must_be_a_positive_number(capital: float) -> None:
    with pytest.raises(ValueError, match="capital"):
        statistics(np.array([1.0]), hours(1), NS_PER_HOUR, capital)


def test_equity_and_times_must_be_the_same_bars() -> None:
    with pytest.raises(ValueError, match="same bars"):
        statistics(np.array([1.0, 2.0]), hours(3), NS_PER_HOUR, 100.0)


def test_statistics_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        of_days(101.0, 102.0).sharpe = 9.0  # type: ignore[misc]
