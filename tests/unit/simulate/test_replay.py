"""A run taken again to one decision: which bars it takes, and what it refuses."""

import numpy as np
import pytest
from tests.support.markets import flat_bars, forecasts_of, instrument, panel_of, spec_of

from geobuk.domain.regime import Regime
from geobuk.risk.trace import Step
from geobuk.simulate.inputs import Inputs, inputs_of
from geobuk.simulate.replay import replay


def inputs(decide_every: str = "", regime: Regime | None = None) -> Inputs:
    panel = panel_of(flat_bars(100.0, 8))
    regimes = None if regime is None else np.full(8, int(regime), dtype=np.int64)
    spec = spec_of(decide_every=decide_every)
    return inputs_of(panel, forecasts_of([0.5] * 8), [instrument()], spec, regimes=regimes)


@pytest.mark.parametrize("row", [-1, 3, 8])
def test_a_bar_without_a_decision_is_refused(row: int) -> None:
    with pytest.raises(ValueError, match=rf"bar {row} is no decision"):
        replay(inputs("2h"), 1_000.0, row)


def test_it_goes_on_to_the_next_decision_or_to_the_end() -> None:
    decides = np.flatnonzero(inputs("4h").bars.decides).tolist()
    assert [replay(inputs("4h"), 1_000.0, row).until for row in decides] == [*decides[1:], 7]


def test_the_regime_of_the_bar_reaches_the_decision() -> None:
    bull, bear = (replay(inputs(regime=one), 1_000.0, 2) for one in (Regime.BULL, Regime.BEAR))
    assert bull.account[0]["regime"] == Regime.BULL
    assert bull.trace[0, Step.REGIME] == bull.trace[0, Step.WANTED] == 0.5
    assert bear.trace[0, Step.REGIME] == 0.25


def test_what_is_known_before_the_path_begins_is_in_the_trace() -> None:
    panel = panel_of(flat_bars(100.0, 4))
    silent = inputs_of(panel, forecasts_of([None, None, 0.0, 0.0]), [instrument()], spec_of())
    assert np.isnan(replay(silent, 1_000.0, 1).trace[0, Step.FORECAST])
    assert replay(silent, 1_000.0, 2).trace[0, Step.FORECAST] == 0.0
