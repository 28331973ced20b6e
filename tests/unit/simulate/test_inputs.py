"""What the loop reads, and what is refused before it starts."""

from math import isnan

import numpy as np
import pytest
from tests.support.markets import (
    NOTHING_IN_THE_WAY,
    START_NS,
    flat_bars,
    forecasts_of,
    instrument,
    panel_of,
    run,
    spec_of,
)

from geobuk.domain.errors import DataError, FundingMissingError, SettingsError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.risk.spec import AccountSpec
from geobuk.simulate.inputs import delayed, funding_events, inputs_of
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

MIDNIGHT = START_NS - NS_PER_HOUR


def stamps(panel: Panel, spec: BacktestSpec = NOTHING_IN_THE_WAY) -> list[tuple[int, int, bool, float, float]]:
    return [
        (int(e["bar"]), int(e["instrument"]), bool(e["is_inside"]), float(e["rate"]), round(float(e["worst"]), 9))
        for e in funding_events(panel, spec)
    ]


def test_every_due_stamp_is_an_event_known_or_not() -> None:
    rates = np.full(17, np.nan)
    rates[8] = 0.0001
    got = stamps(panel_of(flat_bars(100, 17), start_ns=MIDNIGHT, funding_hours=[8], funding=rates))
    assert [(bar, isnan(rate)) for bar, _, _, rate, _ in got] == [(0, True), (8, False), (16, True)]
    assert {worst for *_, worst in got} == {0.0003}


def test_a_known_rate_at_an_odd_hour_is_charged_too() -> None:
    rates = np.full(4, np.nan)
    rates[2] = 0.0001
    assert [
        (bar, rate) for bar, _, _, rate, _ in stamps(panel_of(flat_bars(100, 4), funding_hours=[8], funding=rates))
    ] == [(2, 0.0001)]


def test_an_unknown_stamp_inside_a_coarse_bar_counts_each() -> None:
    got = stamps(panel_of(flat_bars(100, 2), start_ns=MIDNIGHT, interval="1d", funding_hours=[4]))
    # 04, 08, 12, 16 and 20 o'clock inside at half of the eight-hour worst case each; midnight at the opening instant
    assert [(bar, inside, worst) for bar, _, inside, _, worst in got] == [
        (0, False, 0.00015),
        (0, True, 0.00075),
        (1, False, 0.00015),
        (1, True, 0.00075),
    ]


def test_who_pays_no_funding_has_no_events() -> None:
    assert stamps(panel_of(flat_bars(100, 30), start_ns=MIDNIGHT)) == []


def test_before_listing_nothing_is_due() -> None:
    panel = panel_of([*[None] * 10, *flat_bars(100, 10)], start_ns=MIDNIGHT, funding_hours=[8])
    assert [bar for bar, *_ in stamps(panel)] == [16]


def test_unknown_funding_can_stop_the_run_and_says_where() -> None:
    panel = panel_of(flat_bars(100, 10), start_ns=MIDNIGHT, funding_hours=[8])
    with pytest.raises(FundingMissingError, match="no funding rate of AUSDT at 2023-01-01 08:00 is known") as caught:
        run(panel, forecasts_of([1] * 10), spec_of(funding={"missing": "error"}))
    assert "worst_case" in caught.value.cure


def test_unknown_funding_stops_nobody_who_holds_nothing() -> None:
    panel = panel_of(flat_bars(100, 10), start_ns=MIDNIGHT, funding_hours=[8])
    result = run(panel, forecasts_of([None] * 10), spec_of(funding={"missing": "error"}))
    assert result.equity[-1] == 1_000.0


def test_a_delay_moves_forecasts_and_forgets_nothing() -> None:
    beliefs = forecasts_of([1, 2, 3, 4])
    np.testing.assert_array_equal(delayed(beliefs, 0), beliefs)
    np.testing.assert_array_equal(delayed(beliefs, 1)[:, 0], [np.nan, 1, 2, 3])
    np.testing.assert_array_equal(delayed(beliefs, 9)[:, 0], [np.nan] * 4)


@pytest.mark.parametrize(("every", "decisions"), [("", 24), ("1h", 24), ("4h", 6), ("1d", 1)])
def test_decisions_fall_on_the_close_of_their_interval(every: str, decisions: int) -> None:
    panel = panel_of(flat_bars(100, 24), start_ns=MIDNIGHT)
    decides = inputs_of(panel, np.zeros(panel.shape), [instrument()], spec_of(decide_every=every)).bars.decides
    assert decides.sum() == decisions
    assert decides[-1]


@pytest.mark.parametrize("every", ["90m", "30m"])
def test_decisions_between_bars_are_refused(every: str) -> None:
    with pytest.raises(SettingsError, match=f"decide_every {every} is not a multiple of the bars' 1h"):
        run(panel_of(flat_bars(100, 3)), forecasts_of([1] * 3), spec_of(decide_every=every))


@pytest.mark.parametrize(
    ("beliefs", "message"),
    [
        (np.zeros((3, 2)), r"forecasts have shape \(3, 2\), the panel \(3, 1\)"),
        (np.full((3, 1), 1.1), "size 1.1 lies outside"),
        (np.full((3, 1), -np.inf), "size inf lies outside"),
    ],
)
def test_forecasts_that_do_not_fit_are_refused(beliefs: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        run(panel_of(flat_bars(100, 3)), beliefs)


def test_instruments_in_another_order_are_refused() -> None:
    panel = panel_of(flat_bars(100, 3), flat_bars(100, 3))
    with pytest.raises(DataError, match="do not match the panel"):
        simulate(panel, np.zeros((3, 2)), [instrument("BUSDT"), instrument("AUSDT")], NOTHING_IN_THE_WAY)


def test_a_panel_of_one_bar_is_refused() -> None:
    with pytest.raises(DataError, match="at least 2 bars"):
        run(panel_of(flat_bars(100, 1)), forecasts_of([1]))


@pytest.mark.parametrize("account", [{"capital": 0.0}, {"capital": float("nan")}, {"leverage": 126}, {"leverage": 0}])
def test_settings_out_of_range_are_refused_from_python_too(account: dict[str, float]) -> None:
    spec = spec_of(account=AccountSpec(**account))  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=f"account.{next(iter(account))}"):
        run(panel_of(flat_bars(100, 3)), forecasts_of([1] * 3), spec)
