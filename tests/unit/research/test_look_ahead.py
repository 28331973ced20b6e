from collections.abc import Callable
from itertools import count
from typing import ClassVar

import numpy as np
import pytest
from tests.unit.strategies.panels import QUICK, quick, random_panel

from geobuk.domain.errors import LookAheadError, StrategyError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import FloatArray, Panel
from geobuk.research.look_ahead import (
    CUTS,
    MOST_CUTS,
    MOST_EXTRA_ROWS,
    LookAhead,
    look_ahead_check,
    require_no_look_ahead,
)
from geobuk.strategies.strategy import Strategy

PANEL = random_panel(bars=700, holes=False)
LONG_PANEL = random_panel(bars=2_000, holes=False, seed=8)
WARMUP = 30


def strategy_of(rule: Callable[[Panel], FloatArray]) -> Strategy:
    class Cheat(Strategy, frozen=True, kw_only=True):
        name: ClassVar[str] = rule.__name__

        def warmup(self, interval_ns: int) -> int:
            return WARMUP

        def forecast(self, panel: Panel) -> FloatArray:
            return rule(panel)

    return Cheat()


def uses_the_next_close(panel: Panel) -> FloatArray:
    out = np.full(panel.shape, np.nan)
    out[:-1] = np.sign(panel.close[1:] - panel.close[:-1])
    return out


def uses_the_whole_mean(panel: Panel) -> FloatArray:
    return np.tanh((panel.close - np.nanmean(panel.close, axis=0)) / np.nanstd(panel.close, axis=0))


def uses_the_next_high(panel: Panel) -> FloatArray:
    soon = panel.high.copy()
    for t in range(len(soon) - 1):
        soon[t] = panel.high[t + 1 : t + 6].max(axis=0)
    return np.clip(20.0 * (soon / panel.close - 1.0), -1.0, 1.0)


def rolls_around_the_end(panel: Panel) -> FloatArray:
    return np.clip(50.0 * (np.roll(panel.close, -1, axis=0) / panel.close - 1.0), -1.0, 1.0)


def ranks_over_all_bars(panel: Panel) -> FloatArray:
    ranks = panel.close.argsort(axis=0).argsort(axis=0)
    return 2.0 * ranks / max(1, len(ranks) - 1) - 1.0


def counts_the_bars(panel: Panel) -> FloatArray:
    return np.full(panel.shape, (len(panel.at_ns) % 100) / 100.0)


def fills_backwards(panel: Panel) -> FloatArray:
    """Holes take the next known price, as a back-fill does."""
    out = np.log(panel.close)
    for t in range(len(out) - 2, -1, -1):
        out[t] = np.where(np.isnan(out[t]), out[t + 1], out[t])
    return np.tanh(np.nan_to_num(out) - 4.6)


def knows_the_day_close(panel: Panel) -> FloatArray:
    day = panel.at_ns // NS_PER_DAY
    last = np.searchsorted(day, day, side="right") - 1
    return np.clip(50.0 * (panel.close[last] / panel.close - 1.0), -1.0, 1.0)


def knows_the_next_funding(panel: Panel) -> FloatArray:
    rates = np.nan_to_num(panel.funding)
    return np.clip(2_000.0 * np.vstack([rates[1:], rates[:1] * 0.0]), -1.0, 1.0)


def knows_the_last_volume(panel: Panel) -> FloatArray:
    return np.broadcast_to(np.tanh(panel.volume[-1] / 1_000.0), panel.shape)


def smooths_with_a_fourier_transform(panel: Panel) -> FloatArray:
    waves = np.fft.rfft(np.log(panel.close / 100.0), axis=0)
    waves[20:] = 0.0
    return np.tanh(np.fft.irfft(waves, n=len(panel.close), axis=0))


CHEATS = [
    uses_the_next_close,
    uses_the_whole_mean,
    uses_the_next_high,
    rolls_around_the_end,
    ranks_over_all_bars,
    counts_the_bars,
    knows_the_day_close,
    knows_the_next_funding,
    knows_the_last_volume,
    smooths_with_a_fourier_transform,
]


@pytest.mark.parametrize("rule", CHEATS, ids=lambda rule: rule.__name__)
def test_a_cheat_is_caught_with_its_bar_and_instrument(rule: Callable[[Panel], FloatArray]) -> None:
    found = look_ahead_check(strategy_of(rule), PANEL)
    assert found, "not caught"
    first = found[0]
    whole = rule(PANEL)
    column = PANEL.index_of(first.instrument)
    assert first.strategy == rule.__name__
    assert first.before == whole[first.bar, column]
    assert first.before != first.after
    assert first.bar <= first.cut < len(PANEL.at_ns) - 1
    assert first.at_ns == PANEL.at_ns[first.bar]
    assert first.instrument in first.text
    assert f"bar {first.bar} " in first.text


def test_a_back_fill_is_caught_at_the_holes() -> None:
    holed = random_panel(bars=700, seed=4)
    found = look_ahead_check(strategy_of(fills_backwards), holed)
    assert found
    assert np.isnan(holed.close[found[0].bar, holed.index_of(found[0].instrument)])


