"""The detector: finds made-up regimes, sees no future, and is the same live as over a whole history."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace as change
from tests.unit.regime.markets import SHORT, staged

from geobuk.domain.errors import DataError, SettingsError, UnknownNameError
from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.domain.trading_year import TradingYear
from geobuk.panel import FLOAT_FIELDS, Panel
from geobuk.regime import RegimeDetector, RegimePath, RegimeSpec, detect
from geobuk.research.scramble import scramble_future

PANEL, DOWN = staged()
PATH = detect(PANEL, SHORT)
BARS = len(PANEL.at_ns)
ARRAYS = ("codes", "probabilities", "volatility", "ages")


def assert_same(one: RegimePath, other: RegimePath, rows: int) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name)[:rows], getattr(other, name)[:rows], err_msg=name)


def test_the_made_up_regimes_are_found() -> None:
    settled = np.arange(BARS) % (24 * 10) >= 24 * 3
    late = (np.arange(BARS) >= 24 * 40) & settled
    np.testing.assert_array_less(0.85, np.mean(PATH.directions[late & (DOWN == 1)] == Regime.BEAR))
    np.testing.assert_array_less(0.85, np.mean(PATH.directions[late & (DOWN == 0)] == Regime.BULL))


def test_nothing_is_known_before_the_least_days() -> None:
    ready = int(np.argmax(PATH.directions != Regime.UNKNOWN))
    assert 24 * 30 <= ready <= 24 * 31
    assert (PATH.codes[:ready] == int(Regime.UNKNOWN)).all()
    assert np.isnan(PATH.probability[:ready]).all()
    assert np.isnan(PATH.volatility[:ready]).all()


@pytest.mark.parametrize("cut", [24 * 29 + 7, 24 * 30 + 3, 24 * 50 + 2, 24 * 50 + 3, 24 * 77 + 11, BARS - 2])
def test_a_changed_future_never_changes_an_earlier_regime(cut: int) -> None:
    assert_same(detect(PANEL.rows(0, cut + 1), SHORT), PATH, cut + 1)
    other = scramble_future(PANEL, cut, np.random.default_rng(cut))
    assert_same(detect(other, SHORT), PATH, cut + 1)


def test_every_refit_knows_the_past_only() -> None:
    assert len(PATH.refits) > 3
    for fit in PATH.refits:
        cut = int(np.searchsorted(PANEL.at_ns + PANEL.interval_ns, fit.at_ns))
        other = detect(scramble_future(PANEL, cut, np.random.default_rng(1)), SHORT)
        same = next(one for one in other.refits if one.at_ns == fit.at_ns)
        np.testing.assert_array_equal(same.means, fit.means)
        assert same.loglik == fit.loglik


def test_a_sight_of_the_future_would_be_caught() -> None:
    cut = 24 * 77
    other = scramble_future(PANEL, cut, np.random.default_rng(1))
    assert (detect(other, SHORT).codes[cut + 1 :] != PATH.codes[cut + 1 :]).any()


def test_one_bar_at_a_time_gives_the_same_bits() -> None:
    panel = PANEL.rows(0, 24 * 75)
    detector = RegimeDetector(panel.instruments, panel.interval_ns, SHORT)
    for t in range(len(panel.at_ns)):
        reading = detector.update(int(panel.at_ns[t]), panel.high[t], panel.low[t], panel.close[t], panel.tradable[t])
        assert (reading.code, reading.age) == (PATH.codes[t], PATH.ages[t])
        np.testing.assert_array_equal(
            [reading.bull, reading.bear, reading.sideways, reading.volatility],
            [*PATH.probabilities[t], PATH.volatility[t]],
        )
    assert [fit.loglik for fit in detector.refits] == [fit.loglik for fit in PATH.refits[: len(detector.refits)]]


def test_pieces_of_a_history_give_the_same_bits() -> None:
    detector = RegimeDetector(PANEL.instruments, PANEL.interval_ns, SHORT)
    cuts = [0, 1, 5, 24 * 31 + 2, 24 * 31 + 3, 24 * 80, BARS]
    pieces = [detector.follow(PANEL.rows(a, b)) for a, b in pairwise(cuts)]
    for name in ARRAYS:
        np.testing.assert_array_equal(np.concatenate([getattr(p, name) for p in pieces]), getattr(PATH, name))


def test_a_regime_is_held_for_its_least_days_and_switches_less_than_the_likeliest_state() -> None:
    slow = detect(PANEL, change(SHORT, min_dwell_days=5.0))
    assert np.diff(PATH.switches).min() == 24
    assert np.diff(slow.switches).min() >= 24 * 5
    raw = np.count_nonzero(np.diff(slow.most_probable[24 * 31 :]))
    assert 0 < len(slow.switches) < raw


def test_a_regime_changes_only_where_an_interval_ends() -> None:
    ends = (PANEL.at_ns + PANEL.interval_ns) % (4 * NS_PER_HOUR) == 0
    changed = np.flatnonzero(np.diff(PATH.codes)) + 1
    assert len(changed) > 5
    assert ends[changed].all()


def test_without_a_clear_probability_the_market_is_neutral() -> None:
    unsure = detect(PANEL, change(SHORT, enter=1.0, leave=1.0))
    known = unsure.directions[unsure.directions != Regime.UNKNOWN]
    assert (known == Regime.NEUTRAL).mean() > 0.5


def test_ages_count_bars_since_the_direction_began() -> None:
    held = PATH.directions
    for t in (1, 24 * 31, 24 * 60 + 5, BARS - 1):
        began = t - int(PATH.ages[t])
        assert (held[began : t + 1] == held[t]).all()
        assert began == 0 or held[began - 1] != held[t]
        assert PATH.ages_days[t] == PATH.ages[t] / 24


def quiet(panel: Panel, first: int, stop: int) -> Panel:
    close, tradable = panel.close.copy(), panel.tradable.copy()
    close[first:stop], tradable[first:stop] = np.nan, False
    return replace(panel, close=close, tradable=tradable)


def test_without_data_the_regime_is_unknown_until_there_is_some_again() -> None:
    first, stop = 24 * 60, 24 * 66
    path = detect(quiet(PANEL, first, stop), SHORT)
    assert_same(path, PATH, first)
    assert path.directions[first + 24] != Regime.UNKNOWN  # two days are borne
    stale = path.codes[first + 24 * 2 + 4 : stop + 3]
    assert (stale == int(Regime.UNKNOWN)).all()
    assert (path.directions[stop + 4 :] != Regime.UNKNOWN).all()


def test_bars_of_missing_hours_end_the_interval_before_them() -> None:
    keep = np.ones(BARS, dtype=np.bool_)
    keep[(np.arange(BARS) % 24) == 23] = False  # the last bar of each day: its interval ends with the next one
    arrays = {n: getattr(PANEL, n)[keep] for n in ("at_ns", *FLOAT_FIELDS, "tradable")}
    panel = replace(PANEL, **arrays)
    path = detect(panel, SHORT)
    assert (path.directions[24 * 40 :] != Regime.UNKNOWN).all()
    cut = 24 * 60
    assert_same(detect(panel.rows(0, cut), SHORT), path, cut)


def test_bars_longer_than_the_interval_count_as_they_are() -> None:
    panel = replace(PANEL, interval_ns=4 * NS_PER_HOUR, at_ns=PANEL.at_ns[0] + 4 * NS_PER_HOUR * np.arange(BARS))
    path = detect(panel, change(SHORT, every="1h"))
    assert path.every_ns == 4 * NS_PER_HOUR
    assert (path.directions[-1000:] != Regime.UNKNOWN).all()


def test_days_are_the_venues_own() -> None:
    spec = change(SHORT, every="1d", min_days=80.0, window_days=120.0, return_days=1.0)
    days, _ = staged(200)
    path = detect(replace(days, utc_offset_ns=9 * NS_PER_HOUR), spec)
    known = np.isfinite(path.volatility)
    changed = np.flatnonzero(np.diff(path.volatility[known])) + 1
    at = path.at_ns[known][changed] + days.interval_ns
    assert len(at) > 90
    assert ((at + 9 * NS_PER_HOUR) % NS_PER_DAY == 0).all()


def test_days_are_days_of_trading() -> None:
    session = TradingYear(245.0, 6 * NS_PER_HOUR)
    panel, _ = staged(150)
    open_hours = np.flatnonzero(np.arange(len(panel.at_ns)) % 24 < 6)
    arrays = {name: getattr(panel, name)[open_hours] for name in ("at_ns", *FLOAT_FIELDS, "tradable")}
    path = detect(replace(panel, **arrays, year=session), change(SHORT, every="1h"))
    ready = int(np.argmax(path.directions != Regime.UNKNOWN))
    assert 6 * 30 <= ready <= 6 * 31


def test_volatility_far_above_its_usual_level_is_flagged_until_it_is_calm() -> None:
    sensitive = detect(PANEL, change(SHORT, high_volatility=1.3, calm_volatility=1.1))
    ratio, flag = sensitive.volatility, sensitive.is_high_volatility
    known = np.isfinite(ratio)
    assert flag[known & (ratio >= 1.3)].all()
    assert not flag[~known | (ratio < 1.1)].any()
    between = known & (ratio >= 1.1) & (ratio < 1.3)
    assert 0 < flag[between].sum() < between.sum()
    np.testing.assert_array_equal(sensitive.codes, sensitive.directions + HIGH_VOLATILITY * flag)


def test_the_index_may_be_some_of_the_instruments() -> None:
    wanted = PANEL.instruments[1]
    alone = detect(PANEL.select([wanted]), SHORT)
    assert_same(detect(PANEL, change(SHORT, instruments=(wanted,))), alone, BARS)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_of_price_do_not_matter(scale: float) -> None:
    arrays = {name: getattr(PANEL, name) * scale for name in ("open", "high", "low", "close")}
    path = detect(replace(PANEL, **arrays), SHORT)
    assert np.mean(path.codes == PATH.codes) > 0.999


def test_a_still_market_stays_unknown_and_says_why() -> None:
    flat = np.full(PANEL.shape, 100.0)
    path = detect(replace(PANEL, open=flat, high=flat * 1.01, low=flat, close=flat), SHORT)
    assert (path.codes == int(Regime.UNKNOWN)).all()
    assert path.refits[0].flags == ("still", "volatility_still")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="instrument of the regime's index"):
        detect(PANEL, change(SHORT, instruments=("XUSDT",)))
    with pytest.raises(SettingsError, match=r"leave 0\.8 is above its enter 0\.7"):
        detect(PANEL, change(SHORT, leave=0.8))
    with pytest.raises(SettingsError, match="is not a multiple of the bars' 1h"):
        detect(PANEL, change(SHORT, every="90m"))
    with pytest.raises(SettingsError, match="min_days 99 is above its window_days 60"):
        detect(PANEL, change(SHORT, min_days=99.0))
    with pytest.raises(SettingsError, match="regime detector: Expected"):
        detect(PANEL, change(SHORT, states=1))
    with pytest.raises(SettingsError, match="regime detector: Expected"):
        detect(PANEL, change(SHORT, enter=np.nan))
    detector = RegimeDetector(PANEL.instruments, PANEL.interval_ns, RegimeSpec())
    detector.follow(PANEL.rows(0, 10))
    with pytest.raises(DataError, match="not later"):
        detector.follow(PANEL.rows(9, 12))
    with pytest.raises(DataError, match="not the detector's"):
        detector.follow(PANEL.select(PANEL.instruments[:1]))
