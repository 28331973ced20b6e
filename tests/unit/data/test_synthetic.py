import numpy as np
import pytest

from geobuk.data.defects import DEFECTS
from geobuk.data.instruments import instruments_for
from geobuk.data.market_model import recursion
from geobuk.data.synthetic import MarketSpec, synthetic_frame, synthetic_funding_frame, synthetic_panel
from geobuk.domain.errors import SettingsError, UnknownNameError
from geobuk.panel import Panel

ARRAYS = ("at_ns", "open", "high", "low", "close", "volume", "mark", "funding", "tradable")


@pytest.fixture(scope="module")
def year() -> Panel:
    return synthetic_panel(MarketSpec(seed=7, instruments=8))


def log_returns(panel: Panel) -> np.ndarray:
    return np.diff(np.log(panel.close), axis=0)


def test_equal_seeds_give_equal_bytes_and_others_do_not(year: Panel) -> None:
    assert synthetic_panel(MarketSpec(seed=7, instruments=8)).content_hash == year.content_hash
    assert synthetic_panel(MarketSpec(seed=8, instruments=8)).content_hash != year.content_hash


def test_a_longer_market_begins_like_a_shorter_one(year: Panel) -> None:
    short = synthetic_panel(MarketSpec(seed=7, instruments=8, bars=1000))
    for name in ARRAYS:
        assert np.array_equal(getattr(short, name), getattr(year, name)[:1000], equal_nan=name == "funding"), name


def test_it_is_labelled_synthetic(year: Panel) -> None:
    assert year.is_synthetic
    assert year.venue == "synthetic"
    assert year.instruments[0] == "SYN1USDT"
    assert all(i.is_synthetic and "made up" in i.source for i in instruments_for(None, "synthetic", year.instruments))


def test_bars_are_consistent_and_within_bounds(year: Panel) -> None:
    assert np.all(year.high >= np.maximum(year.open, year.close))
    assert np.all(year.low <= np.minimum(year.open, year.close))
    assert year.low.min() > 0.1
    assert year.high.max() < 60_000
    assert np.all(year.volume > 0)
    assert np.abs(year.mark / year.close - 1).max() < 0.002


def test_prices_and_volumes_lie_on_tick_and_step(year: Panel) -> None:
    for column, instrument in enumerate(instruments_for(None, "synthetic", year.instruments)):
        for array, unit in ((year.close, instrument.ticks[0].tick), (year.volume, instrument.step)):
            multiples = array[:, column] / float(unit)
            assert np.allclose(multiples, np.round(multiples), rtol=0, atol=1e-6)


def test_returns_look_like_a_market(year: Panel) -> None:
    returns = log_returns(year)
    yearly = returns.std(axis=0) * np.sqrt(8760)
    assert np.all((yearly > 0.3) & (yearly < 1.2))
    centred = returns - returns.mean(axis=0)
    assert np.all((centred**4).mean(axis=0) / (centred**2).mean(axis=0) ** 2 > 4)  # a normal has 3
    squares = np.abs(centred)
    clustering = [np.corrcoef(squares[:-1, n], squares[1:, n])[0, 1] for n in range(8)]
    assert np.all(np.array(clustering) > 0.05)
    correlation = np.corrcoef(returns.T)[np.triu_indices(8, 1)]
    assert 0.25 < correlation.mean() < 0.75
    assert np.all([np.corrcoef(squares[:, n], year.volume[1:, n])[0, 1] > 0.15 for n in range(8)])


def test_funding_comes_every_eight_hours_follows_the_trend_and_differs(year: Panel) -> None:
    known = ~np.isnan(year.funding[:, 0])
    assert np.flatnonzero(known)[:3].tolist() == [0, 8, 16]
    rates = year.funding[known]
    assert np.abs(rates).max() <= 0.003
    rows = np.flatnonzero(known)[9:]
    trend = np.log(year.close[rows - 1] / year.close[rows - 72])
    follows = [np.corrcoef(trend[:, n], year.funding[rows, n])[0, 1] for n in range(8)]
    assert min(follows) > 0.4
    monthly = rates[:990].reshape(11, 90, 8).mean(axis=1)
    assert monthly.std(axis=1).mean() > 2e-5


def test_coarse_bars_carry_the_rates_settled_inside() -> None:
    daily = synthetic_panel(MarketSpec(interval="1d", bars=30, instruments=2))
    assert not np.isnan(daily.funding).any()
    assert not np.isnan(daily.funding_inside).any()


@pytest.mark.parametrize("interval", ["1m", "15m", "4h"])
def test_any_interval_can_be_made(interval: str) -> None:
    panel = synthetic_panel(MarketSpec(interval=interval, bars=300, instruments=3))
    assert panel.interval == interval
    assert np.isfinite(panel.close).all()


def test_defects_pass_the_quality_gate_and_are_masked() -> None:
    clean = synthetic_panel(MarketSpec(bars=1000, instruments=2))
    panel = synthetic_panel(MarketSpec(bars=1000, instruments=2, defects=tuple(DEFECTS)))
    assert panel.shape == clean.shape
    found = {f.code for f in panel.findings}
    assert found == {
        *("ORDER", "DUPLICATE", "DUPLICATE_CONFLICT", "GAP", "OHLC", "NON_POSITIVE"),
        *("ZERO_VOLUME", "MISALIGNED", "NOT_A_NUMBER", "SPIKE", "HALT", "MOVE_WITHOUT_VOLUME"),
    }
    masked = ~panel.tradable
    assert masked.sum(axis=0).tolist() == [5 + 1 + 1 + 1 + 4 + 1 + 2 + 1 + 1 + 1] * 2
    assert np.array_equal(panel.close[panel.tradable], clean.close[panel.tradable])


def test_the_long_table_holds_the_same_bars() -> None:
    spec = MarketSpec(bars=100, instruments=2)
    panel, frame = synthetic_panel(spec), synthetic_frame(spec)
    assert frame.height == 200
    second = frame.filter(frame["instrument"] == "SYN2USDT")
    assert second["close"].to_list() == panel.close[:, 1].tolist()
    rates = synthetic_funding_frame(spec)
    assert rates.height == 2 * 13
    assert rates["rate"].to_list()[:13] == panel.funding[::8, 0].tolist()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"instruments": 0}, "choose 1 to 64"), ({"bars": 0}, "bars = 0"), ({"funding_hours": 3}, "choose 1, 2, 4 or 8")],
)
def test_nonsense_is_refused(wrong: dict[str, int], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        MarketSpec(**wrong)  # type: ignore[arg-type]


def test_unknown_defects_are_suggested() -> None:
    with pytest.raises(UnknownNameError, match="did you mean gap"):
        synthetic_frame(MarketSpec(bars=100, defects=("gaps",)))
    with pytest.raises(SettingsError, match="no room"):
        synthetic_frame(MarketSpec(bars=10, defects=("gap",)))


def test_the_block_recursion_equals_the_plain_loop() -> None:
    rng = np.random.default_rng(1)
    factor, added = 0.9 + 0.1 * rng.random((1000, 3)), rng.standard_normal((1000, 3))
    x, plain = np.ones(3), []
    for row in range(1000):
        plain.append(x)
        x = factor[row] * x + added[row]
    assert np.allclose(recursion(factor, added, 0.9), plain)