def test_a_shift_of_one_bar_is_seen_at_the_cut_itself() -> None:
    found = look_ahead_check(strategy_of(uses_the_next_close), PANEL)
    assert {finding.bar - finding.cut for finding in found} == {0}
    truncated = next(finding for finding in found if finding.method == "truncate")
    assert np.isnan(truncated.after)
    assert truncated.instrument == "TEST1USDT"


def test_both_ways_find_a_whole_sample_mean() -> None:
    found = look_ahead_check(strategy_of(uses_the_whole_mean), PANEL)
    assert {finding.method for finding in found} == {"truncate", "perturb"}
    assert found[0].bar == 0
    assert found == sorted(found, key=lambda finding: finding.bar)


def decides(every: int, at: int, ahead: int, *, fades: float = 1.0) -> Callable[[Panel], FloatArray]:
    """Every so many hours the sign of what follows, held until the next decision or fading away."""

    def decides_now_and_then(panel: Panel) -> FloatArray:
        rows = np.arange(len(panel.at_ns))
        move = np.zeros(panel.shape)
        move[:-ahead] = np.sign(panel.close[ahead:] - panel.close[:-ahead])
        is_decision = (panel.at_ns // NS_PER_HOUR % every == at) & (rows < len(rows) - ahead)
        decided = np.maximum.accumulate(np.where(is_decision, rows, -1))
        return np.where(decided[:, None] >= 0, move[decided] * fades ** (rows - decided)[:, None], 0.0)

    return decides_now_and_then


@pytest.mark.parametrize("seed", range(1, 11))
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(decides(24, 23, 1), id="every day, one bar ahead"),
        pytest.param(decides(24, 9, 12, fades=0.97), id="every day, twelve bars ahead, fading"),
        pytest.param(decides(168, 95, 6), id="every week, six bars ahead"),
        pytest.param(decides(168, 95, 6, fades=0.97), id="every week, six bars ahead, fading"),
    ],
)
def test_a_rare_decision_that_peeks_is_caught_with_any_seed(rule: Callable[[Panel], FloatArray], seed: int) -> None:
    assert look_ahead_check(strategy_of(rule), LONG_PANEL, seed=seed)


def test_the_work_is_bounded_by_the_bars() -> None:
    calls: list[int] = []

    def counts_bars(panel: Panel) -> FloatArray:
        calls.append(len(panel.at_ns))
        return np.tanh(np.nan_to_num(panel.close) / 100.0)

    for bars in (700, 60_000):
        calls.clear()
        look_ahead_check(strategy_of(counts_bars), random_panel(bars=bars, instruments=1, holes=False))
        assert len(calls) <= 2 + 2 * MOST_CUTS
        assert sum(calls) <= 2 * bars * (1 + CUTS) + 2 * MOST_EXTRA_ROWS


def test_one_cut_is_enough_for_a_shift() -> None:
    found = look_ahead_check(strategy_of(uses_the_next_close), PANEL, cuts=1)
    assert len(PANEL.at_ns) - 2 in {finding.cut for finding in found}


def test_the_check_itself_repeats() -> None:
    cheat = strategy_of(uses_the_next_high)
    assert repr(look_ahead_check(cheat, PANEL, seed=5)) == repr(look_ahead_check(cheat, PANEL, seed=5))


@pytest.mark.parametrize("name", sorted(QUICK))
def test_the_built_in_strategies_pass(name: str) -> None:
    assert look_ahead_check(quick(name), random_panel(bars=900, seed=21)) == []


def test_an_honest_rule_passes() -> None:
    def follows_the_last_change(panel: Panel) -> FloatArray:
        out = np.zeros(panel.shape)
        out[1:] = np.sign(panel.close[1:] - panel.close[:-1])
        return out

    honest = strategy_of(follows_the_last_change)
    require_no_look_ahead(honest, PANEL)
    assert look_ahead_check(honest, PANEL) == []


def test_the_error_says_what_and_how_to_mend() -> None:
    with pytest.raises(
        LookAheadError, match=r"uses_the_next_close forecast .* were (cut off|replaced by others): use rows"
    ):
        require_no_look_ahead(strategy_of(uses_the_next_close), PANEL)


def test_a_difference_of_rounding_size_says_so() -> None:
    finding = LookAhead("mine", 3, 0, "A", 0.5, 0.5 + 1e-15, "truncate", 9)
    assert "only rounding differs" in finding.text
    assert "bar 3 (1970-01-01 00:00 UTC)" in finding.text


def test_chance_is_told_apart_from_sight_of_the_future() -> None:
    calls = count()

    def throws_dice(panel: Panel) -> FloatArray:
        return np.random.default_rng(next(calls)).uniform(-1.0, 1.0, panel.shape)

    with pytest.raises(StrategyError, match=r"two runs over the same bars differ, first at bar 0 .* of TEST1USDT"):
        look_ahead_check(strategy_of(throws_dice), PANEL)


def test_a_panel_too_short_for_the_warm_up_is_refused() -> None:
    with pytest.raises(
        StrategyError, match=r"37 bars are too few to check a warm-up of 30: give a panel of at least 38"
    ):
        look_ahead_check(strategy_of(uses_the_next_close), PANEL.rows(0, 37))
    assert look_ahead_check(strategy_of(uses_the_next_close), PANEL.rows(0, 38))
