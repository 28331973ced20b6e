"""The detector and the matrix from the settings to a finished run."""

import json
from pathlib import Path

import numpy as np
import pytest

import geobuk as gb
from geobuk.app.home import Home
from geobuk.app.regimes import RegimeRequest, tell_regime
from geobuk.app.run_request import Performed, RunRequest, perform
from geobuk.app.settings import load_settings, override
from geobuk.app.streamed import perform_streamed
from geobuk.domain.errors import SettingsError, StrategyError, UnknownNameError
from geobuk.domain.regime import Regime
from geobuk.regime import RegimeSpec

MARKET = ("synthetic.days=60", "synthetic.instruments=2")
FAST = ("every=4h", "states=2", "min_days=25", "window_days=60", "return_days=1", "min_dwell_days=1", "starts=2")
DETECTOR = tuple(f"regime_detector.{one}" for one in FAST)
SPEC = RegimeSpec(every="4h", states=2, min_days=25.0, window_days=60.0, return_days=1.0, min_dwell_days=1.0, starts=2)
QUICK = ("trend.fast_days=0.5", "trend.pairs=2", "trend.volatility_days=2.0")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


def request(*sets: str, **changes: object) -> RunRequest:
    fields = {
        "strategies": ("trend", "mean_reversion"),
        "venue": "synthetic",
        "sets": (*MARKET, *DETECTOR, *sets),
        "params": QUICK,
        "wants_report": False,
    }
    return RunRequest(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def told(home: Home) -> Performed:
    return perform(home, request(wants_regime=True))


@pytest.fixture(scope="module")
def silent(home: Home) -> Performed:
    return perform(home, request())


def test_nobody_tells_a_regime_unless_asked(silent: Performed) -> None:
    assert silent.run.result.regimes is None
    assert silent.run.regimes is None
    assert silent.as_json()["regime"] is None
    assert silent.as_json()["detector"] is None


def test_a_told_regime_reaches_result_sizes_and_summary(told: Performed, silent: Performed) -> None:
    result, path = told.run.result, told.run.regimes
    assert path is not None
    assert result.regimes is not None
    np.testing.assert_array_equal(result.regimes, path.codes)
    before = path.directions == Regime.UNKNOWN
    assert 0 < before.sum() < len(before)
    assert result.gross[before].max() < silent.run.result.gross[before].max()
    assert [note.text for note in result.notes if note.code == "REGIME_UNKNOWN"] == [
        f"The market's regime was unknown in {before.mean():.0%} of the bars: sizes were multiplied by 0.5 there."
    ]
    found = told.as_json()
    assert found["regime"]["shares"]["unknown"] == pytest.approx(before.mean())
    assert found["regime"]["switches_per_year"] > 0
    assert found["detector"]["every"] == "4h"
    assert found["matrix"]["method"] == "fixed"
    json.dumps(found, allow_nan=False)
    assert result.run_id != silent.run.result.run_id


def test_the_settings_may_enable_it_too(home: Home, told: Performed) -> None:
    again = perform(home, request("regime_detector.enabled=true"))
    assert again.run.result.hashes["result"] == told.run.result.hashes["result"]


def test_what_a_regime_does_to_sizes_is_set_apart_from_the_detector(home: Home, silent: Performed) -> None:
    ones = ("against", "sideways", "neutral", "unknown", "high_volatility")
    loose = perform(home, request(*(f"regime.{name}=1" for name in ones), wants_regime=True))
    np.testing.assert_array_equal(loose.run.result.equity, silent.run.result.equity)


def test_a_table_of_weights_in_the_settings_counts(home: Home, silent: Performed) -> None:
    home.root.mkdir(exist_ok=True)
    file = home.root / "tables.toml"
    file.write_text("[matrix.weights.any.default]\ntrend = 1.0\n", encoding="utf-8")
    alone = perform(home, request(settings_file=file))
    single = perform(home, request(strategies=("trend",)))
    np.testing.assert_array_equal(alone.run.result.equity, single.run.result.equity)
    assert alone.run.result.hashes["result"] != silent.run.result.hashes["result"]
    file.write_text("[matrix.weights.any.default]\ntrned = 1.0\n", encoding="utf-8")
    with pytest.raises(UnknownNameError, match="did you mean trend"):
        perform(home, request(settings_file=file))


def test_classes_alone_leave_equal_weights(home: Home, silent: Performed) -> None:
    plain = perform(home, request('matrix.classes.first=["SYN1*"]'))
    np.testing.assert_array_equal(plain.run.result.equity, silent.run.result.equity)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("matrix.method=best", "matrix.method"),
        ("matrix.weights.bull.default.trend=2", "matrix.weights"),
        ("regime_detector.states=9", "a whole number from 2 to 5"),
        ("regime_detector.evry=1d", "did you mean every"),
    ],
)
def test_settings_out_of_range_are_told(home: Home, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(home=home, overrides=[override(text, "--set")])


@pytest.mark.parametrize("text", ["regime_detector.enabled=true", "matrix.method=erc"])
def test_a_stream_refuses_what_needs_the_whole_history(home: Home, text: str) -> None:
    with pytest.raises(SettingsError, match="needs the whole history, which --stream does not keep"):
        perform_streamed(home, request(text, venue="binance"))


def test_the_question_is_answered_with_words_and_changes(home: Home) -> None:
    told = tell_regime(home, RegimeRequest(venue="synthetic", sets=(*MARKET, *DETECTOR)))
    held = told.path.directions
    changes = told.changes(3)
    assert len(changes) == 3
    for one in changes:
        row = int(np.searchsorted(told.path.at_ns + told.path.interval_ns, one.at_ns))
        assert (held[row - 1], held[row]) == (one.before, one.after)
    found = told.as_json(2)
    assert found["regime"] == Regime(held[-1]).name.lower()
    assert found["text"] == told.path.describe()
    assert len(found["changes"]) == 2


def test_python_has_the_same(told: Performed, tmp_path: Path) -> None:
    panel = gb.synthetic_panel(days=60, instruments=2)
    path = gb.regimes(panel, SPEC)
    assert told.run.regimes is not None
    np.testing.assert_array_equal(path.codes, told.run.regimes.codes)
    mean_reversion = "mean_reversion"
    run = gb.backtest(panel, mean_reversion, detector=SPEC, matrix=gb.MatrixSpec(), home=tmp_path)
    assert run.result.regimes is not None
    with pytest.raises(StrategyError, match="both weights and a matrix"):
        gb.backtest(panel, {mean_reversion: 1.0}, matrix=gb.MatrixSpec(), home=tmp_path)
