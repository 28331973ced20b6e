"""Weights by regime, class and strategy: from tables, from the past, and never from the future."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace as change
from tests.unit.strategies.panels import QUICK, panel_of, quick, random_panel
from tests.unit.strategies.test_matrix import NAN, Knows, Says

from geobuk.domain.errors import DataError, SettingsError, StrategyError, UnknownNameError
from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.research.scramble import scramble_future
from geobuk.strategies.matrix import blend, blend_by_regime
from geobuk.strategies.matrix_spec import MatrixSpec, class_names, classes_of
from geobuk.strategies.matrix_weights import weights_from

PANEL = random_panel(bars=40, instruments=2, holes=False)
LONG = random_panel(bars=24 * 130, instruments=3)
METHODS = ("inverse_volatility", "erc", "performance")
ESTIMATED = MatrixSpec(method="erc", estimate_days=7, least_days=20, lookback_days=60, most_per_day=0.2)
U, BULL, BEAR, SIDE, NEUTRAL = (int(one) for one in Regime)


def codes(panel: Panel, *, block: int = 24 * 9, seed: int = 5) -> IntArray:
    """Regimes at random, in blocks, a third of them with high volatility."""
    rng = np.random.default_rng(seed)
    blocks = len(panel.at_ns) // block + 1
    drawn = rng.integers(0, 5, blocks) + HIGH_VOLATILITY * (rng.random(blocks) < 0.3)
    return np.repeat(drawn, block)[: len(panel.at_ns)].astype(np.int64)


def table(**regimes: Any) -> MatrixSpec:
    return MatrixSpec(weights=regimes, most_per_day=0.0)


def test_without_a_table_it_is_the_plain_blend() -> None:
    strategies = [quick(name) for name in QUICK]
    plain, mine = blend(LONG, strategies), blend_by_regime(LONG, strategies, MatrixSpec(), codes(LONG))
    np.testing.assert_array_equal(mine.forecasts, plain.forecasts)
    for name, part in plain.parts.items():
        np.testing.assert_array_equal(mine.parts[name], part)


def test_each_regime_has_its_own_weights() -> None:
    spec = table(bull={"default": {"says": 0.9}}, bear={"default": {"says": 0.2, "knows": 0.5}})
    regimes = np.repeat([BULL, BEAR + HIGH_VOLATILITY, SIDE, U], 10)
    found = blend_by_regime(PANEL, [Says(value=1.0), Knows()], spec, regimes)
    np.testing.assert_allclose(found.forecasts[[0, 10, 20, 30], 0], [0.9, 0.7, 1.0, 1.0])
    np.testing.assert_allclose(found.forecasts[[0, 10, 20, 30], 1], [0.9, 0.2, 0.5, 0.5])
    np.testing.assert_allclose(found.parts["knows"][[0, 10], 0], [0.0, 0.5])


def test_any_and_default_stand_for_what_has_no_table() -> None:
    spec = change(
        table(
            bull={"major": {"says": 0.1}, "default": {"says": 0.2}},
            any={"major": {"says": 0.3}, "default": {"says": 0.4}},
        ),
        classes={"major": ("TEST1*", "BTC*")},
    )
    regimes = np.repeat([BULL, BEAR], 20)
    found = blend_by_regime(PANEL, [Says()], spec, regimes)
    np.testing.assert_allclose(found.forecasts[[0, 20]], [[0.1, 0.2], [0.3, 0.4]])
    unaware = blend_by_regime(PANEL, [Says()], spec)
    np.testing.assert_allclose(unaware.forecasts[0], [0.3, 0.4])


def test_the_first_class_that_fits_counts() -> None:
    spec = MatrixSpec(classes={"major": ("BTC*", "ETH*"), "alt": ("*USDT",), "share": ("[0-9]" * 6,)})
    assert class_names(spec) == ("major", "alt", "share", "default")
    assert classes_of(spec, ("SOLUSDT", "BTCUSDT", "005930", "GOLD")).tolist() == [1, 0, 2, 3]


def test_weights_move_no_faster_than_they_may() -> None:
    spec = MatrixSpec(
        weights={"bull": {"default": {"says": 1.0}}, "bear": {"default": {"knows": 1.0}}}, most_per_day=0.24
    )
    regimes = np.repeat([BULL, BEAR], 20)
    found = blend_by_regime(PANEL, [Says(value=1.0), Knows()], spec, regimes)
    assert found.weights is not None
    np.testing.assert_allclose(found.weights[[19, 20, 21, 39], 0, 1], [0.0, 0.01, 0.02, 0.2], atol=1e-12)


@pytest.mark.parametrize("method", ["fixed", *METHODS])
def test_weights_are_never_negative_and_sum_to_at_most_one(method: str) -> None:
    spec = change(ESTIMATED, method=method, classes={"first": ("TEST1*",)})
    found = blend_by_regime(LONG, [quick(name) for name in QUICK], spec, codes(LONG))
    assert found.weights is not None
    assert found.weights.shape == (len(LONG.at_ns), 2, len(QUICK))
    assert found.weights.min() >= 0.0
    assert found.weights.sum(axis=2).max() <= 1.0 + 1e-12
    known = ~np.isnan(found.forecasts)
    total = np.sum(list(found.parts.values()), axis=0)
    np.testing.assert_allclose(total[known], found.forecasts[known], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cut", [24 * 27 + 5, 24 * 60 - 1, 24 * 60, 24 * 100 + 11])
def test_a_changed_future_never_changes_an_earlier_weight(method: str, cut: int) -> None:
    spec, strategies = change(ESTIMATED, method=method), [quick(name) for name in QUICK]
    regimes = codes(LONG)
    whole = blend_by_regime(LONG, strategies, spec, regimes)
    other_regimes = np.where(np.arange(len(regimes)) <= cut, regimes, BEAR)
    trials = (
        (LONG.rows(0, cut + 1), regimes[: cut + 1]),
        (scramble_future(LONG, cut, np.random.default_rng(cut)), other_regimes),
    )
    assert whole.weights is not None
    for panel, known in trials:
        found = blend_by_regime(panel, strategies, spec, known)
        assert found.weights is not None
        np.testing.assert_array_equal(found.weights[: cut + 1], whole.weights[: cut + 1])
        np.testing.assert_array_equal(found.forecasts[: cut + 1], whole.forecasts[: cut + 1])


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_strategies_does_not_matter(method: str) -> None:
    spec, strategies = change(ESTIMATED, method=method), [quick(name) for name in QUICK]
    one = blend_by_regime(LONG, strategies, spec, codes(LONG))
    other = blend_by_regime(LONG, strategies[::-1], spec, codes(LONG))
    assert one.weights is not None
    assert other.weights is not None
    np.testing.assert_allclose(other.weights[:, :, ::-1], one.weights, atol=1e-9)
    np.testing.assert_allclose(other.forecasts, one.forecasts, atol=1e-9)


def rising(bars: int = 24 * 100) -> Panel:
    """One instrument that rises by 0.1 % an hour, give or take."""
    rng = np.random.default_rng(8)
    steps = 0.001 + 0.002 * rng.standard_normal((bars, 1))
    close: FloatArray = 100.0 * np.exp(np.cumsum(steps, axis=0))
    return panel_of(close)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("performance", [0.75, 0.25]),  # half is spread, the other half goes to the one that earns
        ("inverse_volatility", [1 / 3, 2 / 3]),  # the second risks half as much
        ("erc", [1 / 3, 2 / 3]),
    ],
)
def test_a_winner_and_a_loser_are_weighed_by_what_they_did(method: str, expected: list[float]) -> None:
    spec = change(ESTIMATED, method=method, most_per_day=0.0, shrinkage=0.5)
    found = blend_by_regime(rising(), [Says(value=1.0), Says(value=-0.5)], spec)
    assert found.weights is not None
    np.testing.assert_allclose(found.weights[24 * 10, 0], [0.5, 0.5])  # too early to tell
    np.testing.assert_allclose(found.weights[-1, 0], expected, rtol=1e-6)


def test_a_regime_with_days_enough_has_an_estimate_of_its_own() -> None:
    panel = rising()
    days = np.arange(len(panel.at_ns)) // 24
    regimes = np.where(days < 40, BULL, np.where(days < 80, BEAR, BULL))
    flipped = panel_of(np.where(days[:, None] < 41, panel.close, panel.close[24 * 41] ** 2 / panel.close))
    spec = change(ESTIMATED, method="performance", most_per_day=0.0, shrinkage=0.0, lookback_days=100)
    found = blend_by_regime(flipped, [Says(value=1.0), Says(value=-0.5)], spec, regimes)
    assert found.weights is not None
    np.testing.assert_allclose(found.weights[24 * 79, 0], [0.0, 1.0])  # BEAR: only the second earns
    np.testing.assert_allclose(found.weights[24 * 80 + 1, 0], [1.0, 0.0])  # BULL: only the first did


def test_costs_count_against_those_who_turn_over() -> None:
    class Nervous(Says, frozen=True, kw_only=True):
        def forecast(self, panel: Panel) -> FloatArray:
            return np.where(np.arange(len(panel.at_ns)) % 2 == 0, 1.0, 0.6)[:, None] * np.ones(panel.shape)

    cheap = change(ESTIMATED, method="performance", shrinkage=0.0, cost_bps=0.0, most_per_day=0.0)
    both = [Says(value=0.8), Nervous()]
    free = blend_by_regime(rising(), both, cheap)
    dear = blend_by_regime(rising(), both, change(cheap, cost_bps=100.0))
    assert free.weights is not None
    assert dear.weights is not None
    assert free.weights[-1, 0, 1] > 0.4
    np.testing.assert_allclose(dear.weights[-1, 0], [1.0, 0.0])


def test_weights_from_a_table_of_profits_by_hand() -> None:
    earned = np.array([[0.02, 0.01, 0.0], [-0.01, 0.03, 0.0], [0.02, -0.05, 0.0]])
    sd = earned[:, :2].std(axis=0, ddof=1)
    np.testing.assert_allclose(weights_from(earned, "inverse_volatility", 0.5), [*(1 / sd) / (1 / sd).sum(), 0.0])
    np.testing.assert_allclose(weights_from(earned, "performance", 0.3), [0.1 + 0.7, 0.1, 0.1])
    np.testing.assert_allclose(weights_from(-np.abs(earned), "performance", 0.3), [0.1, 0.1, 0.1])
    np.testing.assert_allclose(weights_from(np.zeros((5, 3)), "erc", 0.5), [1 / 3] * 3)
    opposite = np.column_stack([earned[:, 0], -earned[:, 0]])  # no balance of risks: the fallback
    np.testing.assert_allclose(weights_from(opposite, "erc", 0.5), [0.5, 0.5])


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        (MatrixSpec(method="best"), SettingsError, "matrix: Invalid enum value 'best'"),  # type: ignore[arg-type]
        (table(any={"default": {"says": NAN}}), SettingsError, "matrix: Expected"),
        (table(any={"default": {"says": -0.1}}), SettingsError, "matrix: Expected"),
        (table(bul={"default": {"says": 1.0}}), UnknownNameError, "'bul': did you mean bull"),
        (table(bull={"alts": {"says": 1.0}}), UnknownNameError, r"class in \[matrix.weights.bull\] 'alts'"),
        (table(bull={"default": {"say": 1.0}}), UnknownNameError, "'say': did you mean says"),
        (table(bull={"default": {"says": 0.6, "knows": 0.5}}), StrategyError, "sums to 1.1"),
    ],
)
def test_tables_that_cannot_stand_are_refused(spec: MatrixSpec, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        blend_by_regime(PANEL, [Says(), Knows()], spec)


def test_a_table_may_name_strategies_that_do_not_run() -> None:
    found = blend_by_regime(PANEL, [Says()], table(any={"default": {"says": 0.5, "trend": 0.5}}))
    np.testing.assert_array_equal(found.forecasts, 0.5)


def test_other_nonsense_is_refused() -> None:
    with pytest.raises(DataError, match="the panel has 40 bars"):
        blend_by_regime(PANEL, [Says()], MatrixSpec(), np.zeros(3, dtype=np.int64))
    with pytest.raises(StrategyError, match="no strategy to blend"):
        blend_by_regime(PANEL, [])
