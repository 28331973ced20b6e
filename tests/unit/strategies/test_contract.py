from typing import ClassVar

import numpy as np
import pytest
from tests.unit.strategies.panels import random_panel

from geobuk.domain.errors import DataError, StrategyError
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.contract import forecast_of, validate_forecast, warmup_of
from geobuk.strategies.strategy import Strategy

PANEL = random_panel(bars=50, instruments=3)


class Silent(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "silent"

    def warmup(self, interval_ns: int) -> int:
        return 0

    def forecast(self, panel: Panel) -> FloatArray:
        return np.full(panel.shape, np.nan)


class Raises(Silent, frozen=True, kw_only=True):
    name: ClassVar[str] = "raises"

    def forecast(self, panel: Panel) -> FloatArray:
        return panel.close / np.ones(7)


class Writes(Silent, frozen=True, kw_only=True):
    name: ClassVar[str] = "writes"

    def forecast(self, panel: Panel) -> FloatArray:
        panel.close[0, 0] = 1.0
        return panel.close


class Refuses(Silent, frozen=True, kw_only=True):
    name: ClassVar[str] = "refuses"

    def forecast(self, panel: Panel) -> FloatArray:
        raise DataError("no funding here", cure="import it")


def test_a_good_forecast_passes_as_float64_with_its_holes() -> None:
    values = np.zeros(PANEL.shape, dtype=np.float32)
    values[3, 1] = np.nan
    result = validate_forecast(Silent(), PANEL, values)
    assert result.dtype == np.float64
    assert result.flags.c_contiguous
    assert np.isnan(result[3, 1])


def test_rounding_beyond_one_is_forgiven() -> None:
    assert validate_forecast(Silent(), PANEL, np.full(PANEL.shape, 1.0 + 1e-12)).max() == 1.0


@pytest.mark.parametrize(
    ("forecast", "message"),
    [
        ([0.0], r"silent: forecast returned a list: return a numpy array"),
        (None, r"returned a NoneType"),
        (np.zeros(PANEL.shape, dtype=object), r"an array of object"),
        (np.zeros(PANEL.shape, dtype=complex), r"an array of complex128"),
        (np.zeros((50, 2)), r"has the shape \(50, 2\): return one value per bar and instrument: \(50, 3\)"),
        (np.zeros(50), r"has the shape \(50,\)"),
    ],
)
def test_what_is_no_forecast_is_refused(forecast: object, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        validate_forecast(Silent(), PANEL, forecast)


@pytest.mark.parametrize(("value", "shown"), [(1.5, "1.5"), (-2.0, "-2"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_a_value_out_of_range_names_its_bar_and_instrument(value: float, shown: str) -> None:
    forecast = np.zeros(PANEL.shape)
    forecast[7, 2] = forecast[9, 0] = value
    place = rf"forecast {shown} at bar 7 \(2023-01-01 07:00 UTC\) of TEST3USDT is outside -1 to 1"
    with pytest.raises(StrategyError, match=place):
        validate_forecast(Silent(), PANEL, forecast)


def test_an_exception_is_told_with_its_place_and_cause() -> None:
    with pytest.raises(
        StrategyError, match=r"raises: forecast failed at test_contract.py line \d+ with ValueError: oper"
    ):
        forecast_of(Raises(), PANEL)


def test_the_panel_can_not_be_written_to() -> None:
    before = PANEL.close.copy()
    with pytest.raises(StrategyError, match="read-only, work on a copy"):
        forecast_of(Writes(), PANEL)
    np.testing.assert_array_equal(PANEL.close, before)
    assert PANEL.close.flags.writeable


def test_an_error_meant_for_a_person_passes_as_it_is() -> None:
    with pytest.raises(DataError, match="no funding here"):
        forecast_of(Refuses(), PANEL)


@pytest.mark.parametrize("bars", [-1, 2.5, "3", True, None])
def test_a_warmup_that_is_no_number_of_bars_is_refused(bars: object) -> None:
    class Odd(Silent, frozen=True, kw_only=True):
        name: ClassVar[str] = "odd"

        def warmup(self, interval_ns: int) -> int:
            return bars  # type: ignore[return-value]

    with pytest.raises(StrategyError, match="odd: warmup returned"):
        warmup_of(Odd(), 1)


def test_a_warmup_that_raises_is_told() -> None:
    class Divides(Silent, frozen=True, kw_only=True):
        name: ClassVar[str] = "divides"

        def warmup(self, interval_ns: int) -> int:
            return 1 // (interval_ns - interval_ns)

    with pytest.raises(StrategyError, match=r"divides: warmup failed at .* ZeroDivisionError"):
        warmup_of(Divides(), 1)
